"""How the steps of looking at a published door went, and what a user can do about each.

The words stand in the translations, under the names of `Step` and `Cure`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..api import Reason, TuyaError


class Step(StrEnum):
    """What is looked at, in this order."""

    REGISTERED = "registered"
    ONLINE = "online"
    PROPERTY_SEEN = "property_seen"
    MESSAGES = "messages"
    COMMAND = "command"


class Cure(StrEnum):
    """What a user can do; each has its sentence."""

    DOOR_AWAY = "door_away"
    MODEL = "model"
    NO_COMMAND_HEARD = "no_command_heard"
    NO_ECHO = "no_echo"
    NO_PROPERTY = "no_property"
    NO_VALUE = "no_value"
    NOT_REGISTERED = "not_registered"
    OTHER_DEVICE = "other_device"
    OTHER_PRODUCT = "other_product"
    OTHER_VALUE = "other_value"
    PRODUCT = "product"
    QUEUE_DOWN = "queue_down"
    QUEUE_OFF = "queue_off"
    RULE = "rule"
    SERVICE = "service"
    STAYS_OFFLINE = "stays_offline"


_CURES: Mapping[Reason, Cure] = {
    Reason.API_EXPIRED: Cure.SERVICE,
    Reason.API_NOT_AUTHORIZED: Cure.SERVICE,
    Reason.API_NOT_SUBSCRIBED: Cure.SERVICE,
    Reason.NOT_FOUND: Cure.NOT_REGISTERED,
    Reason.NOT_LINKED: Cure.PRODUCT,
    Reason.NOT_SUPPORTED: Cure.MODEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a step went; `ok` is `None` where there is nothing to look at.

    `error`: what Tuya said, where that is more than the cure.
    """

    step: Step
    ok: bool | None
    cure: Cure | None = None
    error: TuyaError | None = field(default=None, repr=False)


def passed(step: Step) -> Verdict:
    """Return that a step went well."""
    return Verdict(step=step, ok=True)


def nothing(step: Step, cure: Cure | None) -> Verdict:
    """Return that there was nothing to look at."""
    return Verdict(step=step, ok=None, cure=cure)


def failed(step: Step, cure: Cure) -> Verdict:
    """Return what to do about a step that did not go well."""
    return Verdict(step=step, ok=False, cure=cure)


def refused(step: Step, error: TuyaError) -> Verdict:
    """Return what to do about what Tuya said."""
    return Verdict(step=step, ok=False, cure=_CURES.get(error.reason), error=error)
