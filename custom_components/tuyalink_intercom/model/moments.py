"""Data points whose arrival is an event: rings, passages, alarms, pictures.

A value that says nothing (empty, `false`, `"$"`) is no event. The same value
again is a new one: the window for repeats stands in `presses` and `context`.
"""

from collections.abc import Callable, Mapping
from math import inf

from . import dpcodes
from .changes import CallReason, CallStep, Occasion
from .context import Context
from .incidents import take_alarm, take_passage
from .panels import OWN_SWITCH, SAME_ANSWER
from .pictures import PictureMessage, picture_message
from .presses import Carrier, pressed_at
from .setting_changes import PanelChosen
from .state import Alarm
from .values import boolean, integer, mapping, raw, text

PICTURE_WINDOW = 20.0
"""A picture belongs to a passage or alarm this recent (s): it follows its upload."""
_OCCASIONS = {"passed": Occasion.ACCESS, "alarm": Occasion.ALARM}

type Moment = Callable[[Context, str, object, float], None]


def _active(context: Context, _code: str, value: object, time: float) -> None:
    """Take `doorbell_active`: seconds as text, empty at rest, JSON or a number on some."""
    found = mapping(value)
    if found or (found is None and _says_something(value)):
        context.press(Carrier.ACTIVE, time=time, pressed=pressed_at(value))


def _says_something(value: object) -> bool:
    if boolean(value) is not None:
        return boolean(value) is True
    if isinstance(value, str):
        return value.strip() not in {"", "$"}
    return integer(value) is not None


def _flag_bell(context: Context, code: str, value: object, time: float) -> None:
    if boolean(value):
        context.press(dpcodes.BELL_FLAGS[code], time=time)


def _panel_bell(context: Context, code: str, value: object, time: float) -> None:
    if value == "Ring" or boolean(value):
        context.press(Carrier.PANEL, time=time, channel=dpcodes.PANEL_BELLS[code])


def _chime(context: Context, _code: str, value: object, time: float) -> None:
    button = integer(value)
    if button is not None and button > 0:
        context.press(Carrier.CHIME, time=time, channel=str(button))


def _kit_bell(context: Context, _code: str, value: object, time: float) -> None:
    if raw(value) is not None:
        context.press(Carrier.KIT, time=time)


def _kit_alarm(context: Context, _code: str, value: object, time: float) -> None:
    # The kind is the last byte, behind version and channel; some clouds show it as a number.
    kind = integer(value)
    if kind is None and (record := raw(value)) is not None:
        kind = record[-1]
    if kind is None:
        return
    if kind == dpcodes.KIT_DOORBELL:
        context.press(Carrier.KIT_ALARM, time=time)
    elif (found := dpcodes.KIT_ALARMS.get(kind)) is not None:
        take_alarm(context, found[0], time, method=found[1])
    else:
        context.unknown("lock_alarm_kit")
        take_alarm(context, Alarm.OTHER, time)


def _linkage(context: Context, _code: str, value: object, time: float) -> None:
    # On monitors that report it the value is always "0": the report itself is the ring.
    if text(value) == "0":
        context.press(Carrier.LINKAGE, time=time)


def _channel(context: Context, _code: str, value: object, time: float) -> None:
    # Monitors without a ring picture show a ring only as the panel they switch to.
    if dpcodes.RING_PICTURE in context.device.codes.known:
        return
    found = mapping(value)
    panel = text(found.get("cc")) if found else None
    if panel and not _answers_us(context, panel):
        context.press(Carrier.CHANNEL, time=time, channel=panel)


def _answers_us(context: Context, panel: str) -> bool:
    """Tell whether a monitor shows a panel because we told it to."""
    chosen, since = context.device.chosen or ("", 0.0)
    if chosen != panel or abs(context.seen - since) >= OWN_SWITCH:
        return False
    # One report comes twice where a project has both kinds of messages switched on.
    until = min(since, context.seen - OWN_SWITCH + SAME_ANSWER)
    told = PanelChosen(device_id=context.device.id, time=until, panel=panel)
    context.changes.append(told)
    return True


def _ring_picture(context: Context, code: str, value: object, time: float) -> None:
    found = picture_message(value)
    if found is None and not mapping(value) and len(text(value) or "") <= 1:
        return
    if found is None or not _old(context, code, found):
        # A picture in a form that nobody can read is a ring all the same.
        _ring(context, Carrier.PICTURE, found or PictureMessage(), time)


def _old(context: Context, code: str, found: PictureMessage) -> bool:
    # Devices send their last picture again when they come back; no picture is taken twice.
    if not found.mark:
        return False
    key = f"told|{code}|{found.mark}"
    return context.recalls(mark=found.mark) or context.repeated(key, context.seen, within=inf)


def _ring(context: Context, carrier: Carrier, found: PictureMessage, time: float) -> None:
    event_id = context.press(carrier, time=time, pressed=found.taken)
    context.capture(found, Occasion.RING, event_id)


def _motion_picture(context: Context, code: str, value: object, time: float) -> None:
    found = picture_message(value)
    if found and found.picture and not _old(context, code, found):
        _loose_picture(context, found, time)


