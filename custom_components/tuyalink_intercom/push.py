"""Push delivery: owns the tasks that read the queue, and tells how its connection is.

Messages go straight to the coordinator, warnings of a backlog to who asked for them. What the
states mean for polling and the user is judged in `health`.
"""

import asyncio
from collections.abc import Callable
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .api import Endpoints, Message, QueueConsumer, QueueState
from .api.counters import Counters
from .connection import sleeper
from .const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_DELIVERY,
    CONF_SUFFIX,
    DEFAULT_SUFFIX,
    DELIVERY_PRODUCTION,
    DOMAIN,
    TOPICS,
)
from .coordinator import TuyaLinkCoordinator
from .subscriptions import Subscriptions

_LOGGER = logging.getLogger(__name__)

_NOTICES = "notice"
_REFUSALS = frozenset(
    {
        QueueState.REFUSED_CREDENTIALS,
        QueueState.REFUSED_SERVICE,
        QueueState.REFUSED_ENVIRONMENT,
        QueueState.BUSY,
    }
)


class PushDelivery:
    """The message queue of one entry, from set-up to unload."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        endpoints: Endpoints,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._endpoints = endpoints
        self._states = Subscriptions[QueueState]()
        self._notices = Subscriptions[Message]()
        self._notice_task: asyncio.Task[None] | None = None
        self.state: QueueState | None = None

    @property
    def topic(self) -> str | None:
        """The queue's topic, `None` when the user switched the queue off."""
        return TOPICS.get(self._entry.options.get(CONF_DELIVERY, DELIVERY_PRODUCTION))

    @property
    def connected(self) -> bool:
        """Whether the queue is connected now."""
        return self.state is QueueState.CONNECTED

    @callback
    def watch(
        self, moved: Callable[[QueueState], None], noticed: Callable[[Message], None]
    ) -> Callable[[], None]:
        """Tell of every state of the connection and every warning; returns what ends it."""
        removers = (self._states.add(None, moved), self._notices.add(None, noticed))

        def remove() -> None:
            for each in removers:
                each()

        return remove

    @callback
    def start(self) -> None:
        """Connect in the background; the entry ends the task when it is unloaded."""
        if self.topic is not None:
            counters = self._coordinator.cloud.counters
            consumer = self._consumer(self.topic, self._coordinator.receive, self._moved, counters)
            self._entry.async_create_background_task(
                self._hass, consumer.run(), f"{DOMAIN} queue", eager_start=False
            )

    def _consumer(
        self,
        topic: str,
        receive: Callable[[Message], None],
        on_state: Callable[[QueueState], None],
        counters: Counters,
    ) -> QueueConsumer:
        return QueueConsumer(
            async_get_clientsession(self._hass),
            self._endpoints,
            self._entry.data[CONF_ACCESS_ID],
            self._entry.data[CONF_ACCESS_SECRET],
            topic=topic,
            suffix=self._entry.options.get(CONF_SUFFIX, DEFAULT_SUFFIX),
            receive=receive,
            on_state=on_state,
            counters=counters,
            sleep=sleeper(self._hass),
        )

    @callback
    def _moved(self, state: QueueState) -> None:
        before, self.state = self.state, state
        if state is QueueState.CONNECTED:
            _LOGGER.info("The message queue is connected")
            self._read_notices()
        elif before is QueueState.CONNECTED:
            _LOGGER.info("The message queue is lost")
        self._states.emit("", state)
        self._coordinator.async_update_listeners()

    def _read_notices(self) -> None:
        """Listen to Tuya's warnings too, once; test devices alone pile up nothing."""
        if self._notice_task is not None or self.topic != TOPICS[DELIVERY_PRODUCTION]:
            return
        consumer = self._consumer(
            _NOTICES,
            lambda message: self._notices.emit("", message),
            self._notices_moved,
            # The project's own counts are about its messages.
            Counters(),
        )
        self._notice_task = self._entry.async_create_background_task(
            self._hass, consumer.run(), f"{DOMAIN} notices", eager_start=False
        )

    @callback
    def _notices_moved(self, state: QueueState) -> None:
        # Warnings are an extra that the user has to order: without them nothing is missing.
        if state in _REFUSALS and self._notice_task is not None:
            self._notice_task.cancel()
