"""Three days of captures for the demo to browse, laid into the album before anything happens.

The simulated devices take the pictures, backdated. Tuya's queue forgets such messages after two
hours, so they cannot be delivered: what Home Assistant would have kept is put where it keeps it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from custom_components.tuyalink_intercom.album.record import Capture, capture_id
from custom_components.tuyalink_intercom.model.changes import Occasion

from .demo_api import Socket
from .demo_control import Control
from .demo_entities import Entities
from .demo_error import DemoError
from .demo_folder import DOMAIN

DAYS = 3
OCCASIONS = {
    "access_denied": Occasion.ACCESS,
    "access_granted": Occasion.ACCESS,
    "loitering": Occasion.ALARM,
    "ring": Occasion.RING,
    "tamper": Occasion.ALARM,
}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What happened at a device."""

    days_ago: int
    clock: tuple[int, int]
    """Hour and minute on the wall. After ten a demo that begins at midnight would hear of it."""
    device: str
    scenario: str
    options: Mapping[str, str] = field(default_factory=dict)


SCENES = (
    Scene(days_ago=3, clock=(11, 20), device="Intercom", scenario="ring"),
    Scene(days_ago=3, clock=(17, 55), device="Battery bell", scenario="ring"),
    Scene(
        days_ago=3,
        clock=(18, 10),
        device="Face terminal",
        scenario="access_granted",
        options={"person": "Anna"},
    ),
    Scene(days_ago=2, clock=(2, 41), device="Battery bell", scenario="loitering"),
    Scene(days_ago=2, clock=(10, 5), device="Intercom", scenario="ring"),
    Scene(days_ago=2, clock=(10, 7), device="Intercom", scenario="ring"),
    Scene(
        days_ago=2,
        clock=(13, 30),
        device="Face terminal",
        scenario="access_denied",
        options={"person": "Bo"},
    ),
    Scene(
        days_ago=1,
        clock=(8, 2),
        device="Face terminal",
        scenario="access_granted",
        options={"person": "Bo"},
    ),
    Scene(days_ago=1, clock=(12, 48), device="Intercom", scenario="ring"),
    Scene(days_ago=1, clock=(16, 45), device="Battery bell", scenario="ring"),
    Scene(days_ago=1, clock=(20, 30), device="Intercom", scenario="ring"),
    Scene(days_ago=1, clock=(21, 40), device="Battery bell", scenario="tamper"),
)


async def album_of(config: Path, socket: Socket) -> CaptureFolder:
    """Return the album of the project that is set up; `config` is Home Assistant's folder."""
    (entry,) = await socket.command("config_entries/get", domain=DOMAIN)
    return CaptureFolder(config / ".storage" / DOMAIN / entry["entry_id"])


async def lay_in(album: CaptureFolder, control: Control, entities: Entities) -> None:
    """Let everything happen that did, and keep its pictures; seen when the entry is reloaded."""
    ids = {name: device_id for device_id, name in entities.devices.items()}
    now = datetime.now(UTC).astimezone()
    for scene in SCENES:
        hour, minute = scene.clock
        day = now - timedelta(days=scene.days_ago)
        at = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
        age_s = (now - at).total_seconds()
        device_id = ids[scene.device]
        event_id = await control.play(scene.scenario, device_id, age_s=age_s, **scene.options)
        picture = await control.picture(event_id)
        capture = _capture(scene, device_id, event_id, at.timestamp(), len(picture))
        try:
            await asyncio.to_thread(album.add, capture, picture)
        except OSError as error:
            raise DemoError(f"captures cannot be kept: {error.strerror}") from None


def _capture(scene: Scene, device_id: str, event_id: str, time: float, size: int) -> Capture:
    occasion = OCCASIONS[scene.scenario]
    passage = occasion is Occasion.ACCESS
    return Capture(
        id=capture_id(
            device_id=device_id, event_id=event_id, occasion=occasion, time=time, place=event_id
        ),
        device_id=device_id,
        event_id=event_id,
        occasion=occasion,
        time=time,
        content_type="image/jpeg",
        size=size,
        person=scene.options.get("person"),
        door="door" if passage else None,
    )