def _picture_message(context: Context, code: str, value: object, time: float) -> None:
    carrier = dpcodes.PICTURE_MESSAGES[code]
    found = picture_message(value)
    if found is None and context.device.category == "wxml" and raw(value) is not None:
        # The name of a chime's button, in letters other than Latin ones.
        found = PictureMessage(text="?")
    if found is None or _old(context, code, found):
        return
    if found.command == "ipc_doorbell" or _is_bell_text(context, found.text):
        _ring(context, carrier, found, time)
        return
    if (outcome := _CALLS.get(found.command)) is not None:
        context.call(*outcome, time)
    elif (alarm := _ALARMS.get(found.command)) is not None:
        take_alarm(context, alarm, time)
    elif found.command and found.command not in _SIGHTINGS:
        context.unknown(f"cmd:{found.command}")
    if found.picture:
        _loose_picture(context, found, time)


def _loose_picture(context: Context, found: PictureMessage, time: float) -> None:
    """Take a picture whose occasion is not told: of the last passage or alarm, else motion."""
    for key, at in reversed(context.memory.facts):
        occasion = _OCCASIONS.get(key.partition("|")[0])
        # The fact's time may be by the device's clock, like `time`, or by the cloud's.
        if occasion and min(abs(context.seen - at), abs(time - at)) <= PICTURE_WINDOW:
            context.capture(found, occasion, context.event_id_of(key, at))
            return
    context.capture(found, Occasion.MOTION, context.event_id_of("motion", context.seen))


def _is_bell_text(context: Context, told: str) -> bool:
    # A chime sends the name of its button; a camera's text may be anything.
    return bool(told) and (context.device.category == "wxml" or "doorbell" in told.lower())


def _passage(context: Context, code: str, value: object, time: float) -> None:
    method = dpcodes.METHODS[code]
    if code == "open_inside" or isinstance(value, bool):
        if boolean(value):
            take_passage(context, method, time)
    elif (slot := integer(value)) is not None:
        take_passage(context, method, time, slot=slot)
    elif code in dpcodes.RAW_METHODS and (record := raw(value)) is not None:
        take_passage(context, method, time, slot=_slot(record))


_SLOT = slice(2, 4)


def _slot(record: bytes) -> int | None:
    # Controllers count members in two bytes, big endian, behind type and channel.
    return int.from_bytes(record[_SLOT]) if len(record) >= _SLOT.stop else None


def _alarm_word(context: Context, code: str, value: object, time: float) -> None:
    word = text(value)
    if word is None:
        return
    if (index := integer(word)) is not None:
        # Digits count in the order of the product's own range.
        order = context.device.codes.ranges.get(code) or dpcodes.ALARM_ORDER
        if any(entry.isdecimal() for entry in order):
            order = dpcodes.ALARM_ORDER
        word = order[index] if 0 <= index < len(order) else word
    alarm, method = dpcodes.ALARMS.get(word, (Alarm.OTHER, None))
    if alarm is Alarm.OTHER:
        context.unknown(f"alarm:{word}")
    take_alarm(context, alarm, time, method=method)


def _alarm_flag(context: Context, code: str, value: object, time: float) -> None:
    if boolean(value):
        hold = code in dpcodes.PASSING_FLAGS
        take_alarm(context, dpcodes.ALARM_FLAGS[code], time, hold=hold)


def _relay(context: Context, code: str, value: object, time: float) -> None:
    doors = [door for door in context.device.features.doors if door.code == code]
    if boolean(value) and doors:
        # The only relay of a monitor acts on the panel that it shows.
        shown = (door for door in doors if door.panel == context.device.channel)
        context.opened(next(shown, doors[0]), time)


_CALLS: Mapping[str, tuple[CallStep, CallReason | None]] = {
    "ipc_connected": (CallStep.ANSWERED, CallReason.APP),
    "ipc_unconnected": (CallStep.MISSED, CallReason.TIMEOUT),
    "ipc_refuse": (CallStep.DECLINED, CallReason.APP),
}
_ALARMS: Mapping[str, Alarm] = {
    "ipc_antibreak": Alarm.TAMPER,
    "ipc_linger": Alarm.LOITERING,
    "ipc_low_battery": Alarm.LOW_BATTERY,
}
_SIGHTINGS = frozenset(
    {
        "ipc_baby_cry",
        "ipc_bang",
        "ipc_car",
        "ipc_cat",
        "ipc_dev_link",
        "ipc_face",
        "ipc_human",
        "ipc_leave_msg",
        "ipc_motion",
        "ipc_passby",
    }
)

MOMENTS: Mapping[str, Moment] = {
    **dict.fromkeys(dpcodes.ALARM_CODES, _alarm_word),
    **dict.fromkeys(dpcodes.ALARM_FLAGS, _alarm_flag),
    **dict.fromkeys(dpcodes.BELL_FLAGS, _flag_bell),
    **dict.fromkeys(dpcodes.METHODS, _passage),
    **dict.fromkeys(dpcodes.PANEL_BELLS, _panel_bell),
    **dict.fromkeys(dpcodes.PICTURE_MESSAGES, _picture_message),
    **dict.fromkeys(dpcodes.RELAYS, _relay),
    dpcodes.CHANNELS: _channel,
    dpcodes.LINKAGE: _linkage,
    dpcodes.MOTION_PICTURE: _motion_picture,
    dpcodes.RING_PICTURE: _ring_picture,
    "doorbell_active": _active,
    "doorbell_call": _chime,
    "doorbell_song_kit": _kit_bell,
    "lock_alarm_kit": _kit_alarm,
}
