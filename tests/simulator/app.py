"""What a resident's app shows of registered devices, and what can be asked of them there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from . import commanding, registry
from .cloud import Cloud
from .control_calls import Body, acting, page, reading, text, unknown
from .southbound import EXECUTE, POINTS, SET, Command, Foreign, Happened
from .stage import BAD, UNABLE, ScenarioError
from .thing_products import SimProduct, fits

PAGE = Path(__file__).parent / "app.html"
# The newest picture of a door is fetched from wherever its own system keeps it.
POLICY = "default-src 'self' 'unsafe-inline'; img-src 'self' data: http: https:"
SHOWN = 50
MOST_TIMES, OLDEST_S = 10, 7200
KINDS = {EXECUTE: "action", SET: "properties", POINTS: "points"}
WAYS = ("action", "properties", "points")


class App:
    """Serves ``/_sim/app`` and the products behind it."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the paths."""
        router.add_get("/_sim/app", page(PAGE, POLICY))
        router.add_get("/_sim/app/state", reading(self.state))
        router.add_post("/_sim/app/commands", acting(self.command))
        router.add_post("/_sim/app/bind", acting(self.bind))
        router.add_post("/_sim/products", acting(self.change_product))

    def state(self) -> dict[str, Any]:
        """Return every registered device as its user sees it; times in Unix seconds."""
        south = self._cloud.southbound
        return {
            "doors": [self._door(foreign) for foreign in south.devices.values()],
            "products": [_shown_product(product) for product in south.products.values()],
        }

    def command(self, body: Body) -> Any:
        """Tell a device to do something, or to take values."""
        foreign, given = self._foreign(body), [way for way in WAYS if way in body]
        if len(given) != 1:
            raise ScenarioError(BAD, f"one of {', '.join(WAYS)} is told")
        if not self._cloud.devices[foreign.device_id].online:
            raise ScenarioError(UNABLE, "the device is offline")
        how, times = _how(body)
        issue = {"action": self._act, "properties": self._set, "points": self._set_points}
        command = issue[given[0]](foreign, body, how)
        for _ in range(times - 1):
            commanding.send(self._cloud, command)
        return {"msg_id": command.msg_id}

    def bind(self, body: Body) -> Any:
        """Let somebody scan the code of a device."""
        registry.bind(self._cloud, self._foreign(body).device_id)
        return {}

    def change_product(self, body: Body) -> Any:
        """Add a product, or change what is told of a known one."""
        return _shown_product(registry.change_product(self._cloud, body))

    def _act(self, foreign: Foreign, body: Body, how: Mapping[str, Any]) -> Command:
        action, inputs = text(body, "action"), body.get("inputs", {})
        if not isinstance(inputs, dict):
            raise ScenarioError(BAD, "inputs is an object")
        if self._product(foreign).action(action) is None:
            raise ScenarioError(UNABLE, f"the product has no action {action}")
        return commanding.execute(self._cloud, foreign.device_id, action, inputs, **how)

    def _set(self, foreign: Foreign, body: Body, how: Mapping[str, Any]) -> Command:
        values = _values(body, "properties")
        _check(self._product(foreign), values)
        return commanding.set_properties(self._cloud, foreign.device_id, values, **how)

    def _set_points(self, foreign: Foreign, body: Body, how: Mapping[str, Any]) -> Command:
        values, product = _values(body, "points"), self._product(foreign)
        if not all(number.isdecimal() for number in values):
            raise ScenarioError(BAD, "points is an object of values by number")
        _check(product, {product.code_of(number) or "": values[number] for number in values})
        points = {int(number): value for number, value in values.items()}
        return commanding.set_points(self._cloud, foreign.device_id, points, **how)

    def _foreign(self, body: Body) -> Foreign:
        foreign = self._cloud.southbound.devices.get(text(body, "device_id"))
        if foreign is None:
            raise unknown("device")
        return foreign

    def _product(self, foreign: Foreign) -> SimProduct:
        return self._cloud.southbound.products[foreign.product_id]

    def _door(self, foreign: Foreign) -> dict[str, Any]:
        south, device = self._cloud.southbound, self._cloud.devices[foreign.device_id]
        events = [one for one in south.events if one.device_id == device.id]
        commands = south.of_device(device.id)
        return {
            "device_id": device.id,
            "third_id": foreign.third_id,
            "name": device.name,
            "product_id": foreign.product_id,
            "category": device.category,
            "gateway_id": foreign.gateway_id,
            "online": device.online,
            "bound": foreign.bound,
            "short_url": foreign.short_url,
            "actions": [one["code"] for one in self._product(foreign).actions],
            "values": dict(device.values),
            "events": [_shown_event(one) for one in events[-SHOWN:]],
            "commands": [self._shown_command(one) for one in commands[-SHOWN:]],
        }

    def _shown_command(self, command: Command) -> dict[str, Any]:
        asked, answer = dict(command.asked), command.answer or {}
        if command.kind == EXECUTE:
            asked = {"action": asked["actionCode"], "inputs": asked["inputParams"]}
        return {
            "msg_id": command.msg_id,
            "kind": KINDS[command.kind],
            "asked": asked,
            "time": command.at,
            "status": commanding.status(self._cloud, command),
            "code": answer.get("code"),
            "outputs": answer.get("output_params", {}),
        }


def _shown_event(event: Happened) -> dict[str, Any]:
    return {"code": event.code, "time": event.time_ms / 1000, "outputs": dict(event.outputs)}


def _shown_product(product: SimProduct) -> dict[str, Any]:
    return {
        "product_id": product.id,
        "name": product.name,
        "licences": product.licences,
        "authorized": product.authorized,
    }


def _how(body: Body) -> tuple[dict[str, Any], int]:
    """Return how a command is to be given, and how often it is put on the queue."""
    form, age_s, times = body.get("form", "plain"), body.get("age_s", 0), body.get("times", 1)
    if not isinstance(form, str) or form not in commanding.FORMS:
        raise ScenarioError(BAD, f"form is one of {', '.join(commanding.FORMS)}")
    if not _is_number(age_s) or not 0 <= age_s <= OLDEST_S:
        raise ScenarioError(BAD, f"age_s is a number from 0 to {OLDEST_S}")
    if not isinstance(times, int) or not _is_number(times) or not 1 <= times <= MOST_TIMES:
        raise ScenarioError(BAD, f"times is a number from 1 to {MOST_TIMES}")
    return {"form": form, "age_s": age_s}, times


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _values(body: Body, name: str) -> Mapping[str, Any]:
    values = body[name]
    if not isinstance(values, dict) or not values:
        raise ScenarioError(BAD, f"{name} is an object of values")
    return values


def _check(product: SimProduct, values: Mapping[str, Any]) -> None:
    for code, value in values.items():
        declared = product.property(code)
        if declared is None or "w" not in declared.get("accessMode", ""):
            raise ScenarioError(UNABLE, f"the product lets nobody set {code}")
        if not fits(declared, value):
            raise ScenarioError(UNABLE, f"{code} takes no such value")
