"""Counts kept next to the code that knows, owned by one client, shown by diagnostics.

Keys are path templates, reasons and poison kinds: a fixed vocabulary, never ids.
"""

from collections import Counter
from dataclasses import dataclass, field

from .errors import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One try of an OpenAPI call; Tuya bills each, refused ones too as far as is known.

    `call`: method and path template. `device_id`: the device it names, if it names one.
    `reason`: why it failed, `None` if it succeeded.
    """

    call: str
    device_id: str | None
    reason: Reason | None


@dataclass(slots=True)
class Counters:
    """What happened on the wire since this object was made."""

    calls: Counter[str] = field(default_factory=Counter)
    """OpenAPI calls sent, by method and path template, repeats and token calls included."""

    errors: Counter[str] = field(default_factory=Counter)
    """OpenAPI calls that ended in an error, by reason."""

    messages: int = 0
    """Messages handed on by the queue; Tuya bills each."""

    redelivered: int = 0
    """Queue frames that Tuya marked as sent before."""

    poison: Counter[str] = field(default_factory=Counter)
    """Queue frames that could not be read, by kind."""

    owner_faults: int = 0
    """Times the receiver of messages or states raised; acknowledged all the same."""

    sign_mismatches: int = 0
    """Queue messages whose signature differs from Tuya's published formula."""

    connections: int = 0
    """Queue connections that were accepted."""

    missed_pongs: int = 0
    """Queue connections given up because a ping stayed unanswered."""

    webhook: Counter[str] = field(default_factory=Counter)
    """Webhook requests, by what became of them."""
