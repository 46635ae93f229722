"""What Tuya is answered to a command: the result of an action, or the values as they are."""

from collections.abc import Callable

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, callback

from ..model.happenings import ActionAnswer
from ..model.publication import Part, Publication, Role, Value
from ..model.thing_commands import ActionWanted, Command, PointsWanted, PropertiesWanted
from ..model.thing_model import ThingModel
from .reading import Reading
from .sender import Sender
from .why import CODES, Why


class Answers:
    """Answers the commands to one published door."""

    def __init__(
        self,
        hass: HomeAssistant,
        publication: Publication,
        reading: Reading,
        sender: Sender,
        model: Callable[[], ThingModel],
    ) -> None:
        self._hass = hass
        self._publication = publication
        self._reading = reading
        self._model = model
        self.sender = sender

    def state(self, command: Command) -> str | None:
        """Return how the lock stands now, `None` where a command is about something else."""
        lock = self._publication.entity(Part.LOCK)
        if not isinstance(command, ActionWanted) or lock is None:
            return None
        if command.action not in {
            self._publication.code(role) for role in (Role.LOCK, Role.UNLOCK)
        }:
            return None
        state = self._hass.states.get(lock)
        untold = state is None or state.state in {STATE_UNAVAILABLE, STATE_UNKNOWN}
        return None if untold or state is None else state.state

    @callback
    def send(self, command: Command, why: Why | None, state: str | None) -> None:
        """Answer a command; `why`: what kept it from being done, in part if that has no code."""
        match command:
            case ActionWanted() if command.answerable:
                self.sender.answer(self._answer(command, why, state))
            case PropertiesWanted():
                known = self._reading.values()
                asked = {code: known[code] for code in command.values if code in known}
                self.sender.report(asked, force=True)
            case PointsWanted():
                self._report_points(command)

    def _answer(self, command: ActionWanted, why: Why | None, state: str | None) -> ActionAnswer:
        outputs: dict[str, Value] = {} if state is None else {"state": state}
        if (model := self._model()).known and why is not None:
            outputs["reason"] = why.value
        return ActionAnswer(
            msg_id=command.id,
            action=command.action,
            code=0 if why is None else CODES.get(why, 0),
            outputs=model.action_outputs(command.action, outputs),
        )

    def _report_points(self, command: PointsWanted) -> None:
        known, model = self._reading.values(), self._model()
        codes = {point: model.code_of(point) for point in command.values}
        asked = {point: code for point, code in codes.items() if code is not None and code in known}
        self.sender.report({code: known[code] for code in asked.values()}, force=True)
        self.sender.report_points({point: known[code] for point, code in asked.items()})
