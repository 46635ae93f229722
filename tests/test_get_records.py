"""The action that answers what happened, out of the logs of Tuya's cloud."""

from collections.abc import Mapping
from datetime import timedelta
import json
from typing import Any

from homeassistant.auth.models import Group, User
from homeassistant.auth.permissions.const import CAT_ENTITIES
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, UnknownUser
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.changes import CaptureKept
from tests.flows import TEXTS
from tests.homes import DOMAIN, arrived, device_named, entity_id, state_of
from tests.shelved import registered
from tests.simulator import Sent, TuyaSimulator
import voluptuous as vol

HOUR = 3600.0
ACCESS_LOG = "GET /v1.0/iot-02/access-control-logs"
REPORTS = "GET /v2.0/cloud/thing/{id}/report-logs"
OPENINGS = "GET /v1.0/devices/{id}/door-lock/open-logs"
ALARMS = "GET /v1.0/devices/{id}/door-lock/alarm-logs"
RECORDS = "GET /v1.0/devices/{id}/door-lock/records"
LOGS = (ACCESS_LOG, REPORTS, OPENINGS, ALARMS, RECORDS)


async def answered(
    hass: HomeAssistant, context: Context | None = None, **fields: Any
) -> dict[str, Any]:
    """Call the action."""
    answer = await hass.services.async_call(
        DOMAIN, "get_records", fields, blocking=True, return_response=True, context=context
    )
    assert isinstance(answer, dict)
    return answer


async def told(hass: HomeAssistant, **fields: Any) -> list[dict[str, Any]]:
    """Return the records of an answer that leaves nothing out."""
    answer = await answered(hass, **fields)
    assert answer["truncated"] is False
    records: list[dict[str, Any]] = answer["records"]
    return records


def happened(simulator: TuyaSimulator, name: str, scenario: str, age: float, **more: Any) -> Sent:
    """Let something have happened at a device."""
    return simulator.scenario(scenario, device_named(simulator, name).id, age_s=age, **more)


def age(simulator: TuyaSimulator, record: Mapping[str, Any]) -> float:
    """Return how long ago (s) a record says it was."""
    at = dt_util.parse_datetime(record["time"])
    assert at is not None
    assert at.utcoffset() == timedelta(0)
    return simulator.now() - at.timestamp()


