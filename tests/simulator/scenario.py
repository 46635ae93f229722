"""Named scenarios: what happens at a door, as one call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import secrets
from typing import Any

from . import alarms, keypad, messages, presenting, rings, terminal
from .cloud import Cloud, Sent, new_event_id
from .devices import SimDevice, World
from .stage import UNKNOWN, Options, ScenarioError, Stage

# Steps of a call: the terminal's number, the message code of video devices.
CALLS: Mapping[str, tuple[int, str | None]] = {
    "call_answered": (6, "ipc_connected"),
    "call_missed": (4, "ipc_unconnected"),
    "call_declined": (9, "ipc_refuse"),
    "call_cancelled": (3, None),
    "call_ended": (5, None),
    "call_timeout": (7, None),
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """Who can play it, and how."""

    able: Callable[[SimDevice], bool]
    play: Callable[[Stage], Sent]


def play(cloud: Cloud, name: str, device_id: str, options: Mapping[str, Any]) -> Sent:
    """Play a scenario; raises ScenarioError 404 unknown, 409 cannot, 400 bad options."""
    scenario = SCENARIOS.get(name)
    if scenario is None:
        raise ScenarioError(UNKNOWN, f"unknown scenario: {name}")
    device = cloud.devices.get(device_id)
    if device is None:
        raise ScenarioError(UNKNOWN, f"unknown device: {device_id}")
    stage = Stage(cloud=cloud, device=device, options=Options.read(options))
    if not scenario.able(device) and stage.options.carrier is None:
        raise stage.cannot(name)
    sent = scenario.play(stage)
    rings.photograph(stage, name, sent)
    return sent


def possible(device: SimDevice) -> list[str]:
    """Return the scenarios that a device can play."""
    return [name for name, scenario in SCENARIOS.items() if scenario.able(device)]


def _call_step(name: str) -> Scenario:
    number, cmd = CALLS[name]

    def able(device: SimDevice) -> bool:
        if device.world is World.TERMINAL:
            return True
        return cmd is not None and _message_code(device) is not None

    def step(stage: Stage) -> Sent:
        if stage.device.world is World.TERMINAL:
            return terminal.call(stage, number)
        code = _message_code(stage.device)
        if code is None or cmd is None:
            raise stage.cannot(name)
        value = {"v": "3.0", "cmd": cmd, "type": "text", "files": [], "time": stage.press_time}
        event_id = stage.device.call_sn or new_event_id()
        return stage.done(event_id, stage.report({code: rings.encoded(value)}))

    return Scenario(able, step)


def _message_code(device: SimDevice) -> str | None:
    if device.world is not World.VIDEO or device.category == "wxml":
        return None
    return next((code for code in alarms.MESSAGES if code in device.codes), None)


def _alarm(name: str) -> Scenario:
    return Scenario(
        lambda device: alarms.can_alarm(device, name), lambda stage: alarms.alarm(stage, name)
    )


def _presence(*, online: bool) -> Scenario:
    def change(stage: Stage) -> Sent:
        sent, at_ms = [], int(stage.published * 1000)
        late = stage.cloud.is_past(stage.published)
        stage.device.connect(online=online, at_ms=at_ms, late=late)
        for dialect in stage.dialects:
            core = dialect == "core"
            protocol, body = messages.presence(stage.device, at_ms, online=online, core=core)
            sent.append(stage.publish(body, protocol))
        return stage.done(new_event_id(), sent)

    return Scenario(lambda _: True, change)


def _motion(stage: Stage) -> Sent:
    event = rings.Ring(secrets.token_hex(8), stage.press_time)
    value = rings.picture_value(stage, event, "movement_detect_pic", "ipc_motion")
    return stage.done(event.event_id, stage.report({"movement_detect_pic": value}))


def _asks_to_open(stage: Stage) -> Sent:
    if "unlock_request" not in stage.device.codes:
        raise stage.cannot("unlock_request")
    return stage.done(new_event_id(), stage.report({"unlock_request": 30}))


def _rename(stage: Stage) -> Sent:
    device, name = stage.device, stage.options.name or f"{stage.device.name} 2"
    device.name = name
    data = {"devId": device.id, "name": name, "uid": "ay1700000000000Sim0"}
    body = messages.management(device, "nameUpdate", data, int(stage.published * 1000))
    return stage.done(new_event_id(), [stage.publish(body, messages.LEGACY_MANAGEMENT)])


def _linked(*, linked: bool) -> Scenario:
    def change(stage: Stage) -> Sent:
        device = stage.device
        device.linked = linked
        data = {"devId": device.id, "uid": "ay1700000000000Sim0", "ownerId": "170000001"}
        name = "bindUser" if linked else "delete"
        body = messages.management(device, name, data, int(stage.published * 1000))
        return stage.done(new_event_id(), [stage.publish(body, messages.LEGACY_MANAGEMENT)])

    return Scenario(lambda device: device.linked is not linked, change)


def _shown(kind: str, point: str) -> Scenario:
    return Scenario(
        lambda device: device.world is World.TERMINAL and point in device.file.function_points,
        lambda stage: presenting.present(stage, kind),
    )


SCENARIOS: Mapping[str, Scenario] = {
    "ring": Scenario(lambda device: bool(rings.own_carriers(device)), rings.ring),
    **{name: _call_step(name) for name in CALLS},
    "access_granted": Scenario(
        lambda device: bool(alarms.ways(device)), lambda stage: alarms.access(stage, granted=True)
    ),
    "access_denied": Scenario(alarms.can_refuse, lambda stage: alarms.access(stage, granted=False)),
    **{name: _shown(*shown) for name, shown in presenting.SHOWN.items()},
    **{name: _alarm(name) for name in alarms.ALARMS},
    "code_entered": Scenario(keypad.has_keys, keypad.enter),
    "asks_to_open": Scenario(lambda device: "unlock_request" in device.codes, _asks_to_open),
    "door_open": Scenario(
        lambda device: alarms.contact(device) is not None,
        lambda stage: alarms.move_leaf(stage, opened=True),
    ),
    "door_closed": Scenario(
        lambda device: alarms.contact(device) is not None,
        lambda stage: alarms.move_leaf(stage, opened=False),
    ),
    "motion": Scenario(lambda device: "movement_detect_pic" in device.codes, _motion),
    "online": _presence(online=True),
    "offline": _presence(online=False),
    "renamed": Scenario(lambda _: True, _rename),
    "removed": _linked(linked=False),
    "added": _linked(linked=True),
}
