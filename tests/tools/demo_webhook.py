"""The demo's webhook: switched on as a user does it, and proved to take a signed ring only."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
import json
import time
from typing import Any

from tests.simulator.wire import webhook_sign

from .demo_api import HomeAssistant, Socket
from .demo_entities import Entities
from .demo_error import DemoError
from .demo_folder import DOMAIN

STALE_S = 3600
OPTIONS = "/api/config/config_entries/options/flow"


async def switch_on(home: HomeAssistant, socket: Socket) -> str:
    """Go through the options to the webhook's page, switch it on, and return its address."""
    (entry,) = await socket.command("config_entries/get", domain=DOMAIN)
    menu = await home.post(OPTIONS, {"handler": entry["entry_id"]})
    path = f"{OPTIONS}/{menu['flow_id']}"
    page = await home.post(path, {"next_step_id": "webhook"})
    await home.post(path, {"webhook": True})
    url: str = page["description_placeholders"]["url"]
    return url if "://" in url else f"{home.address}{url}"


async def prove_webhook(
    home: HomeAssistant,
    changes: asyncio.Queue[Any],
    entities: Entities,
    cloud: Mapping[str, str],
    url: str,
) -> AsyncIterator[str]:
    """Yield a sentence for each thing that worked; DemoError for the first that did not."""
    bell, device = _other_bell(entities)
    now = int(time.time())
    status = {"code": "doorbell_active", "value": str(now), "t": now * 1000}
    body = json.dumps({"devId": device, "status": [status]})
    good = _signed(cloud, body, now)
    for what, headers, expected in (
        ("forged", {**good, "sign": "0" * 64}, HTTPStatus.UNAUTHORIZED),
        ("stale", _signed(cloud, body, now - STALE_S), HTTPStatus.UNAUTHORIZED),
        ("signed", good, HTTPStatus.OK),
        ("repeated", good, HTTPStatus.OK),
    ):
        answered = await home.deliver(url, headers, body)
        if answered != expected:
            raise DemoError(f"the webhook answers a {what} request with {answered}")
    if (rings := await _rings(changes, bell)) != 1:
        raise DemoError(f"{bell} rang {rings} times by webhook")
    yield f"webhook: {bell} rang once; forged and stale requests got 401, a repeat rang nothing"


def _other_bell(entities: Entities) -> tuple[str, str]:
    """Choose the bell on battery: the intercom's was pressed a moment ago."""
    device = entities.with_keys("doorbell", "last_ring", "camera", "battery")
    return entities.ids[device, "doorbell"], device


def _signed(cloud: Mapping[str, str], body: str, now: int) -> dict[str, str]:
    sign = webhook_sign(cloud["access_id"], str(now), body, cloud["access_secret"])
    return {"client-id": cloud["access_id"], "timestamp": str(now), "sign": sign}


async def _rings(changes: asyncio.Queue[Any], bell: str) -> int:
    """Count the rings that were told; Home Assistant tells of them before it answers."""
    await asyncio.sleep(1)
    told = [changes.get_nowait()["data"] for _ in range(changes.qsize())]
    return sum(
        change["entity_id"] == bell and change["new_state"]["attributes"]["event_type"] == "ring"
        for change in told
    )
