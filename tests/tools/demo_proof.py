"""``scripts/demo --once``: a ring, its picture and an unlock, seen from both ends."""

import asyncio
from collections.abc import AsyncIterator
import time
from typing import Any

from .demo_api import HomeAssistant
from .demo_control import Control
from .demo_entities import Entities
from .demo_error import DemoError

PATIENCE_S = 20.0


async def prove(
    home: HomeAssistant, changes: asyncio.Queue[Any], entities: Entities, control: Control
) -> AsyncIterator[str]:
    """Yield a sentence for each thing that worked; DemoError for the first that did not."""
    device = entities.with_keys("doorbell", "last_ring", "camera", "door", "door_2")
    bell, image, camera, door = (
        entities.ids[device, key] for key in ("doorbell", "last_ring", "camera", "door")
    )
    pressed = time.monotonic()
    event_id = await control.play("ring", device)
    heard = (await _next(changes, bell))["attributes"]["event_type"]
    if heard != "ring":
        raise DemoError(f"{bell} tells of {heard}, not of a ring")
    yield f"ring: {bell} after {_since(pressed)}"
    picture = await control.picture(event_id)
    shown = await _next(changes, image)
    if await home.read(shown["attributes"]["entity_picture"]) != picture:
        raise DemoError(f"{image} shows another picture than the bell took")
    if await home.read(f"/api/camera_proxy/{camera}") != picture:
        raise DemoError(f"{camera} shows another picture than the bell took")
    yield f"picture: {image} and {camera} show the {len(picture)} bytes taken, {_since(pressed)}"
    before = await control.opened(device, 1)
    await home.act("lock", "unlock", door)
    times = await control.opened(device, 1) - before
    if times != 1:
        raise DemoError(f"{door} was unlocked, and the door opened {times} times")
    yield f"unlock: {door} opened its door once"


async def _next(changes: asyncio.Queue[Any], entity_id: str) -> dict[str, Any]:
    """Return an entity's next state that differs from the one before in more than attributes."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                change = (await changes.get())["data"]
                old, new = change["old_state"], change["new_state"]
                if change["entity_id"] == entity_id and new and new["state"] != old["state"]:
                    state: dict[str, Any] = new
                    return state
    except TimeoutError:
        raise DemoError(f"{entity_id} did not change within {PATIENCE_S:.0f} s") from None


def _since(start: float) -> str:
    return f"{(time.monotonic() - start) * 1000:.0f} ms"
