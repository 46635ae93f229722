"""Push delivery: owns the queue's task, knows whether messages arrive, says what is wrong.

Messages go straight to the coordinator; this module only watches over the transport.
"""

import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .api import Endpoints, QueueConsumer, QueueState
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

_LOGGER = logging.getLogger(__name__)

_REFUSALS = {
    QueueState.REFUSED_CREDENTIALS: "queue_refused_credentials",
    QueueState.REFUSED_ENVIRONMENT: "queue_refused_environment",
    QueueState.BUSY: "queue_busy",
}


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
    def start(self) -> None:
        """Connect in the background; the entry ends the task when it is unloaded."""
        if self.topic is None:
            self._clear_issues()
            return
        cloud = self._coordinator.cloud
        consumer = QueueConsumer(
            async_get_clientsession(self._hass),
            self._endpoints,
            self._entry.data[CONF_ACCESS_ID],
            self._entry.data[CONF_ACCESS_SECRET],
            topic=self.topic,
            suffix=self._entry.options.get(CONF_SUFFIX, DEFAULT_SUFFIX),
            receive=self._coordinator.receive,
            on_state=self._moved,
            counters=cloud.counters,
            sleep=sleeper(self._hass),
        )
        self._entry.async_create_background_task(
            self._hass, consumer.run(), f"{DOMAIN} queue", eager_start=False
        )

    @callback
    def _moved(self, state: QueueState) -> None:
        before, self.state = self.state, state
        if state is QueueState.CONNECTED:
            _LOGGER.info("The message queue is connected")
            self._clear_issues()
        elif before is QueueState.CONNECTED:
            _LOGGER.info("The message queue is lost; polling faster until it is back")
        if (key := _REFUSALS.get(state)) is not None:
            self._clear_issues(but=key)
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                self._issue_id(key),
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=key,
                translation_placeholders={"project": self._entry.title},
            )
        self._coordinator.pushing(healthy=self.connected)
        self._coordinator.async_update_listeners()

    def _clear_issues(self, but: str = "") -> None:
        for key in _REFUSALS.values():
            if key != but:
                ir.async_delete_issue(self._hass, DOMAIN, self._issue_id(key))

    def _issue_id(self, key: str) -> str:
        return f"{key}_{self._entry.entry_id}"
