"""The access token: one, fetched by one caller at a time, shared by all.

Tuya's sign-in hands back the token it has issued already, with its remaining life, so several
programs share it in peace. A refresh would end it for all of them; therefore nothing here
refreshes: an old or refused token is replaced by signing in again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

SIGN_IN = "/v1.0/token"
SIGN_IN_QUERY = {"grant_type": 1}

_MARGIN = 60.0
_TOKEN_LENGTH = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token; `renew_at` is cloud time in Unix seconds."""

    value: str = field(repr=False)
    renew_at: float
    uid: str | None


def token_from(result: Any, now: float) -> Token | None:
    """Read the answer to a sign-in given at cloud time `now`; None when it is not a token.

    `expire_time` is the life that remains, in seconds, not the life the token was issued with.
    """
    if not isinstance(result, dict):
        return None
    value = result.get("access_token")
    life = result.get("expire_time", result.get("expire"))
    if not isinstance(value, str) or not 0 < len(value) <= _TOKEN_LENGTH:
        return None
    if not (value.isascii() and value.isprintable()):
        return None
    if isinstance(life, bool) or not isinstance(life, int | float):
        return None
    uid = result.get("uid")
    # A token about to expire is handed back too; half its life keeps it of use until it does.
    renew_at = now + max(0.0, life - min(_MARGIN, life / 2))
    return Token(value=value, renew_at=renew_at, uid=uid if isinstance(uid, str) else None)


class TokenKeeper:
    """Keep the token of one project."""

    def __init__(self, sign_in: Callable[[], Awaitable[Token]], now: Callable[[], float]) -> None:
        self._sign_in = sign_in
        self._now = now
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self.uid: str | None = None

    async def token(self) -> str:
        """Return a token that is good now: the one at hand, else a new sign-in."""
        async with self._lock:
            if self._token is None or self._now() >= self._token.renew_at:
                return await self._renewed()
            return self._token.value

    async def renew(self) -> None:
        """Sign in, whatever is at hand."""
        async with self._lock:
            await self._renewed()

    def refused(self, value: str) -> None:
        """Forget a token Tuya refused, unless another caller has replaced it meanwhile."""
        if self._token is not None and self._token.value == value:
            self._token = None

    async def _renewed(self) -> str:
        self._token = None
        token = await self._sign_in()
        self._token, self.uid = token, token.uid
        return token.value
