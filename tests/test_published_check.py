"""Does Tuya see the door: what a user reads step by step, and the cure of what is missing."""

from collections.abc import Mapping
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.publishing.doors import SUBENTRY_TYPE
from custom_components.tuyalink_intercom.publishing.handled import Outcome
from custom_components.tuyalink_intercom.publishing.verdicts import Cure, Step
from custom_components.tuyalink_intercom.publishing.why import Why
from tests.flows import TEXTS
from tests.homes import DOMAIN, entry_of, later, until
from tests.published import (
    PRODUCT,
    PublishedHome,
    garden,
    published_home,
    registered,
    subentry,
)
from tests.simulator import SimDevice, TuyaSimulator, commanding, registry

WORDS: Mapping[str, str] = TEXTS["selector"]["published_check"]["options"]
FLOW: Mapping[str, Any] = TEXTS["config_subentries"][SUBENTRY_TYPE]
COMMANDS = {commanding.EXECUTE, commanding.SET, commanding.POINTS}


def worded(result: SubentryFlowResult) -> SubentryFlowResult:
    """Check that everything a step shows has its words, and the words their values."""
    if result["type"] is FlowResultType.ABORT:
        assert FLOW["abort"][result["reason"]]
        return result
    step = FLOW["step"][result["step_id"]]
    shown = step["title"] + step.get("description", "")
    if result["type"] is FlowResultType.SHOW_PROGRESS:
        shown += FLOW["progress"][result["progress_action"]]
    else:
        assert list(step["menu_options"]) == result["menu_options"]
    given = set(result["description_placeholders"] or {})
    assert set(re.findall(r"\{(\w+)\}", shown)) <= given
    return result


def text(result: SubentryFlowResult) -> str:
    """Return the description of a step as the user reads it."""
    assert result["description_placeholders"] is not None
    described: str = FLOW["step"][result["step_id"]]["description"]
    return described.format(**result["description_placeholders"])


def lines(result: SubentryFlowResult) -> dict[str, str]:
    """Return what is said of each step that was looked at, by the step's name."""
    assert result["description_placeholders"] is not None
    told = result["description_placeholders"]["steps"].splitlines()
    marks = dict(line.removeprefix("- ").split(" ", 1)[::-1] for line in told)
    return {text.replace("*", ""): mark for text, mark in marks.items()}


async def choose(hass: HomeAssistant, result: SubentryFlowResult, way: str) -> SubentryFlowResult:
    """Click on a line of a menu."""
    flows = hass.config_entries.subentries
    answer = {"next_step_id": way}
    return worded(await flows.async_configure(result["flow_id"], answer))


async def begin(
    hass: HomeAssistant, entry: MockConfigEntry, subentry_id: str
) -> SubentryFlowResult:
    """Choose to reconfigure the door, then to check it."""
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_TYPE),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": subentry_id},
    )
    assert "check" in menu["menu_options"]
    return await choose(hass, menu, "check")


async def shown(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, result: SubentryFlowResult
) -> SubentryFlowResult:
    """Return what the dialog shows when Home Assistant has asked, as the browser fetches it."""
    flows, flow_id = hass.config_entries.subentries, result["flow_id"]
    await until(hass, freezer, lambda: flows.async_get(flow_id)["step_id"] != result["step_id"])
    return worded(await flows.async_configure(flow_id))


async def checked(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, home: PublishedHome
) -> SubentryFlowResult:
    """Check the door; return what Tuya sees."""
    result = await begin(hass, home.entry, home.subentry_id)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    return await shown(hass, freezer, result)


@pytest.fixture
async def home(hass: HomeAssistant, simulator: TuyaSimulator) -> PublishedHome:
    """Publish the garden door."""
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    return home


# --- all is well ----------------------------------------------------------------------------


