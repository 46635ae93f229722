"""What a device's data points are: one view over all of Tuya's descriptions of them.

The standard set (specification) hides data points, the thing model lists all, the
shadow and the status show what was reported; each spells types in its own way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import dpcodes
from .specs import code_in, kind_of, read_specs
from .state import Codes, Scalar, World
from .values import mapping, rows, text

_TEXT_TYPES = frozenset({"string"})


@dataclass(frozen=True, slots=True)
class Description:
    """Tuya's raw descriptions of one device, as the OpenAPI returns them."""

    specification: Mapping[str, Any]
    model: Mapping[str, Any]
    shadow: tuple[Mapping[str, Any], ...] = ()
    status: tuple[Mapping[str, Any], ...] = ()


def read_codes(description: Description, world: World | None = None) -> Codes:
    """Join the descriptions; items without a usable code are left out."""
    functions = rows(description.specification.get("functions"))
    standard = [*functions, *rows(description.specification.get("status"))]
    model = list(model_properties(description.model))
    everything = [*standard, *model, *description.shadow, *description.status]
    by_dp = {**dpcodes.DP_CODES.get(world, {})} if world else {}
    by_dp.update(_by_dp(everything))
    known = {code for item in everything if (code := code_in(item))}
    known |= {by_dp[dp] for item in description.shadow if (dp := _dp(item)) and dp in by_dp}
    shown = {code for item in (*standard, *description.status) if (code := code_in(item))}
    return Codes(
        known=frozenset(known),
        commandable=frozenset(code for item in functions if (code := code_in(item))),
        custom=bool(known - shown),
        by_dp=by_dp,
        ranges=_ranges([*standard, *model]),
        text=frozenset(
            code
            for item in (*standard, *model)
            if (code := code_in(item)) in {*dpcodes.RELAYS, dpcodes.CALL_ANSWER}
            and kind_of(item) in _TEXT_TYPES
        ),
        specs=read_specs(functions, standard[len(functions) :], model),
        actions=dict(_unlock_actions(description.model)),
    )


def _unlock_actions(model: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Scalar]]]:
    """Yield the actions that open a door, unless they ask for something nobody here knows."""
    for service in rows(model.get("services")):
        for action in rows(service.get("actions")):
            code = code_in(action)
            values = {code_in(one): _default(one) for one in rows(action.get("inputParams"))}
            given = {name: value for name, value in values.items() if value is not None}
            word = code.lower().replace("_", "")
            if word in dpcodes.UNLOCK_ACTIONS and len(given) == len(values):
                yield code, given


def _default(parameter: Mapping[str, Any]) -> Scalar | None:
    value = (mapping(parameter.get("typeSpec")) or {}).get("typeDefaultValue")
    return value if isinstance(value, bool | int | float | str) and value != "" else None


def model_properties(model: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Yield the data points that a thing model lists."""
    for service in rows(model.get("services")):
        yield from rows(service.get("properties"))


def _dp(item: Mapping[str, Any]) -> str | None:
    return text(item.get("dp_id", item.get("abilityId")))


def _by_dp(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {dp: code for item in items if (code := code_in(item)) and (dp := _dp(item))}


def _ranges(items: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for item in items:
        values = mapping(item.get("values")) or mapping(item.get("typeSpec")) or {}
        listed = values.get("range")
        if (code := code_in(item)) and isinstance(listed, list):
            found.setdefault(code, tuple(str(word) for word in listed))
    return found
