"""What an entry owns while it is loaded, and the entry's type."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .budget.account import Budget
from .captures.fetcher import CaptureFetcher
from .captures.shelf import CaptureShelf
from .coordinator import TuyaLinkCoordinator
from .health import PushHealth
from .keys.face_room import FaceRoom
from .keys.ledger import KeyLedger
from .publishing.doors import PublishedDoors
from .push import PushDelivery
from .records.history import History


@dataclass(slots=True, kw_only=True)
class RuntimeData:
    """The parts that platforms use."""

    coordinator: TuyaLinkCoordinator
    push: PushDelivery
    health: PushHealth
    captures: CaptureShelf
    fetcher: CaptureFetcher
    history: History
    keys: KeyLedger
    faces: FaceRoom
    budget: Budget
    published: PublishedDoors
    hub_id: str
    """Registry id of the project's own device."""


type TuyaLinkConfigEntry = ConfigEntry[RuntimeData]
