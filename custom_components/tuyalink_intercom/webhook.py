"""The webhook door: signed HTTP requests from the internet, handed to the coordinator as messages.

It is a second carrier beside the queue; what both bring is recognised as one. The address is
a secret of the entry. Answers and logs never tell what a right request would have been.
"""

from collections import OrderedDict
from http import HTTPStatus
from types import ModuleType

from aiohttp.hdrs import METH_POST
from aiohttp.web import Request, RequestPayloadError, Response, json_response
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.importlib import async_import_module
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .api import (
    SignedRequest,
    WebhookMalformedError,
    WebhookRefusedError,
    check_request,
    messages_in,
)
from .api.webhook import BODY_LIMIT, WINDOW
from .arrivals import Source
from .const import CONF_ACCESS_ID, CONF_ACCESS_SECRET, CONF_WEBHOOK, DOMAIN
from .coordinator import TuyaLinkCoordinator

_ACCEPTED_AT_MOST = 4096
"""Accepted requests that are remembered; a repeat of an older one has known message ids."""


SELF_TEST = "tuyalinkIntercomSelfTest"
"""Kind of the message that we send to ourselves; it is about no device and changes nothing."""


class WebhookDoor:
    """The webhook of one entry, from set-up to unload."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._accepted: OrderedDict[str, float] = OrderedDict()

    @callback
    def start(self) -> None:
        """Open the door if the user wants it; it is closed when the entry is unloaded."""
        if not self._entry.options.get(CONF_WEBHOOK, False):
            return
        key = webhook_id_of(self._hass, self._entry)
        webhook.async_register(
            self._hass,
            DOMAIN,
            self._entry.title,
            key,
            lambda _hass, _key, request: self._answer(request),
            allowed_methods=[METH_POST],
        )
        self._entry.async_on_unload(lambda: webhook.async_unregister(self._hass, key))

    async def _answer(self, request: Request) -> Response:
        counts = self._coordinator.cloud.counters.webhook
        try:
            body = await _body(request)
            outcome = "too_large" if body is None else self._take(request, body)
        except WebhookRefusedError:
            outcome = "refused"
        except WebhookMalformedError, RequestPayloadError:
            outcome = "malformed"
        counts[outcome] += 1
        status = _STATUS[outcome]
        return json_response({"success": status == HTTPStatus.OK}, status=status)

    def _take(self, request: Request, body: bytes) -> str:
        """Hand the messages of a request on, unless it is an exact repeat."""
        data, now = self._entry.data, self._coordinator.cloud.now()
        secret = data[CONF_ACCESS_SECRET]
        signed = check_request(
            request.headers, body, access_id=data[CONF_ACCESS_ID], access_secret=secret, now=now
        )
        if signed.sign in self._accepted:
            return "repeated"
        messages = messages_in(signed, secret)
        self._remember(signed, now)
        for message in messages:
            source = Source.TEST if message.kind == SELF_TEST else Source.WEBHOOK
            self._coordinator.receive(message, source)
        return "accepted"

    def _remember(self, signed: SignedRequest, now: float) -> None:
        """Keep a signature for as long as its timestamp can pass."""
        accepted = self._accepted
        accepted[signed.sign] = signed.time + WINDOW
        while len(accepted) > _ACCEPTED_AT_MOST or next(iter(accepted.values())) < now:
            accepted.popitem(last=False)


_STATUS = {
    "accepted": HTTPStatus.OK,
    "repeated": HTTPStatus.OK,
    "refused": HTTPStatus.UNAUTHORIZED,
    "malformed": HTTPStatus.BAD_REQUEST,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


@callback
def webhook_id_of(hass: HomeAssistant, entry: ConfigEntry) -> str:
    """Return the secret end of an entry's address; made once, kept until the entry is deleted."""
    if CONF_WEBHOOK_ID not in entry.data:
        data = {**entry.data, CONF_WEBHOOK_ID: webhook.async_generate_id()}
        hass.config_entries.async_update_entry(entry, data=data)
    key: str = entry.data[CONF_WEBHOOK_ID]
    return key


async def async_public_address(hass: HomeAssistant, entry: ConfigEntry) -> str | None:
    """Return the address for senders on the internet: Nabu Casa's, else the external one.

    None when there is neither.
    """
    key = webhook_id_of(hass, entry)
    if (cloud := await _cloud(hass)) is not None:
        try:
            if cloud.async_active_subscription(hass):
                return str(await cloud.async_get_or_create_cloudhook(hass, key))
        except cloud.CloudNotAvailable:
            pass
    try:
        base = get_url(hass, allow_internal=False, allow_cloud=False, require_ssl=True)
    except NoURLAvailableError:
        return None
    return f"{base}{webhook.async_generate_path(key)}"


@callback
def local_address(hass: HomeAssistant, entry: ConfigEntry) -> str:
    """Return the address for a sender at home; the path alone when no host is known."""
    key = webhook_id_of(hass, entry)
    try:
        return webhook.async_generate_url(hass, key, prefer_external=False)
    except NoURLAvailableError:
        return webhook.async_generate_path(key)


async def async_remove_address(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete what an entry had at Nabu Casa."""
    cloud = await _cloud(hass)
    if cloud is None or CONF_WEBHOOK_ID not in entry.data:
        return
    try:
        await cloud.async_delete_cloudhook(hass, entry.data[CONF_WEBHOOK_ID])
    except cloud.CloudNotAvailable, ValueError:
        # Signed out, or there never was one (a ValueError of Nabu Casa's library).
        return


async def _cloud(hass: HomeAssistant) -> ModuleType | None:
    """Return Home Assistant's cloud integration where it is in use."""
    if "cloud" not in hass.config.components:
        return None
    # Its requirements are installed only where it is used: this module must load without them.
    return await async_import_module(hass, "homeassistant.components.cloud")


async def _body(request: Request) -> bytes | None:
    """Read a body up to the limit, None beyond it; a cloudhook's request has no other reader."""
    parts, size, stream = [], 0, request.content
    while part := await stream.read(BODY_LIMIT + 1 - size):
        parts.append(part)
        size += len(part)
        if size > BODY_LIMIT:
            return None
    return b"".join(parts)
