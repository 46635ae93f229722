"""Homes of many devices: like the simulator's default ones, of ten products."""

from collections.abc import Iterator
import json

from tests.simulator import DeviceFile, read_document
from tests.simulator.server import DEVICES

EDITIONS = 2


def mixed_home(count: int) -> list[DeviceFile]:
    """Return that many devices; the same ones every time."""
    return list(_devices(count))


def _devices(count: int) -> Iterator[DeviceFile]:
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in DEVICES]
    for number in range(count):
        document = documents[number % len(documents)]
        edition = number // len(documents) % EDITIONS
        own = {
            "product_id": f"{document['product_id']}{edition}",
            "name": f"{document['name']} {number + 1}",
        }
        yield from read_document({**document, **own}, f"bench_{number}.json")
