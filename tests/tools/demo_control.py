"""The simulator's control calls: press a bell, look at doors and pictures."""

from typing import Any, Self

from aiohttp import ClientSession, ClientTimeout

from .demo_error import DemoError


class Control:
    """What happens at the simulated doors, and what the simulated cloud sees."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._session = ClientSession(address, timeout=ClientTimeout(total=10))

    async def __aenter__(self) -> Self:
        """Return itself, to be closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._session.close()

    async def state(self) -> dict[str, Any]:
        """Return devices, doors, consumers of the queue and calls so far."""
        async with self._session.get("state") as answer:
            state: dict[str, Any] = await answer.json()
        return state

    async def play(self, scenario: str, device_id: str, **options: object) -> str:
        """Play a scenario at a device; return its event id."""
        body = {"device_id": device_id, **options}
        async with self._session.post(f"scenarios/{scenario}", json=body) as answer:
            if not answer.ok:
                raise DemoError(f"the simulator does not play {scenario}: {await answer.text()}")
            event_id: str = (await answer.json())["event_id"]
        return event_id

    async def app(self) -> dict[str, Any]:
        """Return what Tuya's app shows of published doors."""
        async with self._session.get("app/state") as answer:
            state: dict[str, Any] = await answer.json()
        return state

    async def bind(self, device_id: str) -> None:
        """Scan the code of a published door."""
        await self._post("app/bind", {"device_id": device_id})

    async def command(self, device_id: str, action: str) -> str:
        """Tell a published door to do something; return the command's id."""
        answer = await self._post("app/commands", {"device_id": device_id, "action": action})
        return str(answer["msg_id"])

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._session.post(path, json=body) as answer:
            if not answer.ok:
                raise DemoError(f"the simulator refuses {path}: {await answer.text()}")
            told: dict[str, Any] = await answer.json()
        return told

    async def picture(self, event_id: str) -> bytes:
        """Return the picture that was taken then."""
        async with self._session.get(f"pictures/{event_id}") as answer:
            if not answer.ok:
                raise DemoError("the simulator took no picture")
            return await answer.read()

    async def opened(self, device_id: str, number: int) -> int:
        """Return how often a door has been opened."""
        times: int = next(
            door["opened"]
            for door in (await self.state())["doors"]
            if door["device_id"] == device_id and door["door"] == number
        )
        return times
