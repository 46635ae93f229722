"""Passages and alarms: facts that a device tells once, and what they mean for its states."""

from .changes import AlarmRaised, Outcome, Passed, PersonNamed
from .context import Context
from .dpcodes import ALARM_FACTS, ALARM_HOLD
from .guests import guest_of
from .people import key_of
from .state import Alarm, Fact, Method

DURESS_WINDOW = 5.0
"""A passage this close (s) to word of duress was the one under duress."""


def take_passage(
    context: Context,
    method: Method,
    time: float,
    *,
    outcome: Outcome = Outcome.GRANTED,
    slot: int | None = None,
    person: str | None = None,
    name: str | None = None,
    told: float | None = None,
) -> None:
    """Take a passage or a refused try.

    `person` is an id, and `name` that person's name where a record tells it; `told` is the
    time by the device's own clock.
    """
    if name:
        _learn_name(context, _key(method, slot, person), name, time)
    denied = outcome is Outcome.DENIED
    key = (
        f"{'denied' if denied else 'passed'}|{method}|{'' if slot is None else slot}|{person or ''}"
    )
    if (not denied and _told_by_another_way(context, key, time)) or context.repeated(key, time):
        return
    if not denied and _close_fact(context, "alarm|duress|", time):
        outcome = Outcome.DURESS
    context.learn("accesses", there=context.device.features.accesses)
    _passed(context, key, time, outcome, told)
    if denied:
        return
    guest = _guest(context, method, slot, person)
    key = _key(method, slot, person)
    known = guest or _name(context, key) or person
    by = known or (None if slot is None else str(slot))
    context.state(Fact.OPENED_HOW, method.value, time)
    context.state(Fact.OPENED_BY, by, time)
    for door in context.device.features.doors[:1]:
        context.opened(door, time, method, by=known, by_key=None if guest else key or None)


def take_alarm(
    context: Context, alarm: Alarm, time: float, *, method: Method | None = None, hold: bool = True
) -> None:
    """Take an alarm; with `hold` its state ends by itself, as nothing will take it back."""
    key = f"alarm|{alarm}|{method or ''}"
    if context.repeated(key, time):
        return
    context.learn("alarms", there=context.device.features.alarms)
    context.changes.append(
        AlarmRaised(
            device_id=context.device.id,
            time=time,
            event_id=context.event_id_of(key, time),
            alarm=alarm,
            live=context.live,
            method=method,
        )
    )
    if alarm is Alarm.DURESS and (passed := _close_fact(context, "passed|", time)):
        # The passage was told first, as granted.
        _passed(context, *passed, Outcome.DURESS)
    if hold and (fact := _fact_of(context, alarm)):
        facts = context.device.features.facts
        taken_back = fact is Fact.BATTERY_LOW or (
            fact is Fact.DOOR_LEFT_OPEN and Fact.LEAF in facts
        )
        # By the cloud's clock: a device's own may be minutes off.
        until = None if taken_back else context.seen + ALARM_HOLD
        context.state(fact, value=True, time=time, until=until)


def _told_by_another_way(context: Context, key: str, time: float) -> bool:
    """Tell whether it is the passage of which another carrier did not know the way.

    A log may name it in a language, and a terminal by a number, that nobody knows.
    """
    _, way, whose = key.split("|", 2)
    ways = Method if way == Method.OTHER else (Method.OTHER,)
    others = {f"passed|{other}|{whose}" for other in ways if other != way}
    known = [told for told, _ in context.memory.facts if told in others]
    return any(context.told_as(other, key, time) for other in dict.fromkeys(known))


def _key(method: Method, slot: int | None, person: str | None) -> str:
    """Return the name under which somebody's name is remembered, empty for nobody known."""
    return person or ("" if slot is None else key_of(method, slot))


def _name(context: Context, key: str) -> str | None:
    if key in context.device.owner_named:
        return context.device.people.get(key)
    for change in context.changes:
        if isinstance(change, PersonNamed) and change.person == key:
            return change.name
    return context.device.people.get(key)


def _guest(context: Context, method: Method, slot: int | None, person: str | None) -> str | None:
    """Return the guest who came in; whose number it is by the owner's word is none."""
    device = context.device
    if person or (slot is not None and key_of(method, slot) in device.owner_named):
        return None
    return guest_of(device.guests, method, slot)


def _learn_name(context: Context, key: str, name: str, time: float) -> None:
    if key not in {"", name} and _name(context, key) != name:
        context.changes.append(
            PersonNamed(device_id=context.device.id, time=time, person=key, name=name)
        )


def _passed(
    context: Context, key: str, time: float, outcome: Outcome, told: float | None = None
) -> None:
    """Tell a passage from the key under which it is remembered: by the id, never by the name."""
    _, how, number, person_id = key.split("|", 3)
    method, slot = Method(how), int(number) if number else None
    doors = context.device.features.doors
    context.changes.append(
        Passed(
            device_id=context.device.id,
            time=time,
            event_id=context.event_id_of(key, time),
            outcome=outcome,
            method=method,
            live=context.live,
            slot=slot,
            person=_guest(context, method, slot, person_id)
            or _name(context, _key(method, slot, person_id))
            or person_id
            or None,
            person_id=person_id or None,
            told=told,
            door=doors[0].key if doors else None,
        )
    )


def _close_fact(context: Context, kind: str, time: float) -> tuple[str, float] | None:
    """Return the fact of a kind that is closest to a time, of two as close the last to be told."""
    facts = [fact for fact in reversed(context.memory.facts) if fact[0].startswith(kind)]
    found = min(facts, key=lambda fact: abs(time - fact[1]), default=None)
    return found if found and abs(time - found[1]) <= DURESS_WINDOW else None


def _fact_of(context: Context, alarm: Alarm) -> Fact | None:
    fact = ALARM_FACTS.get(alarm)
    facts = context.device.features.facts
    if fact is Fact.BATTERY_LOW and fact not in facts and Fact.BATTERY in facts:
        # Nothing would ever take it back; the percentage says it better.
        return None
    return fact
