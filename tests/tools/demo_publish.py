"""The garden gate in Tuya: published through the integration's own dialog, then used from there.

``scripts/demo --publish`` proves it; a demo that stays only publishes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from .browser import page
from .demo_api import HomeAssistant, Socket
from .demo_control import Control
from .demo_error import DemoError
from .demo_folder import DOMAIN
from .demo_garden import BELL, BUTTON, LOCK, NAME
from .demo_proof import PATIENCE_S, STEP_S
from .demo_setup import listening

FLOW = "/api/config/config_entries/subentries/flow"
PRODUCT = "simdoorproduct01"
KIND = "published_door"
UNLOCKED = "lock_motor_state"
NOT_ALLOWED = 4
SIZE = (1000, 760)
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "user": {"name": NAME, "lock": LOCK, "doorbell": BELL},
    "product": {"product_id": PRODUCT, "binding": "qr_code", "codes": {}},
    "control": {"control": True},
    "bind": {},
}
"""What a user answers, page by page."""

type Door = dict[str, Any]


async def publish(home: HomeAssistant, socket: Socket, control: Control) -> None:
    """Publish the gate, unless an earlier demo has; return when Tuya's side sees it."""
    (entry,) = await socket.command("config_entries/get", domain=DOMAIN)
    entry_id = entry["entry_id"]
    known = await socket.command("config_entries/subentries/list", entry_id=entry_id)
    if KIND not in {one["subentry_type"] for one in known}:
        result = await _through(home, {"handler": [entry_id, KIND]}, ANSWERS)
        if result["type"] != "create_entry":
            raise DemoError(f"publishing ended with {result['type']} {_why(result)}")
    await listening(socket, control)
    gate = await _seen(control, "the gate online and locked", _is_locked)
    if not gate["bound"]:
        # Somebody scans the code that the dialog showed.
        await control.bind(gate["device_id"])


async def prove_published(
    home: HomeAssistant, socket: Socket, control: Control
) -> AsyncIterator[str]:
    """Yield a sentence for each thing that worked; DemoError for the first that did not."""
    gate = await _seen(control, "the gate online and locked", _is_locked)
    device = gate["device_id"]
    yield f"published: Tuya's app shows {gate['name']} online and locked"
    rings = _rings(gate)
    await home.act("input_button", "press", BUTTON)
    gate = await _seen(control, "a ring", lambda door: _rings(door) > rings)
    yield f"ring: {BUTTON} was pressed, Tuya's app told of {_rings(gate) - rings} ring"
    changes = await socket.events("state_changed")
    answer = await _told(control, device, "unlock")
    if answer["code"] != 0:
        raise DemoError(f"unlock was answered with {answer['code']} {answer['outputs']}")
    await _seen(control, "the gate unlocked", lambda door: door["values"].get(UNLOCKED) is True)
    if (times := _unlocked(changes)) != 1:
        raise DemoError(f"one press in Tuya's app unlocked {LOCK} {times} times")
    yield f"open: one press in Tuya's app unlocked {LOCK} once, answered with {answer['code']}"
    await home.act("lock", "lock", LOCK)
    await _seen(control, "the gate locked", _is_locked)
    yield f"lock: {LOCK} was locked in Home Assistant, Tuya's app shows it"
    await _forbid(home, socket, control)
    answer = await _told(control, device, "unlock")
    if answer["code"] != NOT_ALLOWED or _unlocked(changes):
        raise DemoError(f"without leave, unlock was answered with {answer['code']}")
    await _seen(control, "the gate locked still", _is_locked)
    yield f"refused: without leave, unlock is answered with {answer['code']}, {LOCK} stays locked"


