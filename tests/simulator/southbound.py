"""The southbound service: devices of other clouds, what these report, and commands to them.

A registered device stands among the project's devices like any other. What it was told to do is
a message of the queue; an action that nobody answers in time has failed.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path
import secrets
from typing import Any

from .answers import Refused
from .files import DeviceFile, Point

PRODUCTS = Path(__file__).parent / "products"
ANSWER_S = 8.0
KEPT = 500
POINT_TYPES = {"bool": "Boolean", "value": "Integer", "enum": "Enum", "string": "String"}
NOT_FOUND, NO_PRODUCT, NO_PERMISSION, ILLEGAL = 2010, 2005, 1106, 1109
NO_LICENCE = 40002101
"""Tuya publishes no code for it: this one stands for a code that nobody knows."""


@dataclass(slots=True, kw_only=True)
class SimProduct:
    """A TuyaLink product: its thing model, the licences left, whether the project may use it."""

    id: str
    name: str
    category: str
    properties: tuple[Mapping[str, Any], ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    actions: tuple[Mapping[str, Any], ...] = ()
    licences: int = 10
    authorized: bool = True

    def property(self, code: str) -> Mapping[str, Any] | None:
        """Return a property of the thing model by its code."""
        return _coded(self.properties, code)

    def event(self, code: str) -> Mapping[str, Any] | None:
        """Return an event of the thing model by its code."""
        return _coded(self.events, code)

    def action(self, code: str) -> Mapping[str, Any] | None:
        """Return an action of the thing model by its code."""
        return _coded(self.actions, code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event that was reported; times in milliseconds."""

    device_id: str
    code: str
    time_ms: int
    received_ms: int
    outputs: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Command:
    """Something a device was told to do; `answer` is what came back, with its `code`."""

    msg_id: str
    device_id: str
    kind: str
    asked: Mapping[str, Any]
    at: float
    message_id: str = ""
    answer: Mapping[str, Any] | None = None


@dataclass(slots=True, kw_only=True)
class Foreign:
    """A registered device of another cloud, beside what every device has."""

    third_id: str
    device_id: str
    product_id: str
    options: Mapping[str, Any] = field(default_factory=dict)
    group_id: str = ""
    gateway_id: str = ""
    short_url: str = ""
    bound: bool = False
    created_ms: int = 0


class Southbound:
    """Products and registered devices of one project."""

    def __init__(self) -> None:
        self.products = {product.id: product for product in read_products(PRODUCTS)}
        self.devices: dict[str, Foreign] = {}
        """By Tuya's id."""
        self.ids: dict[str, str] = {}
        """Tuya's ids by the partner's; an id once given stays, so that who comes back is known."""
        self.events: deque[Happened] = deque(maxlen=KEPT)
        self.commands: dict[str, Command] = {}
        self.reports: deque[Mapping[str, Any]] = deque(maxlen=KEPT)
        """Property reports as they came, in their order."""

    def product_for(self, product_id: str) -> SimProduct:
        """Return a product that the project may use; raises Refused."""
        product = self.products.get(product_id)
        if product is None:
            raise Refused(NO_PRODUCT)
        if not product.authorized:
            raise Refused(NO_PERMISSION)
        return product

    def foreign(self, device_id: str) -> Foreign:
        """Return a registered device by Tuya's id; raises Refused."""
        if device_id not in self.devices:
            raise Refused(NOT_FOUND)
        return self.devices[device_id]

    def note(self, command: Command) -> None:
        """Keep a command, and no more than the last ones."""
        self.commands[command.msg_id] = command
        while len(self.commands) > KEPT:
            del self.commands[next(iter(self.commands))]

    def of_device(self, device_id: str) -> list[Command]:
        """Return the commands to a device, the oldest first."""
        return [one for one in self.commands.values() if one.device_id == device_id]


def read_products(folder: Path) -> Iterable[SimProduct]:
    """Read the products of a folder."""
    for path in sorted(folder.glob("*.json")):
        yield product_from(json.loads(path.read_text(encoding="utf-8")))


def product_from(document: Mapping[str, Any]) -> SimProduct:
    """Read a product."""
    return SimProduct(
        id=document["product_id"],
        name=document.get("name", document["product_id"]),
        category=document.get("category", "qt"),
        properties=tuple(document.get("properties", ())),
        events=tuple(document.get("events", ())),
        actions=tuple(document.get("actions", ())),
        licences=document.get("licences", 10),
        authorized=document.get("authorized", True),
    )


def device_file(product: SimProduct, device_id: str, name: str, *, sub: bool) -> DeviceFile:
    """Return what a registered device is like to everybody else."""
    return DeviceFile(
        device_id=device_id,
        name=name,
        category=product.category,
        product_id=product.id,
        product_name=product.name,
        model=product.name,
        online=False,
        sub=sub,
        points=tuple(_point(one) for one in product.properties),
        actions=product.actions,
        events=product.events,
        properties=product.properties,
        foreign=True,
    )


def new_device_id() -> str:
    """Return an id as Tuya gives them."""
    return "6c" + secrets.token_hex(10)


def short_url(device_id: str) -> str:
    """Return what the code to scan holds."""
    return f"https://m.smart321.com/{device_id[-8:]}"


def fits(declared: Mapping[str, Any], value: Any) -> bool:
    """Tell whether a value is one that the thing model allows."""
    spec = declared.get("typeSpec", {})
    checks: Mapping[str, Callable[[Any], bool]] = {
        "bool": lambda told: isinstance(told, bool),
        "enum": lambda told: told in spec.get("range", ()),
        "string": lambda told: isinstance(told, str) and len(told) <= spec.get("maxlen", 255),
        "value": lambda told: _is_within(told, spec),
    }
    check = checks.get(spec.get("type", ""))
    return check is None or check(value)


def _is_within(value: Any, spec: Mapping[str, Any]) -> bool:
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    low, high = spec.get("min", value), spec.get("max", value)
    return bool(low <= value <= high)


def _point(declared: Mapping[str, Any]) -> Point:
    spec = dict(declared.get("typeSpec", {}))
    kind = POINT_TYPES.get(spec.pop("type", ""), "String")
    return Point(code=declared["code"], dp_id=declared["abilityId"], type=kind, values=_text(spec))


def _text(spec: Mapping[str, Any]) -> str:
    return json.dumps(spec, separators=(",", ":"))


def _coded(rows: Iterable[Mapping[str, Any]], code: str) -> Mapping[str, Any] | None:
    return next((row for row in rows if row.get("code") == code), None)
