"""HTTP push: the same messages, signed and posted to an address.

One task per address, ended by ``close``; a refused or lost request is not repeated.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from aiohttp import ClientError, ClientSession, ClientTimeout

from . import wire
from .dressing import Outgoing

WAITING = 1000
FORMS = frozenset({"plain", "envelope", "members"})


class Webhook:
    """Posts every message to one URL, in order."""

    def __init__(self, access_id: str, secret: str, now: Callable[[], float]) -> None:
        self.url = ""
        self.form = "envelope"
        self.statuses: deque[int] = deque(maxlen=WAITING)
        self._access_id = access_id
        self._secret = secret
        self._now = now
        self._outbox: asyncio.Queue[Outgoing] | None = None
        self._task: asyncio.Task[None] | None = None

    def aim(self, url: str, form: str) -> None:
        """Deliver to ``url`` from now on; "" stops."""
        self.url, self.form = url, form
        if self._task is None:
            self._outbox = asyncio.Queue(WAITING)
            self._task = asyncio.create_task(self._run(self._outbox))

    def offer(self, out: Outgoing) -> None:
        """Queue one message; the oldest goes when nobody takes them."""
        if not self.url or self._outbox is None:
            return
        if self._outbox.full():
            self._outbox.get_nowait()
        self._outbox.put_nowait(out)

    async def close(self) -> None:
        """End the task."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def request(self, out: Outgoing) -> tuple[dict[str, str], str]:
        """Return headers and body of one push in the chosen form."""
        stamp = str(int(self._now() * 1000))
        inner = out.body if self.form == "plain" else out.envelope(self._secret)
        payload = wire.compact(inner)
        sign = wire.webhook_sign(self._access_id, stamp, payload, self._secret)
        named = {"client-id": self._access_id, "timestamp": stamp, "sign": sign}
        if self.form != "plain" and out.em is not None:
            named["em"] = out.em
        plain = {"Content-Type": "application/json"}
        if self.form == "members":
            return plain, wire.compact({**named, "payload": payload})
        return {**plain, **named}, payload

    async def _run(self, outbox: asyncio.Queue[Outgoing]) -> None:
        async with ClientSession(timeout=ClientTimeout(total=10)) as session:
            while True:
                headers, body = self.request(await outbox.get())
                try:
                    async with session.post(self.url, data=body, headers=headers) as answer:
                        self.statuses.append(answer.status)
                except ClientError, TimeoutError:
                    self.statuses.append(0)
