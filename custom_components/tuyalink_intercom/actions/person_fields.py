"""Reads from the fields of an action who a person is, and when that person may pass."""

from dataclasses import replace
from datetime import datetime, time
from itertools import count
from typing import Final

from homeassistant.const import WEEKDAYS
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

import voluptuous as vol

from ..keys.persons import Carrier, TerminalKeys, to_be
from ..model.hours import DAY, Hours, minutes_of_day
from ..model.keys import Key, KeyState
from ..model.persons import (
    Person,
    PersonProblem,
    PersonRefusedError,
    Rule,
    Span,
    check_person,
    person_id_of,
)
from .terminals import TEXT, Fields

_DATES = vol.All(
    cv.ensure_list,
    [vol.Schema({vol.Required("start"): cv.datetime, vol.Required("end"): cv.datetime})],
)
_RULE = vol.Schema(
    {
        vol.Optional("name", default=""): cv.string,
        vol.Optional("weekdays"): cv.weekdays,
        vol.Optional("from"): cv.time,
        vol.Optional("to"): cv.time,
        vol.Optional("allowed_dates", default=list): _DATES,
        vol.Optional("denied_dates", default=list): _DATES,
    }
)
PERSON_FIELDS: Final = {
    vol.Optional("person_id"): TEXT,
    vol.Optional("name"): cv.string,
    vol.Optional("id_card"): cv.string,
    vol.Optional("phone"): cv.string,
    vol.Optional("floor"): vol.Coerce(int),
    vol.Optional("start"): cv.datetime,
    vol.Optional("end"): cv.datetime,
    vol.Optional("schedule"): vol.All(cv.ensure_list, [_RULE]),
}


def person_of(terminal: TerminalKeys, fields: Fields) -> tuple[Person, Key | None]:
    """Return whom an action is about, and how that person is known so far."""
    person_id, known = _identity(terminal, fields)
    person = Person(
        id=person_id,
        name=fields.get("name", known.name if known else "").strip(),
        id_card=fields.get("id_card"),
        phone=fields.get("phone"),
        floor=fields.get("floor"),
        start=_seconds(fields.get("start")),
        end=_seconds(fields.get("end")),
        rules=tuple(map(_rule, fields["schedule"])) if "schedule" in fields else None,
    )
    spanned = (person.start, person.end) != (None, None)
    if spanned and person.rules is None and known is not None and known.hours:
        # The terminal would ignore the hours it was told: somebody could come in at night.
        raise PersonRefusedError(PersonProblem.SPAN_WITH_SCHEDULE)
    return check_person(person, terminal.cloud.now()), known


def _identity(terminal: TerminalKeys, fields: Fields) -> tuple[str, Key | None]:
    if (person_id := fields.get("person_id")) is not None:
        return person_id, terminal.person(person_id)
    name, people = fields.get("name", "").strip(), terminal.persons()
    same = [key for key in people if key.name.casefold() == name.casefold()]
    if len(same) > 1:
        raise PersonRefusedError(PersonProblem.NOT_UNIQUE)
    if same:
        return same[0].id, same[0]
    # Somebody who was renamed keeps the id that was made of the old name.
    taken = {key.id for key in people}
    ids = (person_id_of(f"{name} {number}" if number else name) for number in count())
    return next(one for one in ids if one not in taken), None


def key_of(terminal: TerminalKeys, person: Person, known: Key | None) -> Key:
    """Return what the ledger is to keep of a person; a schedule ends an earlier span."""
    before = known if known and not person.rules else None
    start, end = (before.start, before.end) if before else (None, None)
    told = replace(
        known or terminal.person_key(Carrier(id=person.id, name=person.name)),
        name=person.name,
        start=start if person.start is None else person.start,
        end=end if person.end is None else person.end,
    )
    if person.rules is not None:
        hours = tuple(rule.hours.row for rule in person.rules if rule.hours is not None)
        told = replace(told, hours=hours)
    return to_be(told, KeyState.ACTIVE)


def _rule(fields: Fields) -> Rule:
    return Rule(
        name=fields["name"],
        hours=_hours(fields),
        allowed=tuple(map(_span, fields["allowed_dates"])),
        denied=tuple(map(_span, fields["denied_dates"])),
    )


def _hours(fields: Fields) -> Hours | None:
    if not {"weekdays", "from", "to"} & fields.keys():
        return None
    end = minutes_of_day(fields.get("to", time.min))
    return Hours(
        weekdays=frozenset(WEEKDAYS.index(day) for day in fields.get("weekdays", WEEKDAYS)),
        start=minutes_of_day(fields.get("from", time.min)),
        # Midnight as an end is the end of the day.
        end=end or DAY,
    )


def _span(fields: Fields) -> Span:
    start, end = (dt_util.as_utc(fields[name]).timestamp() for name in ("start", "end"))
    return start, end


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else dt_util.as_utc(moment).timestamp()
