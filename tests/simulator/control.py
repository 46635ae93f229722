"""The control side: press bells, arm faults, see what the cloud sees."""

from pathlib import Path
from typing import Any

from aiohttp import web

from . import alarms, doors, mischief, rings, scenario
from .app import App
from .cloud import Cloud
from .control_calls import Body, acting, count, error, page, reading, text
from .faults import NAMES
from .people import KINDS
from .records import STATUS_SHAPES
from .rest import Gateway
from .stage import BAD, UNKNOWN, ScenarioError
from .webhook import FORMS

PAGE = Path(__file__).parent / "page.html"
POLICY = "default-src 'self' 'unsafe-inline'; img-src 'self' data:"


class Control:
    """Serves ``/_sim/``; every mistake is answered with ``{"error"}`` and its status."""

    def __init__(self, cloud: Cloud, gateway: Gateway) -> None:
        self._cloud = cloud
        self._gateway = gateway

    def add_to(self, app: web.Application) -> None:
        """Register the control paths."""
        router = app.router
        router.add_get("/_sim", self._redirect)
        router.add_get("/_sim/", page(PAGE, POLICY))
        router.add_get("/_sim/state", reading(self.state))
        router.add_get("/_sim/devices", reading(self.devices))
        router.add_get("/_sim/faults", reading(self.known_faults))
        router.add_get("/_sim/pictures/{event_id}", self._picture)
        router.add_post("/_sim/scenarios/{name}", self._scenario)
        for name, act in (
            ("faults", self.faults),
            ("webhook", self.webhook),
            ("redeliver", self.redeliver),
            ("relock", self.relock),
            ("release", self.release),
            ("report", self.report),
            ("expire", self.expire),
            ("notice", self.notice),
            ("people", self.people),
            ("records", self.records),
        ):
            router.add_post(f"/_sim/{name}", acting(act))
        App(self._cloud).add_to(router)
        router.add_route("*", "/_sim/{tail:.*}", self._unknown)

    def state(self) -> dict[str, Any]:
        """Return what the cloud sees."""
        cloud = self._cloud
        for device in cloud.devices.values():
            doors.settle(cloud, device)
        return {
            "devices": [
                {
                    "id": device.id,
                    "name": device.name,
                    "category": device.category,
                    "online": device.online,
                }
                for device in cloud.devices.values()
                if device.linked
            ],
            "doors": [
                {
                    "device_id": door.device_id,
                    "door": door.number,
                    "open": door.open,
                    "opened": door.opened,
                }
                for device in cloud.devices.values()
                for door in device.doors.values()
                if device.linked
            ],
            "consumers": len(cloud.broker.consumers()),
            "unacked": cloud.broker.unacked(),
            "calls": dict(cloud.calls),
        }

    def devices(self) -> list[dict[str, Any]]:
        """Return what can be done with each device, for the page."""
        return [
            {
                "id": device.id,
                "name": device.name,
                "category": device.category,
                "kind": device.file.product_name,
                "world": device.world.value,
                "scenarios": scenario.possible(device),
                "carriers": list(rings.own_carriers(device)),
                "channels": list(device.channels),
                "ways": list(alarms.ways(device)),
            }
            for device in self._cloud.devices.values()
            if not device.file.foreign
        ]

    def known_faults(self) -> dict[str, Any]:
        """Return the faults by name, and those that wait to happen."""
        return {"names": sorted(NAMES), "armed": self._cloud.faults.armed()}

    def faults(self, body: Body) -> Any:
        """Arm a fault."""
        options = {key: value for key, value in body.items() if key not in {"name", "count"}}
        mischief.fault(self._cloud, text(body, "name"), body.get("count", 1), options)
        return {"armed": self._cloud.faults.armed()}

    def webhook(self, body: Body) -> Any:
        """Deliver by signed HTTP POST as well."""
        url, form = text(body, "url"), body.get("form", "envelope")
        if form not in FORMS or (url and not url.startswith(("http://", "https://"))):
            raise ScenarioError(BAD, "url is http(s), form is plain, envelope or members")
        self._cloud.webhook.aim(url, form)
        return {"url": url, "form": form}

    def redeliver(self, body: Body) -> Any:
        """Send unacknowledged messages again."""
        newest_first = body.get("newest_first") is True
        return {"redelivered": self._cloud.redeliver(newest_first=newest_first)}

    def relock(self, body: Body) -> Any:
        """Close the open doors of one device, or of all."""
        chosen = [self._device(body)] if "device_id" in body else self._cloud.devices.values()
        number = body.get("door")
        return {"closed": sum(doors.relock(self._cloud, device, number) for device in chosen)}

    def release(self, _: Body) -> Any:
        """Let go what faults hold back."""
        self._gateway.release()
        self._cloud.broker.let_go()
        return {}

    def report(self, body: Body) -> Any:
        """Report values as a device would."""
        device, values = self._device(body), body.get("values")
        if not isinstance(values, dict) or not values:
            raise ScenarioError(BAD, "values is an object")
        dialects = body.get("dialects", ["legacy"])
        if not isinstance(dialects, list) or not set(dialects) <= {"legacy", "core"}:
            raise ScenarioError(BAD, "dialects is a list of legacy and core")
        sent = self._cloud.report(device.id, values, dialects=dialects)
        return {"event_id": sent.event_id, "sent_at": sent.sent_at}

    def expire(self, _: Body) -> Any:
        """Let the queue forget what is older than two hours."""
        return {"expired": self._cloud.expire()}

    def notice(self, body: Body) -> Any:
        """Warn of a backlog."""
        return {"message_id": self._cloud.notice(count(body, "backlog"))}

    def people(self, body: Body) -> Any:
        """Name a person of terminals, or give a slot of a lock to somebody."""
        people, name = self._cloud.people, text(body, "name")
        if "person_id" in body:
            people.call(text(body, "person_id"), name)
            return {}
        kind = body.get("kind", "")
        if kind not in ("", *KINDS):
            raise ScenarioError(BAD, f"kind is one of {', '.join(KINDS)}")
        people.assign(self._device(body).id, count(body, "slot"), name, kind)
        return {}

    def records(self, body: Body) -> Any:
        """Choose how records look: ways in words of the country, status as object or list."""
        records = self._cloud.records
        localized = body.get("localized", records.localized)
        status = body.get("status", records.status_shape)
        if not isinstance(localized, bool) or status not in STATUS_SHAPES:
            raise ScenarioError(BAD, "localized is a bool, status is object, list or mixed")
        records.localized, records.status_shape = localized, status
        return {"localized": localized, "status": status}

    def _device(self, body: Body) -> Any:
        device = self._cloud.devices.get(text(body, "device_id"))
        if device is None:
            raise ScenarioError(UNKNOWN, f"unknown device: {body['device_id']}")
        return device

    async def _scenario(self, request: web.Request) -> web.Response:
        def play(body: Body) -> Any:
            options = {key: value for key, value in body.items() if key != "device_id"}
            device_id, name = text(body, "device_id"), request.match_info["name"]
            sent = scenario.play(self._cloud, name, device_id, options)
            return {"event_id": sent.event_id, "sent_at": sent.sent_at}

        answer: web.Response = await acting(play)(request)
        return answer

    async def _unknown(self, request: web.Request) -> web.Response:
        return error(UNKNOWN, f"no such control call: {request.method} {request.path}")

    async def _redirect(self, _: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/_sim/")

    async def _picture(self, request: web.Request) -> web.Response:
        jpeg = self._cloud.pictures.get(request.match_info["event_id"])
        if jpeg is None:
            return error(UNKNOWN, "no such picture")
        return web.Response(body=jpeg, content_type="image/jpeg")
