"""What went wrong with a call, in the one vocabulary the layers above translate from.

Tuya answers business errors with HTTP 200 and an integer code; the table below gives each code a
user can meet its reason. Four kinds tell what to do next: ask for new keys, raise a repair, retry
later, tell the user. Nothing here carries an id, a URL or a text of Tuya's.
"""

from collections.abc import Mapping
from enum import StrEnum, auto
from types import MappingProxyType
from typing import override


class Reason(StrEnum):
    """One situation that needs its own sentence; the value is its translation key."""

    INVALID_SECRET = auto()
    UNKNOWN_ACCESS_ID = auto()
    TOKEN_REJECTED = auto()
    NOT_LINKED = auto()
    IP_OR_REGION = auto()
    APP_ACCOUNT = auto()
    DATA_CENTER_SUSPENDED = auto()
    PLAN_MISSING = auto()
    PLAN_EXPIRED = auto()
    PLAN_UNPAID = auto()
    QUOTA_USED_UP = auto()
    API_NOT_SUBSCRIBED = auto()
    API_EXPIRED = auto()
    API_NOT_AUTHORIZED = auto()
    DEVICE_POOL_USED_UP = auto()
    CLOCK_SKEW = auto()
    THROTTLED = auto()
    SERVER_ERROR = auto()
    UNREACHABLE = auto()
    TIMED_OUT = auto()
    MALFORMED_ANSWER = auto()
    DEVICE_OFFLINE = auto()
    NOT_DELIVERED = auto()
    NOT_SUPPORTED = auto()
    NOT_FOUND = auto()
    UNKNOWN = auto()


OF_SERVICE = frozenset({Reason.API_EXPIRED, Reason.API_NOT_AUTHORIZED, Reason.API_NOT_SUBSCRIBED})
"""What is wrong is a service of Tuya's, for all its calls."""
NO_DEVICE = frozenset({Reason.NOT_FOUND, Reason.NOT_LINKED})
"""Tuya does not know what a call is about, or not in this project."""
OF_PROJECT = frozenset(
    {
        Reason.DATA_CENTER_SUSPENDED,
        Reason.IP_OR_REGION,
        Reason.PLAN_EXPIRED,
        Reason.PLAN_MISSING,
        Reason.PLAN_UNPAID,
        Reason.QUOTA_USED_UP,
    }
)
"""What is wrong is the project: everything is refused, whatever is asked."""

_CODES: Mapping[Reason, tuple[int, ...]] = {
    Reason.INVALID_SECRET: (1001, 1004, 1007, 1008),
    Reason.UNKNOWN_ACCESS_ID: (1005,),
    Reason.TOKEN_REJECTED: (1002, 1010, 1011, 1012, 1400),
    Reason.NOT_LINKED: (1106,),
    Reason.IP_OR_REGION: (1114, 2007),
    Reason.APP_ACCOUNT: (2406,),
    Reason.DATA_CENTER_SUSPENDED: (28841107,),
    Reason.PLAN_MISSING: (28841001,),
    Reason.PLAN_EXPIRED: (28841002,),
    Reason.PLAN_UNPAID: (28841003, 28841103),
    Reason.QUOTA_USED_UP: (28841004, 28841104),
    Reason.API_NOT_SUBSCRIBED: (28841101, 28841106, 1108),
    Reason.API_EXPIRED: (28841102,),
    Reason.API_NOT_AUTHORIZED: (28841105,),
    Reason.DEVICE_POOL_USED_UP: (60001001,),
    Reason.CLOCK_SKEW: (1013,),
    Reason.THROTTLED: (1110, 1111, 1112, 1113, 1199),
    Reason.SERVER_ERROR: (500,),
    Reason.DEVICE_OFFLINE: (2001,),
    Reason.NOT_DELIVERED: (1103,),
    Reason.NOT_SUPPORTED: (2003, 2004, 2008, 2009, 1109, 1100, 1101, 1102, 1104),
    Reason.NOT_FOUND: (2010, 1000, 2005, 2006),
}
REASONS: Mapping[int, Reason] = MappingProxyType(
    {code: reason for reason, codes in _CODES.items() for code in codes}
)
TOKEN_CODES = frozenset(_CODES[Reason.TOKEN_REJECTED])
THROTTLE_CODES = frozenset(_CODES[Reason.THROTTLED])
SIGN_INVALID, CLOCK_INVALID = 1004, 1013