def short(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(record[name] for name in ("device_name", "kind", "type", "person", "source"))


def untold(answer: Mapping[str, Any]) -> set[tuple[str, str, str | None]]:
    return {(one["device_name"], one["reason"], one.get("source")) for one in answer["untold"]}


def log_calls(simulator: TuyaSimulator) -> dict[str, int]:
    return {name: simulator.calls[name] for name in LOGS if simulator.calls[name]}


# --- each world ------------------------------------------------------------------------------


async def test_a_passage_at_a_terminal_is_told_with_name_way_and_time(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    simulator.people.call("anna", "Anna")
    happened(simulator, "Face terminal", "access_granted", HOUR, way="face", person="anna")
    terminal = device_named(simulator, "Face terminal")
    (record,) = await told(hass, device_id=registered(hass, entry, terminal))
    assert abs(age(simulator, record) - HOUR) < 5
    del record["time"]
    assert record == {
        "device_id": registered(hass, entry, terminal),
        "device_name": "Face terminal",
        "kind": "access",
        "type": "granted",
        "method": "face",
        "person": "Anna",
        "slot": None,
        "door": "door",
        "channel": None,
        "address": None,
        "event_id": None,
        "source": "access_log",
    }


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "way", ["card", "password", "qr_code", "face", "fingerprint", "remote", "other"]
)
async def test_the_words_of_the_access_log_are_understood_in_either_language(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    way: str,
    language: str,
) -> None:
    simulator.records.localized = language == "zh"
    happened(simulator, "Face terminal", "access_granted", HOUR, way=way, person="anna")
    (record,) = await told(hass, kind="access")
    assert record["method"] == way


@pytest.mark.parametrize("shape", ["object", "list", "mixed"])
async def test_a_lock_tells_openings_in_ms_and_alarms_in_s_by_one_clock(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, shape: str
) -> None:
    simulator.records.status_shape = shape
    lock = device_named(simulator, "Front door lock")
    simulator.people.assign(lock.id, 3, "Carla", "fingerprint")
    happened(simulator, "Front door lock", "access_granted", 900, way="fingerprint", person="3")
    happened(simulator, "Front door lock", "access_granted", 700, way="card", person="9")
    happened(simulator, "Front door lock", "tamper", 600)
    records = await told(hass, device_id=registered(hass, entry, lock))
    assert [short(one) for one in records] == [
        ("Front door lock", "alarm", "tamper", None, "lock_alarms"),
        ("Front door lock", "access", "granted", None, "lock_openings"),
        ("Front door lock", "access", "granted", "Carla", "lock_openings"),
    ]
    assert [(one["method"], one["slot"]) for one in records[1:]] == [
        ("card", 9),
        ("fingerprint", 3),
    ]
    assert [round(age(simulator, one), -1) for one in records] == [600, 700, 900]


async def test_a_passage_under_duress_is_one_record(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    happened(simulator, "Front door lock", "duress", HOUR)
    lock = device_named(simulator, "Front door lock")
    records = await told(hass, device_id=registered(hass, entry, lock))
    kinds = sorted((one["kind"], one["type"]) for one in records)
    assert kinds[0] == ("access", "duress") or kinds == [("alarm", "duress")]
    assert len(kinds) == len(set(kinds))


async def test_a_keypad_tells_passages_and_alarms(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    happened(simulator, "Gate keypad", "access_granted", 900, way="password", person="7")
    happened(simulator, "Gate keypad", "forced", 600)
    keypad = device_named(simulator, "Gate keypad")
    records = await told(hass, device_id=registered(hass, entry, keypad))
    assert [(one["kind"], one["type"], one["slot"]) for one in records] == [
        ("alarm", "forced", None),
        ("access", "granted", 7),
    ]


async def test_presses_at_an_intercom_are_told_once_each_whatever_tells_them(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    for name in ("Intercom", "Battery bell"):
        happened(simulator, name, "ring", 900)
        happened(simulator, name, "ring", 600)
    records = await told(hass, kind="call")
    assert sorted((one["device_name"], one["type"]) for one in records) == [
        ("Battery bell", "ring"),
        ("Battery bell", "ring"),
        ("Intercom", "ring"),
        ("Intercom", "ring"),
    ]
    assert {one["source"] for one in records} == {"device_log"}


async def test_what_was_told_when_it_happened_is_told_again_under_the_same_event(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    for name, scenario, key, more in (
        ("Intercom", "ring", "doorbell", {}),
        ("Front door lock", "tamper", "alarm", {}),
        ("Gate keypad", "access_granted", "access", {"way": "card", "person": "8"}),
        ("Face terminal", "access_granted", "access", {"way": "card", "person": "anna"}),
    ):
        device = device_named(simulator, name)
        await arrived(hass, simulator, simulator.scenario(scenario, device.id, **more))
        event = state_of(hass, Platform.EVENT, device, key)
        (record,) = await told(hass, device_id=registered(hass, entry, device))
        assert record["type"] == event.attributes["event_type"]
        assert record["event_id"] == event.attributes["event_id"], name


# --- which, and how many ---------------------------------------------------------------------


@pytest.fixture
async def show(hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator) -> None:
    """Let something happen at every device."""
    simulator.people.call("anna", "Anna")
    for name, scenario, age_s, more in (
        ("Intercom", "ring", 1000, {}),
        ("Face terminal", "access_granted", 900, {"way": "face", "person": "anna"}),
        ("Front door lock", "access_granted", 800, {"way": "fingerprint", "person": "1"}),
        ("Gate keypad", "access_granted", 700, {"way": "card", "person": "8"}),
        ("Front door lock", "tamper", 600, {}),
    ):
        await arrived(hass, simulator, happened(simulator, name, scenario, age_s, **more))


async def test_all_devices_are_answered_together_the_newest_first(
    hass: HomeAssistant, show: None
) -> None:
    answer = await answered(hass)
    assert [short(one) for one in answer["records"]] == [
        ("Front door lock", "alarm", "tamper", None, "lock_alarms"),
        ("Gate keypad", "access", "granted", None, "lock_openings"),
        ("Front door lock", "access", "granted", "Anna", "lock_openings"),
        ("Face terminal", "access", "granted", "Anna", "access_log"),
        ("Intercom", "call", "ring", None, "device_log"),
    ]
    assert answer["truncated"] is False
    assert json.loads(json.dumps(answer)) == answer


async def test_kinds_people_and_devices_narrow_it_down(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, show: None
) -> None:
    names = [one["device_name"] for one in await told(hass, person="ANNA")]
    assert names == ["Front door lock", "Face terminal"]
    assert [one["device_name"] for one in await told(hass, person="anna", kind="alarm")] == []
    assert [one["type"] for one in await told(hass, kind=["alarm", "call"])] == ["tamper", "ring"]
    lock = device_named(simulator, "Front door lock")
    assert len(await told(hass, device_id=registered(hass, entry, lock))) == 2
    assert len(await told(hass, entity_id=entity_id(hass, Platform.LOCK, lock, "door"))) == 2
    assert len(await told(hass, device_id=[entry.runtime_data.hub_id])) == 5


async def test_a_span_of_time_is_kept_to(
    hass: HomeAssistant, simulator: TuyaSimulator, show: None
) -> None:
    now = dt_util.utcnow()
    start, end = (now - timedelta(seconds=one) for one in (850, 650))
    records = await told(hass, start=start, end=end)
    assert [one["device_name"] for one in records] == ["Gate keypad", "Front door lock"]
    assert await told(hass, end=now - timedelta(hours=2)) == []


async def test_the_last_day_is_answered_unless_one_says_otherwise(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    happened(simulator, "Face terminal", "access_granted", 30 * HOUR, way="card", person="anna")
    assert await told(hass, kind="access") == []
    start = dt_util.utcnow() - timedelta(days=2)
    assert len(await told(hass, kind="access", start=start)) == 1


async def test_a_limit_takes_the_newest_and_says_that_there_is_more(
    hass: HomeAssistant, show: None
) -> None:
    answer = await answered(hass, limit=2)
    assert [one["device_name"] for one in answer["records"]] == ["Front door lock", "Gate keypad"]
    assert answer["truncated"] is True


async def test_pages_of_every_log_are_followed(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    for number in range(230):
        at = simulator.now() - 60 * number - 100
        for name, values in (
            ("Intercom", {"doorbell_active": str(int(at))}),
            ("Front door lock", {"unlock_card": number % 9}),
        ):
            device = device_named(simulator, name)
            simulator.report(device.id, values, time=at, publish_time=at, dialects=("legacy",))
        happened(simulator, "Face terminal", "access_granted", 60 * number + 100, way="card")
    simulator.calls.clear()
    records = await told(hass, limit=1000)
    found = [one["device_name"] for one in records]
    assert {name: found.count(name) for name in found} == {
        "Intercom": 230,
        "Front door lock": 230,
        "Face terminal": 230,
    }
    times = [one["time"] for one in records]
    assert times == sorted(times, reverse=True)
    calls = log_calls(simulator)
    assert (calls[ACCESS_LOG], calls[OPENINGS]) == (2, 5 + 1)
    answer = await answered(hass, limit=1, kind="access")
    assert (len(answer["records"]), answer["truncated"]) == (1, True)


# --- what the logs cannot tell ---------------------------------------------------------------


async def test_it_is_said_what_no_log_tells(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    happened(simulator, "Face terminal", "ring", 600)
    happened(simulator, "Face terminal", "access_denied", 600, way="card", person="anna")
    happened(simulator, "Face terminal", "tamper", 600)
    simulator.calls.clear()
    terminal = registered(hass, entry, device_named(simulator, "Face terminal"))
    answer = await answered(hass, device_id=terminal)
    assert answer["records"] == []
    assert untold(answer) == {
        ("Face terminal", "denied_passages", None),
        ("Face terminal", "calls", None),
        ("Face terminal", "alarms", None),
    }
    assert {one["device_id"] for one in answer["untold"]} == {terminal}
    answer = await answered(hass, device_id=terminal, kind="call")
    assert untold(answer) == {("Face terminal", "calls", None)}
    assert log_calls(simulator) == {ACCESS_LOG: 1}


async def test_it_is_said_that_device_logs_reach_back_seven_days_only(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    answer = await answered(hass, start=dt_util.utcnow() - timedelta(days=8), kind="access")
    reasons = {(name, reason) for name, reason, _ in untold(answer)}
    assert ("Front door lock", "before_seven_days") in reasons
    assert ("Face terminal", "before_seven_days") not in reasons


async def test_it_is_said_that_a_device_sleeps(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    await arrived(hass, simulator, simulator.scenario("offline", bell.id))
    answer = await answered(hass, device_id=registered(hass, entry, bell))
    assert ("Battery bell", "asleep", None) in untold(answer)


async def test_a_refused_log_is_told_and_the_others_are_answered(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, show: None
) -> None:
    simulator.faults.refusals.set("lock", 28841106)
    answer = await answered(hass)
    names = [one["device_name"] for one in answer["records"]]
    assert {"Face terminal", "Intercom"} <= set(names)
    refused = {one for one in untold(answer) if one[1] == "api_not_subscribed"}
    assert {name for name, _, _ in refused} == {"Front door lock", "Gate keypad"}
    assert {source for _, _, source in refused} == {
        "lock_openings",
        "lock_alarms",
        "lock_records",
    }
    simulator.faults.refusals.clear("lock")
    assert untold(await answered(hass)) == untold(answer) - refused


async def test_one_device_that_is_refused_fails_no_other(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, show: None
) -> None:
    intercom = device_named(simulator, "Intercom")
    simulator.fault("deny", 1, path=f"/{intercom.id}/report-logs", method="GET")
    answer = await answered(hass)
    assert "Intercom" not in {one["device_name"] for one in answer["records"]}
    assert len(answer["records"]) == 4
    assert ("Intercom", "not_linked", "device_log") in untold(answer)


async def test_a_log_that_breaks_off_gives_what_it_gave(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(230):
        happened(simulator, "Face terminal", "access_granted", 60 * number + 100, way="card")
    terminal = registered(hass, entry, device_named(simulator, "Face terminal"))
    taken = simulator.faults.take_call
    asked: list[str] = []

    def second_page(*args: Any, **more: Any) -> Any:
        asked.extend(path for path in args if path == "/v1.0/iot-02/access-control-logs")
        if len(asked) == 3:
            simulator.fault("http_500", 9, path="/access-control-logs", method="GET")
        return taken(*args, **more)

    monkeypatch.setattr(simulator.faults, "take_call", second_page)
    answer = await answered(hass, device_id=terminal, limit=1000)
    assert len(answer["records"]) == 200
    assert ("Face terminal", "server_error", "access_log") in untold(answer)


async def test_all_refused_is_an_error_with_the_reason(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, show: None
) -> None:
    for what in ("access", "device_logs", "lock"):
        simulator.faults.refusals.set(what, 28841105)
    simulator.faults.refusals.set("GET /v1.0/iot-02/access-control-logs", 28841105)
    with pytest.raises(HomeAssistantError) as refusal:
        await answered(hass)
    assert refusal.value.translation_key == "reason_api_not_authorized"


async def test_while_the_months_calls_are_used_up_it_refuses_and_asks_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, show: None
) -> None:
    simulator.faults.refusals.set("", 28841004)
    await entry.runtime_data.coordinator.async_refresh()
    simulator.calls.clear()
    with pytest.raises(HomeAssistantError) as refusal:
        await answered(hass)
    assert refusal.value.translation_key == "reason_quota_used_up"
    assert log_calls(simulator) == {}


async def test_a_month_that_ends_meanwhile_is_told_and_nothing_more_is_asked(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, show: None
) -> None:
    simulator.faults.refusals.set("device_logs", 28841004)
    simulator.calls.clear()
    answer = await answered(hass)
    # Four are asked at the same time; these two were under way.
    assert {one["device_name"] for one in answer["records"]} == {"Front door lock", "Gate keypad"}
    assert sum(log_calls(simulator).values()) == 4
    assert answer["truncated"] is True
    assert ("Face terminal", "quota_used_up", "access_log") in untold(answer)
    assert ("Intercom", "quota_used_up", "device_log") in untold(answer)


async def test_who_asks_is_not_told_of_a_refusal_of_before(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, show: None
) -> None:
    simulator.faults.refusals.set("lock", 28841106)
    await answered(hass)
    simulator.faults.refusals.clear("lock")
    simulator.calls.clear()
    await answered(hass)
    assert simulator.calls[OPENINGS] == 2


async def test_it_costs_as_many_calls_as_the_readme_says(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, show: None
) -> None:
    simulator.calls.clear()
    await told(hass)
    devices = len(simulator.devices) - 1
    assert simulator.calls[ACCESS_LOG] == 1
    assert sum(log_calls(simulator).values()) <= 1 + 4 * devices


async def test_nothing_is_told_on_the_bus_or_remembered_by_asking(
    hass: HomeAssistant, entry: MockConfigEntry, show: None
) -> None:
    coordinator = entry.runtime_data.coordinator
    before = coordinator.data
    fired: list[Any] = []
    coordinator.subscribe(None, fired.append)
    await told(hass)
    assert coordinator.data == before
    # A picture of what was played before may come in meanwhile.
    assert [change for change in fired if not isinstance(change, CaptureKept)] == []


# --- asked wrongly, and by whom --------------------------------------------------------------


async def refused(hass: HomeAssistant, key: str, **fields: Any) -> None:
    """Call the action, which is refused with this sentence."""
    with pytest.raises(ServiceValidationError) as refusal:
        await answered(hass, **fields)
    assert refusal.value.translation_key == key
    assert str(refusal.value) == TEXTS["exceptions"][key]["message"].rstrip(".")


async def test_a_time_that_makes_no_sense_is_told(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    now = dt_util.utcnow()
    await refused(hass, "start_after_end", start=now, end=now - timedelta(hours=1))
    await refused(hass, "span_too_long", start=now - timedelta(days=32))
    await refused(hass, "not_our_entity", entity_id="light.lamp")
    assert await hass.config_entries.async_unload(entry.entry_id)
    await refused(hass, "no_project")


@pytest.mark.parametrize(
    "fields", [{"limit": 0}, {"limit": 1001}, {"kind": "party"}, {"person": ""}, {"path": "/"}]
)
async def test_what_makes_no_sense_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, fields: dict[str, Any]
) -> None:
    with pytest.raises(vol.Invalid):
        await answered(hass, **fields)


async def test_a_user_is_answered_what_they_may_see(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    show: None,
    hass_admin_user: User,
) -> None:
    lock = device_named(simulator, "Front door lock")
    alarm = entity_id(hass, Platform.EVENT, lock, "alarm")
    policy = {CAT_ENTITIES: {"entity_ids": {alarm: {"read": True}}}}
    hass_admin_user.groups = [Group(None, policy, "guests")]
    context = Context(user_id=hass_admin_user.id)
    simulator.calls.clear()
    records = (await answered(hass, context))["records"]
    assert [short(one)[:3] for one in records] == [("Front door lock", "alarm", "tamper")]
    assert ACCESS_LOG not in simulator.calls
    nothing = await answered(hass, context, kind="access")
    assert nothing == {"records": [], "truncated": False, "untold": []}
    with pytest.raises(UnknownUser):
        await answered(hass, Context(user_id="nobody"))


async def test_two_projects_are_answered_together_or_apart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    neighbour: tuple[MockConfigEntry, TuyaSimulator],
) -> None:
    theirs, cloud = neighbour
    happened(simulator, "Intercom", "ring", 900)
    happened(cloud, "Neighbour's Intercom", "ring", 600)
    both = ["Neighbour's Intercom", "Intercom"]
    assert [one["device_name"] for one in await told(hass)] == both
    hub = theirs.runtime_data.hub_id
    assert [one["device_name"] for one in await told(hass, device_id=hub)] == both[:1]
    for what in ("access", "device_logs", "lock", ACCESS_LOG):
        cloud.faults.refusals.set(what, 28841105)
    assert [one["device_name"] for one in (await answered(hass))["records"]] == both[1:]


async def test_neither_tuyas_ids_nor_addresses_are_answered(
    hass: HomeAssistant, simulator: TuyaSimulator, show: None
) -> None:
    answer = json.dumps(await answered(hass))
    assert "http" not in answer
    for device in simulator.devices:
        assert device not in answer
