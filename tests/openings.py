"""Doors to press in tests: a home with one door of the wanted kind, and what a press comes to."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.homes import DOMAIN, entity_id, state_of, until, while_time_passes
from tests.simulator import SimDevice, SimDoor, TuyaSimulator, read_document

if TYPE_CHECKING:
    from tests.conftest import MakeEntry

SIMULATED = Path(__file__).parent / "simulator" / "devices"
PASSWORD = "135790"
UNLOCK_ACTION = {"abilityId": 104, "code": "open_door", "inputParams": [], "name": "Open"}


def document(name: str, **changes: object) -> dict[str, Any]:
    """Return a device file of the simulator, changed; `None` takes a member out."""
    read: dict[str, Any] = json.loads((SIMULATED / f"{name}.json").read_text())
    return {key: value for key, value in {**read, **changes}.items() if value is not None}


def without(made: Mapping[str, Any], *codes: str) -> dict[str, Any]:
    """Return a device file without some data points."""

    def kept(value: Any) -> Any:
        if isinstance(value, list):
            return [kept(one) for one in value if not named(one)]
        if isinstance(value, dict):
            return {key: kept(one) for key, one in value.items() if key not in codes}
        return value

    def named(one: Any) -> bool:
        return isinstance(one, dict) and bool({one.get("code"), one.get("likely_code")} & {*codes})

    return {key: kept(value) for key, value in made.items()}


@dataclass
class Home:
    """A home with one simulated device."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    cloud: TuyaSimulator
    entry: MockConfigEntry
    device: SimDevice

    async def press(self, action: str = "unlock", key: str = "door", **data: Any) -> str | None:
        """Press until the press has ended; return the key of what it said, if it failed."""
        call = self.pressing(action, key, **data)
        try:
            await while_time_passes(self.hass, self.freezer, call)
        except HomeAssistantError as error:
            return error.translation_key
        finally:
            await self.hass.async_block_till_done()
        return None

    async def pressing(self, action: str = "unlock", key: str = "door", **data: Any) -> None:
        """Press, as the dashboard does."""
        target = {"entity_id": entity_id(self.hass, "lock", self.device, key), **data}
        await self.hass.services.async_call(
            "lock", action, target, blocking=True, context=Context()
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let time flow until something is so."""
        await until(self.hass, self.freezer, condition)

    def entry_person(self) -> str:
        """Return in whose name the project opens."""
        return str(self.entry.runtime_data.coordinator.cloud.uid or "0")

    def state(self, key: str = "door") -> State:
        """Return what is shown of a door."""
        return state_of(self.hass, "lock", self.device, key)

    def door(self, number: int = 1) -> SimDoor:
        """Return the door itself."""
        return self.cloud.door(self.device.id, number)

    def repairs(self) -> set[str]:
        """Return the repairs that are raised, by their words."""
        issues = ir.async_get(self.hass).issues.values()
        return {str(one.translation_key) for one in issues if one.domain == DOMAIN and one.active}

    def called(self, part: str) -> int:
        """Return how often calls were made whose path has this in it."""
        return sum(count for path, count in self.cloud.calls.items() if part in path)


type MakeHome = Callable[..., Any]


type Live = Callable[..., AbstractAsyncContextManager[Home]]
"""Sets a home up: a device file, then options of its door, the door's key, others by name."""


@asynccontextmanager
async def living(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_entry: MakeEntry,
    made: Mapping[str, Any],
    door: Mapping[str, Any] | None = None,
    key: str = "door",
    **options: Any,
) -> AsyncIterator[Home]:
    """Set a home up; `door` are the options of the door with this key."""
    cloud = TuyaSimulator(devices=read_document(made, "device.json"))
    await cloud.start()
    device = next(iter(cloud.devices.values()))
    doors = {"doors": {f"{device.id}_{key}": dict(door)}} if door else {}
    entry = make_entry(cloud, **doors, **options)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    await hass.async_block_till_done()
    yield Home(hass, freezer, cloud, entry, device)
    there = hass.config_entries.async_get_entry(entry.entry_id) is not None
    if there and entry.state.recoverable:
        await hass.config_entries.async_unload(entry.entry_id)
    await cloud.stop()
