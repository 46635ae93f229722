"""What the whole suite says aloud, searched for what the simulated cloud gave away in confidence.

Collected in every test: log records, events and with them states, answers and errors of
actions, diagnostics and repairs. A secret may stand only where it was asked for.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
import logging
import re
from typing import Any, override
from unittest.mock import patch

from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import EventBus, HomeAssistant, ServiceRegistry
from homeassistant.helpers import issue_registry as ir

from custom_components.tuyalink_intercom import diagnostics
from tests.simulator.issued import Issued

DOMAIN = "tuyalink_intercom"
OURS = f"custom_components.{DOMAIN}"
PLAIN = 12
"""A secret of so many characters is nowhere by chance; a shorter one has to stand alone."""
MOST = 50_000
ASKED_FOR: Mapping[str, frozenset[str]] = {
    "add_code": frozenset({"code"}),
    "add_password": frozenset({"password"}),
    "add_qr_code": frozenset({"qr_code"}),
    "change_code": frozenset({"code"}),
    "change_password": frozenset({"password"}),
    "get_dynamic_code": frozenset({"code"}),
    "get_offline_code": frozenset({"code"}),
}
"""Action → members of its answer that are what was asked for."""


@dataclass(slots=True)
class Spoken:
    """What one test said aloud, and the secrets that were known meanwhile."""

    secrets: set[str] = field(default_factory=set)
    said: list[tuple[str, Any]] = field(default_factory=list)

    def say(self, where: str, what: Any) -> None:
        """Keep something that was said; bounded, the rest of a flood is alike."""
        if len(self.said) < MOST:
            self.said.append((where, what))

    def leaks(self) -> Iterator[str]:
        """Yield where a secret stands, without the secret."""
        texts = [(where, _text(what)) for where, what in self.said]
        everything = "\n".join(text for _, text in texts)
        for secret in self.secrets:
            if _stands(secret, everything):
                yield from (
                    f"{where}: {text.replace(secret, '<secret>')[:300]}"
                    for where, text in texts
                    if _stands(secret, text)
                )


def _text(what: Any) -> str:
    if isinstance(what, logging.LogRecord):
        formatted: str = logging.Formatter("%(name)s %(message)s").format(what)
        return formatted
    if isinstance(what, Mapping):
        return repr({key: _shown(value) for key, value in what.items()})
    return repr(what)


def _shown(value: Any) -> Any:
    # A state's own repr leaves most of it out.
    return value.as_dict() if hasattr(value, "as_dict") else value


def _stands(secret: str, text: str) -> bool:
    if secret not in text:
        return False
    if len(secret) >= PLAIN:
        return True
    return re.search(rf"(?<![\w.]){re.escape(secret)}(?![\w.])", text) is not None


class _Listener(logging.Handler):
    def __init__(self, spoken: Spoken) -> None:
        super().__init__(logging.DEBUG)
        self._spoken = spoken

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self._spoken.say("log", record)


@contextmanager
def listening() -> Iterator[Spoken]:
    """Hear everything that is said aloud while a test runs."""
    spoken = Spoken()
    listener, ours = _Listener(spoken), logging.getLogger(OURS)
    logging.getLogger().addHandler(listener)
    level = ours.level
    # What nobody reads must not leak either: users send debug logs with their reports.
    ours.setLevel(logging.DEBUG)
    try:
        with (
            patch.object(Issued, "note", _noted(spoken, Issued.note)),
            patch.object(EventBus, "async_fire_internal", _fired(spoken)),
            patch.object(ServiceRegistry, "async_call", _called(spoken)),
            patch.object(
                diagnostics,
                "async_get_config_entry_diagnostics",
                _told(spoken, diagnostics.async_get_config_entry_diagnostics),
            ),
            patch.object(ir, "async_create_issue", _raised(spoken)),
        ):
            yield spoken
    finally:
        ours.setLevel(level)
        logging.getLogger().removeHandler(listener)


def _noted(spoken: Spoken, note: Callable[..., None]) -> Callable[..., None]:
    @wraps(note)
    def noted(self: Issued, *secrets: str) -> None:
        note(self, *secrets)
        spoken.secrets |= self.all() & set(secrets)

    return noted


def _fired(spoken: Spoken) -> Callable[..., None]:
    fire: Callable[..., None] = EventBus.async_fire_internal

    @wraps(fire)
    def fired(
        self: EventBus, event_type: str, event_data: Any = None, *rest: Any, **more: Any
    ) -> None:
        # Home Assistant tells of every action with what the user typed into it.
        if event_type != EVENT_CALL_SERVICE:
            spoken.say(f"event {event_type}", event_data)
        fire(self, event_type, event_data, *rest, **more)

    return fired


def _called(spoken: Spoken) -> Callable[..., Awaitable[Any]]:
    call: Callable[..., Awaitable[Any]] = ServiceRegistry.async_call

    @wraps(call)
    async def called(
        self: ServiceRegistry, domain: str, service: str, *rest: Any, **more: Any
    ) -> Any:
        try:
            answer = await call(self, domain, service, *rest, **more)
        except Exception as error:
            spoken.say(f"error of {domain}.{service}", f"{error!r} {error}")
            raise
        spoken.say(f"answer of {domain}.{service}", _without(answer, _asked_for(domain, service)))
        return answer

    return called


def _asked_for(domain: str, service: str) -> frozenset[str]:
    return ASKED_FOR.get(service, frozenset()) if domain == DOMAIN else frozenset()


def _without(answer: Any, asked_for: frozenset[str]) -> Any:
    """Return an answer without what was asked for, however deep it stands."""
    if isinstance(answer, dict):
        return {
            key: _without(value, asked_for) for key, value in answer.items() if key not in asked_for
        }
    return [_without(one, asked_for) for one in answer] if isinstance(answer, list) else answer


def _told(spoken: Spoken, tell: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @wraps(tell)
    async def told(hass: HomeAssistant, *rest: Any) -> Any:
        answer = await tell(hass, *rest)
        spoken.say("diagnostics", answer)
        return answer

    return told


def _raised(spoken: Spoken) -> Callable[..., None]:
    create: Callable[..., None] = ir.async_create_issue

    @wraps(create)
    def raised(hass: HomeAssistant, domain: str, issue_id: str, **more: Any) -> None:
        spoken.say(f"repair {issue_id}", more)
        create(hass, domain, issue_id, **more)

    return raised
