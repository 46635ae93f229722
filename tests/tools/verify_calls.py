"""Calls of ``scripts/verify``: made by the integration's own client, kept under a name, counted.

Those made wrong on purpose are here too: refusals are facts, and none of these can do harm.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
import secrets
import ssl
import time
from typing import Any, cast

from aiohttp import ClientError, ClientSession
from yarl import URL

from custom_components.tuyalink_intercom.api import Endpoints, Reason, TuyaCloud, TuyaError
from custom_components.tuyalink_intercom.api.crypto import CaptureError, open_capture
from custom_components.tuyalink_intercom.api.signing import (
    signature,
    signature_message,
    signed_url,
    string_to_sign,
    wire_url,
)
from custom_components.tuyalink_intercom.api.storage import PictureStorage

from .verify_seen import Json, RecordingSession, Seen, SeenPicture

MOST_CALLS = 60
LIST = "/v2.0/cloud/thing/device"
# A call may be sent again: when Tuya is busy, and once after a refused token or clock.
_SPARE = 5
_HOUR = 3600.0
# Each further call would be refused as well, and may cost quota.
_HOPELESS = {Reason.QUOTA_USED_UP, Reason.PLAN_EXPIRED, Reason.PLAN_MISSING, Reason.UNREACHABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A cloud project's keys."""

    access_id: str = field(repr=False)
    access_secret: str = field(repr=False)


class Caller:
    """Makes calls of one project; whatever comes back is in `seen`."""

    def __init__(
        self, session: ClientSession, endpoints: Endpoints, keys: Keys, seen: Seen
    ) -> None:
        self.seen = seen
        self._endpoints = endpoints
        self._keys = keys
        self._session = RecordingSession(session, seen)
        self.cloud = self._client(keys.access_secret)
        self._over = False

    async def connect(self) -> None:
        """Sign in; raise TuyaError if the keys are not taken or nobody answers."""
        self._session.announce("token")
        await self.cloud.connect()

    async def call(
        self, step: str, path: str, device: str = "", asked: Mapping[str, str | int] | None = None
    ) -> Any:
        """Read a path; None if it was refused, or not asked."""
        ids = {"device_id": device} if device else None
        return await self.do(
            step, device, lambda: self.cloud.request("GET", path, ids=ids, query=asked), asked
        )

    async def do(
        self, step: str, device: str, call: Callable[[], Awaitable[Any]], asked: Json | None = None
    ) -> Any:
        """Make a call of the client under a name; None if it was refused, or not made."""
        if self._over or len(self.seen.exchanges) > MOST_CALLS - _SPARE:
            return None
        self._session.announce(step, device, asked)
        try:
            return await call()
        except TuyaError as error:
            self._over = error.reason in _HOPELESS
        return None

    async def fetch(self, url: str, key: str) -> None:
        """Fetch a capture and keep the file as it came."""
        storage = PictureStorage(self._endpoints, ssl.create_default_context())
        try:
            raw = await storage.download(url)
        except CaptureError:
            return
        finally:
            await storage.close()
        self.seen.pictures.append(SeenPicture(raw=raw, key=key, opened=_opens(raw, key)))

    async def be_refused(self) -> None:
        """Ask for what Tuya must refuse, each once."""
        if devices := self.seen.devices:
            foreign = made_up(str(devices[0].get("id", "")))
            await self.do("foreign", foreign, lambda: self.cloud.devices.shadow(foreign))
        await self.call("bad_path", "/v1.0/no-such-call")
        await self.do("bad_token", "", self._send_bad_token)
        await self.do("wrong_secret", "", self._client(self._keys.access_secret[::-1]).connect)
        late = self._client(self._keys.access_secret, behind=_HOUR)
        await self.do("late", "", late.connect)

    async def _send_bad_token(self) -> None:
        """Send one well-signed call with a token that nobody issued."""
        token, milliseconds = secrets.token_hex(16), str(int(self.cloud.now() * 1000))
        query = {"page_size": 1}
        request = string_to_sign("GET", signed_url(LIST, query))
        message = signature_message(self._keys.access_id, milliseconds, request, token=token)
        headers = {
            "client_id": self._keys.access_id,
            "sign": signature(self._keys.access_secret, message),
            "sign_method": "HMAC-SHA256",
            "t": milliseconds,
            "lang": "en",
            "access_token": token,
        }
        url = URL(str(self._endpoints.openapi.origin()) + wire_url(LIST, query), encoded=True)
        try:
            async with self._session.request("GET", url, headers=headers, allow_redirects=False):
                pass
        except ClientError, OSError:
            return

    def _client(self, secret: str, *, behind: float = 0.0) -> TuyaCloud:
        return TuyaCloud(
            cast("ClientSession", self._session),
            self._endpoints,
            self._keys.access_id,
            secret,
            now=lambda: time.time() - behind,
        )


def made_up(device_id: str) -> str:
    """Return an id of the same form that no device of the project has."""
    return "vdevo" + device_id[::-1][: max(1, len(device_id) - 5)]


def _opens(raw: bytes, key: str) -> bool:
    try:
        open_capture(raw, key)
    except CaptureError:
        return False
    return True
