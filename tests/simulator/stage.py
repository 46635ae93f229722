"""One scenario being played: the device, the options, and the clocks they stand for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .cloud import AUTO, MODES, Cloud, Sent
from .devices import SimDevice

BAD, UNKNOWN, UNABLE = 400, 404, 409
DIALECTS: Mapping[str, tuple[str, ...]] = {
    "legacy": ("legacy",),
    "core": ("core",),
    "both": ("legacy", "core"),
}
PICTURE_FORMS = frozenset(
    {"A", "A_json", "A_plain", "B", "B_plain", "C", "D", "D_json", "E", "album", "none"}
)


class ScenarioError(Exception):
    """A scenario that cannot be played; ``status`` is the HTTP status that says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a caller may override; times in seconds, ``press_time`` in Unix seconds."""

    carrier: str | None = None
    age_s: float = 0.0
    channel: int | None = None
    press_time: float | None = None
    device_clock_s: float = 0.0
    dialect: str = "legacy"
    encryption: str | None = None
    picture_form: str = "A"
    way: int | str | None = None
    person: str | int | None = None
    address: str | None = None
    name: str | None = None
    code: str | None = None
    card: str | None = None
    qr_code: str | None = None
    password: str | None = None
    picture: str | None = None
    """Base64 of what a camera sees."""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Options:
        """Check options; raises ScenarioError(400).  None counts as not given."""
        known = {field.name for field in fields(cls)}
        set_ones = {name: value for name, value in given.items() if value is not None}
        for name, value in set_ones.items():
            if name not in known or not _fits(name, value):
                raise ScenarioError(BAD, f"bad option: {name}")
        return cls(**set_ones)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A device on stage, with everything a scenario needs to say something."""

    cloud: Cloud
    device: SimDevice
    options: Options

    @property
    def published(self) -> float:
        """Return the cloud time that messages claim."""
        return self.cloud.now() - self.options.age_s

    @property
    def device_time(self) -> float:
        """Return the device's own, maybe wrong, clock at that moment."""
        return self.published + self.options.device_clock_s

    @property
    def press_time(self) -> int:
        """Return the Unix second of the press, as the device tells it."""
        given = self.options.press_time
        return int(self.device_time if given is None else given)

    @property
    def dialects(self) -> tuple[str, ...]:
        """Return the dialects of reports."""
        return DIALECTS[self.options.dialect]

    @property
    def em(self) -> str:
        """Return the encryption asked for, else the project's."""
        asked = self.options.encryption
        return AUTO if asked in {None, "mixed"} else str(asked)

    def later(self, seconds: float) -> Stage:
        """Return the same stage some seconds later, but not in the future."""
        age = max(0.0, self.options.age_s - seconds)
        return replace(self, options=replace(self.options, age_s=age))

    def report(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Report values and return the message ids."""
        return self.cloud.report(
            self.device.id,
            values,
            time=self.device_time,
            dialects=self.dialects,
            em=self.em,
            publish_time=self.published,
        ).message_ids

    def publish(self, body: Mapping[str, Any], protocol: int) -> str:
        """Publish a body and return the message id."""
        return self.cloud.publish(
            self.device.id, body, protocol=protocol, em=self.em, publish_time=self.published
        )

    def done(self, event_id: str, message_ids: Iterable[str]) -> Sent:
        """Note what belongs to the event."""
        return self.cloud.remember(event_id, message_ids)

    def cannot(self, what: str) -> ScenarioError:
        """Return the error for a device that lacks what it takes."""
        return ScenarioError(UNABLE, f"{self.device.name} cannot do this: {what}")


def _fits(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return False
    match name:
        case "age_s":
            return isinstance(value, int | float) and 0 <= value <= 10**7
        case "press_time" | "device_clock_s":
            return isinstance(value, int | float) and abs(value) < 10**11
        case "channel":
            return isinstance(value, int)
        case "way" | "person":
            return isinstance(value, int | str)
        case "dialect":
            return isinstance(value, str) and value in DIALECTS
        case "encryption":
            return isinstance(value, str) and value in MODES
        case "picture_form":
            return isinstance(value, str) and value in PICTURE_FORMS
    return isinstance(value, str)
