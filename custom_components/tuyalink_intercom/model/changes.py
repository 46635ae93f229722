"""What happened: the tagged union that messages and polls are decoded into.

State changes (`Reported` …) go into the tree; moments (`Rang`, `Passed` …) are handed once to who
subscribed to the device. Times are Unix seconds. `live`: not older than a minute, else history.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .guests import GuestsExpected
from .pictures import PictureReference
from .registry import Origin
from .setting_changes import PanelChosen, SettingReported
from .state import Alarm, Fact, Memory, Method, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfDevice:
    device_id: str
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _State(_OfDevice):
    """A state; `seen` is the cloud time of its telling if `time` is by the device's clock."""

    seen: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(_State):
    """A state was told; with `until` it ends by itself."""

    fact: Fact
    value: Scalar | None
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoltReported(_State):
    """The bolt of a door is back (`unlocked`) or out."""

    door: str
    unlocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayReported(_State):
    """The value of a relay's data point."""

    code: str
    value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineChanged(_OfDevice):
    """The device came or went."""

    online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed(_OfDevice):
    """The device has another name in the app."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsReported(_OfDevice):
    """The panels of a monitor, and the one it shows."""

    names: Mapping[str, str]
    current: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned(_OfDevice):
    """The device just did something its data did not promise."""

    feature: str
    """Name of the `Features` flag, or the value of a `Fact`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered(_OfDevice):
    """Presses and facts to know again."""

    memory: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryChanged(_OfDevice):
    """Devices were added to or taken from the project: ask for the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang(_OfDevice):
    """Somebody pressed a bell."""

    event_id: str
    live: bool
    seen: float | None = None
    """Cloud time of its telling, if `time` is by the device's clock."""
    channel: str | None = None
    address: str | None = None
    """The flat that was called, on building terminals."""
    presses: int = 1
    """How many presses the call has so far; all of them share `event_id`."""
    test: bool = False
    """Whether it was made by us, to try what a ring sets off."""


class CallStep(StrEnum):
    """What became of a call; the value is the event type."""

    ANSWERED = "answered"
    DECLINED = "declined"
    ENDED = "ended"
    MISSED = "missed"


class CallReason(StrEnum):
    """Why a call took that step."""

    APP = "app"
    CANCELLED = "cancelled"
    DEVICE = "device"
    LIMIT = "limit"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMoved(_OfDevice):
    """A call was answered, declined, missed or ended."""

    event_id: str
    step: CallStep
    live: bool
    seen: float | None = None
    """Cloud time of its telling, if `time` is by the device's clock."""
    reason: CallReason | None = None
    test: bool = False
    """Whether it is about a call that was made by us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRested(_OfDevice):
    """A call was over long enough: there is none now."""

    event_id: str


class Outcome(StrEnum):
    """How a passage ended; the value is the event type."""

    DENIED = "denied"
    DURESS = "duress"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed(_OfDevice):
    """Somebody passed, or tried to."""

    event_id: str
    outcome: Outcome
    method: Method
    live: bool
    slot: int | None = None
    """Number of the credential in the device."""
    person: str | None = None
    """Their name, else their id, as far as known."""
    person_id: str | None = None
    told: float | None = None
    """When it was by the device's own clock, where it tells."""
    door: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(_OfDevice):
    """A door was released, by whomever; `by_key`: the key of their name, as in `PersonNamed`."""

    door: str
    live: bool
    method: Method | None = None
    by: str | None = None
    by_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(_OfDevice):
    """Something is wrong at a device."""

    event_id: str
    alarm: Alarm
    live: bool
    method: Method | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonNamed(_OfDevice):
    """A name became known: of a person's id, or of `<method>:<slot>`; an empty one: no more."""

    person: str
    name: str
    origin: Origin = Origin.ACCESS_LOG
    holder: str = ""
    """Id of the person whose number it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatCalled(_OfDevice):
    """A terminal called a flat, whosever it is."""

    address: str
    live: bool
    spelled: str = ""
    """The address as the terminal told it."""
    call_id: str | None = None
    """The terminal's own name for the call."""
    again: bool = False
    """Whether this call was told before: it goes on, or was pressed again."""


class Occasion(StrEnum):
    """Why a picture was taken."""

    ACCESS = "access"
    ALARM = "alarm"
    MOTION = "motion"
    RING = "ring"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureTaken(_OfDevice):
    """A picture exists; where, and for which event."""

    event_id: str
    occasion: Occasion
    picture: PictureReference
    live: bool
    seen: float | None = None
    """Cloud time of its telling, if `time` is by the device's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSealed(_OfDevice):
    """A picture exists that cannot be had: Tuya encrypted its address, and opens it not for us."""

    event_id: str
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureKept(_OfDevice):
    """A picture is there to be seen; `time` is when it was taken."""

    event_id: str
    """The event it belongs to: the one that was told when it happened."""
    occasion: Occasion
    capture_id: str
    live: bool
    person: str | None = None
    door: str | None = None


type Change = (
    AlarmRaised
    | BoltReported
    | CallMoved
    | CallRested
    | CaptureKept
    | CaptureSealed
    | CaptureTaken
    | ChannelsReported
    | FlatCalled
    | GuestsExpected
    | Learned
    | OnlineChanged
    | Opened
    | PanelChosen
    | Passed
    | PersonNamed
    | Rang
    | RegistryChanged
    | RelayReported
    | Remembered
    | Renamed
    | Reported
    | SettingReported
)
