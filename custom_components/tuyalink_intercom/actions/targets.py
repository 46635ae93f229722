"""Whom an action is for, and who may call it: doors by their lock entities, administrators."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service import async_extract_entity_ids
from homeassistant.util.json import JsonValueType

from ..const import DOMAIN
from ..model.doors import Door
from ..model.keys import KeyState
from ..model.state import Device
from ..runtime import TuyaLinkConfigEntry

type Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]
type Answer = dict[str, JsonValueType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A door that an action is for."""

    entity_id: str
    entry: TuyaLinkConfigEntry
    device: Device
    door: Door


def for_admins(handler: Handler) -> Handler:
    """Let only administrators call an action; automations, which have no user, may."""

    @wraps(handler)
    async def guarded(call: ServiceCall) -> ServiceResponse:
        user = await async_user(call)
        if user is not None and not user.is_admin:
            raise Unauthorized(context=call.context)
        return await handler(call)

    return guarded


async def async_user(call: ServiceCall) -> User | None:
    """Return who calls, `None` for an automation; raise UnknownUser for one who is gone."""
    if (user_id := call.context.user_id) is None:
        return None
    if (user := await call.hass.auth.async_get_user(user_id)) is None:
        raise UnknownUser(context=call.context)
    return user


async def async_doors(call: ServiceCall) -> list[Target]:
    """Return the doors that an action is for, by entity id; raise a translated error if none."""
    if found := [*_doors(call.hass, await async_extract_entity_ids(call))]:
        return found
    raise refusal("no_door")


async def async_each(
    call: ServiceCall, act: Callable[[Target], Awaitable[Answer]]
) -> ServiceResponse:
    """Do something at every door of an action; answer by entity id, as Home Assistant does."""
    return {target.entity_id: await act(target) for target in await async_doors(call)}


async def async_in_turn(
    call: ServiceCall, acts: Mapping[str, Callable[[], Awaitable[Answer]]]
) -> ServiceResponse:
    """Do something at one door after the other, by entity id.

    What was made at one door must not go under in the error of the next: then that error is part
    of the answer. Whoever asks for no answer learns from an error that something failed.
    """
    told: dict[str, Any] = {}
    failed: HomeAssistantError | None = None
    for entity_id, act in acts.items():
        try:
            told[entity_id] = await act()
        except HomeAssistantError as error:
            if not told:
                raise
            failed = error
            told[entity_id] = {"state": KeyState.FAILED.value, "error": str(error)}
    if call.return_response:
        return told
    if failed is not None:
        raise failed
    if any(_has_failed(answer) for answer in told.values()):
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="key_failed")
    return None


def _has_failed(answer: Mapping[str, Any]) -> bool:
    return any(one.get("state") == KeyState.FAILED for one in (answer, *answer.get("persons", ())))


def refusal(key: str, **told: str) -> ServiceValidationError:
    """Return the error for something that cannot be done as it was asked for."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=told or None
    )


def _doors(hass: HomeAssistant, entity_ids: set[str]) -> Iterator[Target]:
    registry = er.async_get(hass)
    for entity_id in sorted(entity_ids):
        shown = registry.async_get(entity_id)
        # A device stands for its doors; its other entities are no target.
        if shown is None or shown.platform != DOMAIN or shown.domain != Platform.LOCK:
            continue
        entry: TuyaLinkConfigEntry | None = hass.config_entries.async_get_entry(
            shown.config_entry_id or ""
        )
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            raise refusal("project_not_loaded")
        devices = entry.runtime_data.coordinator.data.devices.values()
        for device in devices:
            door = device.door(shown.unique_id.removeprefix(f"{device.id}_"))
            if door is not None and shown.unique_id == f"{device.id}_{door.key}":
                yield Target(entity_id=entity_id, entry=entry, device=device, door=door)