async def test_a_door_that_tuya_sees_has_a_tick_at_each_step(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    result = await checked(hass, freezer, home)
    assert result["step_id"] == "checked"
    steps = dict.fromkeys([WORDS[step] for step in Step], "\N{CHECK MARK}")
    assert lines(result) == {**steps, WORDS[Step.COMMAND]: "\N{HORIZONTAL ELLIPSIS}"}
    before = dict(home.entry.subentries)
    assert (await choose(hass, result, "finish_check"))["reason"] == "checked"
    assert home.entry.subentries == before


async def test_what_is_read_back_is_the_true_value(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    before = len(home.cloud.southbound.reports)
    await checked(hass, freezer, home)
    (report,) = [*home.cloud.southbound.reports][before:]
    assert {code: told["value"] for code, told in report["data"].items()} == {
        "lock_motor_state": False
    }
    assert home.lock.presses == []


async def test_a_door_that_tuya_takes_for_offline_is_said_to_be_online(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    home.device.connect(online=False, at_ms=home.cloud.now_ms(), late=False)
    result = await checked(hass, freezer, home)
    assert lines(result)[WORDS["online"]] == "\N{CHECK MARK}"
    assert home.device.online


async def test_a_door_of_only_a_bell_has_no_property_and_awaits_no_command(
    hass: HomeAssistant, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    home = await published_home(hass, simulator, lock=None)
    result = await checked(hass, freezer, home)
    assert result["step_id"] == "checked_all"
    told = lines(result)
    assert told[f"{WORDS['property_seen']}: {WORDS[Cure.NO_PROPERTY]}"] == "\N{EN DASH}"
    assert (await choose(hass, result, "check"))["type"] is FlowResultType.SHOW_PROGRESS


# --- a step fails ---------------------------------------------------------------------------


def cured(result: SubentryFlowResult, step: Step) -> str:
    """Return the cure of a step that failed; those after it were not tried."""
    steps: list[Step] = [one for one in Step if one is not Step.COMMAND]
    marks = {name.partition(":")[0]: (mark, name) for name, mark in lines(result).items()}
    at = steps.index(step)
    assert [marks[WORDS[one]][0] for one in steps] == [
        *["\N{CHECK MARK}"] * at,
        "\N{BALLOT X}",
        *["\N{HORIZONTAL ELLIPSIS}"] * (len(steps) - at - 1),
    ]
    return marks[WORDS[step]][1].partition(": ")[2]


async def test_a_door_that_was_deleted_at_tuya_is_not_known(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    registry.forget(home.cloud, home.device.id)
    result = await checked(hass, freezer, home)
    assert cured(result, Step.REGISTERED) == f"{WORDS[Cure.NOT_REGISTERED]} (2010)"


async def test_a_project_without_the_service_is_told_where_to_get_it(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    home.cloud.fault("refuse", what="southbound", code=28841106)
    result = await checked(hass, freezer, home)
    assert "Device Cloud-to-Cloud Integration Service" in cured(result, Step.REGISTERED)
    home.cloud.fault("refuse", 0, what="southbound")


async def test_a_refusal_that_nobody_knows_has_its_code(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    home.cloud.fault("refuse", what="southbound", code=40009999)
    assert "40009999" in cured(await checked(hass, freezer, home), Step.REGISTERED)
    home.cloud.fault("refuse", 0, what="southbound")


async def test_another_device_under_the_same_name_is_not_this_door(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    registry.forget(home.cloud, home.device.id)
    assert (await registered(home.cloud)).id != home.device.id
    result = await checked(hass, freezer, home)
    assert cured(result, Step.REGISTERED) == WORDS[Cure.OTHER_DEVICE]


async def test_a_door_under_another_product_is_not_taken_for_well(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    registry.change_product(home.cloud, {"product_id": "anotherproduct01"})
    home.cloud.southbound.devices[home.device.id].product_id = "anotherproduct01"
    result = await checked(hass, freezer, home)
    assert cured(result, Step.REGISTERED) == WORDS[Cure.OTHER_PRODUCT]


async def test_a_product_that_was_taken_from_the_project_has_to_be_given_back(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    registry.change_product(home.cloud, {"product_id": PRODUCT, "authorized": False})
    result = await checked(hass, freezer, home)
    assert cured(result, Step.REGISTERED) == f"{WORDS[Cure.PRODUCT]} (1106)"


async def test_a_door_that_stays_offline_at_tuya_is_told_so(
    hass: HomeAssistant,
    home: PublishedHome,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home.device.connect(online=False, at_ms=home.cloud.now_ms(), late=False)
    monkeypatch.setattr(SimDevice, "connect", lambda *_, **__: None)
    result = await checked(hass, freezer, home)
    assert cured(result, Step.ONLINE) == WORDS[Cure.STAYS_OFFLINE]


async def test_a_value_that_tuya_does_not_show_is_told_so(
    hass: HomeAssistant,
    home: PublishedHome,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home.device.values["lock_motor_state"] = True
    monkeypatch.setattr(SimDevice, "store", lambda *_, **__: False)
    result = await checked(hass, freezer, home)
    assert cured(result, Step.PROPERTY_SEEN) == WORDS[Cure.OTHER_VALUE]


async def test_a_lock_whose_state_is_unknown_has_nothing_to_report(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    home.lock.stand(locked=None)
    result = await checked(hass, freezer, home)
    assert cured(result, Step.PROPERTY_SEEN) == WORDS[Cure.NO_VALUE]


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("/v1.0/iot-03/3rdcloud/devices/{id}/online", Step.ONLINE),
        ("/v1.0/iot-03/3rdcloud/devices/{id}/property/report", Step.PROPERTY_SEEN),
    ],
)
async def test_a_throttled_call_is_told_where_it_was_throttled(
    hass: HomeAssistant,
    home: PublishedHome,
    freezer: FrozenDateTimeFactory,
    path: str,
    step: Step,
) -> None:
    home.device.connect(online=False, at_ms=home.cloud.now_ms(), late=False)
    home.cloud.fault("refuse", what=path, code=28841004)
    result = await checked(hass, freezer, home)
    assert cured(result, step) == TEXTS["config"]["error"]["quota_used_up"]
    home.cloud.fault("refuse", 0, what=path)


async def test_a_lock_that_is_unavailable_is_offline_for_a_reason(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    home.lock.leave()
    home.device.connect(online=False, at_ms=home.cloud.now_ms(), late=False)
    result = await checked(hass, freezer, home)
    assert cured(result, Step.ONLINE) == WORDS[Cure.DOOR_AWAY]


async def test_a_product_without_the_function_is_a_mismatch(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    registry.change_product(home.cloud, {"product_id": PRODUCT, "properties": []})
    result = await checked(hass, freezer, home)
    assert WORDS[Cure.MODEL] in cured(result, Step.PROPERTY_SEEN)


async def test_a_rule_that_leaves_the_door_out_lets_no_message_back(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    home.cloud.rules = lambda device_id, _: device_id != home.device.id
    result = await checked(hass, freezer, home)
    told = lines(result)
    assert told[f"{WORDS[Step.MESSAGES]}: {WORDS[Cure.NO_ECHO]}"] == "\N{EN DASH}"
    result = await choose(hass, result, "await_command")
    result = await choose(hass, await given_up(hass, freezer, result), "command_lost")
    assert text(result) == WORDS[Cure.NO_COMMAND_HEARD]


@pytest.mark.parametrize(
    ("delivery", "cure"), [("off", Cure.QUEUE_OFF), ("production", Cure.QUEUE_DOWN)]
)
async def test_without_the_queue_no_command_can_come(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    delivery: str,
    cure: Cure,
) -> None:
    simulator.fault("topic_off")
    await garden(hass)
    device = await registered(simulator)
    entry = entry_of(simulator, subentry(device.id), delivery=delivery)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    (subentry_id,) = entry.subentries
    result = await shown(hass, freezer, await begin(hass, entry, subentry_id))
    assert cured(result, Step.MESSAGES) == WORDS[cure]
    result = await choose(hass, result, "await_command")
    if cure is Cure.QUEUE_DOWN:
        # It may come back.
        await later(hass, freezer, 61)
        result = await shown(hass, freezer, result)
    assert result["step_id"] == "command_lost"
    assert text(result) == WORDS[cure]
    assert not rule_repair(hass)


# --- a command ------------------------------------------------------------------------------


async def given_up(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, result: SubentryFlowResult
) -> SubentryFlowResult:
    """Wait in vain for a minute; return what is asked then."""
    await later(hass, freezer, 59)
    flows = hass.config_entries.subentries
    waiting = await flows.async_configure(result["flow_id"])
    assert waiting["type"] is FlowResultType.SHOW_PROGRESS
    await later(hass, freezer, 2)
    result = await shown(hass, freezer, result)
    assert result["step_id"] == "command_missing"
    return result


async def test_an_unlocking_from_tuya_is_told_with_its_outcome(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    result = await choose(hass, await checked(hass, freezer, home), "await_command")
    assert result["description_placeholders"] is not None
    assert "`unlock`" in result["description_placeholders"]["codes"]
    commanding.execute(home.cloud, home.device.id, "unlock")
    result = await shown(hass, freezer, result)
    assert result["step_id"] == "command_came"
    assert f"unlock. {WORDS[Outcome.DONE]}." in text(result)
    assert home.lock.presses == ["unlock"]


async def test_a_command_that_is_refused_has_arrived_all_the_same(
    hass: HomeAssistant, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    home = await published_home(hass, simulator, control=None)
    await until(hass, freezer, lambda: home.device.values.get("lock_motor_state") is False)
    result = await choose(hass, await checked(hass, freezer, home), "await_command")
    commanding.execute(home.cloud, home.device.id, "unlock")
    result = await shown(hass, freezer, result)
    assert result["step_id"] == "command_came"
    reason = TEXTS["selector"]["published_command"]["options"][Why.NOT_ALLOWED]
    assert f"{WORDS[Outcome.REFUSED]}. {reason}" in text(result)
    assert home.lock.presses == []
    assert (await choose(hass, result, "finish_check"))["reason"] == "checked"


def rule_repair(hass: HomeAssistant) -> bool:
    """Tell whether the repair about the messaging rule is there."""
    return any(
        domain == DOMAIN and name.startswith("published_rule")
        for domain, name in ir.async_get(hass).issues
    )


async def test_commands_that_the_rule_leaves_out_raise_a_repair_until_one_comes(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    home.cloud.rules = lambda _, body: body.get("bizCode") not in COMMANDS
    result = await choose(hass, await checked(hass, freezer, home), "await_command")
    commanding.execute(home.cloud, home.device.id, "unlock")
    result = await given_up(hass, freezer, result)
    assert not rule_repair(hass)
    result = await choose(hass, result, "command_lost")
    assert text(result) == WORDS[Cure.RULE]
    assert rule_repair(hass)
    home.cloud.rules = lambda *_: True
    result = await choose(hass, result, "await_command")
    commanding.set_properties(home.cloud, home.device.id, {"lock_motor_state": True})
    result = await shown(hass, freezer, result)
    assert result["step_id"] == "command_came"
    assert not rule_repair(hass)


async def test_who_pressed_nothing_is_told_of_no_fault(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    result = await choose(hass, await checked(hass, freezer, home), "await_command")
    result = await given_up(hass, freezer, result)
    assert "Did you set a property" in text(result)
    result = await choose(hass, result, "await_command")
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    result = await given_up(hass, freezer, result)
    assert (await choose(hass, result, "finish_check"))["reason"] == "checked"
    assert not rule_repair(hass)


# --- the dialog -----------------------------------------------------------------------------


async def test_closing_the_dialog_ends_the_waiting(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    result = await choose(hass, await checked(hass, freezer, home), "await_command")
    hass.config_entries.subentries.async_abort(result["flow_id"])
    commanding.execute(home.cloud, home.device.id, "unlock")
    await until(hass, freezer, lambda: home.device.values["lock_motor_state"] is True)
    with pytest.raises(UnknownFlow):
        hass.config_entries.subentries.async_get(result["flow_id"])


async def test_a_reload_ends_the_waiting_and_says_so(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    menu = await checked(hass, freezer, home)
    result = await choose(hass, menu, "await_command")
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    result = await hass.config_entries.subentries.async_configure(result["flow_id"])
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_what_was_seen_before_a_reload_is_not_gone_on_with(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    first, second = await checked(hass, freezer, home), await checked(hass, freezer, home)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    assert (await choose(hass, first, "await_command"))["reason"] == "not_loaded"
    result = await shown(hass, freezer, await choose(hass, second, "check"))
    assert result["step_id"] == "checked"
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    result = await hass.config_entries.subentries.async_configure(result["flow_id"])
    assert result["reason"] == "not_loaded"


async def test_a_project_that_is_not_loaded_cannot_be_asked(
    hass: HomeAssistant, home: PublishedHome
) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    result = await begin(hass, home.entry, home.subentry_id)
    assert result["reason"] == "not_loaded"


def test_every_step_cure_and_outcome_has_its_words() -> None:
    assert set(WORDS) == {*Step, *Cure, *Outcome, "running"}
