"""What diagnostics tell of published doors: what was chosen, what was sent, what Tuya now sees.

Ids stand in it, for `diagnostics` to replace; addresses and everybody's names do not.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
import re
from typing import Any

from ..api import TuyaError
from ..api.message import JsonObject
from ..device_files import REDACTED
from ..model.publication import Publication, Role
from ..model.records import is_online
from ..runtime import TuyaLinkConfigEntry
from .door import PublishedDoor

_WORD = re.compile(r"[\w.:+-]{1,64}(?: [\w.:+-]{1,64}){0,3}", re.ASCII)
_MOST = 200


async def diagnosis_of(
    entry: TuyaLinkConfigEntry, wanted: Callable[[str], bool]
) -> list[dict[str, Any]]:
    """Return what can be told of the doors of wanted subentries; asks Tuya, tells its errors."""
    doors = entry.runtime_data.published.doors.values()
    chosen = [door for door in doors if wanted(door.subentry_id)]
    return await asyncio.gather(*(_door(entry, door) for door in chosen))


def ids_of(entry: TuyaLinkConfigEntry) -> Iterable[str]:
    """Return the ids that published doors, and what they are behind, are known by."""
    for door in entry.runtime_data.published.doors.values():
        chosen = door.publication
        yield from (one for one in (chosen.third_id, chosen.device_id, chosen.gateway) if one)


def groups_of(entry: TuyaLinkConfigEntry) -> Iterable[str]:
    """Return the ids of homes and assets, which are nobody's business."""
    for door in entry.runtime_data.published.doors.values():
        if door.publication.group_id is not None:
            yield door.publication.group_id


async def _door(entry: TuyaLinkConfigEntry, door: PublishedDoor) -> dict[str, Any]:
    publication = door.publication
    return {
        "name": publication.name,
        **_chosen(publication),
        "there": door.reading.available,
        "seen_online": door.seen_online,
        "told": _sifted(door.as_told()),
        "seen_by_tuya": await _seen(entry, publication),
    }


def _chosen(publication: Publication) -> dict[str, Any]:
    return {
        "id": publication.third_id,
        "device_id": publication.device_id,
        "product_id": publication.product_id,
        "gateway": publication.gateway,
        "entities": {part.value: list(chosen) for part, chosen in publication.entities.items()},
        "codes": {role.value: code for role, code in publication.codes.items()},
        "actions": dict(publication.actions),
        "binding": publication.binding.value,
        "control": publication.control,
        "quiet_hours": publication.quiet_from is not None,
    }


async def _seen(entry: TuyaLinkConfigEntry, publication: Publication) -> dict[str, Any] | str:
    """Return what Tuya has of a door at this moment, or why that cannot be told."""
    coordinator = entry.runtime_data.coordinator
    if not publication.device_id:
        return "not registered"
    if coordinator.asking_is_vain:
        return "not asked: Tuya refuses everything for now"
    devices = coordinator.cloud.devices
    try:
        detail = await devices.detail(publication.device_id)
        rows = await devices.shadow(publication.device_id)
    except TuyaError as error:
        return str(error)
    picture = publication.code(Role.PICTURE)
    return {
        "online": is_online(detail),
        "product_id": detail.get("product_id"),
        "category": detail.get("category"),
        "properties": [_property(row, picture) for row in rows[:_MOST]],
    }


def _property(row: JsonObject, picture: str | None) -> dict[str, Any]:
    value = row.get("value")
    hidden = row.get("code") == picture or isinstance(value, str | list | dict)
    return {
        "code": row.get("code"),
        "dp_id": row.get("dp_id"),
        "time": row.get("time"),
        "value": REDACTED if hidden and value else value,
    }


def _sifted(told: Any) -> Any:
    """Keep numbers and plain words: what is an address, or somebody's words, is left out."""
    match told:
        case Mapping():
            return {_sifted(key): _sifted(value) for key, value in told.items()}
        case list() | tuple() | set() | frozenset():
            return [_sifted(one) for one in told]
        case str():
            return told if _WORD.fullmatch(told) else REDACTED
    return told
