"""``scripts/demo --video FILE``: a camera is viewed live in a headless Chromium, and moves.

What counts is what the browser decodes: the film's own time goes on, and two looks at it differ.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from .browser import Page, page
from .demo_api import Socket
from .demo_browser import enter
from .demo_control import Control
from .demo_entities import Entities
from .demo_error import DemoError

SIZE = (960, 720)
URL_PATH = "live-video"
PLAYED_S = 2.0
PLACES = {"card": "hui-picture-entity-card", "dialog": "more-info-camera"}
ALLOCATE = "POST /v1.0/devices/{id}/stream/actions/allocate"
LOOK = """((film) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [64, 36];
  canvas.getContext("2d").drawImage(film, 0, 0, 64, 36);
  return canvas.toDataURL();
})"""


async def view_live(
    home: str, socket: Socket, control: Control, entities: Entities, file: Path
) -> AsyncIterator[str]:
    """Yield a sentence for each thing that is seen to work; DemoError for one that is not.

    `file` becomes a picture of the card while it plays.
    """
    camera = entities.ids[entities.with_keys("camera", "door", "door_2"), "camera"]
    if calls := await _allocated(control):
        raise DemoError(f"{calls} addresses were asked for before anybody viewed")
    yield "nobody views: no address was asked for"
    async with _board(socket, camera), page() as screen:
        await screen.resize(*SIZE)
        await enter(screen, home)
        await screen.go(f"{home}/{URL_PATH}")
        async for sentence in _watch(screen, "card"):
            yield sentence
        await screen.shoot(file)
        yield f"screenshot: {file}"
        # By a click: without one the browser plays no film that has its sound on.
        await screen.click(f"deepAll('{PLACES['card']}')[0]")
        async for sentence in _watch(screen, "dialog"):
            yield sentence
        if screen.faults:
            raise DemoError(f"errors in the page: {'; '.join(screen.faults)}")
    yield f"addresses asked for: {await _allocated(control)}"


async def _watch(screen: Page, place: str) -> AsyncIterator[str]:
    """See a film play: its size, that its time goes on, and that it changes."""
    film = (
        f"deepAll('video', deepAll('{PLACES[place]}')[0]?.shadowRoot).find((one) => one.videoWidth)"
    )
    width, height = await screen.until(
        f"(({film}) || 0) && [{film}.videoWidth, {film}.videoHeight]"
    )
    yield f"{place}: video of {width}x{height}"
    start = await screen.until(f"{film}.currentTime")
    before = await screen.value(f"{LOOK}({film})")
    end = await screen.until(f"{film}.currentTime > {start + PLAYED_S} && {film}.currentTime")
    yield f"{place}: played from {start:.1f} s to {end:.1f} s"
    if await screen.value(f"{LOOK}({film})") == before:
        raise DemoError("the video stands still")
    yield f"{place}: two looks at it differ"


async def _allocated(control: Control) -> int:
    calls: dict[str, int] = (await control.state())["calls"]
    return calls.get(ALLOCATE, 0)


@asynccontextmanager
async def _board(socket: Socket, camera: str) -> AsyncIterator[None]:
    """Have a dashboard with one live card for a while."""
    card = {"type": "picture-entity", "entity": camera, "camera_view": "live"}
    made: dict[str, Any] = await socket.command(
        "lovelace/dashboards/create", url_path=URL_PATH, title="Live video", show_in_sidebar=False
    )
    view = {"type": "panel", "title": "Live", "cards": [card]}
    await socket.command("lovelace/config/save", url_path=URL_PATH, config={"views": [view]})
    try:
        yield
    finally:
        await socket.command("lovelace/dashboards/delete", dashboard_id=made["id"])
