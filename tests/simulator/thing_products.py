"""TuyaLink products: a thing model, the licences left, and whether the project may use it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Any

from .files import DeviceFile, Point
from .wire import compact

PRODUCTS = Path(__file__).parent / "products"
PRODUCT_ID = re.compile(r"[A-Za-z0-9]{4,32}")
MOST_LICENCES, MOST_FUNCTIONS = 100_000, 200
LONGEST_STRUCT = 4096
POINT_TYPES = {
    "bitmap": "Bitmap",
    "bool": "Boolean",
    "date": "Integer",
    "enum": "Enum",
    "raw": "Raw",
    "value": "Integer",
}
type Declared = Mapping[str, Any]


class ProductError(ValueError):
    """A document that describes no product; the text says why."""


@dataclass(slots=True, kw_only=True)
class SimProduct:
    """A product; `standard` are the codes of its standard instruction set, mostly none."""

    id: str
    name: str
    category: str
    properties: tuple[Declared, ...] = ()
    events: tuple[Declared, ...] = ()
    actions: tuple[Declared, ...] = ()
    standard: tuple[str, ...] = ()
    licences: int = 10
    authorized: bool = True

    def property(self, code: str) -> Declared | None:
        """Return a property of the thing model by its code."""
        return _coded(self.properties, code)

    def event(self, code: str) -> Declared | None:
        """Return an event of the thing model by its code."""
        return _coded(self.events, code)

    def action(self, code: str) -> Declared | None:
        """Return an action of the thing model by its code."""
        return _coded(self.actions, code)

    def code_of(self, number: str) -> str | None:
        """Return the code of a property by its number, which travels as text."""
        return next(
            (one["code"] for one in self.properties if str(one["abilityId"]) == number), None
        )


def read_products(folder: Path = PRODUCTS) -> Iterator[SimProduct]:
    """Read the products of a folder."""
    for path in sorted(folder.glob("*.json")):
        yield product_from(json.loads(path.read_text(encoding="utf-8")))


def product_from(document: Mapping[str, Any], known: SimProduct | None = None) -> SimProduct:
    """Read a product, or what has changed of a known one; raises ProductError."""
    old = known or SimProduct(id="", name="", category="qt")
    product_id = _checked(document, "product_id", "", str)
    if not PRODUCT_ID.fullmatch(product_id):
        raise ProductError("product_id is 4 to 32 letters and digits")
    licences = _checked(document, "licences", old.licences, int)
    if not 0 <= licences <= MOST_LICENCES:
        raise ProductError(f"licences is a number from 0 to {MOST_LICENCES}")
    properties = _functions(document, "properties", old.properties)
    standard = _checked(document, "standard", [*old.standard], list)
    if not all(_coded(properties, code) for code in standard):
        raise ProductError("standard is a list of codes of properties")
    return SimProduct(
        id=product_id,
        name=_checked(document, "name", old.name or product_id, str),
        category=_checked(document, "category", old.category, str),
        properties=properties,
        events=_functions(document, "events", old.events),
        actions=_functions(document, "actions", old.actions),
        standard=tuple(standard),
        licences=licences,
        authorized=_checked(document, "authorized", old.authorized, bool),
    )


def device_file(product: SimProduct, device_id: str, name: str, *, sub: bool) -> DeviceFile:
    """Return what a registered device is like to everybody else."""
    writable = {one["code"] for one in product.properties if "w" in one.get("accessMode", "")}
    return DeviceFile(
        device_id=device_id,
        name=name,
        category=product.category,
        product_id=product.id,
        product_name=product.name,
        model=product.name,
        online=False,
        sub=sub,
        functions=tuple(code for code in product.standard if code in writable),
        status_range=product.standard,
        standard=frozenset(product.standard),
        points=tuple(_point(one) for one in product.properties),
        actions=product.actions,
        events=product.events,
        properties=product.properties,
        foreign=True,
    )


def fits(declared: Declared, value: Any) -> bool:
    """Tell whether a value is one that the thing model allows."""
    spec = declared.get("typeSpec", {})
    check = _CHECKS.get(spec.get("type", ""))
    return check is None or check(value, spec)


def _is_number(value: Any, spec: Declared) -> bool:
    return _is_within(value, spec) and not isinstance(value, float)


def _is_within(value: Any, spec: Declared) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    low, high = spec.get("min", value), spec.get("max", value)
    return bool(low <= value <= high)


def _is_short(value: Any) -> bool:
    return len(compact(value)) <= LONGEST_STRUCT


def _is_text(value: Any, spec: Declared) -> bool:
    return isinstance(value, str) and len(value) <= spec.get("maxlen", 255)


_CHECKS: Mapping[str, Callable[[Any, Declared], bool]] = {
    "array": lambda value, _: isinstance(value, list) and _is_short(value),
    "bitmap": _is_number,
    "bool": lambda value, _: isinstance(value, bool),
    "date": _is_number,
    "double": _is_within,
    "enum": lambda value, spec: isinstance(value, str) and value in spec.get("range", ()),
    "float": _is_within,
    "raw": _is_text,
    "string": _is_text,
    "struct": lambda value, _: isinstance(value, dict) and _is_short(value),
    "value": _is_number,
}


def _checked[T](document: Mapping[str, Any], name: str, default: T, kind: type[T]) -> T:
    value = document.get(name, default)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        raise ProductError(f"{name} is no {kind.__name__}")
    return value


def _functions(
    document: Mapping[str, Any], name: str, old: tuple[Declared, ...]
) -> tuple[Declared, ...]:
    rows = _checked(document, name, [*old], list)
    if len(rows) > MOST_FUNCTIONS or not all(_is_function(row) for row in rows):
        raise ProductError(f"{name} is a list of functions with code, abilityId and typeSpec")
    return tuple(rows)


def _is_function(row: Any) -> bool:
    if not isinstance(row, dict) or not _is_declared(row):
        return False
    number, access = row.get("abilityId"), row.get("accessMode", "")
    if isinstance(number, bool) or not isinstance(number, int) or not isinstance(access, str):
        return False
    return all(_are_parameters(row.get(name, [])) for name in ("outputParams", "inputParams"))


def _are_parameters(rows: Any) -> bool:
    return isinstance(rows, list) and all(
        isinstance(row, dict) and _is_declared(row) for row in rows
    )


def _is_declared(row: Declared) -> bool:
    """Tell whether something of the thing model has a code, and a type that can be checked."""
    spec = row.get("typeSpec", {})
    if not isinstance(row.get("code"), str) or not isinstance(spec, dict):
        return False
    numbers = (spec.get(name, 0) for name in ("min", "max", "maxlen"))
    right = all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers)
    return (
        right and isinstance(spec.get("type", ""), str) and isinstance(spec.get("range", []), list)
    )


def _point(declared: Declared) -> Point:
    spec = dict(declared.get("typeSpec", {}))
    kind = POINT_TYPES.get(spec.pop("type", ""), "String")
    number: int = declared["abilityId"]
    return Point(code=declared["code"], dp_id=number, type=kind, values=compact(spec))


def _coded(rows: Iterable[Declared], code: str) -> Declared | None:
    return next((row for row in rows if row.get("code") == code), None)
