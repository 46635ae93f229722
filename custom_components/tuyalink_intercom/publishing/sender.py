"""What a published door tells Tuya: one call at a time, in order, until Tuya has taken it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..api import ReportedValue, TuyaCloud, TuyaError
from ..const import DOMAIN
from ..model.happenings import ActionAnswer, Happening
from ..model.publication import Value


class Sender:
    """Sends for one published door while its entry is loaded.

    `refused` is told of every refusal that trying again does not cure.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        cloud: TuyaCloud,
        device_id: str,
        *,
        refused: Callable[[TuyaError], None] = lambda _: None,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._cloud = cloud
        self._device_id = device_id
        self._refused = refused
        self._online: bool | None = None
        self._sent_online: bool | None = None
        self._values: dict[str, tuple[Value, float]] = {}
        self._sent: dict[str, Value] = {}
        self._happenings: list[Happening] = []
        self._answers: list[ActionAnswer] = []
        self._held = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def told_online(self) -> bool | None:
        """What Tuya was last told of the door being there; `None`: nothing yet."""
        return self._sent_online

    @property
    def told(self) -> Mapping[str, Value]:
        """The values that Tuya has taken, by code."""
        return self._sent

    @callback
    def be(self, *, online: bool) -> None:
        """Say whether the door is there."""
        self._online = online
        self._wake()

    @callback
    def report(self, values: Mapping[str, Value], *, force: bool = False) -> None:
        """Say what the properties are; what Tuya knows already is not sent unless forced."""
        now = self._cloud.now()
        for code, value in values.items():
            if force or self._sent.get(code) != value or code in self._values:
                self._values[code] = (value, now)
        self._wake()

    @callback
    def tell(self, happening: Happening) -> None:
        """Say what happened."""
        self._happenings.append(happening)
        self._wake()

    @callback
    def answer(self, answer: ActionAnswer) -> None:
        """Answer an action, before anything else."""
        self._answers.append(answer)
        self._wake()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Send no properties while a command is carried out: what it comes to is told once."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self._wake()

    async def go(self) -> None:
        """Say that the door is away: Home Assistant stops."""
        if self._sent_online:
            self._sent_online = False
            await self._cloud.cloud_to_cloud.offline(self._device_id)

    def as_told(self) -> dict[str, Any]:
        """Return what was sent and what waits, for diagnostics."""
        return {"online": self._sent_online, "sent": dict(self._sent)}

    def _wake(self) -> None:
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(
                self._hass, self._pump(), f"{DOMAIN} published", eager_start=False
            )

    async def _pump(self) -> None:
        try:
            while await self._sent_something():
                pass
        except TuyaError as error:
            self._refused(error)

    async def _sent_something(self) -> bool:
        calls = self._cloud.cloud_to_cloud
        if self._answers:
            one = self._answers.pop(0)
            await calls.report_action(
                self._device_id, one.msg_id, one.action, one.code, one.outputs
            )
        elif self._online is not None and self._online != self._sent_online:
            told = self._online
            await (calls.online if told else calls.offline)(self._device_id)
            self._sent_online = told
        elif self._happenings:
            fact = self._happenings.pop(0)
            await calls.report_event(
                self._device_id, uuid4().hex, fact.code, fact.time, fact.outputs
            )
        elif self._values and not self._held:
            values, self._values = self._values, {}
            told_now = {c: ReportedValue(value=v, time=at) for c, (v, at) in values.items()}
            await calls.report_properties(self._device_id, uuid4().hex, told_now)
            self._sent |= {code: value for code, (value, _) in values.items()}
        else:
            return False
        return True
