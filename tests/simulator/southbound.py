"""The southbound service: devices of other clouds, what these report, and commands to them.

A registered device stands among the project's devices like any other. What it was told to do is
a message of the queue; an action that nobody answers in time has failed.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
import secrets
from typing import Any

from .answers import Refused
from .thing_products import SimProduct, fits, read_products

__all__ = ["Command", "Foreign", "Happened", "SimProduct", "Southbound", "fits"]

ANSWER_S = 8.0
KEPT = 500
MOST_DEVICES, MOST_PRODUCTS = 1000, 100
NOT_FOUND, NO_PRODUCT, NO_PERMISSION, ILLEGAL = 2010, 2005, 1106, 1109
NO_LICENCE = 40002101
"""Tuya publishes no code for it: this one stands for a code that nobody knows."""
EXECUTE, SET, POINTS = "execThingAction", "setThingProperties", "deviceDpCommand"
WAITING, DONE, FAILED, TIMEOUT = "waiting", "done", "failed", "timeout"


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
    """Something a device was told to do.

    `answer`: what came back in time, with its `code`; `late`: what came too late. `codes`: the
    properties that have to be reported before it is done, none for an action.
    """

    msg_id: str
    device_id: str
    kind: str
    asked: Mapping[str, Any]
    at: float
    form: str = "plain"
    codes: frozenset[str] = frozenset()
    message_id: str = ""
    answer: Mapping[str, Any] | None = None
    late: Mapping[str, Any] | None = None
    reached: dict[str, Any] = field(default_factory=dict)
    """The values reported after it, of the properties that it is about."""

    def status(self, now: float) -> str:
        """Return how it stands at a time: waiting, done, failed or timeout."""
        if self.answer is not None:
            return FAILED if self.answer["code"] else DONE
        return WAITING if now - self.at <= ANSWER_S else TIMEOUT

    def take(self, values: Mapping[str, Any]) -> None:
        """Note values that were reported after it; it is done when none is missing."""
        self.reached |= {code: value for code, value in values.items() if code in self.codes}
        if self.reached.keys() == self.codes:
            self.answer = {"code": 0, "output_params": dict(self.reached)}


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
    taken: OrderedDict[str, None] = field(default_factory=OrderedDict)
    """The msg_ids of reports that were taken."""

    def note(self, msg_id: str) -> None:
        """Remember that a report was taken."""
        self.taken[msg_id] = None
        while len(self.taken) > KEPT:
            self.taken.popitem(last=False)


class Southbound:
    """Products and registered devices of one project."""

    def __init__(self) -> None:
        self.products = {product.id: product for product in read_products()}
        self.devices: dict[str, Foreign] = {}
        """By Tuya's id."""
        self.ids: dict[str, str] = {}
        """Tuya's ids by the partner's."""
        self.events: deque[Happened] = deque(maxlen=KEPT)
        self.commands: dict[str, Command] = {}
        self.reports: deque[Mapping[str, Any]] = deque(maxlen=KEPT)
        """Reports of properties and of points that were taken, in the order in which they came."""
        self.repeats: deque[str] = deque(maxlen=KEPT)
        """The msg_ids of reports that were taken before: these change nothing."""

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

    def reached(self, device_id: str, values: Mapping[str, Any], now: float) -> None:
        """Let the commands that wait for these properties know what was reported."""
        for command in self.of_device(device_id):
            if command.codes and command.status(now) == WAITING:
                command.take(values)


def codes_of(product: SimProduct, kind: str, asked: Iterable[str]) -> frozenset[str]:
    """Return the properties that a command is about."""
    if kind == SET:
        return frozenset(asked)
    named = (product.code_of(number) or number for number in asked) if kind == POINTS else ()
    return frozenset(named)


def new_device_id() -> str:
    """Return an id as Tuya gives them."""
    return "6c" + secrets.token_hex(10)


def short_url() -> str:
    """Return what the code to scan holds."""
    return f"https://m.smart321.com/{secrets.token_urlsafe(6)}"
