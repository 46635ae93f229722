"""The world as one frozen tree: what the devices are and what they last said.

Values are replaced along the path, never changed in place, so that equality
tells "nothing new". Moments (a ring, a passage) are not here: see `changes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .doors import Door
from .keys import KeyKind
from .setting import Setting, Spec

type Scalar = bool | int | float | str


class World(StrEnum):
    """The four families of devices whose interfaces do not mix."""

    INTERCOM = "W1"
    LOCK = "W2"
    CONTROLLER = "W3"
    TERMINAL = "W4"


class Fact(StrEnum):
    """A state that a device can tell; the value is the key of its entity."""

    ASKS_TO_OPEN = "asks_to_open"
    BATTERY = "battery"
    BATTERY_LOW = "battery_low"
    DOOR_LEFT_OPEN = "door_left_open"
    DURESS = "duress"
    LEAF = "door"
    LOITERING = "loitering"
    OPENED_BY = "last_opened_by"
    OPENED_HOW = "last_opened_how"
    RELOCK_TIME = "relock_time"
    TAMPER = "tamper"
    WRONG_ATTEMPTS = "wrong_attempts"


class Alarm(StrEnum):
    """What an alarm is about; the value is the event type."""

    BOLT_STUCK = "bolt_stuck"
    DOOR_LEFT_OPEN = "door_left_open"
    DURESS = "duress"
    FORCED = "forced"
    INTRUSION = "intrusion"
    KEY_LEFT_IN = "key_left_in"
    LATCH_STUCK = "latch_stuck"
    LOITERING = "loitering"
    LOW_BATTERY = "low_battery"
    OTHER = "other"
    OVERHEATED = "overheated"
    POWER_OFF = "power_off"
    SHOCK = "shock"
    TAMPER = "tamper"
    WRONG_ATTEMPTS = "wrong_attempts"


class Method(StrEnum):
    """How somebody passed or tried to."""

    APP = "app"
    BLUETOOTH = "bluetooth"
    CARD = "card"
    COMBINED = "combined"
    DYNAMIC_PASSWORD = "dynamic_password"
    EMERGENCY = "emergency"
    EYE = "eye"
    FACE = "face"
    FINGERPRINT = "fingerprint"
    FINGER_VEIN = "finger_vein"
    IDENTITY_CARD = "identity_card"
    INSIDE = "inside"
    KEY = "key"
    OFFLINE_PASSWORD = "offline_password"
    OTHER = "other"
    PALM = "palm"
    PASSWORD = "password"
    QR_CODE = "qr_code"
    REMOTE = "remote"
    REMOTE_CONTROL = "remote_control"
    TEMPORARY_PASSWORD = "temporary_password"
    VOICE = "voice"


class Meaning(StrEnum):
    """What the user says a message of a device is, where we could not know."""

    DOOR = "door"
    PICTURE = "picture"
    RING = "ring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What a device can do and tell: decides which entities it has."""

    doors: tuple[Door, ...] = ()
    facts: frozenset[Fact] = frozenset()
    rings: bool = False
    accesses: bool = False
    alarms: bool = False
    captures: bool = False
    streams: bool = False
    sleeps: bool = False
    carries: frozenset[KeyKind] | None = None
    """What persons can carry for it; `None` where that is not known."""
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The data points of a device, as its specification and thing model describe them."""

    known: frozenset[str] = frozenset()
    commandable: frozenset[str] = frozenset()
    """Codes of the standard instruction set that can be commanded."""
    custom: bool = False
    """Whether some codes are outside the standard set, so that only the shadow tells them."""
    by_dp: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: frozenset[str] = frozenset()
    """Codes of commands that take text ("0", "1") instead of a boolean."""
    specs: Mapping[str, Spec] = field(default_factory=dict)
    """What can be written, by code, and within which limits."""
    actions: Mapping[str, Mapping[str, Scalar]] = field(default_factory=dict)
    """Actions of the thing model that open the door, with the input they are sent with."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A state and when it was so (Unix seconds); with `until`, it ends by itself then.

    `seen` is the cloud time at which it was told if `time` is by the device's own clock,
    which may be minutes off; so only times of the same clock are compared.
    """

    value: Scalar | None
    time: float
    until: float | None = None
    seen: float | None = None

    def outdates(self, other: Reading) -> bool:
        """Tell whether this is to be believed after the other; of equals the later to come."""
        if self.seen is not None and other.seen is not None:
            return self.time >= other.time
        mine = self.time if self.seen is None else self.seen
        others = other.time if other.seen is None else other.seen
        return mine >= others


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press of a bell and the carriers that told of it so far."""

    event_id: str
    seen: float
    """Cloud time of its first message."""
    kinds: Mapping[str, float]
    """Carrier → cloud time at which it told this press first."""
    channel: str | None = None
    pressed: float | None = None
    """Press time by the device's own clock, where a carrier tells it."""
    also: float | None = None
    """Its time by another clock: the device's, or that of a log."""
    logged: bool = False
    """Whether only logs told it so far: nobody says by which clock."""
    number: int = 1
    """Which press of its call it is; presses of one call share `event_id`."""
    step: str | None = None
    """What became of its call last, as far as told."""


