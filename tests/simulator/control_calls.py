"""How calls of the control side are read and answered: mistakes are `{"error"}` and a status."""

from collections.abc import Callable, Mapping
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from .answers import Refused
from .mischief import FaultError
from .stage import BAD, UNABLE, UNKNOWN, ScenarioError
from .thing_products import ProductError

type Body = Mapping[str, Any]
type Handler = Callable[[web.Request], Any]


def reading(show: Callable[[], Any]) -> Handler:
    """Answer with what a function shows."""

    async def handle(_: web.Request) -> web.Response:
        return web.json_response(show())

    return handle


def acting(act: Callable[[Body], Any]) -> Handler:
    """Do what the body asks for, and answer with what comes of it."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(act(await _body(request)))
        except ScenarioError as mistake:
            return error(mistake.status, str(mistake))
        except (FaultError, ProductError) as mistake:
            return error(BAD, str(mistake))
        except Refused as refused:
            return error(UNABLE, refused.message)

    return handle


def page(file: Path, policy: str) -> Handler:
    """Serve a page, which may do no more than its policy says."""

    def read() -> str:
        return file.read_text(encoding="utf-8")

    async def handle(_: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": policy}
        return web.Response(text=read(), content_type="text/html", headers=headers)

    return handle


def error(status: int, told: str) -> web.Response:
    """Answer with a mistake."""
    return web.json_response({"error": told}, status=status)


def text(body: Body, name: str) -> str:
    """Return a member that has to be text; raises ScenarioError."""
    value = body.get(name)
    if not isinstance(value, str):
        raise ScenarioError(BAD, f"{name} is missing or no text")
    return value


def count(body: Body, name: str) -> int:
    """Return a member that has to be a number from 0; raises ScenarioError."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ScenarioError(BAD, f"{name} is a number from 0")
    return value


def unknown(what: str) -> ScenarioError:
    """Return the mistake of somebody who asks for what is not there."""
    return ScenarioError(UNKNOWN, f"unknown {what}")


async def _body(request: web.Request) -> Body:
    raw = await request.read()
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError as mistake:
        raise ScenarioError(BAD, "the body is not JSON") from mistake
    if not isinstance(body, dict):
        raise ScenarioError(BAD, "the body is not an object")
    return body
