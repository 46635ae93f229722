"""The integration's devices and entities as Home Assistant's registries know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .demo_api import Socket
from .demo_error import DemoError
from .demo_folder import DOMAIN


@dataclass(frozen=True, kw_only=True)
class Entities:
    """Found by device and key, so that no name has to be guessed."""

    devices: Mapping[str, str]
    """Name by Tuya's device id, in alphabetical order of names."""
    ids: Mapping[tuple[str, str], str]
    """Entity id by Tuya's device id and key; enabled entities only."""
    names: Mapping[str, str]
    """An entity's own name by its id, empty where it is named like its device."""

    @staticmethod
    async def read(socket: Socket) -> Entities:
        """Ask Home Assistant."""
        return Entities.of(
            await socket.command("config/device_registry/list"),
            await socket.command("config/entity_registry/list"),
        )

    @staticmethod
    def of(devices: list[dict[str, Any]], entities: list[dict[str, Any]]) -> Entities:
        """Make sense of the registries' rows."""
        names = {
            identifier[1]: device["name_by_user"] or device["name"]
            for device in devices
            if device["entry_type"] is None
            for identifier in device["identifiers"]
            if identifier[0] == DOMAIN
        }
        ids: dict[tuple[str, str], str] = {}
        own: dict[str, str] = {}
        for entity in entities:
            device_id, _, key = entity["unique_id"].partition("_")
            if entity["platform"] == DOMAIN and device_id in names and not entity["disabled_by"]:
                domain = entity["entity_id"].partition(".")[0]
                ids[device_id, _key(domain, key)] = entity["entity_id"]
                own[entity["entity_id"]] = entity["name"] or entity["original_name"] or ""
        ordered = dict(sorted(names.items(), key=lambda item: item[1]))
        return Entities(devices=ordered, ids=ids, names=own)

    def of_device(self, device_id: str) -> Mapping[str, str]:
        """Return a device's entity ids by key."""
        return {key: entity for (owner, key), entity in self.ids.items() if owner == device_id}

    def with_keys(self, *keys: str) -> str:
        """Return the first device that has all these entities."""
        for device_id in self.devices:
            if set(keys) <= self.of_device(device_id).keys():
                return device_id
        raise DemoError(f"no device has all of: {', '.join(keys)}")


def _key(domain: str, key: str) -> str:
    """Tell the door that is a lock from the door that is a contact."""
    return f"{domain}_{key}" if domain == "binary_sensor" and key == "door" else key
