"""Building terminals: access, call and alarm messages, known by the keys inside.

Tuya publishes no body for them. A sibling product shows an empty code with JSON text
as its value, repeated under a numeric key; so the code is never looked at.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ..api.message import unix_seconds
from .changes import CallReason, CallStep, Outcome
from .context import Context
from .incidents import take_alarm, take_passage
from .presses import Carrier
from .state import Alarm, Method
from .values import boolean, integer, mapping, text

_WAYS: Mapping[int, Method] = {
    1: Method.CARD,
    2: Method.PASSWORD,
    3: Method.QR_CODE,
    4: Method.FACE,
    5: Method.FINGERPRINT,
    9: Method.REMOTE,
    10: Method.OTHER,
}
_RINGING = 1
_HUNG_UP = 3
_STEPS: Mapping[int, tuple[CallStep, CallReason | None]] = {
    _HUNG_UP: (CallStep.ENDED, CallReason.CANCELLED),
    4: (CallStep.MISSED, CallReason.TIMEOUT),
    5: (CallStep.ENDED, CallReason.APP),
    6: (CallStep.ANSWERED, CallReason.APP),
    7: (CallStep.ENDED, CallReason.LIMIT),
    8: (CallStep.ANSWERED, CallReason.DEVICE),
    9: (CallStep.DECLINED, CallReason.DEVICE),
    10: (CallStep.ENDED, CallReason.DEVICE),
}
_ALARMS: Mapping[str, Alarm] = {
    "1": Alarm.TAMPER,
    "2": Alarm.LOITERING,
    "3": Alarm.WRONG_ATTEMPTS,
    "4": Alarm.DURESS,
    "5": Alarm.DOOR_LEFT_OPEN,
    "tamper": Alarm.TAMPER,
    "loitering": Alarm.LOITERING,
    "wrong_attempts": Alarm.WRONG_ATTEMPTS,
    "duress": Alarm.DURESS,
    "door_left_open": Alarm.DOOR_LEFT_OPEN,
}
_WRAPPERS = ("bizData", "data", "outputParams", "output_params", "value")
_TIMES = ("oper_time", "alarm_time", "time")
_DEPTH = 4


def terminal_fact(value: object, depth: int = _DEPTH) -> Mapping[str, Any] | None:
    """Find an access, call or alarm object in a value, however it is wrapped."""
    found = _listed(value) if isinstance(value, list) else mapping(value)
    if found is None or not depth:
        return None
    plain = {_snake(key): member for key, member in found.items() if isinstance(key, str)}
    if _kind(plain) is not None:
        return plain
    wrapped = found.values() if isinstance(value, list) else _wrapped(found)
    facts = (terminal_fact(inner, depth - 1) for inner in wrapped)
    return next((fact for fact in facts if fact), None)


def take_terminal_fact(context: Context, fact: Mapping[str, Any], time: float) -> None:
    """Turn what `terminal_fact` found into changes; `time` is for facts that tell none."""
    told = (unix_seconds(fact.get(name)) for name in _TIMES)
    own = next((moment for moment in told if moment), None)
    time = time if own is None else context.fact_time(own)
    match _kind(fact):
        case "access":
            _access(context, fact, time)
        case "call":
            _call(context, fact, time)
        case _:
            kind = (text(fact.get("alarm_type")) or "").lower()
            alarm = _ALARMS.get(kind, Alarm.OTHER)
            if alarm is Alarm.OTHER:
                context.unknown("alarm_type")
            take_alarm(context, alarm, time)


def _listed(members: list[Any]) -> Mapping[str, Any]:
    """Read a list of `{code, value}` as the object that it spells out."""
    return {
        text(one.get("code")) or "": one.get("value") for one in members if isinstance(one, Mapping)
    }


def _wrapped(found: Mapping[str, Any]) -> Iterator[object]:
    for key, member in found.items():
        if key in _WRAPPERS or (isinstance(key, str) and key.isdecimal()):
            yield member


def _kind(fact: Mapping[str, Any]) -> str | None:
    if "way" in fact and ("is_success" in fact or "uid" in fact):
        return "access"
    if "sn" in fact and "type" in fact and "target_address" in fact:
        return "call"
    return "alarm" if "alarm_type" in fact else None


def _access(context: Context, fact: Mapping[str, Any], time: float) -> None:
    way = integer(fact.get("way"))
    method = _WAYS.get(way, Method.OTHER) if way is not None else Method.OTHER
    refused = boolean(fact.get("is_success")) is False
    take_passage(
        context,
        method,
        time,
        outcome=Outcome.DENIED if refused else Outcome.GRANTED,
        person=text(fact.get("uid")),
    )


def _call(context: Context, fact: Mapping[str, Any], time: float) -> None:
    call_id, kind = text(fact.get("sn")), integer(fact.get("type"))
    if kind == _RINGING:
        address = text(fact.get("target_address"))
        context.press(Carrier.CALL, time=time, call_id=call_id, address=address)
    elif kind == _HUNG_UP and fact.get("extend"):
        # It tells when the call was answered: nobody cancelled it before.
        context.call(CallStep.ENDED, CallReason.DEVICE, time, call_id)
    elif kind is not None and kind in _STEPS:
        context.call(*_STEPS[kind], time, call_id)
    else:
        context.unknown("call_type")


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
