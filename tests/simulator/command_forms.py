"""The spellings in which a command may come: Tuya publishes none, so a client takes them all.

Each form is a rewriting of one plain body `{"bizCode", "bizData": {"msgId", "data"}, "ts"}`.
"""

from collections.abc import Callable, Mapping
import json
from typing import Any

from .wire import compact

type Body = dict[str, Any]
SNAKES = {
    "actionCode": "action_code",
    "inputParams": "input_params",
    "msgId": "msg_id",
    "productId": "product_id",
    "productKey": "product_key",
}
INPUTS = "inputParams"


def _plain(body: Body) -> Body:
    return body


def _snake_case(body: Body) -> Body:
    """Name the members as the REST calls do."""
    renamed: Body = json.loads(compact(body), object_pairs_hook=_renamed)
    return renamed


def _properties(body: Body) -> Body:
    """Have the values at `properties`, and what an action is told beside its code."""
    data = dict(body["bizData"])
    told = data.pop("data")
    inner = told if "actionCode" in told else {"properties": told}
    return {**body, "bizData": {**data, **inner}}


def _wrapped(body: Body) -> Body:
    """Have each value in an object, as reports have it."""
    return _with_values(
        body, lambda values: {code: {"value": told} for code, told in values.items()}
    )


def _listed(body: Body) -> Body:
    """Have the values as a list, as messages of properties have it."""
    return _with_values(
        body, lambda values: [{"code": code, "value": told} for code, told in values.items()]
    )


def _text(body: Body) -> Body:
    """Have the values as JSON text, as calls of the OpenAPI take them."""
    return _with_values(body, compact)


def _top_level(body: Body) -> Body:
    """Have no `bizData`, as Tuya's device-side protocol has none."""
    rest = {name: value for name, value in body.items() if name != "bizData"}
    return {**rest, **body["bizData"]}


def _without_id(body: Body) -> Body:
    """Name no command: nobody can answer it."""
    data = {name: value for name, value in body["bizData"].items() if name != "msgId"}
    return {**body, "bizData": data}


FORMS: Mapping[str, Callable[[Body], Body]] = {
    "plain": _plain,
    "snake_case": _snake_case,
    "properties": _properties,
    "wrapped": _wrapped,
    "listed": _listed,
    "text": _text,
    "top_level": _top_level,
    "without_id": _without_id,
}
POINT_FORMS: Mapping[str, Callable[[Body], Body]] = {
    "snake_case": lambda body: {**body, "command": [_point(row) for row in body["command"]]},
    "text": lambda body: {
        **body,
        "command": [{**row, "dpId": str(row["dpId"])} for row in body["command"]],
    },
    "properties": lambda body: {
        **{name: value for name, value in body.items() if name != "command"},
        "bizData": {"command": body["command"], "devId": body["devId"]},
    },
}
"""Those that differ for data points; all others are plain."""


def _with_values(body: Body, change: Callable[[Mapping[str, Any]], Any]) -> Body:
    data, told = body["bizData"], body["bizData"]["data"]
    changed = {**told, INPUTS: change(told[INPUTS])} if INPUTS in told else change(told)
    return {**body, "bizData": {**data, "data": changed}}


def _renamed(pairs: list[tuple[str, Any]]) -> Body:
    return {SNAKES.get(name, name): value for name, value in pairs}


def _point(row: Mapping[str, Any]) -> Body:
    return {"dp_id": row["dpId"], "value": row["value"]}
