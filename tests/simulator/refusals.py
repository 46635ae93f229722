"""Services that refuse until somebody pays, subscribes or waits: by call, by service, or all.

Unlike other faults these have no count: they stay until they are taken back.
"""

from collections.abc import Mapping

# What the word of a service stands for: parts of the paths of its calls.
SERVICES: Mapping[str, tuple[str, ...]] = {
    "access": ("/access-control", "/entrance-guard/", "/expand/", "/iot-02/third/doors/"),
    "device_logs": ("/report-logs", "{id}/logs"),
    "lock": ("/door-lock/", "/smart-lock/", "/devices/{id}/users"),
    "southbound": ("/3rdcloud/", "/cloud/thing/devices/"),
    "video": ("/stream/actions/", "/webrtc-configs"),
}
COMMANDS = "commands"
ALL = ""


class Refusals:
    """The codes that calls are refused with; the most exact one counts."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def set(self, what: str, code: int) -> None:
        """Refuse with ``code``: a template, a service, ``commands``, or "" for all but tokens."""
        self._codes[what] = code

    def clear(self, what: str = ALL) -> None:
        """Serve again; "" everything."""
        if what == ALL:
            self._codes.clear()
        self._codes.pop(what, None)

    def code(self, method: str, path: str, *, command: bool) -> int | None:
        """Return the code for a call of this template, `None` if it is served."""
        words = [word for word, parts in SERVICES.items() if any(part in path for part in parts)]
        names = [f"{method} {path}", path, *words, *([COMMANDS] if command else [])]
        if not path.startswith("/v1.0/token"):
            names.append(ALL)
        return next((self._codes[name] for name in names if name in self._codes), None)

    def armed(self) -> dict[str, int]:
        """Return what is refused, and the code."""
        return {f"refuse {what or 'all'}": code for what, code in self._codes.items()}
