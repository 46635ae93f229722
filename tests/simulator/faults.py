"""What can be made to go wrong, by name and for how many times.

A fault is armed and waits; the part it concerns takes it when its turn comes.  Faults that act
at once (expired tokens, dropped consumers, poison) are done by ``mischief``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .refusals import Refusals

# Refusals by code, before anything is executed.
CODES: Mapping[str, int] = {
    "app_account": 2406,
    "busy": 1111,
    "data_center": 28841107,
    "deny": 1106,
    "device_pool": 60001001,
    "ip_or_region": 1114,
    "not_authorized": 28841105,
    "not_linked": 1106,
    "not_subscribed": 28841106,
    "offline": 2001,
    "plan_expired": 28841002,
    "plan_missing": 28841001,
    "quota": 28841004,
    "system_error": 500,
    "throttle": 1110,
}
STATUSES: Mapping[str, int] = {"http_429": 429, "http_500": 500, "http_502": 502, "http_503": 503}
# The command is executed, the client does not learn it.
AFTER = frozenset({"doubled_reply", "lost_reply", "timeout"})
# Only the calls that move a door.
COMMANDS = AFTER | {"offline", "silent", "device_pool"}
MESSAGES = frozenset(
    {
        "big_message",
        "duplicate",
        "extra_keys",
        "missing_properties",
        "reorder",
        "seconds_t",
        "sign_mismatch",
        "string_dp",
        "string_t",
        "utf8_name",
        "zero_ts",
    }
)
POISON = frozenset({"bad_base64", "poison", "tampered_tag", "truncated_json", "wrong_secret"})
# Somebody who means harm answers for the storage, or names it.
HOSTILE = frozenset(
    {
        "endless_picture",
        "gzip_picture",
        "hostile_address",
        "html_picture",
        "polyglot_picture",
        "redirect_picture",
        "svg_picture",
    }
)
PICTURES = HOSTILE | {
    "cut_picture",
    "empty_picture",
    "expired_picture",
    "held_picture",
    "missing_picture",
    "plain_picture",
    "text_picture",
    "upload_pending",
    "wrong_key",
    "xml_picture",
}
OTHERS = frozenset(
    {
        "backlog",
        "burst",
        "clock_skew",
        "command_failed",
        "command_pending",
        "drop_connection",
        "drop_queue",
        "expire_token",
        "malformed",
        "mute",
        "panel_stuck",
        "refuse",
        "remote_unlock_closed",
        "remote_unlock_empty",
        "remote_unlock_password",
        "rules_off",
        "silent",
        "topic_off",
    }
)
NAMES = frozenset(CODES) | frozenset(STATUSES) | AFTER | MESSAGES | POISON | PICTURES | OTHERS


@dataclass(slots=True)
class Fault:
    """One armed fault; ``path`` narrows it to calls whose path contains it."""

    name: str
    count: int
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """Return the business code to answer with."""
        return int(self.options.get("code", CODES.get(self.name, 500)))

    def concerns(self, path: str, method: str, *, command: bool) -> bool:
        """Tell whether a call is meant: by ``path``/``method``, else by the fault's own kind."""
        if "path" in self.options or "method" in self.options:
            wanted = str(self.options.get("method", method))
            return str(self.options.get("path", "")) in path and wanted.upper() == method
        if self.name in CODES and path.startswith("/v1.0/token"):
            return False
        return command or self.name not in COMMANDS


class Faults:
    """The armed faults, at most one per name."""

    def __init__(self) -> None:
        self._armed: dict[str, Fault] = {}
        self.refusals = Refusals()

    def arm(self, name: str, count: int, options: Mapping[str, Any]) -> None:
        """Arm a fault for its next ``count`` occasions; 0 disarms it."""
        self._armed.pop(name, None)
        if count > 0:
            self._armed[name] = Fault(name, count, dict(options))

    def take(self, name: str) -> Fault | None:
        """Use up one occasion of a fault, if it is armed."""
        fault = self._armed.get(name)
        if fault is not None:
            fault.count -= 1
            if fault.count <= 0:
                del self._armed[name]
        return fault

    def take_call(
        self, names: frozenset[str], path: str, method: str, *, command: bool
    ) -> Fault | None:
        """Use up the first of these faults that concerns a call."""
        for name in [name for name in self._armed if name in names]:
            if self._armed[name].concerns(path, method, command=command):
                return self.take(name)
        return None

    def armed(self) -> dict[str, int]:
        """Return what waits to happen, by name."""
        counts = {name: fault.count for name, fault in self._armed.items()}
        return counts | self.refusals.armed()
