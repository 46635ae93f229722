"""What becomes of a command from Tuya's side."""

from dataclasses import dataclass
from enum import StrEnum

from ..kept.done_commands import DoneCommand
from ..model.thing_commands import Command
from .why import Why


class Outcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A command that is over.

    `what`: the action, or what was set. `reason`: a word of `Why`.
    """

    command: Command
    what: str
    outcome: Outcome
    reason: str | None = None


type Result = tuple[Outcome, Why | None]


def result_of(known: DoneCommand) -> Result:
    """Read back what was answered; how one ended that has no answer nobody knows."""
    why = next((one for one in Why if one == known.reason), None)
    outcome = next((one for one in Outcome if one == known.outcome), None)
    return (Outcome.FAILED, Why.NOT_CONFIRMED) if outcome is None else (outcome, why)
