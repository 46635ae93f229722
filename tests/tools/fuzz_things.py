"""More parsers under fire: commands to published doors, models of products, stored publications."""

from collections.abc import Callable, Mapping
import json
from random import Random
from typing import Any

from custom_components.tuyalink_intercom.api.message import message_from
from custom_components.tuyalink_intercom.model.function_list import (
    as_table,
    functions_of,
    mismatches,
)
from custom_components.tuyalink_intercom.model.publication import (
    LONGEST_CODE,
    SEVERAL,
    Part,
    Publication,
)
from custom_components.tuyalink_intercom.model.thing_commands import (
    BIZ_CODES,
    LAST_POINT,
    LONGEST_ID,
    LONGEST_VALUE,
    MOST_VALUES,
    POINT_COMMAND,
    ActionWanted,
    Command,
    PointsWanted,
    PropertiesWanted,
    command_of,
)
from custom_components.tuyalink_intercom.model.thing_model import (
    MOST_FUNCTIONS,
    MOST_PROPERTIES,
    ThingModel,
)

from .fuzz_checks import body_of, require
from .fuzz_food import NOW, harmful

_MS = int(NOW * 1000)
_VALUES: tuple[Any, ...] = (
    {"lock_motor_state": True, "mode": "day"},
    {"lock_motor_state": {"value": True, "time": _MS}},
    [{"code": "lock_motor_state", "value": True}] * 3,
    '{"lock_motor_state": true}',
    '[{"code": "lock_motor_state", "value": true}]',
    {"actionCode": "unlock", "inputParams": {"door": 1}},
    {"action_code": "unlock", "input_params": '{"door": 1}'},
    {"msgId": "0f1e", "data": {"lock_motor_state": True}},
)
_POINTS: tuple[Any, ...] = (
    [{"dpId": 101, "value": True}] * 3,
    [{"dp_id": "101", "value": 5}],
    {"101": True},
    {"101": {"value": True, "time": _MS}},
    '[{"dpId": 101, "value": true}]',
)
_TYPES: tuple[Any, ...] = (
    {"type": "bool"},
    {"type": "value", "min": 0, "max": 100, "scale": 1, "step": 1, "unit": "%"},
    {"type": "enum", "range": ["open", "closed"]},
    {"type": "string", "maxlen": 255},
    {"type": "float", "min": 0.5, "max": 1e9},
)
_DOOR: Mapping[str, Any] = {
    "third_id": "hagarden1",
    "device_id": "6cgarden",
    "product_id": "p1",
    "binding": "qr_code",
    "lock": "lock.garden",
    "doorbell": "event.bell",
    "access": "event.access",
    "alarms": ["binary_sensor.tamper", "binary_sensor.duress"],
    "battery": "sensor.battery",
    "actions": ["script.light", "button.gong"],
    "codes": {"bolt": "a"},
    "action_codes": {"script.light": "light"},
    "control": True,
    "quiet_from": "22:00:00",
}


def commands(random: Random) -> str:
    """Read damaged commands of all three kinds, twice: the second time they are the same."""
    kind = random.choice((*BIZ_CODES, POINT_COMMAND))
    told = {"devId": "d", "msgId": "0f1e2d3c", "data": random.choice(_VALUES)}
    body = body_of(random, {"bizData": told, "command": random.choice(_POINTS), "ts": _MS})
    if not isinstance(body, dict):
        return "no message"
    message = message_from({**body, "bizCode": kind}, time=NOW, transport_id="CAEQAA==")
    found = command_of(message)
    require(found is not None, "a command is lost")
    require(found == command_of(message), "another command the second time")
    if found is not None:
        _check_command(found)
    return type(found).__name__


def _check_command(command: Command) -> None:
    require(0 < len(command.id) <= LONGEST_ID, "long or empty id")
    command.id.encode()
    match command:
        case PropertiesWanted(values=values):
            _check_codes(values, len(values))
        case ActionWanted(action=action, inputs=values):
            _check_codes({**values, action: True}, len(values))
        case PointsWanted(values=values):
            require(all(0 < point <= LAST_POINT for point in values), "no number of a point")
            _check_values(values)


def _check_codes(values: Mapping[str, Any], count: int) -> None:
    require(all(0 < len(code) <= LONGEST_CODE for code in values), "long or empty code")
    require(count <= MOST_VALUES, "too many values")
    _check_values(values)


def _check_values(values: Mapping[Any, Any]) -> None:
    require(len(values) <= MOST_VALUES + 1, "too many values")
    require(all(isinstance(one, bool | int | float | str) for one in values.values()), "no scalar")
    require(all(len(str(one)) <= LONGEST_VALUE for one in values.values()), "long value")
    json.dumps({str(key): one for key, one in values.items()}, allow_nan=False).encode()


def things(random: Random) -> str:
    """Read a damaged model of a product, and hold a damaged publication against it."""
    door = _publication(random)
    rows = [
        {"abilityId": 101 + number, "code": code, "accessMode": "rw", "typeSpec": spec}
        for number, code in enumerate(("lock_motor_state", "battery_percentage", "a"))
        for spec in (random.choice(_TYPES),)
    ]
    functions = [{"code": code, "inputParams": rows, "outputParams": rows} for code in "ab"]
    service = {"properties": rows, "events": functions, "actions": functions}
    model = ThingModel.read(body_of(random, {"modelId": "1", "services": [service] * 2}))
    require(len(model.properties) <= MOST_PROPERTIES, "too many properties")
    require(max(len(model.events), len(model.actions)) <= MOST_FUNCTIONS, "too many functions")
    values = {code: _scalar(random) for code in (*model.properties, *model.events, "x")}
    fitted = (
        model.fitted(values),
        *(event.fitted_outputs(values) for event in model.events.values()),
    )
    if model.known:
        json.dumps(fitted, allow_nan=False)
    functions_needed = functions_of(door)
    lines = as_table(functions_needed, {}).splitlines()
    require(len(lines) == len(functions_needed) + 2, "a broken table")
    require(len(mismatches(door, model)) <= 10 * len(functions_needed), "mismatches without end")
    return "read"


def _publication(random: Random) -> Publication:
    told = body_of(random, dict(_DOOR))
    stored = told if isinstance(told, dict) else {}
    door = Publication.of("Garden", {**stored, "third_id": "a", "product_id": "p"})
    require(all(len(code) <= LONGEST_CODE for code in door.roles), "long code")
    require(all(len(door.entities.get(one, ())) <= 1 for one in {*Part} - SEVERAL), "two locks")
    return door


def _scalar(random: Random) -> Any:
    value = harmful(random)
    return value if isinstance(value, bool | int | float | str) else 0.5


FEEDS: Mapping[str, Callable[[Random], str]] = {"commands": commands, "things": things}
