"""What the user taught: messages that are a ring, a door or a picture because they say so."""

from collections.abc import Mapping
from dataclasses import replace
from math import inf

from .changes import Occasion
from .context import Context
from .pictures import PictureMessage, picture_message
from .presses import Carrier, recent
from .reports import is_open
from .state import Device, Fact, Meaning
from .values import boolean, mapping
from .worlds import learn

MOST_TAUGHT = 20
"""Names a user can teach per device."""
_FEATURES: Mapping[Meaning, str] = {
    Meaning.DOOR: Fact.LEAF.value,
    Meaning.PICTURE: "captures",
    Meaning.RING: "rings",
}
_AT_REST = frozenset({"", "$", "idle", "none", "normal", "null", "0"})


def promised(device: Device) -> Device:
    """Give a device the features of what it was taught, so that the first ring finds its bell."""
    for meaning in device.taught.values():
        device = replace(device, features=learn(device.features, _FEATURES[meaning]))
    return device


def take_taught(
    context: Context, name: str, value: object, time: float, pressed: float | None = None
) -> bool:
    """Take what was taught under this name; tell whether nothing else is in it.

    `value` is the data point's, or `True` for a message that says it by coming.
    """
    match context.device.taught.get(name):
        case Meaning.RING:
            _ring(context, name, value, time, pressed)
        case Meaning.PICTURE:
            _picture(context, name, value)
        case Meaning.DOOR:
            if (told := is_open(value)) is not None:
                context.state(Fact.LEAF, told, time)
            # What is known of the code besides stays as it is.
            return False
        case _:
            return False
    return True


def says_something(value: object) -> bool:
    """Tell whether a value is more than a data point's rest."""
    if (flag := boolean(value)) is not None:
        return flag
    if isinstance(value, str):
        found = mapping(value)
        return bool(found) if found is not None else value.strip().lower() not in _AT_REST
    return bool(value)


def _ring(
    context: Context, name: str, value: object, time: float, pressed: float | None = None
) -> None:
    found = picture_message(value) or PictureMessage()
    if not says_something(value) or _old(context, name, found):
        return
    event_id = context.press(Carrier.TAUGHT, time=time, pressed=pressed or found.taken)
    context.capture(found, Occasion.RING, event_id)


def _picture(context: Context, name: str, value: object) -> None:
    found = picture_message(value)
    if found is None or not found.picture or _old(context, name, found):
        return
    press = recent(context.memory.presses, context.seen)
    event_id = press.event_id if press else context.event_id_of(name, context.seen)
    context.capture(found, Occasion.RING, event_id)


def _old(context: Context, name: str, found: PictureMessage) -> bool:
    # Devices send their last picture again when they come back; no picture is taken twice.
    if not found.mark:
        return False
    key = f"told|{name}|{found.mark}"
    return context.recalls(mark=found.mark) or context.repeated(key, context.seen, within=inf)
