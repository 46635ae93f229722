"""Building terminals: access, call and alarm messages, known by the keys inside.

Tuya publishes no body for them. A sibling product shows an empty code with JSON text
as its value, repeated under a numeric key; so the code is never looked at.
"""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from ..api.message import unix_seconds
from .calls import told
from .changes import CallReason, CallStep, FlatCalled, Outcome
from .context import Context
from .facts import knows
from .flats import concerns, flat_of
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
_DEPTH = 6
_NESTED = ("[", '"')
_CALLED = "called|"
_FOREIGN = "foreign|"
"""Calls to flats that are not the user's: later steps may come without the address."""


def terminal_fact(value: object, depth: int = _DEPTH) -> Mapping[str, Any] | None:
    """Find an access, call or alarm object in a value, however it is wrapped."""
    found = _listed(value) if isinstance(value, list) else _object(value)
    if found is None or not depth:
        return None
    plain = {_snake(key): member for key, member in found.items() if isinstance(key, str)}
    if _kind(plain) is not None:
        return plain
    wrapped = [*found.values(), *_bare(value)] if isinstance(value, list) else _wrapped(found)
    facts = (terminal_fact(inner, depth - 1) for inner in wrapped)
    return next((fact for fact in facts if fact), None)


def take_terminal_fact(context: Context, fact: Mapping[str, Any], time: float) -> None:
    """Turn what `terminal_fact` found into changes; `time` is for facts that tell none."""
    times = (unix_seconds(fact.get(name)) for name in _TIMES)
    own = next((moment for moment in times if moment), None)
    time = time if own is None else context.fact_time(own)
    match _kind(fact):
        case "access":
            _access(context, fact, time, own)
        case "call":
            _call(context, fact, time)
        case _:
            kind = (text(fact.get("alarm_type")) or "").lower()
            alarm = _ALARMS.get(kind, Alarm.OTHER)
            if alarm is Alarm.OTHER:
                context.unknown("alarm_type")
            take_alarm(context, alarm, time)


def _object(value: object) -> Mapping[str, Any] | None:
    """Read an object; what is text of a list, or text within text, is one with a single member."""
    if isinstance(value, str) and value.lstrip().startswith(_NESTED):
        return mapping(f'{{"0":{value}}}')
    return mapping(value)


def _listed(members: list[Any]) -> Mapping[str, Any]:
    """Read a list of `{code, value}` as the object that it spells out."""
    return {
        text(one.get("code")) or "": one.get("value") for one in members if isinstance(one, Mapping)
    }


def _bare(members: list[Any]) -> Iterator[object]:
    """Yield the objects of a list that spell out nothing, but may be a fact each."""
    for one in members:
        if not isinstance(one, Mapping) or "code" not in one:
            yield one


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


def _access(context: Context, fact: Mapping[str, Any], time: float, own: float | None) -> None:
    way = integer(fact.get("way"))
    if way not in _WAYS:
        context.unknown(f"way:{text(fact.get('way'))}")
    method = _WAYS.get(way, Method.OTHER) if way is not None else Method.OTHER
    refused = boolean(fact.get("is_success")) is False
    take_passage(
        context,
        method,
        time,
        outcome=Outcome.DENIED if refused else Outcome.GRANTED,
        person=text(fact.get("uid")),
        told=own,
    )


def _call(context: Context, fact: Mapping[str, Any], time: float) -> None:
    call_id, kind = text(fact.get("sn")), integer(fact.get("type"))
    address = text(fact.get("target_address"))
    if kind == _RINGING and address:
        called = FlatCalled(
            device_id=context.device.id,
            time=time,
            address=flat_of(address),
            spelled=address,
            live=context.live,
            call_id=call_id,
            again=_is_told(context, call_id),
        )
        context.changes.append(called)
    if not _is_mine(context, call_id, address):
        return
    if kind == _RINGING:
        context.press(Carrier.CALL, time=time, call_id=call_id, address=address)
    elif kind == _HUNG_UP and fact.get("extend"):
        # It tells when the call was answered: nobody cancelled it before.
        _step(context, CallStep.ENDED, CallReason.DEVICE, time, call_id, address)
    elif kind is not None and kind in _STEPS:
        _step(context, *_STEPS[kind], time, call_id, address)
    else:
        context.unknown("call_type")


def _is_told(context: Context, call_id: str | None) -> bool:
    """Tell whether a call was told before, and remember it."""
    if call_id is None:
        return False
    return context.repeated(f"{_CALLED}{call_id}", context.seen, within=inf)


def _is_mine(context: Context, call_id: str | None, address: str | None) -> bool:
    """Tell whether a call is to a flat of the user's, and remember if it is not."""
    key, flats = f"{_FOREIGN}{call_id}", context.device.flats
    if address is None:
        return not flats or not knows(context.memory.facts, key, (context.seen,), inf)
    if concerns(flats, address):
        return True
    context.repeated(key, context.seen, within=inf)
    return False


def _step(
    context: Context,
    step: CallStep,
    reason: CallReason | None,
    time: float,
    call_id: str | None,
    address: str | None,
) -> None:
    """Take the outcome of a call; one that does not say whose waits for the ring that does."""
    if context.device.flats and call_id and not address and not _is_known(context, call_id):
        context.hold(step, reason, call_id)
    else:
        context.call(step, reason, time, call_id)


def _is_known(context: Context, call_id: str) -> bool:
    memory = context.memory
    return any(press.event_id == call_id for press in memory.presses) or bool(told(memory, call_id))


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
