"""Answers of the OpenAPI: the envelope and the error codes, which travel in HTTP 200."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

MESSAGES: Mapping[int, str] = {
    500: "system error, please contact the admin",
    1000: "data not exist",
    1001: "secret invalid",
    1002: "access_token is null",
    1003: "grant type invalid",
    1004: "sign invalid",
    1005: "clientId invalid",
    1006: "not support content type",
    1010: "token invalid",
    1011: "token invalid",
    1012: "token status is invalid",
    1013: "request time is invalid",
    1100: "param is empty",
    1101: "params range invalid",
    1102: "param is null",
    1103: "commands issue error",
    1104: "type is incorrect",
    1105: "missing the header",
    1106: "permission deny",
    1107: "code invalid",
    1108: "uri path invalid",
    1109: "param is illegal, please check it",
    1110: "concurrent request over limit",
    1111: "system is busy, please retry later",
    1112: "the user is syncing in the background, please try again later",
    1113: "do not repeat the operation in a short time",
    1114: "your ip(127.0.0.1) don't have access to this API",
    1199: "your requests are too frequent",
    1400: "token invalid",
    2001: "device is offline",
    2003: "function not support",
    2004: "not support the lock type",
    2005: "product not exist",
    2006: "user not exist",
    2007: "your ip(127.0.0.1) cross-region access is not allowed",
    2008: "command or value not support",
    2009: "not support this device",
    2010: "device not exist",
    2406: "skill id invalid",
    28841001: "No permissions",
    28841002: "No permissions. Your subscription to cloud development plan has expired.",
    28841003: "No permissions. The bill of your cloud development plan is overdue.",
    28841004: "No permissions. Your quota of Trial Edition is used up.",
    28841101: "No permissions. This API is not subscribed.",
    28841102: "No permissions. Your subscription to this API has expired.",
    28841103: "No permissions. The bill of this API is overdue.",
    28841104: "No permissions. Your quota of this API is used up.",
    28841105: "No permissions. This project is not authorized to call this API",
    28841106: "No permissions. This API is not subscribed.",
    28841107: "No permission. The data center is suspended."
    "Please go to the cloud development platform to enable the data center.",
    60001001: "Your controllable device pool quota is insufficient.",
}


class Refused(Exception):  # noqa: N818 - reads as what it is: the cloud refused
    """A business error with Tuya's code."""

    def __init__(self, code: int, message: str | None = None) -> None:
        super().__init__(f"{code}")
        self.code = code
        self.message = message or MESSAGES.get(code, "unknown error")


def success(result: Any, at_ms: int) -> dict[str, Any]:
    """Return the envelope of a good answer; ``at_ms`` is the server clock."""
    return {"result": result, "success": True, "t": at_ms, "tid": uuid4().hex}


def failure(refused: Refused, at_ms: int) -> dict[str, Any]:
    """Return the envelope of a business error: no ``result``."""
    return {
        "code": refused.code,
        "msg": refused.message,
        "success": False,
        "t": at_ms,
        "tid": uuid4().hex,
    }