class CallPhase(StrEnum):
    """How a call stands, in the order in which a call may pass through; the value is shown."""

    IDLE = "idle"
    RINGING = "ringing"
    MISSED = "missed"
    DECLINED = "declined"
    ANSWERED = "answered"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that rings, is talked, or was over a moment ago."""

    event_id: str
    phase: CallPhase
    until: float
    """Cloud time at which the phase ends by itself."""
    channel: str | None = None
    test: bool = False
    """Whether nobody made it but we, to try what a ring sets off."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What must be remembered of a device to know a repeated fact. Bounded."""

    presses: tuple[Press, ...] = ()
    facts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """Presses and pictures that the cloud had already told when it was asked for values.

    A device that comes back sends its last values again: only what the cloud sends after
    `read_at` (cloud time) can be such a repeat, whatever the device's clock says.
    """

    read_at: float = 0.0
    presses: frozenset[float] = frozenset()
    """Press times by the device's own clock."""
    marks: frozenset[str] = frozenset()
    """Digests of pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of ours."""

    id: str
    name: str
    world: World
    category: str = ""
    product_id: str = ""
    product_name: str = ""
    model: str = ""
    gateway_id: str | None = None
    sub: bool = False
    """Whether it reaches the cloud through a gateway, also where nobody says through which."""
    online: bool | None = None
    online_since: float = 0.0
    features: Features = Features()
    codes: Codes = Codes()
    channels: Mapping[str, str] = field(default_factory=dict)
    channel: str | None = None
    channel_since: float = 0.0
    chosen: tuple[str, float] | None = None
    """The panel that we told it to show, and when."""
    bolts: Mapping[str, Reading] = field(default_factory=dict)
    """Door key → whether the bolt is back (unlocked), as reported."""
    relays: Mapping[str, Reading] = field(default_factory=dict)
    """Code of a relay → its value, to toggle it."""
    readings: Mapping[Fact, Reading] = field(default_factory=dict)
    settings: Mapping[str, Reading] = field(default_factory=dict)
    """Key of a setting → its value as it is shown; `None` for one that makes no sense."""
    calls: tuple[Call, ...] = ()
    """Calls that are not over, the last to change at the end. Bounded."""
    memory: Memory = Memory()
    recalled: Recalled = Recalled()
    people: Mapping[str, str] = field(default_factory=dict)
    """Names by person id, or by `<method>:<slot>` of a credential. Bounded."""
    guests: Mapping[str, str] = field(default_factory=dict)
    """Who is expected with a code of ours, by `<method>:<slot>`; `<method>:`: unknown slot."""
    owner_named: frozenset[str] = frozenset()
    """Which of these the owner of the home gave: no record overrules them."""
    flats: frozenset[str] | None = None
    """Addresses whose calls are the user's; `None` while they have not said which."""
    taught: Mapping[str, Meaning] = field(default_factory=dict)
    """Code, or name of a message, → what the user said it is."""

    def door(self, key: str) -> Door | None:
        """Return the door with this key."""
        return next((door for door in self.features.doors if door.key == key), None)


@dataclass(frozen=True, slots=True)
class AccessState:
    """All devices of a project: ours, and the ids of those left to other integrations."""

    devices: Mapping[str, Device] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
