"""What the README promises: names, numbers, examples and links, held against the code."""

from datetime import timedelta
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.tuyalink_intercom import const
from custom_components.tuyalink_intercom.api.errors import REASONS, Reason
from custom_components.tuyalink_intercom.event import DESCRIPTIONS
from custom_components.tuyalink_intercom.model.budget import ALLOWED, PLANS
from custom_components.tuyalink_intercom.model.changes import CallReason
from custom_components.tuyalink_intercom.model.dpcodes import WORLDS
from custom_components.tuyalink_intercom.model.health import Rung
from custom_components.tuyalink_intercom.model.publication import CODES as FUNCTIONS
from custom_components.tuyalink_intercom.model.state import Method
from custom_components.tuyalink_intercom.publishing.why import CODES as ANSWERS
from tests.homes import arrived, device_named
from tests.plays import photographed
from tests.simulator import TuyaSimulator

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
INTEGRATION = ROOT / "custom_components" / const.DOMAIN
TEXTS: dict[str, Any] = json.loads(
    (INTEGRATION / "translations" / "en.json").read_text(encoding="utf-8")
)
MANIFEST: dict[str, Any] = json.loads((INTEGRATION / "manifest.json").read_text(encoding="utf-8"))
AUTOMATION = "automation"
LARGEST_PICTURE = 300 * 1024


