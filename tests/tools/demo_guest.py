"""``scripts/demo --guest``: a code for one opening is made, used, refused, listed and deleted.

Home Assistant is asked through its own actions; the door that opens is the simulated keypad's.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from .demo_api import HomeAssistant
from .demo_control import Control
from .demo_entities import Entities
from .demo_error import DemoError
from .demo_folder import DOMAIN
from .demo_proof import PATIENCE_S, STEP_S, following

GUEST = "Guest of the demo"
KEYPAD = "mk"
DIGITS = 7


async def let_guest_in(
    home: HomeAssistant, changes: asyncio.Queue[Any], entities: Entities, control: Control
) -> AsyncIterator[str]:
    """Yield a sentence for each step that worked; DemoError for the first that did not.

    `changes` are Home Assistant's changes of state.
    """
    device = await _keypad(control)
    door, access = entities.ids[device, "door"], entities.ids[device, "access"]
    answer = await home.ask(DOMAIN, "add_code", entity_id=door, name=GUEST, one_time=True)
    made, before = answer[door], await control.opened(device, 1)
    if made["state"] != "active" or len(made["code"]) != DIGITS:
        raise DemoError(f"the code is {made['state']}, of {len(made['code'])} digits")
    yield f"code: {door} has one of {len(made['code'])} digits for {GUEST}, {made['state']}"
    await control.play("code_entered", device, code=made["code"])
    told = (await following(changes, access))["attributes"]
    if (told["event_type"], told.get("person")) != ("granted", GUEST):
        raise DemoError(f"{access} tells of {told['event_type']} by {told.get('person')}")
    await _opened(control, device, before + 1)
    yield f"guest: the door opened once, {access} names {told['person']} ({told['method']})"
    await control.play("code_entered", device, code=made["code"])
    await _opened(control, device, before + 1)
    yield "again: the code is used up, the door stays shut"
    (listed,) = await _listed(home, door)
    if not listed["used"] or made["code"] in str(listed):
        raise DemoError(f"the code is listed as {listed['state']}")
    yield f"list: {listed['name']} is {listed['state']}; the code itself is not told"
    await home.ask(DOMAIN, "delete_code", entity_id=door, code_id=made["code_id"])
    if left := await _listed(home, door):
        raise DemoError(f"{len(left)} codes are left")
    yield "deleted: no code is left"


async def _keypad(control: Control) -> str:
    for device in (await control.state())["devices"]:
        if device["category"] == KEYPAD:
            device_id: str = device["id"]
            return device_id
    raise DemoError("there is no keypad")


async def _listed(home: HomeAssistant, door: str) -> list[dict[str, Any]]:
    answer = await home.ask(DOMAIN, "get_codes", entity_id=door)
    codes: list[dict[str, Any]] = answer[door]["codes"]
    return [code for code in codes if code["name"] == GUEST]


async def _opened(control: Control, device: str, times: int) -> None:
    """See that a door has been opened so often, and stays at that."""
    for _ in range(round(PATIENCE_S / STEP_S / 20)):
        if (opened := await control.opened(device, 1)) != times:
            raise DemoError(f"the door opened {opened} times in all, not {times}")
        await asyncio.sleep(STEP_S)
