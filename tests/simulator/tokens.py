"""The project's token pair: one pair at a time, handed out again while it lives."""

from collections.abc import Callable
import secrets
from typing import Any

from .answers import Refused
from .issued import Issued

LIFETIME_S = 7200
RENEW_S = 60
PROJECT_UID = "bay1700000000000Sim"


class Tokens:
    """Issues, renews and checks access tokens.

    ``grant_type=1`` hands back the living token with what is left of its time; a refresh makes
    a new pair and kills the old one.
    """

    def __init__(self, now: Callable[[], float], issued: Issued) -> None:
        self._issued = issued
        self.lifetime_s = LIFETIME_S
        self.dead_on_arrival = 0
        self._now = now
        self._access = ""
        self._refresh = ""
        self._ends = 0.0

    def get(self) -> dict[str, Any]:
        """Return the living pair, a new one if it is about to end."""
        if not self._access or self._ends - self._now() <= RENEW_S:
            self._issue()
        return self._shown()

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Exchange a refresh token; raises Refused(1010) for one that is not the newest."""
        if not self._refresh or refresh_token != self._refresh:
            raise Refused(1010)
        self._issue()
        return self._shown()

    def check(self, access_token: str) -> None:
        """Raise Refused unless the token is the living one."""
        if not access_token:
            raise Refused(1002)
        if access_token != self._access or self._now() >= self._ends:
            raise Refused(1010)

    def expire(self) -> None:
        """End the access token now; the refresh token goes with it."""
        self._access = self._refresh = ""
        self._ends = 0.0

    def _issue(self) -> None:
        self._access = secrets.token_hex(16)
        self._refresh = secrets.token_hex(16)
        self._ends = self._now() + self.lifetime_s
        self._issued.note(self._access, self._refresh)

    def _shown(self) -> dict[str, Any]:
        shown = {
            "access_token": self._access,
            "expire_time": max(0, round(self._ends - self._now())),
            "refresh_token": self._refresh,
            "uid": PROJECT_UID,
        }
        if self.dead_on_arrival > 0:
            self.dead_on_arrival -= 1
            self.expire()
        return shown