async def open_by_mouse(control: Control, file: Path) -> AsyncIterator[str]:
    """Open the gate on Tuya's app page by mouse; `file` becomes a picture of it."""
    gate = await _seen(control, "the gate online", lambda door: bool(door["online"]))
    card = f"deepAll(\"[data-device='{gate['device_id']}']\")[0]"
    async with page() as screen:
        await screen.resize(*SIZE)
        await screen.go(f"{control.address}app")
        await screen.click(f"{card}?.querySelector(\"[data-press='open']\")")
        await screen.until(f"{card}?.querySelector('.result.done')?.innerText")
        # The answer comes first, the report of the new state a moment later.
        await screen.until(f"{card}?.innerText.includes('Unlocked')")
        await screen.shoot(file)
        if screen.faults:
            raise DemoError(f"errors in the page: {'; '.join(screen.faults)}")
        await _seen(control, "the gate unlocked", lambda door: bool(door["values"].get(UNLOCKED)))
        await screen.click(f"{card}?.querySelector(\"[data-press='lock']\")")
        await _seen(control, "the gate locked", _is_locked)
    yield f"screenshot: {file} shows Tuya's app, in which one click opened the gate"


async def _through(
    home: HomeAssistant, start: Mapping[str, Any], answers: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Go through a dialog of a subentry to its end, waiting where it shows progress."""
    result: dict[str, Any] = await home.post(FLOW, start)
    async with asyncio.timeout(PATIENCE_S):
        while result["type"] in {"form", "menu", "progress"}:
            path, step = f"{FLOW}/{result['flow_id']}", result["step_id"]
            if result["type"] == "progress":
                await asyncio.sleep(STEP_S)
                result = await home.get(path)
            elif step in answers and not result.get("errors"):
                result = await home.post(path, answers[step])
            else:
                raise DemoError(f"publishing stopped at {step}: {_why(result)}")
    return result


def _why(result: Mapping[str, Any]) -> str:
    told = (result.get(name) for name in ("reason", "errors", "description_placeholders"))
    return " ".join(str(one) for one in told if one)


async def _forbid(home: HomeAssistant, socket: Socket, control: Control) -> None:
    """Take Tuya's leave to open back, on the page where it was given."""
    (entry,) = await socket.command("config_entries/get", domain=DOMAIN)
    entry_id = entry["entry_id"]
    (door,) = await socket.command("config_entries/subentries/list", entry_id=entry_id)
    start = {"handler": [entry_id, KIND], "subentry_id": door["subentry_id"]}
    answers: dict[str, dict[str, Any]] = {
        "reconfigure": {"next_step_id": "control"},
        "control": {"control": False},
    }
    result = await _through(home, start, answers)
    if result.get("reason") != "reconfigure_successful":
        raise DemoError(f"the change ended with {_why(result)}")
    await listening(socket, control)


async def _told(control: Control, device: str, action: str) -> dict[str, Any]:
    """Press a button in Tuya's app; return what the command came to."""
    msg_id = await control.command(device, action)

    def over(door: Door) -> bool:
        return bool(_command(door, msg_id)["status"] != "waiting")

    return _command(await _seen(control, f"an answer to {action}", over), msg_id)


def _command(door: Door, msg_id: str) -> dict[str, Any]:
    command: dict[str, Any] = next(one for one in door["commands"] if one["msg_id"] == msg_id)
    return command


async def _seen(control: Control, what: str, holds: Callable[[Door], bool]) -> Door:
    """Wait until Tuya's app shows something of the gate; return how it shows it."""

    async def look() -> Door | None:
        doors = (await control.app())["doors"]
        return next((door for door in doors if door["name"] == NAME and holds(door)), None)

    return await _awaited(what, look)


async def _awaited(what: str, look: Callable[[], Awaitable[Door | None]]) -> Door:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if (found := await look()) is not None:
                    return found
                await asyncio.sleep(STEP_S)
    except TimeoutError:
        raise DemoError(f"Tuya's app did not show {what} within {PATIENCE_S:.0f} s") from None


def _is_locked(door: Door) -> bool:
    return bool(door["online"]) and door["values"].get(UNLOCKED) is False


def _rings(door: Door) -> int:
    return sum(event["code"] == "ring" for event in door["events"])


def _unlocked(changes: asyncio.Queue[Any]) -> int:
    """Count how often the lock was unlocked since the last look."""
    told = [changes.get_nowait()["data"] for _ in range(changes.qsize())]
    return sum(
        change["entity_id"] == LOCK
        and (change["new_state"] or {}).get("state") == "unlocked"
        and (change["old_state"] or {}).get("state") != "unlocked"
        for change in told
    )
