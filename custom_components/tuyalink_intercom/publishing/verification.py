"""Looking whether Tuya sees a published door, in the order of Tuya's own guide.

Registered, online, a property seen, a message back, a command: each has a verdict, and what went
wrong a cure. It speaks with Tuya itself, past the sender, so that a refusal is known at once.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..api import ReportedValue, TuyaError
from ..arrivals import Arrival, Source
from ..const import CONF_WEBHOOK
from ..model.publication import Publication, Role, Value
from ..model.records import is_online
from ..model.thing_commands import command_of
from ..runtime import TuyaLinkConfigEntry
from .door import PublishedDoor
from .handled import Handled
from .verdicts import Cure, Step, Verdict, failed, nothing, passed, refused

COMMAND_S = 60.0
"""Time (s) to find the right place in Tuya's app or console, and to press there."""
_ECHO_S = 5.0
"""A report comes back as a message within a second when the queue works."""
_PAUSES_S = (1.0, 3.0)
"""What was reported is seen at once, or a moment later where Tuya is busy."""
# A picture's address is a secret, and new each time.
_SHOWN = (Role.BOLT, Role.LEAF, Role.ALARMING, Role.BATTERY)


class Verification:
    """One look at a published door while its entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, entry: TuyaLinkConfigEntry, door: PublishedDoor
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._door = door
        self._coordinator = entry.runtime_data.coordinator
        self._cloud = entry.runtime_data.coordinator.cloud
        self._heard = self._came = self._stopped = False
        self._look: Callable[[], None] | None = None
        self.verdicts: tuple[Verdict, ...] = ()
        """Of the steps that were taken, in their order."""
        self.handled: Handled | None = None
        """What became of the command that came."""

    @property
    def publication(self) -> Publication:
        """The door as it is published now: it may have been registered anew."""
        return self._door.publication

    @property
    def interrupted(self) -> bool:
        """Whether the entry was unloaded or reloaded meanwhile."""
        if self._stopped or self._entry.state is not ConfigEntryState.LOADED:
            return True
        doors = self._entry.runtime_data.published.doors
        return doors.get(self._door.subentry_id) is not self._door

    async def run(self) -> None:
        """Look at all that needs nobody's help; what comes after a failure is left."""
        self.verdicts, self._heard = (), False
        with self._listening():
            for look in (self.registered, self.online, self.property_seen, self.messages):
                verdict = await look()
                self.verdicts += (verdict,)
                if verdict.ok is False or self.interrupted:
                    return

    async def registered(self) -> Verdict:
        """Look whether Tuya knows the door by our own id, as what we take it for."""
        publication = self.publication
        try:
            found = await self._cloud.cloud_to_cloud.get(publication.third_id)
        except TuyaError as error:
            return refused(Step.REGISTERED, error)
        if found.device_id != publication.device_id:
            return failed(Step.REGISTERED, Cure.OTHER_DEVICE)
        if found.product_id not in {None, publication.product_id}:
            return failed(Step.REGISTERED, Cure.OTHER_PRODUCT)
        return passed(Step.REGISTERED)

    async def online(self) -> Verdict:
        """Look whether Tuya has the door for online; if not, say so and look again."""
        device_id = self.publication.device_id
        try:
            if await self._is_online():
                return passed(Step.ONLINE)
            if not self._door.reading.available:
                return failed(Step.ONLINE, Cure.DOOR_AWAY)
            await self._cloud.cloud_to_cloud.online(device_id)
            seen = await self._seen(self._is_online)
        except TuyaError as error:
            return refused(Step.ONLINE, error)
        return passed(Step.ONLINE) if seen else failed(Step.ONLINE, Cure.STAYS_OFFLINE)

    async def property_seen(self) -> Verdict:
        """Report one value as it is, and read it back from Tuya."""
        step, publication = Step.PROPERTY_SEEN, self.publication
        codes = [code for role in _SHOWN if (code := publication.code(role))]
        values = self._door.reading.values()
        code = next((one for one in codes if one in values), None)
        if code is None:
            return failed(step, Cure.NO_VALUE) if codes else nothing(step, Cure.NO_PROPERTY)
        value = self._door.model.fitted({code: values[code]}).get(code)
        if value is None:
            return failed(step, Cure.MODEL)

        async def is_there() -> bool:
            rows = await self._cloud.devices.shadow(publication.device_id)
            return any(row.get("code") == code and row.get("value") == value for row in rows)

        told = {code: ReportedValue(value=value, time=self._cloud.now())}
        try:
            await self._cloud.cloud_to_cloud.report_properties(
                publication.device_id, uuid4().hex, told
            )
            seen = await self._seen(is_there)
        except TuyaError as error:
            return refused(step, error)
        finally:
            self._correct(code, values[code])
        return passed(step) if seen else failed(step, Cure.OTHER_VALUE)

    async def messages(self) -> Verdict:
        """Tell whether what was reported came back as a message: those of this door reach us."""
        if self.verdicts and self.verdicts[-1].ok is None and not self._heard:
            return nothing(Step.MESSAGES, None)
        if (cure := self.deaf) is None:
            await self._until(lambda: self._heard, _ECHO_S)
        if self._heard:
            return passed(Step.MESSAGES)
        # A rule that lets only commands through brings no report back, and is right.
        return failed(Step.MESSAGES, cure) if cure else nothing(Step.MESSAGES, Cure.NO_ECHO)

    async def command(self) -> Verdict:
        """Wait for a command to the door, for a minute at most, whatever becomes of it."""
        self.handled, self._came = None, False
        if self.deaf is Cure.QUEUE_OFF:
            return failed(Step.COMMAND, Cure.QUEUE_OFF)
        with self._listening():
            await self._until(lambda: self.handled is not None, COMMAND_S)
        if self._came or self.handled is not None:
            self._door.rule_missing(missing=False)
            return passed(Step.COMMAND)
        cure = self.deaf or (Cure.RULE if self._heard else Cure.NO_COMMAND_HEARD)
        return failed(Step.COMMAND, cure)

    @callback
    def command_lost(self) -> None:
        """Take that a command was sent while none came, as only who sent it can tell."""
        if not self.interrupted:
            self._door.rule_missing(missing=True)

    @property
    def deaf(self) -> Cure | None:
        """Why no message at all can come; `None`: they can."""
        push = self._entry.runtime_data.push
        if self._entry.options.get(CONF_WEBHOOK, False) or push.connected:
            return None
        return Cure.QUEUE_OFF if push.topic is None else Cure.QUEUE_DOWN

    async def _is_online(self) -> bool:
        asked = self._cloud.now()
        detail = await self._cloud.devices.detail(self.publication.device_id)
        if (seen := is_online(detail) is True) and not self.interrupted:
            self._door.listed(asked, online=True)
        return seen

    async def _seen(self, look: Callable[[], Awaitable[bool]]) -> bool:
        for pause in (*_PAUSES_S, None):
            if await look():
                return True
            if pause is None or self.interrupted:
                break
            await self._until(lambda: False, pause)
        return False

    def _correct(self, code: str, reported: Value) -> None:
        """Say again what changed meanwhile: our report may have overtaken that of the change."""
        values = self._door.reading.values()
        if not self.interrupted and values.get(code, reported) != reported:
            self._door.sender.report({code: values[code]}, force=True)

    async def _until(self, so: Callable[[], bool], seconds: float) -> None:
        """Wait until something is so, the time is up or the entry is unloaded."""
        over = self._hass.loop.create_future()

        @callback
        def finish(_now: datetime | None = None) -> None:
            if not over.done():
                over.set_result(None)

        @callback
        def look() -> None:
            if so() or self.interrupted:
                finish()

        self._look = look
        cancel = async_call_later(self._hass, seconds, HassJob(finish))
        try:
            look()
            await over
        finally:
            cancel()
            self._look = None

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Note every message of the door, what becomes of commands, and the entry's end."""
        ends = (
            self._coordinator.watch(self._arrived),
            self._door.watch(self._was_handled),
            self._entry.async_on_state_change(self._moved),
        )
        try:
            yield
        finally:
            for end in ends:
                end()

    @callback
    def _arrived(self, arrival: Arrival) -> None:
        of_door = arrival.message.device_id == self.publication.device_id
        if of_door and arrival.source is not Source.TEST:
            self._heard = True
            self._came = self._came or command_of(arrival.message) is not None
            self._noticed()

    @callback
    def _was_handled(self, handled: Handled) -> None:
        self.handled = handled
        self._noticed()

    @callback
    def _moved(self) -> None:
        # A reload is over before anybody asks; what came since was not heard.
        self._stopped = self._stopped or self.interrupted
        self._noticed()

    def _noticed(self) -> None:
        if self._look is not None:
            self._look()
