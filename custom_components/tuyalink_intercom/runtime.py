"""What an entry owns while it is loaded, and the entry's type."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .budget.account import Budget
from .captures.fetcher import CaptureFetcher
from .captures.shelf import CaptureShelf
from .coordinator import TuyaLinkCoordinator
from .health import PushHealth
from .keys.ledger import KeyLedger
from .keys.pace import Pace
from .publishing.doors import PublishedDoors
from .push import PushDelivery
from .records.history import History
from .served.room import PictureRoom


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
    faces: PictureRoom
    """Those that terminals are about to take."""
    face_pace: Pace
    pictures: PictureRoom
    """Those of published doors."""
    budget: Budget
    published: PublishedDoors
    hub_id: str
    """Registry id of the project's own device."""


type TuyaLinkConfigEntry = ConfigEntry[RuntimeData]
