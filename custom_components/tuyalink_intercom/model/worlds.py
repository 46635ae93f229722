"""Which world a device is in, and what it can do there."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from . import dpcodes
from .doors import Door, Opener
from .keys import KeyKind
from .state import Alarm, Codes, Fact, Features, World
from .values import integer

_CARRIED = frozenset({KeyKind.FACE, KeyKind.CARD, KeyKind.QR_CODE, KeyKind.PASSWORD})
_TERMINAL_ALARMS = frozenset({Fact.TAMPER, Fact.LOITERING, Fact.WRONG_ATTEMPTS})


def world_of(category: str, codes: Collection[str], points: Collection[str] = ()) -> World | None:
    """Choose the world by category and codes, never by brand; `None` = not ours.

    `points` are the function points of a building terminal.
    """
    if category == "sp":
        return None if _is_plain_camera(codes) else World.INTERCOM
    if (world := dpcodes.WORLDS.get(category)) is not None:
        return world
    if dpcodes.ALARM_HOST in codes:
        return None
    if any(code.startswith("unlock_") or code in dpcodes.LOCK_SIGNS for code in codes):
        return World.LOCK
    if _has(codes, dpcodes.RING_CODES) and _has(codes, dpcodes.RELAYS):
        return World.INTERCOM
    return World.TERMINAL if points else None


def features_of(
    world: World,
    category: str,
    codes: Codes,
    *,
    channels: Mapping[str, str],
    points: Collection[str] = (),
) -> Features:
    """Conclude what a device can do from everything that is known of its data points."""
    known = codes.known
    alarms = _alarm_facts(codes)
    words = {dpcodes.TERMINAL_POINTS.get(point, point) for point in points}
    terminal = world is World.TERMINAL
    cameras = category in dpcodes.CAMERA_CATEGORIES
    accesses = terminal or _has(known, dpcodes.METHODS) or _has(known, dpcodes.RECORDS)
    facts = _facts(codes) | alarms | (_TERMINAL_ALARMS if terminal else frozenset())
    if accesses:
        facts |= {Fact.OPENED_BY, Fact.OPENED_HOW}
    return Features(
        doors=_doors(world, codes, channels, words),
        facts=facts,
        rings="video_talk" in words or category == "wxml" or _rings(world, known),
        accesses=accesses,
        alarms=terminal
        or _has(known, dpcodes.ALARM_SOURCES)
        or (cameras and _has(known, dpcodes.PICTURE_MESSAGES)),
        captures=cameras
        or _has(known, dpcodes.CAPTURE_CODES)
        or bool(words & {"face", "video_talk"}),
        streams=category in dpcodes.STREAM_CATEGORIES or "video_talk" in words,
        sleeps=world is World.LOCK or _has(known, dpcodes.SLEEP_CODES),
        carries=_carried(words) if terminal and points else None,
    )


def _carried(words: Collection[str]) -> frozenset[KeyKind]:
    return frozenset(kind for kind in _CARRIED if kind in words)


def _has(codes: Collection[str], wanted: Collection[str]) -> bool:
    return any(code in wanted for code in codes)


def _is_plain_camera(codes: Collection[str]) -> bool:
    turns = any(code.startswith(dpcodes.PAN_TILT_PREFIXES) for code in codes)
    return turns and not _has(codes, {*dpcodes.RELAYS, dpcodes.CHANNELS, *dpcodes.CHIME_CODES})


def _rings(world: World, known: Collection[str]) -> bool:
    if _has(known, dpcodes.RING_CODES):
        return True
    return world is World.INTERCOM and _has(known, {*dpcodes.RELAYS, dpcodes.CHANNELS})


def _facts(codes: Codes) -> frozenset[Fact]:
    known = codes.known
    found = {
        Fact.BATTERY: _has(known, dpcodes.BATTERIES),
        Fact.BATTERY_LOW: _has(known, dpcodes.BATTERY_STATES),
        Fact.LEAF: _has(known, dpcodes.LEAVES),
        Fact.ASKS_TO_OPEN: dpcodes.UNLOCK_REQUEST in known,
    }
    return frozenset(fact for fact, there in found.items() if there)


def _alarm_facts(codes: Codes) -> frozenset[Fact]:
    alarms = {dpcodes.ALARM_FLAGS[code] for code in codes.known & dpcodes.ALARM_FLAGS.keys()}
    for code in codes.known & set(dpcodes.ALARM_CODES):
        words = codes.ranges.get(code) or dpcodes.ALARM_ORDER
        alarms |= {alarm for word in words if (alarm := _alarm(word))}
    if "lock_alarm_kit" in codes.known:
        alarms |= {alarm for alarm, _ in dpcodes.KIT_ALARMS.values()}
    if _has(codes.known, dpcodes.BATTERIES):
        alarms.discard(Alarm.LOW_BATTERY)
    return frozenset(dpcodes.ALARM_FACTS[alarm] for alarm in alarms & dpcodes.ALARM_FACTS.keys())


def _alarm(word: str) -> Alarm | None:
    index = integer(word)
    if index is not None and 0 <= index < len(dpcodes.ALARM_ORDER):
        word = dpcodes.ALARM_ORDER[index]
    found = dpcodes.ALARMS.get(word)
    return found[0] if found else None


def _doors(
    world: World, codes: Codes, channels: Mapping[str, str], words: Collection[str]
) -> tuple[Door, ...]:
    by_action = Opener.ACTION if codes.actions else None
    if world is World.INTERCOM:
        doors = tuple(_relay_doors(codes, channels))
        return doors or ((Door(key="door", number=1, opener=by_action),) if by_action else ())
    if world is World.TERMINAL:
        opener = Opener.PERSON if "remote_unlock" in words else by_action
        return (Door(key="door", number=1, opener=opener, reports=True),)
    bolt = next((code for code in dpcodes.BOLTS if code in codes.known), None)
    return (
        Door(
            key="door",
            number=1,
            bolt=bolt,
            opener=Opener.LOCK_SERVICE,
            # Some video locks are door stations with a relay.
            code=next((code for code in dpcodes.RELAYS if code in codes.known), None),
            lock_code="manual_lock" if "manual_lock" in codes.known else None,
            reports=bolt is not None or _has(codes.known, _REMOTE_RECORDS),
        ),
    )


_REMOTE_RECORDS = frozenset(
    code for code, method in dpcodes.METHODS.items() if method in dpcodes.REMOTE_METHODS
)


def _relay_doors(codes: Codes, channels: Mapping[str, str]) -> Iterator[Door]:
    """Yield a door for each relay; the only relay of a monitor serves each of its panels."""
    relays = [code for code in dpcodes.RELAYS if code in codes.known]
    panels = sorted(channels, key=lambda panel: (len(panel), panel))
    shown_first = dpcodes.CHANNELS in codes.known and len(panels) > 1
    if shown_first and len(relays) == 1:
        for number, panel in enumerate(panels, 1):
            yield _relay_door(number, relays[0], channels[panel], panel)
        return
    for number, code in enumerate(relays, 1):
        panel = str(number)
        shown = panel if shown_first and panel in channels else None
        yield _relay_door(number, code, channels.get(panel), shown)


def _relay_door(number: int, code: str, name: str | None, panel: str | None) -> Door:
    return Door(
        key="door" if number == 1 else f"door_{number}",
        number=number,
        name=name,
        opener=Opener.TOGGLE if code in dpcodes.TOGGLES else Opener.RELAY,
        code=code,
        panel=panel,
    )


def learn(features: Features, name: str) -> Features:
    """Add a feature by its name; names that are no feature (any more) change nothing."""
    match name:
        case "rings":
            return replace(features, rings=True)
        case "accesses":
            opened = {Fact.OPENED_BY, Fact.OPENED_HOW}
            return replace(features, accesses=True, facts=features.facts | opened)
        case "alarms":
            return replace(features, alarms=True)
        case "captures":
            return replace(features, captures=True)
        case _ if name in Fact:
            return replace(features, facts=features.facts | {Fact(name)})
    return features
