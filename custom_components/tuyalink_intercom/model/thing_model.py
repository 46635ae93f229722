"""What a product on Tuya's side consists of: its properties, events and actions.

Out of the thing model that Tuya tells of a registered device. It may be broken in part: what
cannot be read is left out, and what it does not tell forbids nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from .publication import Value, is_code
from .specs import Row, code_in, kind_of, scale_in, takes_writes, words_in
from .values import integer, mapping, number, rows

MOST_PROPERTIES: Final = 500
MOST_FUNCTIONS: Final = 100
"""Events, and as many actions."""
_MOST_PARAMETERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingProperty:
    """A property, or a parameter of an event or action."""

    code: str
    point: int | None = None
    """Its data point number."""
    kind: str = ""
    """`bool`, `value`, `enum`, `string`, `float`, `double` …; empty if that is not told."""
    writable: bool = False
    words: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    """As the device counts; so is `low`."""
    longest: int | None = None
    """Characters that a text may have."""
    scale: int = 0
    """A `value` is shown divided by ten to this power."""

    def takes(self, value: Value) -> Value | None:
        """Return a value as this property holds it, `None` for what does not fit.

        A `value` that comes as a fraction is as it is shown, a whole one as the device counts.
        """
        if not isinstance(value, str) and number(value) is None and not isinstance(value, bool):
            # No JSON holds it.
            return None
        match self.kind, value:
            case ("", _) | ("bool", bool()):
                return value
            case _, bool():
                return None
            case (("value" | "float" | "double"), int() | float()):
                return self._counted(value)
            case "enum", str():
                return value if not self.words or value in self.words else None
            case "string", str():
                return value[: self.longest]
        return None

    def _counted(self, told: float) -> float | None:
        if self.kind != "value":
            counted = float(told)
        else:
            counted = round(told * 10**self.scale) if isinstance(told, float) else told
        low_enough = self.high is None or counted <= self.high
        return counted if low_enough and (self.low is None or counted >= self.low) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingFunction:
    """An event or an action."""

    code: str
    inputs: Mapping[str, ThingProperty] = field(default_factory=dict)
    outputs: Mapping[str, ThingProperty] = field(default_factory=dict)

    def fitted_outputs(self, outputs: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return the outputs that it has, as it holds them."""
        return _fitted(self.outputs, outputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingModel:
    """The model of one product; an empty one means that it is not known: everything passes."""

    properties: Mapping[str, ThingProperty] = field(default_factory=dict)
    events: Mapping[str, ThingFunction] = field(default_factory=dict)
    actions: Mapping[str, ThingFunction] = field(default_factory=dict)

    @classmethod
    def read(cls, raw: object) -> Self:
        """Read what Tuya tells: `{modelId, services: [{properties, events, actions}]}`."""
        told = mapping(raw) or {}
        services = [*rows(told.get("services")), told]
        return cls(
            properties=_properties(_listed(services, "properties"), MOST_PROPERTIES),
            events=_functions(_listed(services, "events")),
            actions=_functions(_listed(services, "actions")),
        )

    @property
    def known(self) -> bool:
        """Whether anything is told."""
        return bool(self.properties or self.events or self.actions)

    def code_of(self, point: int) -> str | None:
        """Return the code of the property that has a data point number."""
        return next((one.code for one in self.properties.values() if one.point == point), None)

    def fitted(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return the values of properties that the product has, as it holds them."""
        return _fitted(self.properties, values) if self.known else values

    def event_outputs(self, code: str, outputs: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return what of its outputs an event can carry."""
        return self._outputs(self.events.get(code), outputs)

    def action_outputs(self, code: str, outputs: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return what of its outputs the answer to an action can carry."""
        return self._outputs(self.actions.get(code), outputs)

    def _outputs(
        self, function: ThingFunction | None, outputs: Mapping[str, Value]
    ) -> Mapping[str, Value]:
        if not self.known:
            return outputs
        return {} if function is None else function.fitted_outputs(outputs)


def _fitted(known: Mapping[str, ThingProperty], values: Mapping[str, Value]) -> Mapping[str, Value]:
    taken = {code: known[code].takes(value) for code, value in values.items() if code in known}
    return {code: value for code, value in taken.items() if value is not None}


def _listed(services: Iterable[Row], name: str) -> list[Row]:
    return [row for service in services for row in rows(service.get(name))]


def _properties(listed: Iterable[Row], most: int) -> dict[str, ThingProperty]:
    found: dict[str, ThingProperty] = {}
    for row in listed:
        if len(found) < most and is_code(code := code_in(row)) and code not in found:
            found[code] = _property(code, row)
    return found


def _functions(listed: Iterable[Row]) -> dict[str, ThingFunction]:
    found: dict[str, ThingFunction] = {}
    for row in listed:
        if len(found) < MOST_FUNCTIONS and is_code(code := code_in(row)) and code not in found:
            found[code] = ThingFunction(
                code=code,
                inputs=_parameters(row, "inputParams", "input_params"),
                outputs=_parameters(row, "outputParams", "output_params"),
            )
    return found


def _parameters(row: Row, *names: str) -> dict[str, ThingProperty]:
    return _properties(rows(_either(row, *names)), _MOST_PARAMETERS)


def _property(code: str, row: Row) -> ThingProperty:
    spec = mapping(_either(row, "typeSpec", "type_spec", "values")) or {}
    low, high = number(spec.get("min")), number(spec.get("max"))
    if low is not None and high is not None and low > high:
        low = high = None
    longest = integer(_either(spec, "maxlen", "maxLen", "max_len"))
    return ThingProperty(
        code=code,
        point=integer(_either(row, "abilityId", "ability_id", "dp_id")),
        kind=kind_of(spec) or kind_of(row),
        writable=takes_writes({"accessMode": _either(row, "accessMode", "access_mode")}),
        words=words_in(spec),
        low=low,
        high=high,
        longest=longest if longest and longest > 0 else None,
        scale=scale_in(spec) or 0,
    )


def _either(row: Row, *names: str) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)
