"""Whatever the code names has its words, and no words are left over."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant import exceptions as ha_exceptions
from homeassistant.helpers.selector import selector
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util.yaml import parse_yaml

from custom_components.tuyalink_intercom import (
    binary_sensor,
    button,
    call_routing,
    event,
    flats,
    health,
    image,
    number,
    select,
    sensor,
    switch,
)
from custom_components.tuyalink_intercom.api import Reason
from custom_components.tuyalink_intercom.budget import repairs as budget_repairs
from custom_components.tuyalink_intercom.captures import faults, sealed
from custom_components.tuyalink_intercom.doors import refusals as door_refusals
from custom_components.tuyalink_intercom.keys import parting
from custom_components.tuyalink_intercom.live import refusals as live_refusals
from custom_components.tuyalink_intercom.model.changes import CallReason
from custom_components.tuyalink_intercom.model.lock_codes import CodeProblem
from custom_components.tuyalink_intercom.model.persons import PersonProblem
from custom_components.tuyalink_intercom.model.state import Method
from custom_components.tuyalink_intercom.publishing import leavers, troubles
from custom_components.tuyalink_intercom.publishing.why import Why

INTEGRATION = Path(__file__).parent.parent / "custom_components" / "tuyalink_intercom"
SECTIONS = {
    "common",
    "config",
    "config_subentries",
    "entity",
    "exceptions",
    "issues",
    "options",
    "selector",
    "services",
    "system_health",
}
DESCRIBED = {
    "binary_sensor": binary_sensor,
    "button": button,
    "event": event,
    "image": image,
    "number": number,
    "select": select,
    "sensor": sensor,
    "switch": switch,
}
# Modules that raise repairs, each with a table of them and what their words name.
RAISING = (
    budget_repairs,
    call_routing,
    door_refusals,
    faults,
    flats,
    health,
    sealed,
    live_refusals,
    leavers,
    parting,
    troubles,
)
# What Home Assistant's own events of these kinds carry beside the type.
SHARED_ATTRIBUTES = {"capture_id", "event_type", "event_id", "time"}
ATTRIBUTES = {
    "access": {"door", "method", "person", "slot"},
    "alarm": {"method"},
    "command": {"reason", "what"},
    "doorbell": {"address", "channel", "presses", "reason", "test"},
}

# What the code fills into words of its own exceptions.
TOLD = {"door_locked_out": {"minutes"}, "door_quiet": {"end", "start"}}


def read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((INTEGRATION / name).read_text("utf-8"))
    return loaded


TEXTS = read("translations/en.json")
ICONS = read("icons.json")
PURE = ("api", "model")
MODULES = {
    path.relative_to(INTEGRATION).with_suffix("").as_posix(): ast.parse(path.read_text("utf-8"))
    for path in INTEGRATION.rglob("*.py")
    if path.relative_to(INTEGRATION).parts[0] not in PURE
}


def calls() -> Iterator[ast.Call]:
    for module in MODULES.values():
        yield from (node for node in ast.walk(module) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def constants(node: ast.AST) -> set[str]:
    """Return the texts that an expression can be."""
    values = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return {value for value in values if isinstance(value, str)}


def exception_keys() -> set[str]:
    """Return the keys of the exceptions that the code raises, through functions as well."""
    found: set[str] = set()
    handed_on: set[str] = set()
    for module in MODULES.values():
        for function in ast.walk(module):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                told = (
                    keyword(node, "translation_key")
                    if keyword(node, "translation_domain")
                    else None
                )
                if isinstance(told, ast.Constant):
                    found |= constants(told)
                elif isinstance(told, ast.Name):
                    handed_on.add(function.name)
    for call in calls():
        if name_of(call) in handed_on:
            found |= {key for argument in call.args for key in constants(argument)}
    return found


def keyword(node: ast.AST, name: str) -> ast.expr | None:
    if not isinstance(node, ast.Call):
        return None
    return next((each.value for each in node.keywords if each.arg == name), None)


def entity_keys() -> dict[str, set[str]]:
    """Return the translation keys of entities by platform."""
    found: dict[str, set[str]] = {}
    for platform, module in MODULES.items():
        for node in ast.walk(module):
            if isinstance(node, ast.Assign) and any(
                ast.unparse(target).endswith("_attr_translation_key") for target in node.targets
            ):
                value = node.value
                branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                for branch in branches:
                    found.setdefault(platform, set()).update(constants(branch))
    for platform, described in DESCRIBED.items():
        shown = (*described.DESCRIPTIONS, *getattr(described, "HUB_DESCRIPTIONS", ()))
        keys = {one.translation_key for one in shown if one.translation_key}
        found.setdefault(platform, set()).update(keys)
    return found


def test_there_are_no_sections_that_home_assistant_does_not_know() -> None:
    assert TEXTS.keys() == SECTIONS
    assert ICONS.keys() == {"entity", "services"}


def test_every_entity_has_a_name_and_every_name_an_entity() -> None:
    assert {platform: set(named) for platform, named in TEXTS["entity"].items()} == entity_keys()
    for named in TEXTS["entity"].values():
        for key, words in named.items():
            assert words["name"], key


def test_every_event_type_has_its_words() -> None:
    for description in event.DESCRIPTIONS:
        words = TEXTS["entity"]["event"][description.key]["state_attributes"]
        assert set(words["event_type"]["state"]) == set(description.event_types or ())


def test_every_attribute_of_an_event_has_its_words() -> None:
    for key, words in TEXTS["entity"]["event"].items():
        attributes = words["state_attributes"]
        shared = {"event_type", "time"} if key == "command" else SHARED_ATTRIBUTES
        assert attributes.keys() == shared | ATTRIBUTES[key]
        if "method" in attributes:
            assert set(attributes["method"]["state"]) == set(Method)
        if "reason" in attributes:
            reasons = set(Why) if key == "command" else set(CallReason)
            assert set(attributes["reason"]["state"]) == reasons


def test_every_way_to_open_has_its_words() -> None:
    for description in (*sensor.DESCRIPTIONS, *sensor.HUB_DESCRIPTIONS):
        words = TEXTS["entity"]["sensor"][description.key]
        assert set(words.get("state", ())) == set(description.options or ())


def test_every_option_that_we_name_has_its_words() -> None:
    for description in select.DESCRIPTIONS:
        words = TEXTS["entity"]["select"][description.key]
        assert set(words.get("state", ())) == set(description.options or ())


def test_every_exception_has_its_words_and_every_words_an_exception() -> None:
    reasons = {f"reason_{reason}" for reason in Reason}
    reasons |= {f"person_{problem}" for problem in PersonProblem}
    reasons |= {f"code_{problem}" for problem in CodeProblem}
    reasons |= set(live_refusals.SENTENCES.values()) | door_refusals.SENTENCES
    assert set(TEXTS["exceptions"]) == exception_keys() | reasons | set(door_refusals.Unopened)
    for key, words in TEXTS["exceptions"].items():
        assert words.keys() == {"message"}, key
        placeholders = set(re.findall(r"\{(\w+)\}", words["message"]))
        assert placeholders <= ({"call", "code"} if key in reasons else TOLD.get(key, set())), key


def test_nothing_is_raised_in_words_that_cannot_be_translated() -> None:
    translated = {
        name
        for name in dir(ha_exceptions)
        if isinstance(kind := getattr(ha_exceptions, name), type)
        and issubclass(kind, ha_exceptions.HomeAssistantError)
    } | {UpdateFailed.__name__}
    for call in calls():
        if name_of(call) in translated:
            assert not call.args, ast.unparse(call)


def test_every_repair_says_what_is_wrong_and_what_to_do() -> None:
    raised = {key: names for module in RAISING for key, names in module.ISSUES.items()}
    assert set(TEXTS["issues"]) == set(raised)
    for key, words in TEXTS["issues"].items():
        # What is asked of the user stands in the steps of a flow.
        assert words.keys() in ({"title", "description"}, {"title", "fix_flow"})
        told = json.dumps(words)
        assert set(re.findall(r"\{(\w+)\}", told)) == raised[key]


def test_every_icon_belongs_to_an_entity() -> None:
    for platform, icons in ICONS["entity"].items():
        for key, icon in icons.items():
            words = TEXTS["entity"][platform][key]
            assert icon["default"].startswith("mdi:")
            assert set(icon.get("state", ())) <= set(words.get("state", ())), key


def test_no_icon_replaces_the_one_of_a_device_class() -> None:
    for platform, described in DESCRIBED.items():
        for description in described.DESCRIPTIONS:
            drawn = description.key in ICONS["entity"].get(platform, {})
            shown = getattr(description, "device_class", None)
            assert not (drawn and shown and shown != "enum"), description.key


def test_every_action_has_its_words_and_its_icon() -> None:
    described = parse_yaml((INTEGRATION / "services.yaml").read_text("utf-8"))
    assert isinstance(described, dict)
    assert described.keys() == TEXTS["services"].keys() == ICONS["services"].keys()
    for name, action in described.items():
        words = TEXTS["services"][name]
        assert words["name"]
        assert words["description"]
        assert words.get("fields", {}).keys() == action.get("fields", {}).keys()


def selectors_in(node: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield kind and settings of every selector of the actions, also of those within others."""
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key == "selector":
            yield from ((kind, told or {}) for kind, told in value.items())
        yield from selectors_in(value)


def test_every_choice_in_the_form_of_an_action_has_its_words() -> None:
    described = parse_yaml((INTEGRATION / "services.yaml").read_text("utf-8"))
    for kind, told in selectors_in(described):
        selector({kind: told})
        words = TEXTS["selector"].get(told.get("translation_key"), {})
        assert not set(told.get("fields", ())) ^ set(words.get("fields", ())), told
        labels = {"label" for one in told.get("options", ()) if isinstance(one, dict)}
        if "options" in told and not labels:
            assert set(told["options"]) == set(words["options"]), told
