"""The media browser in a real frontend: walked by clicks from our source down to a picture.

What is told of every step is read from the page; the pictures are compared with the simulator's.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
import json
from pathlib import Path
from typing import Any

from .browser import Page
from .demo_album import DAYS
from .demo_dashboard import ALL_PICTURES
from .demo_error import DemoError
from .demo_folder import DOMAIN

SOURCE = f"media-source://{DOMAIN}"
DAYS_SIZE, FOUND_SIZE = (1440, 560), (1440, 720)
SETTLE_S = 1.5
"""Home Assistant fades its pages in."""
LISTED = f"""deepAll('.child, ha-list-item, ha-list-item-button')
  .filter((one) => one.item?.media_content_id?.startsWith('{SOURCE}'))"""
THUMBNAILS = """deepAll('ha-media-browser-thumbnail')
  .map((one) => one.shadowRoot?.querySelector('.image'))
  .map((one) => one && getComputedStyle(one).backgroundImage.match(/^url\\("(.+)"\\)$/)?.[1])"""
WIDTHS = """Promise.all(%s.map((source) => new Promise((resolve) => {
  const image = new Image();
  image.onload = () => resolve(image.naturalWidth);
  image.onerror = () => resolve(0);
  image.src = source;
})))"""
OPENED = "deepAll('img', deepAll('hui-dialog-web-browser-play-media')[0]?.shadowRoot)[0]"
LINK = f"""deepAll('hui-heading-card').map((one) => one.shadowRoot)
  .find((one) => deepText(one).includes('{ALL_PICTURES}'))?.querySelector('.content')"""
SEARCH = "deepAll('ha-panel-media-browser .search-input, .search-row .search-input')[0]"


async def browse(
    screen: Page, home: str, device: str, picture: bytes, file: Path
) -> AsyncIterator[str]:
    """Yield a sentence for each thing that worked; DemoError for the first that did not.

    `picture` is the newest of the device named; `file` becomes a picture of the browser.
    """
    await screen.resize(*DAYS_SIZE)
    await screen.go(f"{home}/media-browser/browser")
    await _open(screen, f"one.item.media_content_id === '{SOURCE}'")
    await _open(screen, f"one.item.title === {json.dumps(device)}")
    days = await _listed(screen)
    found = {day for item in days if (day := _day(item)) is not None}
    if len(found) <= DAYS:
        raise DemoError(f"the media browser lists {len(found)} days of {device}")
    await _thumbnails(screen)
    await asyncio.sleep(SETTLE_S)
    await screen.shoot(file)
    yield f"media: {device} has pictures of {len(found)} days; screenshot: {file}"
    await _open(screen, f"one.item.media_content_id.endsWith('/{max(found)}')")
    await _open(screen, "one.item.media_content_id.endsWith('/ring')")
    shown = await _thumbnails(screen)
    yield f"media: {shown} of {shown} thumbnails of the newest day's rings are pictures"
    await screen.click(f"{LISTED}[0]")
    source = await screen.until(f"{OPENED}?.complete && {OPENED}.naturalWidth && {OPENED}.src")
    if await screen.fetched(source) != picture:
        raise DemoError("the media browser opens another picture than the bell took")
    yield "media: the newest opens, and is the one that the bell took"
    yield await _search(screen, home, file.with_stem(f"{file.stem}-search"))


async def _search(screen: Page, home: str, file: Path) -> str:
    """Go there from the dashboard and search in everything; what is found becomes a picture."""
    await screen.resize(*FOUND_SIZE)
    await screen.go(home)
    await screen.click(LINK)
    await screen.fill(f"deepAll('input', {SEARCH}?.shadowRoot)[0]", "ring")
    await screen.press_enter()
    await screen.until(f"{LISTED}.some((one) => one.item.media_content_id.includes('/capture/'))")
    found = await _listed(screen)
    if wrong := [item["title"] for item in found if "/capture/" not in item["media_content_id"]]:
        raise DemoError(f"a search for rings finds {', '.join(wrong)}")
    loaded = await _thumbnails(screen)
    await asyncio.sleep(SETTLE_S)
    await screen.shoot(file)
    return f"media: a search for rings shows {loaded} thumbnails; screenshot: {file}"


async def _open(screen: Page, condition: str) -> None:
    """Click on what is listed and fulfils a condition, and wait for the page behind it."""
    before = await screen.value("location.href")
    await screen.click(f"{LISTED}.find((one) => {condition})")
    await screen.until(f"location.href !== {json.dumps(before)}")
    await screen.until(f"{LISTED}.length")


async def _listed(screen: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await screen.until(
        f"(({LISTED}).length && {LISTED}.map(({{ item }}) => ({{"
        "title: item.title, media_content_id: item.media_content_id })))"
    )
    return found


def _day(item: dict[str, Any]) -> date | None:
    try:
        return date.fromisoformat(item["media_content_id"].rpartition("/")[2])
    except ValueError:
        return None


async def _thumbnails(screen: Page) -> int:
    """Wait for the thumbnails in sight; return how many there are."""
    await screen.until(f"(({THUMBNAILS}).length && {THUMBNAILS}.every((source) => source))")
    widths: list[int] = await screen.value(WIDTHS % THUMBNAILS)
    if not all(widths):
        raise DemoError(f"{widths.count(0)} of {len(widths)} thumbnails are no pictures")
    return len(widths)
