"""The configuration folder of the demo's Home Assistant: written here, read by `hass`.

A folder that the demo has not made is never touched.
"""

from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from .demo_error import DemoError
from .demo_garden import CONFIGURATION as GARDEN

ROOT = Path(__file__).parents[2]
DOMAIN = "tuyalink_intercom"
MARK = ".made-by-scripts-demo"
OUTPUT = "home-assistant.out"
LINES_SHOWN = 60
FIRST_RUN = {"user", "core_config", "analytics", "integration"}

CONFIGURATION = """\
homeassistant:
  name: Home
  latitude: 52.37
  longitude: 4.89
  elevation: 2
  radius: 100
  unit_system: metric
  time_zone: {time_zone}
  currency: EUR
  country: NL
  language: en

# One by one: default_config would look around in the local network.
automation: !include automations.yaml
config:
frontend:
history:
logbook:
media_source:
my:
recorder:
stream:
system_log:

logger:
  default: warning
  logs:
    custom_components.{domain}: info
    # Without libturbojpeg on the machine, pictures are only resized more slowly.
    homeassistant.components.camera.img_util: critical
"""


def prepare(folder: Path, port: int) -> None:
    """Make a folder ready for a start on a port; an older one of the demo keeps what it has."""
    try:
        _own(folder)
        _write_configuration(folder)
        _link_integration(folder)
        _listen_on_loopback(folder, port)
        (folder / OUTPUT).unlink(missing_ok=True)
    except OSError as error:
        raise DemoError(f"--config {folder}: {error.strerror}") from None


@dataclass(frozen=True, kw_only=True)
class Before:
    """What an earlier demo left in a folder."""

    onboarded: bool
    """Whether Home Assistant's first-run questions have all been answered."""
    address: str | None
    """The OpenAPI address that the integration was set up with."""


def before(folder: Path) -> Before:
    """Look into a folder in which Home Assistant does not run."""
    answered = _stored(folder, "onboarding").get("done", ())
    entries = _stored(folder, "core.config_entries").get("entries", ())
    # Stored as an address with a path, which the simulator leaves out.
    ours = (entry["data"]["openapi"].rstrip("/") for entry in entries if entry["domain"] == DOMAIN)
    return Before(onboarded=set(answered) >= FIRST_RUN, address=next(ours, None))


def complaints(folder: Path) -> str:
    """Return the errors that Home Assistant wrote with their tracebacks, else its last lines."""
    try:
        lines = (folder / OUTPUT).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    errors: list[str] = []
    keeping = False
    for line in lines:
        if line[:4].isdigit():
            keeping = " ERROR " in line or " CRITICAL " in line
        if keeping:
            errors.append(line)
    return "\n".join((errors or lines)[-LINES_SHOWN:])


def _own(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / MARK
    if mark.exists():
        return
    if (folder / "configuration.yaml").exists() or (folder / ".storage").exists():
        raise DemoError(f"--config {folder}: this Home Assistant was not made by scripts/demo")
    mark.write_text("scripts/demo made this folder and may change it.\n", encoding="utf-8")


def _write_configuration(folder: Path) -> None:
    path = folder / "configuration.yaml"
    if not path.exists():
        text = CONFIGURATION.format(time_zone=_time_zone(), domain=DOMAIN)
        path.write_text(text + GARDEN, encoding="utf-8")
    automations = folder / "automations.yaml"
    if not automations.exists():
        automations.write_text("[]\n", encoding="utf-8")


def _link_integration(folder: Path) -> None:
    """Link rather than copy: a change to the code needs only a restart."""
    link = folder / "custom_components" / DOMAIN
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(ROOT / "custom_components" / DOMAIN, target_is_directory=True)


def _listen_on_loopback(folder: Path, port: int) -> None:
    # Since 2026.11 `http:` in YAML is only proposed to the user; until they agree, and after
    # five minutes without an answer, Home Assistant listens on all interfaces at port 8123.
    http = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    _store(folder, "http", 3, {"stable": http, "pending": None, "yaml_migration_done": True})
    _store(folder, "core.network", 1, {"configured_adapters": ["lo"]})
    if not (folder / ".storage" / "onboarding").exists():
        # The question about the place would add integrations that look outside.
        _store(folder, "onboarding", 4, {"done": ["core_config"]})


def _stored(folder: Path, key: str) -> dict[str, Any]:
    path = folder / ".storage" / key
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["data"]
    except FileNotFoundError:
        return {}
    except ValueError, KeyError, TypeError:
        raise DemoError(f"--config {folder}: {path.name} is damaged") from None
    return data


def _store(folder: Path, key: str, version: int, data: dict[str, Any]) -> None:
    path = folder / ".storage" / key
    path.parent.mkdir(exist_ok=True)
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def _time_zone() -> str:
    """Return the machine's time zone, so that the dashboard and its clock agree."""
    name = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")[2]
    return name if name in available_timezones() else "UTC"
