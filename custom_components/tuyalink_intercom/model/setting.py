"""One setting of a device: what its values mean, and how they are told to the device.

A setting is made from the device's own description; which codes are settings stands in `settings`.
"""

from dataclasses import dataclass
from enum import StrEnum

from .values import boolean, integer, text

type Value = bool | int | float | str


class SettingKind(StrEnum):
    """How a setting is shown; the value is the platform."""

    BUTTON = "button"
    NUMBER = "number"
    SELECT = "select"
    SWITCH = "switch"


class Loosens(StrEnum):
    """By which of its values a setting lets a door stand open, now or after its next opening."""

    ANY = "any"
    LONGER = "longer"
    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A data point that can be written, as Tuya's descriptions of it say; they may be wrong."""

    kind: str = ""
    """`bool`, `value`, `enum`, `string` …; empty if none tells."""
    words: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    step: int | None = None
    scale: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a user can set, or, of a button, set off."""

    key: str
    """Key of its entity, and of its value."""
    kind: SettingKind
    code: str
    words: tuple[tuple[str, str], ...] = ()
    """Option → Tuya's word for it; of a switch `on` and `off` where it takes no boolean."""
    low: int = 0
    high: int = 0
    step: int = 1
    """As the device counts; so are `low` and `high`."""
    scale: int = 0
    """A number is shown divided by ten to this power."""
    unit: str = ""
    """`s`, `min`, `%` or nothing."""
    rare: bool = False
    """Whether hardly anybody sets it: off until it is asked for."""
    loosens: Loosens | None = None

    def leaves_open(self, value: Value, before: Value | None) -> bool:
        """Tell whether this value, as it is shown, lets a door stand open that did not."""
        match self.loosens:
            case None:
                return False
            case Loosens.ON:
                return value is True
            case Loosens.OFF:
                return value is False
            case Loosens.LONGER if not isinstance(value, str) and not isinstance(before, str):
                # Products disagree whether no delay means at once or never.
                return value == 0 or before is None or value > before
        return True

    @property
    def kept(self) -> bool:
        """Whether it has a value of its own: not what is only set off, nor which panel is shown."""
        return self.kind is not SettingKind.BUTTON and (
            self.kind is not SettingKind.SELECT or bool(self.words)
        )

    def shown(self, value: object) -> Value | None:
        """Read a value of the device; `None` for what it cannot be."""
        match self.kind:
            case SettingKind.SWITCH:
                return boolean(value)
            case SettingKind.NUMBER:
                number = integer(value)
                inside = number is not None and self.low <= number <= self.high
                return self.scaled(number) if number is not None and inside else None
            case SettingKind.SELECT:
                word = ("true" if value else "false") if isinstance(value, bool) else text(value)
                return next((option for option, one in self.words if _same(one, word)), None)
        return None

    def told(self, value: Value) -> Value:
        """Return what is sent to the device for a value as it is shown; raise ValueError."""
        if self.kind is SettingKind.NUMBER and not isinstance(value, str):
            return round(value * self._whole)
        option = ("on" if value else "off") if isinstance(value, bool) else str(value)
        words = dict(self.words)
        if not words and isinstance(value, bool):
            return value
        if option not in words:
            raise ValueError(option)
        return words[option]

    def scaled(self, number: int) -> float:
        """Return a number of the device as it is shown."""
        return number / self._whole if self.scale else number

    @property
    def _whole(self) -> int:
        return int(10**self.scale)


def _same(word: str, told: str | None) -> bool:
    return told is not None and word.lower() == told.lower()
