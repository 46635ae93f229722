"""Names: what the owner of the home says is shown everywhere at once, and beats what Tuya says."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.logbook.const import LOGBOOK_ENTRY_NAME
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)

from custom_components.tuyalink_intercom.const import EVENT_MOMENT
from custom_components.tuyalink_intercom.logbook import async_describe_events
from tests.conftest import MakeEntry
from tests.homes import DOMAIN, device_named, entity_id, later, state_of
from tests.simulator import TuyaSimulator
from tests.test_people import BERTA, OPENINGS, Home

FACES = "GET /v1.0/iot-02/faces"
GROUP = "GET /v1.0/iot-02/access-controls/{group_id}/users"
HOUR = 3600


class Names(Home):
    """A home whose owner names people."""

    async def ask(self, action: str, **data: Any) -> dict[str, Any]:
        """Call an action; return what it answers."""
        answer = await self.hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )
        assert isinstance(answer, dict)
        await self.hass.async_block_till_done()
        return answer

    async def name_slot(self, slot: int, name: str, method: str = "fingerprint") -> Any:
        """Say whose a number at the lock is."""
        lock = entity_id(self.hass, Platform.LOCK, self.lock, "door")
        answer = await self.ask("name_slot", entity_id=lock, method=method, slot=slot, name=name)
        return answer[lock]

    def changed_by(self) -> str | None:
        """Return who is shown at the door itself."""
        found: str | None = state_of(self.hass, Platform.LOCK, self.lock, "door").attributes.get(
            "changed_by"
        )
        return found

    async def finger(self, slot: int) -> None:
        """Let a finger open the lock."""
        await self.passes(self.lock, way="fingerprint", person=slot)


@pytest.fixture
def home(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
) -> Names:
    simulator.people.call(BERTA, "Berta")
    return Names(hass, freezer, simulator, entry)


def subjects_told(hass: HomeAssistant, events: list[Any]) -> list[str]:
    """Return who is the subject of each line of the logbook."""
    described: dict[str, Any] = {}
    async_describe_events(
        hass, lambda _domain, event, describe: described.update({event: describe})
    )
    return [described[EVENT_MOMENT](event)[LOGBOOK_ENTRY_NAME] for event in events]


async def test_a_finger_that_is_named_is_told_by_name_everywhere(
    home: Names, hass: HomeAssistant
) -> None:
    moments = async_capture_events(hass, EVENT_MOMENT)
    await home.finger(3)
    assert home.shown(home.lock) == "3"
    assert home.changed_by() == "fingerprint"
    assert "person" not in home.openings[-1].attributes
    assert await home.name_slot(3, "Anna") == {"name": "Anna"}
    assert home.shown(home.lock) == home.changed_by() == "Anna"
    await later(hass, home.freezer, 30)
    await home.finger(3)
    assert home.openings[-1].attributes["person"] == "Anna"
    assert home.openings[-1].attributes["slot"] == 3
    assert home.shown(home.lock) == home.changed_by() == "Anna"
    assert subjects_told(hass, moments) == ["Number 3", "Anna"]


async def test_what_tuya_says_comes_back_when_the_owners_name_is_taken_back(home: Names) -> None:
    await home.name_slot(3, "Anna")
    home.simulator.people.assign(home.lock.id, 3, "Dora")
    await home.asked(OPENINGS, 2)
    await home.finger(3)
    assert home.openings[-1].attributes["person"] == "Anna"
    assert home.shown(home.lock) == home.changed_by() == "Anna"
    assert await home.name_slot(3, "") == {"name": "Dora"}
    assert home.shown(home.lock) == home.changed_by() == "Dora"
    await later(home.hass, home.freezer, 30)
    await home.finger(3)
    assert home.openings[-1].attributes["person"] == "Dora"


async def test_a_name_that_nobody_else_has_goes_back_to_the_number(home: Names) -> None:
    await home.finger(9)
    await home.name_slot(9, "Anna")
    await home.name_slot(9, "")
    assert home.shown(home.lock) == "9"
    assert home.changed_by() == "fingerprint"


async def test_a_person_of_a_terminal_is_renamed_by_the_name_that_is_shown(home: Names) -> None:
    await home.passes(person=BERTA)
    await home.is_shown("Berta")
    assert await home.ask("name_person", person="berta", name="Aunt Berta") == {
        "name": "Aunt Berta"
    }
    assert home.shown() == "Aunt Berta"
    await later(home.hass, home.freezer, 30)
    await home.passes(person=BERTA)
    await later(home.hass, home.freezer, 30)
    await home.asked(count=2)
    assert home.shown() == "Aunt Berta", "the log says Berta"
    assert home.passages[-1].attributes["person"] == "Aunt Berta"
    assert await home.ask("name_person", person=BERTA) == {"name": "Berta"}
    assert home.shown() == "Berta"


async def test_one_person_is_named_once_for_all_locks(home: Names) -> None:
    keypad = device_named(home.simulator, "Gate keypad")
    for device in (home.lock, keypad):
        home.simulator.people.assign(device.id, 3, "Dora")
    await home.asked(OPENINGS, 2)
    people = (await home.ask("get_people"))["people"]
    [dora] = [person for person in people if person["name"] == "Dora"]
    assert {one["method"] for one in dora["credentials"]} >= {"fingerprint", "card"}
    assert len({one["device_id"] for one in dora["credentials"]}) == 2
    assert dora["known_from"] == ["lock_users"]
    await home.ask("name_person", person=dora["id"], name="Dorothea")
    devices = home.entry.runtime_data.coordinator.data.devices
    for device in (home.lock, keypad):
        assert devices[device.id].people["fingerprint:3"] == "Dorothea"
    await home.finger(3)
    assert home.openings[-1].attributes["person"] == "Dorothea"


async def test_names_survive_a_restart(home: Names) -> None:
    await home.name_slot(3, "Anna")
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.simulator.connected()
    await home.hass.async_block_till_done()
    await home.finger(3)
    assert home.openings[-1].attributes["person"] == "Anna"
    home.simulator.people.assign(home.lock.id, 3, "Dora")
    await home.asked(OPENINGS, 2)
    assert home.shown(home.lock) == "Anna"


async def test_names_that_were_kept_before_are_not_lost(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
) -> None:
    made, lock = make_entry(simulator), device_named(simulator, "Front door lock")
    old = f"{DOMAIN}.{made.entry_id}"
    people = {lock.id: {"fingerprint:3": "Dora", BERTA: "Berta"}}
    hass_storage[old] = {"version": 1, "minor_version": 1, "key": old, "data": {"people": people}}
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    devices = made.runtime_data.coordinator.data.devices
    terminal = device_named(simulator, "Face terminal")
    assert devices[lock.id].people == {"fingerprint:3": "Dora", BERTA: "Berta"}
    assert devices[terminal.id].people == {BERTA: "Berta"}
    assert hass_storage[f"{old}.people"]["data"]["people"], "written at once"
    assert await hass.config_entries.async_reload(made.entry_id)
    await hass.async_block_till_done()
    assert "people" not in hass_storage[old]["data"]
    devices = made.runtime_data.coordinator.data.devices
    assert devices[lock.id].people["fingerprint:3"] == "Dora"


async def test_who_came_without_a_name_is_answered(home: Names) -> None:
    await home.finger(9)
    [unknown] = (await home.ask("get_people"))["unknown"]
    assert (unknown["method"], unknown["slot"]) == ("fingerprint", 9)
    assert unknown["device_id"]
    assert unknown["last_seen"].startswith("20")
    await home.name_slot(9, "Emil")
    answer = await home.ask("get_people", config_entry_id=home.entry.entry_id)
    assert answer["unknown"] == []
    [emil] = [person for person in answer["people"] if person["name"] == "Emil"]
    assert emil["id"] is None
    assert emil["named_here"]
    assert emil["known_from"] == ["owner"]
    assert [one["named_here"] for one in emil["credentials"]] == [True]


async def test_a_forgotten_person_is_told_by_number_until_tuya_tells_again(home: Names) -> None:
    await home.finger(3)
    await home.name_slot(3, "Anna")
    assert await home.ask("forget_person", person="Anna") == {"forgotten": 1}
    assert home.shown(home.lock) == "3"
    people = (await home.ask("get_people"))["people"]
    assert "Anna" not in [person["name"] for person in people if not person["id"]]


async def test_who_is_not_known_cannot_be_named(home: Names) -> None:
    with pytest.raises(ServiceValidationError, match="Nobody is known by this ID or name"):
        await home.ask("name_person", person="Zoe", name="Zora")
    with pytest.raises(ServiceValidationError, match="No Tuya project"):
        await home.ask("get_people", config_entry_id="nothing")


async def test_two_of_one_name_have_to_be_told_apart(home: Names) -> None:
    for person in ("ay17a", "ay17b"):
        home.simulator.people.call(person, "Twin")
        await home.passes(person=person)
        await home.is_shown("Twin")
        await later(home.hass, home.freezer, 30)
    with pytest.raises(ServiceValidationError, match="Several persons are called so"):
        await home.ask("name_person", person="Twin", name="Elder")
    await home.ask("name_person", person="ay17b", name="Elder")
    assert home.shown() == "Elder"


@pytest.mark.parametrize("action", ["get_people", "name_person", "name_slot", "forget_person"])
async def test_only_administrators_manage_names(
    home: Names, hass_read_only_user: MockUser, action: str
) -> None:
    data: dict[str, Any] = {"person": BERTA} if action.endswith("person") else {}
    if action == "name_slot":
        data = {"method": "card", "slot": 1}
        data["entity_id"] = entity_id(home.hass, Platform.LOCK, home.lock, "door")
    with pytest.raises(Unauthorized):
        await home.hass.services.async_call(
            DOMAIN,
            action,
            data,
            blocking=True,
            return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_groups_of_doors_tell_names_once_a_week(home: Names) -> None:
    cloud = home.entry.runtime_data.coordinator.cloud
    await cloud.persons.add(home.terminal.id, "ay17clara", {"name": "Clara"})
    await later(home.hass, home.freezer, 6 * HOUR + 60)
    await home.asked(GROUP)
    await home.passes(person="ay17clara")
    assert home.passages[-1].attributes["person"] == "Clara"
    [clara] = [one for one in (await home.ask("get_people"))["people"] if one["id"] == "ay17clara"]
    assert clara["known_from"] == ["group_users"]
    for _ in range(6):
        await later(home.hass, home.freezer, 24 * HOUR)
    assert home.simulator.calls[FACES] == home.simulator.calls[GROUP] == 1
    await later(home.hass, home.freezer, 2 * 24 * HOUR)
    await home.asked(GROUP, 2)


async def test_a_project_without_groups_of_doors_is_asked_once_a_day(home: Names) -> None:
    for call in (FACES, "/v1.0/iot-02/access-controls"):
        home.simulator.fault("refuse", what=call)
    await later(home.hass, home.freezer, 6 * HOUR + 60)
    await home.asked(FACES)
    for _ in range(3):
        await later(home.hass, home.freezer, 6 * HOUR)
    assert home.simulator.calls[FACES] == 1, "a refusal is believed for a day"
    home.simulator.fault("refuse", 0)
    await later(home.hass, home.freezer, 7 * HOUR)
    await home.asked(GROUP)


async def test_while_tuya_refuses_everything_no_group_is_asked(home: Names) -> None:
    await later(home.hass, home.freezer, 5 * HOUR)
    await home.refused("quota")
    for _ in range(4):
        await later(home.hass, home.freezer, HOUR)
    assert home.simulator.calls[FACES] == 0
