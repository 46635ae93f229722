"""One simulated device: its data points, its values, its doors and which world it lives in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import json
import re
from typing import Any

from .files import DeviceFile, Point
from .history import OFFLINE, ONLINE, REPORT, History
from .wire import compact

LOCKS = frozenset(
    {
        "bxx",
        "gyms",
        "hotelms",
        "jtmsbh",
        "jtmspro",
        "ms",
        "ms_category",
        "photolock",
        "videolock",
    }
)
RELAYS = re.compile(r"accessory_lock\d*|ipc_c_lock")
CHANNELS = "ipc_c_switch_channel"
# Written with the inverse of its value at every press: a constant true works every other time.
TOGGLES = frozenset({"ipc_c_lock"})
LOCK_CODES = frozenset({"lock_motor_state", "alarm_lock", "manual_lock"})
DEFAULT_RELOCK_S = 5.0


class World(StrEnum):
    """The four kinds of Tuya door devices, which share no interface."""

    VIDEO = "W1"
    LOCK = "W2"
    CONTROLLER = "W3"
    TERMINAL = "W4"
    NONE = ""


@dataclass(slots=True, kw_only=True)
class SimDoor:
    """A thing that opens.  ``opened`` counts openings: the proof of what a client really did."""

    device_id: str
    number: int
    code: str = ""
    open: bool = False
    opened: int = 0
    opened_at: float = 0.0


class SimDevice:
    """A device behind the cloud, with the values it last reported."""

    def __init__(self, file: DeviceFile, at_ms: int) -> None:
        self.file = file
        self.id = file.device_id
        self.name = file.name
        self.category = file.category
        self.online = file.online
        self.linked = True
        self.values: dict[str, Any] = dict(file.values)
        self.times = {code: file.times.get(code, at_ms) for code in self.values}
        self.points = {point.code: point for point in file.points if point.code}
        self.world = _world(self)
        self.doors = _doors(self)
        self.remote_keys: dict[int, RemoteKey] = {}
        self.key_validity: int | None = None
        """The validity byte that its keys need; `None`: either will do."""
        self.key_status = 0
        """What it replies to a key that is right; it opens with 0."""
        self.own_passwords: set[str] = set()
        """What opens it besides codes; while there is none, any six digits do."""
        self.relay_follows_panel = len({door.code for door in self.doors.values()}) < len(
            self.doors
        )
        """Whether a relay opens the door of the panel that is shown, instead of its own."""
        self.action_form = "text"
        """How the input of actions has to travel: as "text" or as an "object"."""
        self.call_sn = ""
        self.call_address = ""
        self.calls: dict[str, str] = {}
        """Addresses of its last calls, by their serial number."""
        self.history = History()
        # By the cloud's clock: the newest receipt decides, whatever was told late.
        self._received: dict[str, int] = {}
        self._presence_ms = 0

    @property
    def codes(self) -> frozenset[str]:
        """Return every code the cloud knows of this device."""
        return frozenset(self.points)

    @property
    def relock_s(self) -> float:
        """Return how long an opened door stays open, in seconds."""
        value = self.values.get("auto_lock_time")
        return float(value) if isinstance(value, int) and value > 0 else DEFAULT_RELOCK_S

    @property
    def channels(self) -> tuple[int, ...]:
        """Return the door panels of a monitor that has several, else none."""
        return (1, 2) if CHANNELS in self.points else ()

    @property
    def relays(self) -> frozenset[str]:
        """Return the codes that open doors."""
        return frozenset(door.code for door in self.doors.values() if door.code)

    @property
    def panel(self) -> int:
        """Return the panel that a monitor shows."""
        try:
            return int(json.loads(self.values[CHANNELS])["cc"])
        except TypeError, ValueError, KeyError:
            return 1

    def point(self, code: str) -> Point:
        """Return the point of a code; raises KeyError for an unknown one."""
        return self.points[code]

    def store(
        self,
        values: Mapping[str, Any],
        at_ms: int,
        received_ms: int | None = None,
        *,
        late: bool = False,
    ) -> None:
        """Keep what was reported; a code nobody knew before becomes a point of the device.

        ``at_ms`` is the device's time, ``received_ms`` the cloud's if it differs; what is told
        ``late`` does not replace what was received after it.
        """
        received = at_ms if received_ms is None else received_ms
        named = {code: value for code, value in values.items() if code}
        self.history.note(REPORT, received, named)
        for code, value in named.items():
            if code not in self.points:
                taken = {point.dp_id for point in self.points.values()}
                dp_id = next(number for number in range(501, 100_000) if number not in taken)
                self.points[code] = Point(code=code, dp_id=dp_id, type=_kind(value), values="{}")
            if not late or received >= self._received.get(code, 0):
                self._received[code] = received
                self.values[code] = value
                self.times[code] = at_ms

    def connect(self, *, online: bool, at_ms: int, late: bool) -> None:
        """Come or go, by the cloud's clock; what is told ``late`` as in ``store``."""
        self.history.note(ONLINE if online else OFFLINE, at_ms, {"": ""})
        if not late or at_ms >= self._presence_ms:
            self._presence_ms = at_ms
            self.online = online

    def channel_value(self, current: int) -> str:
        """Return the channel list as monitors report it, with ``current`` in front."""
        names = _channel_names(self.values.get(CHANNELS))
        channels = [{"id": n, "n": names.get(n, f"DOOR{n}")} for n in self.channels]
        return compact({"res": 1, "err": 0, "cc": current, "chs": channels})


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteKey:
    """A remote key that a client wrote into a lock; times in Unix seconds."""

    key: str
    start: int
    end: int
    uses: int


