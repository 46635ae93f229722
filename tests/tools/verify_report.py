"""The outcome of ``scripts/verify``: a table for an issue form, or one JSON object.

Evidence names no value by design; what is secret or personal in this look is taken out of it
once more, whatever brought it there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .verify_calls import Keys
from .verify_fact import Fact, Finding, Verdict, not_seen
from .verify_facts_answers import FACTS as ANSWERS
from .verify_facts_devices import FACTS as DEVICES
from .verify_facts_doors import FACTS as DOORS
from .verify_facts_locks import FACTS as LOCKS
from .verify_facts_messages import FACTS as MESSAGES
from .verify_facts_pictures import FACTS as PICTURES
from .verify_facts_queue import FACTS as QUEUE
from .verify_facts_terminals import FACTS as TERMINALS
from .verify_facts_values import FACTS as VALUES
from .verify_seen import Seen

FACTS = (
    *(*ANSWERS, *DEVICES, *VALUES, *DOORS, *LOCKS, *PICTURES),
    *(*QUEUE, *MESSAGES, *TERMINALS),
)
_ORDER = (Verdict.CONTRADICTED, Verdict.CONFIRMED, Verdict.NOT_SEEN)
_SECRET_MEMBERS = (
    *("access_token", "refresh_token", "uid", "id", "uuid", "localKey", "ip", "lat", "lon"),
    *("customName", "name", "local_key", "bindSpaceId", "user_id", "device_id", "devId"),
    *("nick_name", "unlock_name"),
)
# Shorter ones are words and numbers that stand in any text.
_SHORTEST = 6
_GONE = "…"
_NOTES = (
    "`contradicted` is a finding about Tuya's cloud, not a fault of the project. "
    "Facts marked ° do no harm if they are otherwise: the code takes both forms."
)
_LOOKED = (
    "Frames of the queue were looked at and not acknowledged: whoever else reads this queue gets "
    "them now, later by the length of the look."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Every fact with what was found, and what it took to find it."""

    region: str
    seen: Seen
    findings: Mapping[str, Finding]

    def having(self, verdict: Verdict) -> list[Fact]:
        """Return the facts with this verdict."""
        return [fact for fact in FACTS if self.findings[fact.id].verdict is verdict]


def decide(region: str, keys: Keys, seen: Seen) -> Outcome:
    """Hold every fact against what was seen."""
    secrets = sorted({*_secrets(keys, seen)}, key=len, reverse=True)
    findings = {fact.id: _redacted(_found(fact, seen), secrets) for fact in FACTS}
    return Outcome(region=region, seen=seen, findings=findings)


def _found(fact: Fact, seen: Seen) -> Finding:
    try:
        return fact.check(seen)
    except AttributeError, KeyError, TypeError, ValueError:
        # A live cloud may answer in a shape that nobody thought of: that is worth an issue too.
        return not_seen("the answers have a shape that the check does not know")


def _redacted(finding: Finding, secrets: Iterable[str]) -> Finding:
    text = finding.evidence
    for secret in secrets:
        text = text.replace(secret, _GONE)
    return Finding(finding.verdict, text)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return the form for programs."""
    return {
        **_about(outcome),
        "counts": {verdict.value: len(outcome.having(verdict)) for verdict in _ORDER},
        "facts": [
            {
                "id": fact.id,
                "verdict": outcome.findings[fact.id].verdict.value,
                "evidence": outcome.findings[fact.id].evidence,
                "fact": fact.says,
                "basis": fact.basis.value,
                "used_by": fact.used_by,
                "tolerated": fact.tolerated,
            }
            for fact in FACTS
        ],
    }


def as_markdown(outcome: Outcome) -> str:
    """Return the form for an issue."""
    about = _about(outcome)
    counts = ", ".join(f"{len(outcome.having(verdict))} {verdict}" for verdict in _ORDER)
    told = (
        f"{about['region']}, {about['day']}, {about['calls']} calls, {about['frames']} frames, "
        f"queue: {about['queue']}"
    )
    lines = [
        f"**{len(FACTS)} facts: {counts}** ({told})",
        "",
        "| fact | | what was seen | what the code believes | basis | used by |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_row(outcome, fact) for verdict in _ORDER for fact in outcome.having(verdict)),
        "",
        f"{_NOTES} {_LOOKED}" if outcome.seen.hosts else _NOTES,
    ]
    return "\n".join(lines)


def _about(outcome: Outcome) -> dict[str, Any]:
    seen = outcome.seen
    return {
        "region": outcome.region,
        "day": datetime.now(UTC).date().isoformat(),
        "calls": len(seen.exchanges),
        "devices": len(seen.devices),
        "frames": len(seen.frames),
        "queue": seen.hosts[-1].value if seen.hosts else "not looked at",
    }


def _row(outcome: Outcome, fact: Fact) -> str:
    found = outcome.findings[fact.id]
    mark = "°" if fact.tolerated else ""
    cells = (
        f"{fact.id}{mark}",
        f"**{found.verdict}**" if found.verdict is Verdict.CONTRADICTED else found.verdict,
        found.evidence,
        fact.says,
        fact.basis,
        fact.used_by,
    )
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _secrets(keys: Keys, seen: Seen) -> Iterator[str]:
    yield from (keys.access_id, keys.access_secret)
    told = [*seen.devices, *(one.result for one in seen.exchanges)]
    told += [one.body for one in seen.frames]
    told += [{"customName": row.get("name")} for row in seen.devices]
    yield from (text for text in _members(told) if len(text) >= _SHORTEST)


def _members(told: Iterable[object]) -> Iterator[str]:
    waiting = [*told]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, Mapping):
            yield from (text for name in _SECRET_MEMBERS if isinstance(text := part.get(name), str))
            waiting.extend(part.values())
