"""What every group of OpenAPI calls stands on: the request to make, the shape to expect."""

from collections.abc import Mapping
from typing import Any, Protocol

from .errors import Reason, TuyaCommandError, TuyaConnectionError
from .message import JsonObject
from .signing import Query

type Rows = list[JsonObject]


class Request(Protocol):
    """The one choke point: sign, send, map errors, unwrap."""

    async def __call__(
        self,
        method: str,
        path: str,
        *,
        ids: Mapping[str, str] | None = None,
        query: Query | None = None,
        body: JsonObject | None = None,
        repeatable: bool | None = None,
    ) -> Any:
        """Return the `result` member of the answer; TuyaError if there is none."""


def malformed(method: str, path: str) -> TuyaConnectionError:
    """Build the error for a result of another shape than Tuya documents."""
    return TuyaConnectionError(Reason.MALFORMED_ANSWER, f"{method} {path}")


def as_object(result: Any, method: str, path: str) -> JsonObject:
    """Return a result that is an object."""
    if not isinstance(result, dict):
        raise malformed(method, path)
    return result


def as_rows(result: Any, method: str, path: str) -> Rows:
    """Return the objects of a result that is a list."""
    if not isinstance(result, list):
        raise malformed(method, path)
    return [row for row in result if isinstance(row, dict)]


def as_text(result: Any, method: str, path: str) -> str:
    """Return a result that is a text with something in it."""
    if not isinstance(result, str) or not result:
        raise malformed(method, path)
    return result


def as_accepted(result: Any, method: str, path: str) -> None:
    """Take the answer to a command; Tuya also says no with `success` true and a false result."""
    if result is False or result == "false":
        raise TuyaCommandError(Reason.NOT_DELIVERED, f"{method} {path}")
