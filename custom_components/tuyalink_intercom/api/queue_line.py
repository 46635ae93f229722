"""The way to one subscription of the message queue: address, login, refusals, sibling hosts.

The login is two static headers made from the keys: no token, no clock. Certificates are verified,
although Tuya's own SDKs do not.
"""

import asyncio
from collections.abc import Mapping
from enum import StrEnum, auto
from http import HTTPStatus
from typing import Final, Literal
from urllib.parse import quote

from aiohttp import (
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    ClientWSTimeout,
    WSServerHandshakeError,
)
from yarl import URL

from .crypto import queue_password
from .frames import FRAME_LIMIT
from .regions import Endpoints

_CONNECT_SECONDS: Final = 15.0
_CLOSE: Final = ClientWSTimeout(ws_close=2.0)
# Above a frame's own limit, so that an oversized frame can still be acknowledged.
_SOCKET_LIMIT: Final = 8 * FRAME_LIMIT

type Socket = ClientWebSocketResponse[Literal[False]]


class QueueState(StrEnum):
    """How the connection to the queue is."""

    CONNECTING = auto()
    CONNECTED = auto()
    REFUSED_CREDENTIALS = auto()
    REFUSED_SERVICE = auto()
    REFUSED_ENVIRONMENT = auto()
    BUSY = auto()
    LOST = auto()


_REFUSALS: Final[Mapping[int, QueueState]] = {
    HTTPStatus.UNAUTHORIZED: QueueState.REFUSED_CREDENTIALS,
    # The keys are known, but the project may not read the topic.
    HTTPStatus.FORBIDDEN: QueueState.REFUSED_SERVICE,
    # Tuya answers 500 when the topic of the other environment (production, test) is asked for.
    HTTPStatus.INTERNAL_SERVER_ERROR: QueueState.REFUSED_ENVIRONMENT,
    HTTPStatus.NOT_FOUND: QueueState.REFUSED_ENVIRONMENT,
    HTTPStatus.CONFLICT: QueueState.BUSY,
}

_ELSEWHERE: Final = frozenset(
    {QueueState.REFUSED_CREDENTIALS, QueueState.REFUSED_SERVICE, QueueState.LOST}
)
"""After these a sibling host may still be the right one."""


def queue_url(endpoint: URL, access_id: str, topic: str, suffix: str) -> URL:
    """Address of one subscription; `endpoint` ends in "/"."""
    tenant, subscription = quote(access_id, safe=""), quote(f"{access_id}-{suffix}", safe="")
    path = f"ws/v2/consumer/persistent/{tenant}/out/{quote(topic, safe='')}/{subscription}"
    return URL(f"{endpoint}{path}?ackTimeoutMillis=30000&subscriptionType=Failover", encoded=True)


class Line:
    """The way to one subscription: which hosts to dial, and as whom."""

    def __init__(
        self,
        session: ClientSession,
        endpoints: Endpoints,
        access_id: str,
        access_secret: str,
        topic: str,
        suffix: str,
    ) -> None:
        self._session = session
        self._urls = [queue_url(host, access_id, topic, suffix) for host in endpoints.queues]
        self._headers = {
            "username": access_id,
            "password": queue_password(access_id, access_secret),
        }

    async def dial(self) -> Socket | QueueState:
        """Connect, or tell why not; the caller closes the socket.

        A data center may have a sibling host: it is asked when the first refuses the keys or
        cannot be reached, and remembered when it accepts.
        """
        outcome: QueueState | None = None
        for url in tuple(self._urls):
            answer = await self._dial(url)
            if not isinstance(answer, QueueState):
                self._urls.sort(key=lambda other: other != url)
                return answer
            outcome = outcome or answer
            if answer not in _ELSEWHERE:
                break
        return outcome or QueueState.LOST

    async def _dial(self, url: URL) -> Socket | QueueState:
        username = self._headers["username"]
        if not (username.isascii() and username.isprintable()):
            # It could not even stand in a header.
            return QueueState.REFUSED_CREDENTIALS
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                return await self._session.ws_connect(
                    url,
                    headers=self._headers,
                    autoping=False,
                    timeout=_CLOSE,
                    max_msg_size=_SOCKET_LIMIT,
                    decode_text=False,
                )
        except WSServerHandshakeError as error:
            return _REFUSALS.get(error.status, QueueState.LOST)
        except ClientError, OSError:
            return QueueState.LOST


async def probe_queue(
    session: ClientSession,
    endpoints: Endpoints,
    access_id: str,
    access_secret: str,
    *,
    topic: str = "event",
    suffix: str = "sub",
) -> QueueState:
    """Connect, acknowledge nothing, close at once; tell how it went.

    A second consumer takes messages from the first: not while a consumer of ours runs.
    """
    answer = await Line(session, endpoints, access_id, access_secret, topic, suffix).dial()
    if isinstance(answer, QueueState):
        return answer
    await answer.close()
    return QueueState.CONNECTED