def _channel_names(value: Any) -> dict[int, str]:
    """Return the names that a channel report gives, none if it is not one."""
    try:
        return {channel["id"]: channel["n"] for channel in json.loads(value)["chs"]}
    except TypeError, ValueError, KeyError:
        return {}


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "Boolean"
    return "Integer" if isinstance(value, int) else "String"


def _world(device: SimDevice) -> World:
    codes = device.codes
    if device.file.function_points:
        return World.TERMINAL
    if device.category == "wxml":
        return World.VIDEO
    if device.category == "sp":
        camera = any(code.startswith(("ptz_", "cruise_")) for code in codes)
        bell = any(RELAYS.fullmatch(code) or code.startswith("chime_") for code in codes)
        return World.NONE if camera and not bell and CHANNELS not in codes else World.VIDEO
    if device.category == "mk":
        return World.CONTROLLER
    if device.category in LOCKS:
        return World.LOCK
    return World.NONE if device.category else _world_by_codes(codes)


def _world_by_codes(codes: frozenset[str]) -> World:
    if "master_mode" in codes:
        return World.NONE
    if codes & LOCK_CODES or any(code.startswith("unlock_") for code in codes):
        return World.LOCK
    ring = codes & {"doorbell_active", "doorbell_pic"}
    relay = any(RELAYS.fullmatch(code) for code in codes)
    return World.VIDEO if ring and relay else World.NONE


def _doors(device: SimDevice) -> dict[int, SimDoor]:
    if device.file.foreign:
        return {}
    if device.world is World.VIDEO:
        relays = sorted(code for code in device.codes if _is_relay(device, code))
        if len(relays) == 1 and CHANNELS in device.codes:
            relays *= len(device.channels)
        if not relays and device.file.actions:
            relays = [""]
        return {
            number: SimDoor(device_id=device.id, number=number, code=code)
            for number, code in enumerate(relays, 1)
        }
    if device.world is World.NONE:
        return {}
    return {1: SimDoor(device_id=device.id, number=1)}


def _is_relay(device: SimDevice, code: str) -> bool:
    """Tell relays from namesakes: on some products 235 ``accessory_lock1`` is do-not-disturb."""
    return bool(RELAYS.fullmatch(code)) and device.points[code].type == "Boolean"
