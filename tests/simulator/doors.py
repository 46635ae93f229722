"""What writing to a device does: relays, bolts, remote keys, and doors that close again.

A door really opens here and counts it; the reports follow from that, never the other way round.
"""

from collections.abc import Mapping
import json
from typing import Any

from . import photos, remote_key
from .cloud import Cloud
from .devices import CHANNELS, TOGGLES, SimDevice, SimDoor, World

REMOTE_CODES = (
    "unlock_app",
    "unlock_phone_remote",
    "unlock_phone_remote_kit",
    "unlock_remote",
)
REMOTE_KIT = "AAAAAQAA"
KEPT_OPEN = float("inf")


def write(cloud: Cloud, device: SimDevice, values: Mapping[str, Any]) -> None:
    """Do what a command does to a device and report what came of it."""
    if cloud.faults.take("silent"):
        return
    for code, value in values.items():
        if code in device.relays:
            _write_relay(cloud, device, code, value)
        elif code == CHANNELS:
            _switch_channel(cloud, device, value)
        elif code == "reply_unlock_request":
            _reply_request(cloud, device, value)
        elif code == "manual_lock" and value is True:
            cloud.report(device.id, {code: value})
            relock(cloud, device)
        elif code in {"remote_no_pd_setkey", "remote_no_dp_key"}:
            _write_remote_key(cloud, device, code, value)
        else:
            cloud.report(device.id, {code: value})
            if code == photos.REQUEST and value is True:
                photos.take(cloud, device)


def act(cloud: Cloud, device: SimDevice) -> None:
    """Open by an action of the thing model."""
    if device.world in {World.LOCK, World.CONTROLLER}:
        operate(cloud, device)
    elif cloud.faults.take("silent") is None:
        mark_open(cloud, device.doors[1])


def operate(cloud: Cloud, device: SimDevice, *, opens: bool = True) -> None:
    """Open or lock a lock from afar, as the lock service does."""
    if cloud.faults.take("silent"):
        return
    if not opens:
        relock(cloud, device)
        return
    mark_open(cloud, device.doors[1])
    code = next((code for code in REMOTE_CODES if code in device.codes), None)
    if code is not None:
        cloud.report(device.id, {code: REMOTE_KIT if code.endswith("_kit") else 1})
    report_bolt(cloud, device, unlocked=True)


def mark_open(cloud: Cloud, door: SimDoor, at: float | None = None) -> None:
    """Open a door and count it; ``at`` in Unix seconds, else now."""
    door.open = True
    door.opened += 1
    door.opened_at = cloud.now() if at is None else at


def report_bolt(cloud: Cloud, device: SimDevice, *, unlocked: bool) -> None:
    """Report the bolt of a lock that has one."""
    if "lock_motor_state" in device.codes and device.world is not World.VIDEO:
        cloud.report(device.id, {"lock_motor_state": unlocked})


def relock(cloud: Cloud, device: SimDevice, number: int | None = None) -> int:
    """Close a device's open doors and report it; returns how many were open."""
    closed = 0
    for door in device.doors.values():
        if door.open and number in {None, door.number}:
            door.open = False
            closed += 1
    if closed:
        report_bolt(cloud, device, unlocked=False)
    return closed


def settle(cloud: Cloud, device: SimDevice) -> None:
    """Close what has been open for the device's relock time, by the cloud's clock."""
    bolt_stays = stays_open(device)
    for door in device.doors.values():
        due = door.opened_at + device.relock_s
        if door.open and not bolt_stays and cloud.now() >= due:
            relock(cloud, device, door.number)


def stays_open(device: SimDevice) -> bool:
    """Tell whether somebody has switched locking by itself off."""
    return device.values.get("automatic_lock") is False


def _relay_door(device: SimDevice, code: str) -> SimDoor:
    """Return the door that a relay opens now: its own, or that of the panel that is shown."""
    if device.relay_follows_panel:
        return device.doors[device.panel]
    return next(door for door in device.doors.values() if door.code == code)


def _write_relay(cloud: Cloud, device: SimDevice, code: str, value: Any) -> None:
    """Pulse a relay: momentary ones fall back by themselves, toggles act on a change."""
    before, door = device.values.get(code) is True, _relay_door(device, code)
    if code in TOGGLES:
        if bool(value) != before:
            mark_open(cloud, door)
        cloud.report(device.id, {code: value})
        return
    cloud.report(device.id, {code: value})
    if value is True:
        mark_open(cloud, door)
        cloud.report(device.id, {code: False})


def _switch_channel(cloud: Cloud, device: SimDevice, value: Any) -> None:
    """Show another panel, unless the monitor only says that it will."""
    if cloud.faults.take("panel_stuck"):
        return
    try:
        wanted = json.loads(value)["cc"]
    except TypeError, ValueError, KeyError:
        return
    if wanted in device.channels:
        cloud.report(device.id, {CHANNELS: device.channel_value(wanted)})


def _reply_request(cloud: Cloud, device: SimDevice, value: Any) -> None:
    """Open a sleeping lock, but only while somebody asks, which a countdown ends."""
    asked = device.values.get("unlock_request")
    since = cloud.now() - device.times.get("unlock_request", 0) / 1000
    cloud.report(device.id, {"reply_unlock_request": value})
    if value is True and isinstance(asked, int) and since < asked:
        cloud.report(device.id, {"unlock_request": 0})
        operate(cloud, device)


def _write_remote_key(cloud: Cloud, device: SimDevice, code: str, value: Any) -> None:
    """Take a key into a slot, or open with it; the lock answers under the same code."""
    if code == "remote_no_pd_setkey":
        reply = remote_key.store(device, value)
        cloud.issued.note(*(key.key for key in device.remote_keys.values()))
        cloud.report(device.id, {code: reply})
        return
    reply, opens = remote_key.use(device, value, cloud.now())
    if opens is not None:
        operate(cloud, device, opens=opens)
    cloud.report(device.id, {code: reply})
