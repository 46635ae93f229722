"""The words of the published door's dialog: complete, and none left over."""

from collections.abc import Iterator
from typing import Any

from custom_components.tuyalink_intercom.flow.published import PublishedDoorFlow
from custom_components.tuyalink_intercom.flow.published_schemas import (
    CONTROL_SCHEMA,
    ENTITIES_SCHEMA,
)
from custom_components.tuyalink_intercom.flow.published_texts import TABLE, TROUBLES
from custom_components.tuyalink_intercom.model.function_list import CodeFault, Lack
from custom_components.tuyalink_intercom.model.publication import Binding, Role
from tests.flows import TEXTS, texts_of
from tests.published_flows import FLOW

WORDS = texts_of(FLOW)
# Steps that show nothing of their own.
UNSEEN = {"finish", "finish_check", "go_on", "look", "registered"}
DOOR_ERRORS = {"no_door", "name_length"}
ENTITY_ERRORS = {"entity_missing", "entity_own", "entity_taken", "entity_twice"}
PRODUCT_ERRORS = {
    "code_doubled",
    "doors_behind",
    "group_missing",
    "product_characters",
    "product_of_device",
}


def named(schema: Any) -> set[str]:
    """Return the names of a form's fields."""
    return {str(field.schema) for field in schema.schema}


def steps() -> Iterator[str]:
    """Yield the steps of the dialog."""
    for name in dir(PublishedDoorFlow):
        if name.startswith("async_step_"):
            yield name.removeprefix("async_step_")


def test_every_step_has_its_words_and_every_line_of_a_menu_its_step() -> None:
    assert set(WORDS["step"]) == set(steps()) - UNSEEN
    lines = {line for step in WORDS["step"].values() for line in step.get("menu_options", ())}
    assert lines <= set(steps())


def test_every_field_has_its_words_and_no_words_are_left_over() -> None:
    step = WORDS["step"]
    for name in ("user", "entities"):
        assert step[name]["data"].keys() == step[name]["data_description"].keys()
        assert step[name]["data"].keys() == named(ENTITIES_SCHEMA)
    assert set(step["control"]["data"]) == named(CONTROL_SCHEMA)
    codes = step["product"]["sections"]["codes"]
    assert set(codes["data"]) == set(codes["data_description"]) == set(Role)
    assert set(TEXTS["selector"]["binding"]["options"]) == set(Binding)


def test_every_error_that_can_happen_has_its_sentence() -> None:
    # An empty code is the ready one.
    codes = set(CodeFault) - {CodeFault.EMPTY}
    assert set(WORDS["error"]) == (
        DOOR_ERRORS | ENTITY_ERRORS | PRODUCT_ERRORS | codes | {"half_quiet"}
    )
    assert set(WORDS["abort"]) == {
        "already_configured",
        "checked",
        "not_loaded",
        "nothing_to_control",
        "removed",
    }


def test_everything_that_is_put_together_has_its_words() -> None:
    words = TEXTS["selector"]["published"]["options"]
    listed = {f"list_{word}" for word in TABLE}
    assert set(words) == listed | {*TROUBLES.values(), *Lack, "deaf", "kept", "registered"}