def chapter(title: str) -> str:
    """Return the text under a heading of the second level."""
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every table row."""
    lines = [line for line in text.splitlines() if line.lstrip().startswith("|")]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def automations() -> list[dict[str, Any]]:
    found = [parse_yaml(block) for block in blocks("yaml")]
    return [block for block in found if isinstance(block, dict) and "triggers" in block]


@pytest.fixture
async def told(hass: HomeAssistant, entry: MockConfigEntry) -> list[ServiceCall]:
    """Set up all examples as pasted; collect what they tell the phone."""
    calls: list[ServiceCall] = async_mock_service(hass, "notify", "mobile_app_phone")
    assert await async_setup_component(hass, AUTOMATION, {AUTOMATION: automations()})
    await hass.async_block_till_done()
    return calls


def test_there_is_one_example_for_each_of_home_assistants_triggers() -> None:
    used = {trigger["trigger"] for each in automations() for trigger in each["triggers"]}
    assert used >= {"doorbell.rang", "event.received", "lock.unlocked"}


async def test_every_example_is_valid_and_names_entities_of_the_demo(
    hass: HomeAssistant, told: list[ServiceCall]
) -> None:
    running = [state.state for state in hass.states.async_all(AUTOMATION)]
    assert running == ["on"] * len(automations())
    text = "".join(blocks("yaml"))
    ours = set(re.findall(r"\b(?:event|image|lock|camera)\.(?!received)[a-z_]+\b", text))
    missing = {one for one in ours if hass.states.get(one) is None}
    assert missing <= {"lock.open", "lock.unlocked"}


async def test_a_ring_tells_the_phone_with_the_picture(
    hass: HomeAssistant, told: list[ServiceCall], simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    await arrived(hass, simulator, simulator.scenario("ring", intercom.id))
    assert len(told) == 1
    assert told[0].data["data"]["image"] == "/api/camera_proxy/camera.intercom"


async def test_the_button_of_the_notification_opens_the_gate_once(
    hass: HomeAssistant, told: list[ServiceCall], simulator: TuyaSimulator
) -> None:
    hass.bus.async_fire("mobile_app_notification_action", {"action": "OPEN_GATE"})
    await hass.async_block_till_done()
    assert simulator.door(device_named(simulator, "Intercom").id).opened == 1


@pytest.mark.parametrize(
    ("name", "scenario", "options", "message"),
    [
        ("Face terminal", "call_missed", {}, "You missed a visitor"),
        ("Gate keypad", "tamper", {}, "Gate keypad Alarm: tamper"),
        ("Front door lock", "duress", {}, "Front door lock Alarm: duress"),
        ("Front door lock", "access_granted", {"person": 3}, "The children are home"),
    ],
)
async def test_an_event_tells_the_phone(
    hass: HomeAssistant,
    told: list[ServiceCall],
    simulator: TuyaSimulator,
    name: str,
    scenario: str,
    options: dict[str, Any],
    message: str,
) -> None:
    device = device_named(simulator, name)
    await arrived(hass, simulator, simulator.scenario(scenario, device.id, **options))
    assert [call.data["message"].strip(".") for call in told] == [message]


async def test_who_comes_home_is_told_who_rang(
    hass: HomeAssistant,
    told: list[ServiceCall],
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    intercom = device_named(simulator, "Intercom")
    await photographed(hass, entry, simulator, intercom, "ring", age_s=30)
    hass.states.async_set("person.anna", "not_home", timestamp=simulator.now() - 40)
    await photographed(hass, entry, simulator, intercom, "ring")
    hass.states.async_set("person.anna", "home")
    await hass.async_block_till_done()
    (call,) = [one for one in told if one.data["title"] == "While you were away"]
    assert call.data["message"].startswith("Rings at the gate: 2, the last at ")
    newest = entry.runtime_data.captures.newest(intercom.id)
    picture = f"/api/{const.DOMAIN}/captures/{entry.entry_id}/{newest.id}"
    assert call.data["data"]["image"] == picture


def test_every_reason_has_its_remedy_with_its_codes() -> None:
    explained = {
        quoted(row[0])[0]: row for row in rows(chapter("Troubleshooting")) if quoted(row[0])
    }
    told_to_users = {
        key.removeprefix("reason_") for key in TEXTS["exceptions"] if key.startswith("reason_")
    }
    assert explained.keys() == told_to_users == {reason.value for reason in Reason}
    for reason, row in explained.items():
        codes = {int(code) for code in re.findall(r"\d+", row[1])}
        assert codes == {code for code, known in REASONS.items() if known == reason}, reason


def test_every_repair_is_among_what_one_sees() -> None:
    for issue in TEXTS["issues"].values():
        assert issue["title"].partition(": ")[2].lower() in chapter("Troubleshooting").lower()


def test_every_entity_is_in_the_table_by_its_platform_key_and_name() -> None:
    table = {
        (row[0].lower().replace(" ", "_"), key): row[2]
        for row in rows(chapter("Entities"))
        for key in quoted(row[1])
    }
    for platform, entities in TEXTS["entity"].items():
        for key, entity in entities.items():
            if key != "door_number":
                assert entity["name"] in table[platform, key]


def test_every_event_type_reason_and_method_is_listed() -> None:
    table = {row[0].lower(): row for row in rows(chapter("Events"))}
    for description in DESCRIPTIONS:
        assert description.event_types is not None
        assert set(quoted(table[description.key][1])) == set(description.event_types)
    assert {reason.value for reason in CallReason} <= set(quoted(table["doorbell"][2]))
    methods = re.search(r"^Methods: (.*)$", chapter("Events"), re.MULTILINE)
    assert methods is not None
    assert set(quoted(methods[1])) == {method.value for method in Method}


def fields(step: dict[str, Any]) -> set[str]:
    sections = step.get("sections", {}).values()
    labels = [*step["data"].values(), *(one for each in sections for one in each["data"].values())]
    return set(labels)


def test_every_field_of_the_flows_is_explained() -> None:
    added, _, later = chapter("Configuration").partition("### Later")
    steps = TEXTS["config"]["step"]
    for name in ("user", "custom", "project"):
        assert fields(steps[name]) <= {row[0] for row in rows(added)}
    later, _, doors = later.partition("### Who may open a door")
    assert fields(TEXTS["options"]["step"]["preferences"]) == {row[0] for row in rows(later)[2:]}
    named = {name for row in rows(doors)[2:] for name in row[0].split(", ")}
    assert fields(TEXTS["options"]["step"]["door"]) == named
    pictures = {row[0] for row in rows(chapter("Pictures"))[2:]}
    assert fields(TEXTS["options"]["step"]["pictures"]) == pictures


def test_every_action_is_explained_with_its_fields() -> None:
    table = {quoted(row[0])[0]: set(quoted(row[1])) for row in rows(chapter("Actions"))[2:]}
    assert table == {
        f"{const.DOMAIN}.{name}": set(words.get("fields", ()))
        for name, words in TEXTS["services"].items()
    }


def section(title: str) -> str:
    """Return the text under a heading of the third level."""
    return README.partition(f"\n### {title}\n")[2].partition("\n##")[0]


def test_every_function_of_a_published_door_is_in_the_list() -> None:
    listed = {code for row in rows(section("What a door becomes")) for code in quoted(row[1])}
    assert listed == set(FUNCTIONS.values())


def test_every_refusal_of_a_command_is_listed_with_its_code() -> None:
    told = {
        reason: int(row[1])
        for row in rows(section("What Tuya may do"))
        for reason in quoted(row[0])
        if row[1].isdecimal()
    }
    assert told == {why.value: code for why, code in ANSWERS.items()}


def test_every_category_is_named() -> None:
    assert set(WORLDS) <= set(quoted(chapter("Supported devices")))


def minutes_of(seconds: float) -> int:
    return int(seconds // 60)


def test_the_intervals_are_those_of_the_code() -> None:
    text = chapter("How data arrive")
    for plan in PLANS.values():
        assert f"every {minutes_of(plan.poll)} minutes" in text
        assert f"{plan.calls:,}" in text
    assert f"every {minutes_of(PLANS[Rung.FRESH].shadows) // 60} hours" in text
    per_device = minutes_of(PLANS[Rung.DOWN].shadows_per_device)
    assert f"every {per_device} minutes times their number" in text
    for allowed in ALLOWED.values():
        assert f"{allowed:,}" in text


def test_the_quota_arithmetic_adds_up() -> None:
    month, devices, plan = timedelta(days=30), 10, PLANS[Rung.FRESH]
    lists = int(month.total_seconds() // plan.poll) * 2
    shadows = int(month.total_seconds() // plan.shadows) * devices
    tokens = month // timedelta(hours=2)
    descriptions = round(month / timedelta(weeks=1) * devices * 2, -1)
    for figure in (lists, shadows):
        assert f"{figure:,} calls" in chapter("How data arrive")
    assert f"{tokens} for access tokens and {descriptions:.0f}" in chapter("How data arrive")
    assert lists + shadows + tokens + descriptions == pytest.approx(4_500, rel=0.02)


def anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def test_links_inside_the_repository_lead_somewhere() -> None:
    anchors = {anchor(title) for title in re.findall(r"^#+ (.*)$", README, re.MULTILINE)}
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if target.startswith("#"):
            assert target.removeprefix("#") in anchors
        elif not target.startswith("https://"):
            assert (ROOT / target).is_file(), target


def test_links_to_the_project_are_those_of_the_manifest() -> None:
    assert MANIFEST["documentation"] in README
    assert MANIFEST["issue_tracker"] in README
    owner, _, name = MANIFEST["documentation"].removeprefix("https://github.com/").partition("/")
    assert f"owner={owner}&repository={name}" in README


def test_the_commands_exist() -> None:
    commands = [line for block in blocks("bash") for line in block.splitlines() if line]
    assert commands
    for command in commands:
        for word in command.split():
            assert (ROOT / word).exists(), command


def test_the_picture_is_small() -> None:
    file = ROOT / "docs" / "dashboard.png"
    assert file.stat().st_size <= LARGEST_PICTURE
    with Image.open(file) as picture:
        assert picture.width > picture.height
