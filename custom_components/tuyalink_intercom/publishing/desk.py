"""Commands from Tuya's side: checked, carried out at most once, answered."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..model.happenings import ActionAnswer
from ..model.publication import Part, Publication, Role
from ..model.thing_commands import ActionWanted, Command
from .reading import Reading
from .sender import Sender


class Outcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A command that is over.

    `what`: the action, or what was set. `reason`: why it was not done, as a translation's key.
    """

    command: Command
    what: str
    outcome: Outcome
    reason: str | None = None


class CommandDesk:
    """Takes the commands for one published door."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        publication: Publication,
        reading: Reading,
        sender: Sender,
        *,
        now: Callable[[], float],
        handled: Callable[[Handled], None],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._publication = publication
        self._reading = reading
        self._sender = sender
        self._now = now
        self._handled = handled

    @callback
    def take(self, command: Command) -> None:
        """Take a command; what comes of it is told later."""
        self._entry.async_create_task(self._hass, self._carry_out(command), f"{DOMAIN} command")

    async def _carry_out(self, command: Command) -> None:
        if not isinstance(command, ActionWanted):
            return
        role = self._publication.roles.get(command.action)
        lock = self._publication.entity(Part.LOCK)
        if not self._publication.control or lock is None or role not in {Role.UNLOCK, Role.LOCK}:
            self._answer(command, 1, "not_allowed")
            return
        with self._sender.held():
            try:
                await self._hass.services.async_call(
                    "lock", role.value, {"entity_id": lock}, blocking=True
                )
            except HomeAssistantError:
                self._answer(command, 1, "failed")
                return
            self._answer(command, 0, None)

    def _answer(self, command: ActionWanted, code: int, reason: str | None) -> None:
        self._sender.answer(ActionAnswer(msg_id=command.id, action=command.action, code=code))
        outcome = Outcome.DONE if code == 0 else Outcome.REFUSED
        self._handled(Handled(command=command, what=command.action, outcome=outcome, reason=reason))
