"""``scripts/demo --once``: a ring, its picture, what is kept, an unlock, seen from both ends."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
import time
from typing import Any

from .demo_api import HomeAssistant
from .demo_control import Control
from .demo_entities import Entities
from .demo_error import DemoError
from .demo_folder import DOMAIN

PATIENCE_S = 20.0
STEP_S = 0.1


async def prove(
    home: HomeAssistant,
    changes: asyncio.Queue[Any],
    entities: Entities,
    control: Control,
    folder: Path,
) -> AsyncIterator[str]:
    """Yield a sentence for each thing that worked; DemoError for the first that did not.

    `folder` is Home Assistant's.
    """
    device = entities.with_keys("doorbell", "last_ring", "camera", "door", "door_2")
    bell, image, camera, door = (
        entities.ids[device, key] for key in ("doorbell", "last_ring", "camera", "door")
    )
    pressed = time.monotonic()
    event_id = await control.play("ring", device)
    heard = (await following(changes, bell))["attributes"]
    if heard["event_type"] != "ring":
        raise DemoError(f"{bell} tells of {heard['event_type']}, not of a ring")
    yield f"ring: {bell} after {_since(pressed)}"
    picture = await control.picture(event_id)
    shown = await following(changes, image)
    if await home.read(shown["attributes"]["entity_picture"]) != picture:
        raise DemoError(f"{image} shows another picture than the bell took")
    if await home.read(f"/api/camera_proxy/{camera}") != picture:
        raise DemoError(f"{camera} shows another picture than the bell took")
    yield f"picture: {image} and {camera} show the {len(picture)} bytes taken, {_since(pressed)}"
    yield await _kept(home, heard["event_id"], picture, folder)
    before = await control.opened(device, 1)
    await home.act("lock", "unlock", door)
    times = await control.opened(device, 1) - before
    if times != 1:
        raise DemoError(f"{door} was unlocked, and the door opened {times} times")
    yield f"unlock: {door} opened its door once"


async def _kept(home: HomeAssistant, event_id: str, picture: bytes, folder: Path) -> str:
    """Find the ring's picture among what is kept, and open it: its user, a stranger, on disk."""
    captures = (await home.ask(DOMAIN, "get_captures", event_id=event_id))["captures"]
    if [capture["occasion"] for capture in captures] != ["ring"]:
        raise DemoError(f"{len(captures)} pictures of the ring are kept")
    (capture,) = captures
    if await home.read(capture["url"]) != picture:
        raise DemoError("another picture than the bell took is kept")
    if await home.read(capture["url"], stranger=True):
        raise DemoError("a picture is shown to somebody who has not signed in")
    if await _on_disk(folder, f"{capture['capture_id']}.jpg") != picture:
        raise DemoError("another picture than the bell took is on disk")
    return f"kept: {capture['media_content_id']} on disk, for who has signed in"


async def _on_disk(folder: Path, name: str) -> bytes:
    """Wait for a file of the album: the disk follows what is shown."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for path in (folder / ".storage" / DOMAIN).rglob(name):
                    return path.read_bytes()
                await asyncio.sleep(STEP_S)
    except TimeoutError:
        raise DemoError("the picture is not on disk") from None


async def following(changes: asyncio.Queue[Any], entity_id: str) -> dict[str, Any]:
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
