"""Brings a Home Assistant that was just started to where its doors can be opened."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from . import demo_dashboard, demo_garden
from .demo_api import HomeAssistant, Socket
from .demo_control import Control
from .demo_entities import Entities
from .demo_error import DemoError
from .demo_folder import DOMAIN, Before

PROJECT = "Home doors"
START_S = 240.0
SET_UP_S = 60.0
STEP_S = 0.1


async def sign_in(home: HomeAssistant, before: Before) -> None:
    """Wait until Home Assistant answers; make its user, or sign in as them."""
    if before.onboarded:
        await _until("start", START_S, lambda: home.listens("/auth/providers"))
        await home.sign_in()
    else:
        await _until("start", START_S, lambda: home.listens("/api/onboarding"))
        await home.onboard()


async def set_up(
    home: HomeAssistant,
    socket: Socket,
    control: Control,
    cloud: Mapping[str, str],
    before: Before,
) -> Entities:
    """Have the integration set up against the simulated cloud, and a dashboard of its entities."""

    async def started() -> bool:
        state: str = (await socket.command("get_config"))["state"]
        return state == "RUNNING"

    await _until("finish starting", START_S, started)
    entries = await socket.command("config_entries/get", domain=DOMAIN)
    if before.address != cloud["openapi"]:
        # A project at another address is another project: reconfiguring refuses it.
        for entry in entries:
            await home.delete(f"/api/config/config_entries/entry/{entry['entry_id']}")
        await _add(home, cloud)
    await listening(socket, control)
    entities = await Entities.read(socket)
    gate = demo_garden.section(f"{control.address}app")
    more = [gate] if await demo_garden.is_there(socket) else []
    await demo_dashboard.offer(socket, entities, control.address, *more)
    return entities


async def listening(socket: Socket, control: Control) -> None:
    """Wait until the integration is loaded and connected to the message queue."""

    async def loaded() -> bool:
        (entry,) = await socket.command("config_entries/get", domain=DOMAIN)
        if entry["state"] in {"setup_error", "migration_error"}:
            raise DemoError(f"the integration was not set up: {entry['reason']}")
        return bool(entry["state"] == "loaded")

    async def connected() -> bool:
        return bool((await control.state())["consumers"])

    await _until("load the integration", SET_UP_S, loaded)
    await _until("listen to the message queue", SET_UP_S, connected)


async def _add(home: HomeAssistant, cloud: Mapping[str, str]) -> None:
    keys = {"access_id": cloud["access_id"], "access_secret": cloud["access_secret"]}
    answers = {
        "user": {**keys, "region": "custom"},
        "custom": {"openapi": cloud["openapi"], "queue": cloud["queue"]},
        "project": {"project": PROJECT},
    }
    await home.flow(DOMAIN, answers)


async def _until(what: str, patience: float, holds: Callable[[], Awaitable[bool]]) -> None:
    try:
        async with asyncio.timeout(patience):
            while True:
                if await holds():
                    return
                await asyncio.sleep(STEP_S)
    except TimeoutError:
        raise DemoError(f"Home Assistant did not {what} within {patience:.0f} s") from None
