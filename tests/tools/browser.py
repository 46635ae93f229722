"""A headless Chromium by its own DevTools protocol: pages, clicks, pictures of the screen.

Home Assistant's pages are built of shadow roots; `DEEP` finds through them.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
import itertools
import json
import os
from pathlib import Path
import re
import shutil
import signal
import tempfile
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse
from PIL import Image

from .demo_error import DemoError

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-port=0",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PATIENCE_S = 30.0
STEP_S = 0.1
STILL_S = 0.3

DEEP = """
window.deepAll = (selector, root = document) => {
  if (!root) return [];
  const found = [...root.querySelectorAll(selector)];
  for (const node of root.querySelectorAll("*")) {
    if (node.shadowRoot) found.push(...deepAll(selector, node.shadowRoot));
  }
  return found;
};
window.deepText = (node) => {
  if (!node) return "";
  const inner = node.shadowRoot ? deepText(node.shadowRoot) : "";
  return inner + [...node.childNodes].map((child) => child.nodeType === 3 ? child.data
    : ["STYLE", "SCRIPT"].includes(child.nodeName) ? "" : deepText(child)).join(" ");
};
window.middle = (node) => {
  if (!node) return null;
  node.scrollIntoView({ block: "center" });
  const box = node.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  let at = document.elementFromPoint(x, y);
  for (let inner = at; inner && inner.shadowRoot; at = inner || at) {
    inner = inner.shadowRoot.elementFromPoint(x, y);
    if (inner === at) break;
  }
  while (at && at !== node) at = at.parentNode || at.host;
  return at ? [x, y] : null;
};
"""


class Page:
    """One page, seen at a size in CSS pixels."""

    def __init__(self, line: ClientWebSocketResponse) -> None:
        self._line = line
        self._ids = itertools.count(1)
        self.faults: list[str] = []

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol."""
        number = next(self._ids)
        await self._line.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self._line.receive_json()
                if message.get("method") == "Runtime.exceptionThrown":
                    self.faults.append(json.dumps(message["params"]["exceptionDetails"])[:500])
                if message.get("id") == number:
                    break
        if "error" in message:
            raise DemoError(f"{method}: {message['error']['message']}")
        result: dict[str, Any] = message["result"]
        return result

    async def resize(self, width: int, height: int, scale: float = 1) -> None:
        """Set the size of the window."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    async def remember(self, origin: str, items: Mapping[str, Any]) -> None:
        """Put items into the local storage of an origin before its pages are loaded."""
        text = f"""if (location.origin === {json.dumps(origin)}) {{
          for (const [key, value] of Object.entries({json.dumps(dict(items))}))
            localStorage.setItem(key, JSON.stringify(value));
        }}"""
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=text)

    async def go(self, address: str) -> None:
        """Load a page."""
        await self.call("Page.navigate", url=address)

    async def value(self, expression: str) -> Any:
        """Return the value of a JavaScript expression; a promise is awaited."""
        answer = await self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise DemoError(str(details.get("exception", details).get("description", details)))
        return answer["result"].get("value")

    async def until(self, expression: str) -> Any:
        """Wait until an expression is true; return its value."""
        trouble = ""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    try:
                        if value := await self.value(f"window.deepAll && ({expression})"):
                            return value
                    except DemoError as error:
                        # A page that is being replaced takes its objects away.
                        trouble = f": {error}"
                    await asyncio.sleep(STEP_S)
        except TimeoutError:
            raise DemoError(f"the page never showed {expression}{trouble}") from None

    async def click(self, node: str) -> None:
        """Click in the middle of the element that an expression yields, as a mouse would."""
        place = None
        # Pages move about until all of their parts have come.
        while place is None or place != await self.value(f"middle({node})"):
            place = await self.until(f"middle({node})")
            await asyncio.sleep(STILL_S)
        x, y = place
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = "none" if kind == "mouseMoved" else "left"
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=1
            )

    async def fill(self, field: str, text: str) -> None:
        """Type into the field that an expression yields."""
        focused = f"{field}.getRootNode().activeElement === {field}"
        while not await self.value(f"window.deepAll && {field} && {focused}"):
            # A page that is still being laid out moves its fields away under the mouse.
            await self.click(field)
        await self.call("Input.insertText", text=text)
        await self.until(f"{field}.value === {json.dumps(text)}")

    async def press_enter(self) -> None:
        """Press the Enter key."""
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **enter)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter")

    async def fetched(self, address: str) -> bytes:
        """Return what the page gets from an address."""
        text: str = await self.value(
            f"fetch({json.dumps(address)}).then((answer) => answer.bytes()).then("
            "(bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')))"
        )
        return base64.b64decode(text)

    async def shoot(self, file: Path) -> None:
        """Save what is seen as a PNG of few colours, which is small; nothing is under the mouse."""
        await self.call("Input.dispatchMouseEvent", type="mouseMoved", x=0, y=0)
        await asyncio.sleep(STILL_S)
        shot = await self.call("Page.captureScreenshot", format="png")
        image = Image.open(BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
        image.quantize(256).save(file, "PNG", optimize=True)


@asynccontextmanager
async def page() -> AsyncIterator[Page]:
    """Run a browser with one empty page."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise DemoError("no Chromium found: scripts/setup --browser installs it")
    profile = tempfile.mkdtemp(prefix="tuyalink-browser-")
    process = await asyncio.create_subprocess_exec(
        program,
        *FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        found = None
        while found is None and (line := await process.stderr.readline()):
            found = re.search(r"ws://(127\.0\.0\.1:\d+)/", line.decode())
        if found is None:
            raise DemoError(f"{program} did not start")
        async with ClientSession(f"http://{found[1]}") as session:
            async with session.get("/json/list") as answer:
                target = next(each for each in await answer.json() if each["type"] == "page")
            address = target["webSocketDebuggerUrl"]
            async with session.ws_connect(address, max_msg_size=0) as line_:
                page_ = Page(line_)
                await page_.call("Page.enable")
                await page_.call("Runtime.enable")
                await page_.call("Page.addScriptToEvaluateOnNewDocument", source=DEEP)
                yield page_
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        shutil.rmtree(profile, ignore_errors=True)
