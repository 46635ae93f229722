"""``scripts/demo --shot FILE``: a visitor rings, and somebody lets them in from the browser.

Everything is done by mouse and keyboard in a headless Chromium; what came of it is asked of
the simulator.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
import json
from pathlib import Path

from .browser import Page, page
from .demo_api import PASSWORD, USER
from .demo_control import Control
from .demo_dashboard import URL_PATH
from .demo_entities import Entities
from .demo_error import DemoError
from .demo_media import browse

SIZE = (1440, 1140)
SETTLE_S = 1.5
"""Home Assistant fades its cards in."""
MEANWHILE: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("Face terminal", "access_granted", {"person": "Anna"}),
    ("Gate keypad", "access_granted", {}),
    ("Front door lock", "wrong_attempts", {}),
)
"""What else is on the picture."""


async def let_in(home: str, control: Control, entities: Entities, file: Path) -> AsyncIterator[str]:
    """Yield a sentence for each thing that worked in the browser; DemoError for one that did not.

    `file` becomes a picture of the dashboard, and one beside it of the media browser.
    """
    device = entities.with_keys("doorbell", "last_ring", "door", "door_2")
    async with page() as screen:
        await screen.resize(*SIZE)
        await enter(screen, home)
        yield f"start page: {await screen.value('location.pathname')}"
        for name, scenario, options in MEANWHILE:
            other = next(key for key, known in entities.devices.items() if known == name)
            await control.play(scenario, other, **options)
        event_id = await _ring(screen, control, entities.devices[device])
        await screen.go(home)
        picture = await control.picture(event_id)
        await _compare(screen, entities.ids[device, "last_ring"], picture)
        yield "picture: the dashboard shows the visitor"
        before = await control.opened(device, 2)
        await screen.click(_button(entities.ids[device, "door_2"], "Unlock"))
        await screen.until(_shown(entities.ids[device, "door_2"], "Unlocked"))
        opened = await control.opened(device, 2) - before
        if opened != 1:
            raise DemoError(f"one click on Unlock opened the door {opened} times")
        yield "unlock: one click opened the door once"
        await asyncio.sleep(SETTLE_S)
        await screen.shoot(file)
        yield f"screenshot: {file}"
        media = file.with_stem(f"{file.stem}-media")
        async for sentence in browse(screen, home, entities.devices[device], picture, media):
            yield sentence
        if screen.faults:
            raise DemoError(f"errors in the page: {'; '.join(screen.faults)}")


async def enter(screen: Page, home: str) -> None:
    """Sign in and wait for the demo's dashboard."""
    await screen.go(home)
    for name, text in (("username", USER), ("password", PASSWORD)):
        await screen.fill(f"deepAll('input[name={name}]')[0]", text)
    await screen.press_enter()
    await screen.until(f"location.pathname.startsWith('/{URL_PATH}')")
    await screen.until("deepAll('hui-tile-card').length")


async def _ring(screen: Page, control: Control, name: str) -> str:
    """Press a bell on the simulator's own page; return the ring's event id."""
    await screen.go(control.address)
    card = f"deepAll('section.card').find((one) => one.innerText.startsWith({json.dumps(name)}))"
    await screen.click(f"{card}?.querySelector('button.ring')")
    source: str = await screen.until(f"{card}?.querySelector('img')?.src")
    return source.rpartition("/")[2]


async def _compare(screen: Page, image: str, picture: bytes) -> None:
    card = f"deepAll('hui-picture-entity-card').find((one) => one._config.entity === '{image}')"
    sources = f"deepAll('img', ({card})?.shadowRoot).map((one) => one.currentSrc)"
    # Until the picture has come, the card shows one of its own.
    source = await screen.until(f"{sources}.find((one) => one.includes('{image}'))")
    if await screen.fetched(source) != picture:
        raise DemoError("the dashboard shows another picture than the bell took")


def _tile(entity_id: str) -> str:
    return f"deepAll('hui-tile-card').find((one) => one._config.entity === '{entity_id}')"


def _button(entity_id: str, label: str) -> str:
    """Return the expression for a button on an entity's tile, by its label."""
    return (
        f"deepAll('ha-control-button', ({_tile(entity_id)})?.shadowRoot)"
        f".find((one) => (one.label || one.title || one.ariaLabel) === '{label}')"
    )


def _shown(entity_id: str, text: str) -> str:
    return f"deepText(({_tile(entity_id)})?.shadowRoot).includes('{text}')"