# Tuya refuses these before anything is sent to the device.
_DEFINITE = frozenset(
    {2003, 2008, 2009, 1106, 1108, 1109}
    | {28841001, 28841002, 28841003}
    | {28841101, 28841102, 28841103, 28841105, 28841106}
)

# After these it is not known whether Tuya, or the device, did what was asked.
_UNCERTAIN = frozenset(
    {
        Reason.MALFORMED_ANSWER,
        Reason.NOT_DELIVERED,
        Reason.SERVER_ERROR,
        Reason.TIMED_OUT,
        Reason.UNREACHABLE,
    }
)


class TuyaError(Exception):
    """A call that did not succeed.

    `code`: Tuya's code, or the HTTP status when no Tuya answer came. `call`: method and path
    template, never with ids. `trace_id`: what Tuya's support asks for. `retry_after`: seconds.
    `unsent`: whether nothing of the call ever left, as no connection or no token was to be had.
    """

    def __init__(
        self,
        reason: Reason,
        call: str,
        *,
        code: int | None = None,
        trace_id: str | None = None,
        retry_after: float | None = None,
        unsent: bool = False,
    ) -> None:
        super().__init__(reason, call, code)
        self.reason = reason
        self.call = call
        self.code = code
        self.trace_id = trace_id
        self.retry_after = retry_after
        self.unsent = unsent

    @property
    def definite(self) -> bool:
        """True when the command was refused before delivery, so another way may be tried."""
        return self.code in _DEFINITE and self.reason is not Reason.UNKNOWN_ACCESS_ID

    @property
    def uncertain(self) -> bool:
        """True when what was asked may have been done all the same."""
        return self.reason in _UNCERTAIN and not self.unsent

    @override
    def __str__(self) -> str:
        code = "" if self.code is None else f" ({self.code})"
        return f"{self.reason}{code} at {self.call}"


class TuyaAuthError(TuyaError):
    """The keys are not accepted: ask for new ones."""


class TuyaPermissionError(TuyaError):
    """The project may not do this: subscription, authorisation, quota, data center."""


class TuyaConnectionError(TuyaError):
    """No usable answer now: retry later."""


class TuyaCommandError(TuyaError):
    """A device refused this command, or this value: tell the user."""


_AUTH = frozenset({Reason.INVALID_SECRET, Reason.UNKNOWN_ACCESS_ID, Reason.TOKEN_REJECTED})
_CONNECTION = frozenset(
    {
        Reason.CLOCK_SKEW,
        Reason.THROTTLED,
        Reason.SERVER_ERROR,
        Reason.UNREACHABLE,
        Reason.TIMED_OUT,
        Reason.MALFORMED_ANSWER,
    }
)
_COMMAND = frozenset(
    {
        Reason.DEVICE_OFFLINE,
        Reason.NOT_DELIVERED,
        Reason.NOT_SUPPORTED,
        Reason.NOT_FOUND,
        Reason.UNKNOWN,
    }
)

# A trial's monthly quota and an expired plan are cured by the calendar or in Tuya's console,
# and each refused call may cost quota again.
_RETRY_AFTER: Mapping[Reason, float] = {
    Reason.THROTTLED: 60.0,
    Reason.QUOTA_USED_UP: 6 * 3600.0,
    Reason.PLAN_EXPIRED: 12 * 3600.0,
}


def error_for(
    reason: Reason,
    call: str,
    *,
    code: int | None = None,
    trace_id: str | None = None,
    retry_after: float | None = None,
    unsent: bool = False,
) -> TuyaError:
    """Build the error of the kind that belongs to a reason."""
    if retry_after is None:
        retry_after = _RETRY_AFTER.get(reason)
    kind = _kind(reason)
    return kind(reason, call, code=code, trace_id=trace_id, retry_after=retry_after, unsent=unsent)


def _kind(reason: Reason) -> type[TuyaError]:
    if reason in _AUTH:
        return TuyaAuthError
    if reason in _CONNECTION:
        return TuyaConnectionError
    return TuyaCommandError if reason in _COMMAND else TuyaPermissionError
