"""Phones with Home Assistant's app: what the push service was given, and the buttons pressed.

Home Assistant's own `mobile_app` integration sends to a push service, which here is a small
server of the test.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import EventOrigin, HomeAssistant
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry

_APP = "mobile_app"
CLEARED = "mobile_app_notification_cleared"
PRESSED = "mobile_app_notification_action"


@dataclass(slots=True, kw_only=True)
class Phone:
    """One phone, and every push it got, oldest first."""

    hass: HomeAssistant
    name: str
    device_id: str = ""
    pushes: list[dict[str, Any]] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def last(self) -> dict[str, Any]:
        """The newest push."""
        return self.pushes[-1]

    @property
    def message(self) -> str:
        """What the notification says now."""
        message: str = self.last["message"]
        return message

    @property
    def messages(self) -> list[str]:
        """What it said, in turn."""
        return [push["message"] for push in self.pushes]

    @property
    def buttons(self) -> dict[str, dict[str, Any]]:
        """The buttons it has now, by their labels."""
        return {button["title"]: button for button in self.last["data"].get("actions", ())}

    def take(self, push: dict[str, Any]) -> None:
        """Get a push."""
        self.pushes.append(push)
        self._arrived.set()

    async def until(self, condition: Callable[[Self], bool]) -> None:
        """Wait until something is so after a push."""
        while not (self.pushes and condition(self)):
            self._arrived.clear()
            await self._arrived.wait()

    async def says(self, message: str) -> None:
        """Wait until the notification says something."""
        await self.until(lambda phone: phone.message == message)

    async def shows(self, picture: str) -> None:
        """Wait until the notification shows a picture, or none."""
        await self.until(lambda phone: phone.last["data"].get("image", "") == picture)

    def tap(self, label: str) -> str:
        """Press a button; return its identifier."""
        action: str = self.buttons[label]["action"]
        self.send(action)
        return action

    def swipe(self) -> None:
        """Swipe the notification away, as Android tells it."""
        keys = [button["action"] for button in self.buttons.values()]
        named = {f"action_{number}_key": key for number, key in enumerate(keys, 1)}
        self.hass.bus.async_fire(CLEARED, {"tag": self.last["data"]["tag"], **named})

    def send(self, action: str) -> None:
        """Tell Home Assistant of a press, as the app does."""
        self.hass.bus.async_fire(PRESSED, {"action": action}, EventOrigin.remote)


@dataclass(slots=True)
class PushService:
    """Where Home Assistant sends what is meant for phones."""

    hass: HomeAssistant
    address: str = ""
    phones: dict[str, Phone] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Listen."""
        app = web.Application()
        app.router.add_post("/push", self._push)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}/push"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _push(self, request: web.Request) -> web.Response:
        told = await request.json()
        self.phones[told.pop("push_token")].take(told)
        return web.json_response({}, status=201)

    async def add(self, name: str) -> Phone:
        """Let somebody set the app up on a phone."""
        token = name.lower().replace(" ", "-")
        entry = MockConfigEntry(
            domain=_APP,
            title=name,
            data={
                CONF_WEBHOOK_ID: f"webhook-{token}",
                "app_data": {"push_token": token, "push_url": self.address},
                "app_id": "io.homeassistant.companion.android",
                "app_name": "Home Assistant",
                "app_version": "2026.11.1",
                "device_id": f"device-{token}",
                "device_name": name,
                "manufacturer": "Google",
                "model": "Pixel",
                "os_name": "Android",
                "os_version": "16",
                "supports_encryption": False,
                "user_id": "somebody",
            },
        )
        entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(entry.entry_id)
        await self.hass.async_block_till_done()
        (device,) = dr.async_entries_for_config_entry(dr.async_get(self.hass), entry.entry_id)
        phone = Phone(hass=self.hass, name=name, device_id=device.id)
        self.phones[token] = phone
        return phone
