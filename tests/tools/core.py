"""A Home Assistant core in this process: without pytest, with no open port, leaving nothing.

Against a simulator it runs the integration as a user does: by a config entry with a custom region.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
import logging
from pathlib import Path
import sys
from types import MappingProxyType
from typing import cast, override

from aiohttp.abc import AbstractResolver, ResolveResult
from homeassistant import loader
from homeassistant.auth import auth_manager_from_config
from homeassistant.bootstrap import async_load_base_functionality
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntries,
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentryData,
)
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers.aiohttp_client import DATA_RESOLVER, HassAsyncDNSResolver

from custom_components.tuyalink_intercom.config_flow import TuyaLinkConfigFlow
from custom_components.tuyalink_intercom.connection import unique_id_of
from custom_components.tuyalink_intercom.const import DOMAIN
from custom_components.tuyalink_intercom.runtime import RuntimeData
from tests.simulator import TuyaSimulator


class SetupError(Exception):
    """The integration could not be set up; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Where a simulated cloud is, and the keys that it takes."""

    openapi: str
    queue: str
    access_id: str
    access_secret: str

    @classmethod
    def of(cls, cloud: TuyaSimulator) -> Project:
        """Return the project of a simulator that listens."""
        return cls(
            openapi=cloud.openapi,
            queue=cloud.queue,
            access_id=cloud.access_id,
            access_secret=cloud.access_secret,
        )


class _NoNames(AbstractResolver):
    """Resolves nothing. The core's own resolver looks for names by multicast in the network."""

    @override
    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        raise OSError(None, "only addresses of this machine are used here")

    @override
    async def close(self) -> None:
        """Hold nothing."""


@asynccontextmanager
async def running_core(folder: Path) -> AsyncIterator[HomeAssistant]:
    """Run a core with this configuration folder; its stores are written when it ends."""
    _keep_from_listening(folder)
    search = list(sys.path)
    hass = HomeAssistant(str(folder))
    hass.config.skip_pip = True
    hass.data[DATA_RESOLVER] = cast(HassAsyncDNSResolver, _NoNames())
    try:
        loader.async_setup(hass)
        hass.config_entries = ConfigEntries(hass, {})
        if not await async_load_base_functionality(hass):
            raise SetupError("Home Assistant could not load its registries")
        hass.auth = await auth_manager_from_config(hass, [], [])
        hass.set_state(CoreState.running)
        yield hass
    finally:
        await hass.async_stop(force=True)
        sys.path[:] = search


async def set_up(
    hass: HomeAssistant,
    project: Project,
    *,
    delivery: str = "production",
    subentries: Iterable[ConfigSubentryData] = (),
) -> ConfigEntry[RuntimeData]:
    """Set the integration up, or again if this folder has the project; raise `SetupError`."""
    entry: ConfigEntry[RuntimeData] = _entry(project, delivery, subentries)
    known = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, entry.unique_id or "")
    if known is None:
        await hass.config_entries.async_add(entry)
    else:
        entry = known
        await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    if entry.state is not ConfigEntryState.LOADED:
        raise SetupError(f"the integration is not set up: {entry.reason or entry.state}")
    return entry


class ErrorLines(logging.Handler):
    """Shows warnings of the integration and errors of all others, one line each; counts errors."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    @classmethod
    def installed(cls) -> ErrorLines:
        """Take over the process's log."""
        handler = cls()
        logging.basicConfig(handlers=[handler], level=logging.ERROR, force=True)
        logging.getLogger("custom_components").setLevel(logging.WARNING)
        # Complains with a traceback where a machine lacks libturbojpeg; no picture is scaled here.
        logging.getLogger("homeassistant.components.camera.img_util").setLevel(logging.CRITICAL)
        return handler

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.count += record.levelno >= logging.ERROR
        text = f"{record.levelname.lower()}: {record.getMessage()}"
        if record.exc_info and (error := record.exc_info[1]):
            text += f" ({type(error).__name__}: {error})"
        sys.stderr.write(" ".join(text.split()) + "\n")


def _entry(
    project: Project, delivery: str, subentries: Iterable[ConfigSubentryData]
) -> ConfigEntry[RuntimeData]:
    data = {
        "access_id": project.access_id,
        "access_secret": project.access_secret,
        "region": "custom",
        "openapi": project.openapi,
        "queue": project.queue,
    }
    return ConfigEntry(
        data=data,
        discovery_keys=MappingProxyType({}),
        domain=DOMAIN,
        minor_version=TuyaLinkConfigFlow.MINOR_VERSION,
        options={"delivery": delivery},
        source=SOURCE_USER,
        subentries_data=subentries,
        title="Simulated project",
        unique_id=unique_id_of(data),
        version=TuyaLinkConfigFlow.VERSION,
    )


def _keep_from_listening(folder: Path) -> None:
    """Let `http`, which cameras depend on, take a free port of loopback, and never serve on it.

    Its own default is port 8123 of all interfaces, which may be that of a real Home Assistant.
    """
    http = {
        "server_host": ["127.0.0.1"],
        "server_port": 0,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    data = {"stable": http, "pending": None, "yaml_migration_done": True}
    content = {"version": 2, "minor_version": 2, "key": "http", "data": data}
    path = folder / ".storage" / "http"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
