"""Sentences for Home Assistant's logbook: who came, what became of a call, what is wrong.

The logbook knows no translations for events like these, so the sentences are English.
"""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_HISTORY, EVENT_MOMENT
from .model.changes import CallReason, CallStep, Outcome
from .model.state import Alarm, Method

_ICONS = {"access": "mdi:door-open", "alarm": "mdi:alert", "doorbell": "mdi:doorbell"}
_MISSED, _DENIED = "mdi:phone-missed", "mdi:door-closed-lock"
_MEANS: Mapping[str, str] = {
    Method.APP: "from the app",
    Method.BLUETOOTH: "by Bluetooth",
    Method.CARD: "with a card",
    Method.COMBINED: "with two credentials",
    Method.DYNAMIC_PASSWORD: "with a dynamic password",
    Method.EMERGENCY: "with the emergency password",
    Method.EYE: "with an iris",
    Method.FACE: "with face",
    Method.FINGERPRINT: "with a fingerprint",
    Method.FINGER_VEIN: "with a finger vein",
    Method.IDENTITY_CARD: "with an identity card",
    Method.INSIDE: "from the inside",
    Method.KEY: "with a key",
    Method.OFFLINE_PASSWORD: "with an offline password",
    Method.OTHER: "in another way",
    Method.PALM: "with a palm",
    Method.PASSWORD: "with a password",
    Method.QR_CODE: "with a QR code",
    Method.REMOTE: "remotely",
    Method.REMOTE_CONTROL: "with a remote control",
    Method.TEMPORARY_PASSWORD: "with a temporary password",
    Method.VOICE: "by voice",
}
_CALLS: Mapping[str, str] = {
    CallStep.ANSWERED: "call answered",
    CallStep.DECLINED: "call declined",
    CallStep.ENDED: "call ended",
    CallStep.MISSED: "missed call",
}
_REASONS: Mapping[str, str] = {
    CallReason.APP: "in the app",
    CallReason.CANCELLED: "the visitor hung up",
    CallReason.DEVICE: "at the device",
    CallReason.LIMIT: "the time was up",
}
_ALARMS: Mapping[str, str] = {
    Alarm.BOLT_STUCK: "the bolt is stuck",
    Alarm.DOOR_LEFT_OPEN: "the door was left open",
    Alarm.DURESS: "opened under duress",
    Alarm.FORCED: "the door was forced",
    Alarm.INTRUSION: "intrusion alarm",
    Alarm.KEY_LEFT_IN: "the key was left in the lock",
    Alarm.LATCH_STUCK: "the latch is stuck",
    Alarm.LOITERING: "somebody loitered",
    Alarm.LOW_BATTERY: "the battery is low",
    Alarm.OTHER: "alarm",
    Alarm.OVERHEATED: "it is too hot",
    Alarm.POWER_OFF: "the power is off",
    Alarm.SHOCK: "it was shaken",
    Alarm.TAMPER: "somebody tampered with it",
    Alarm.WRONG_ATTEMPTS: "repeated wrong attempts",
}


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None],
) -> None:
    """Tell the logbook how to describe moments, those of now and those that were missed."""

    @callback
    def describe(event: Event) -> dict[str, Any]:
        """Describe one; the logbook shows it at the time that the event carries."""
        told = event.data
        name, message = _sentence(told)
        return {
            LOGBOOK_ENTRY_NAME: name,
            LOGBOOK_ENTRY_MESSAGE: message,
            LOGBOOK_ENTRY_ICON: _icon(told),
        }

    for event_type in (EVENT_HISTORY, EVENT_MOMENT):
        async_describe_event(DOMAIN, event_type, describe)


def _sentence(told: Mapping[str, Any]) -> tuple[str, str]:
    """Return subject and rest of a sentence: the subject of an opening is who opened."""
    device, kind = str(told.get("name") or "A door"), str(told.get("type"))
    match told.get("key"):
        case "access":
            return _passage(device, kind, told)
        case "alarm":
            means = _MEANS.get(told.get("method") or "")
            return device, f"{_ALARMS.get(kind, kind)}{f' {means}' if means else ''}"
        case _:
            return device, _call(kind, told)


def _passage(device: str, kind: str, told: Mapping[str, Any]) -> tuple[str, str]:
    slot, person = told.get("slot"), told.get("person")
    who = str(person or (f"Number {slot}" if slot is not None else "Somebody"))
    means = _MEANS.get(told.get("method") or "", "")
    match kind:
        case Outcome.DENIED:
            message = f"was refused at {device} {means}"
        case Outcome.DURESS:
            message = f"opened {device} {means} under duress"
        case _:
            message = f"opened {device} {means}"
    return who, " ".join(message.split())


def _call(kind: str, told: Mapping[str, Any]) -> str:
    if kind in _CALLS:
        reason = _REASONS.get(told.get("reason") or "")
        return f"{_CALLS[kind]} ({reason})" if reason else _CALLS[kind]
    place = "a test" if told.get("test") else told.get("channel") or told.get("address")
    return f"rang ({place})" if place else "rang"


def _icon(told: Mapping[str, Any]) -> str:
    match told.get("type"):
        case CallStep.MISSED:
            return _MISSED
        case Outcome.DENIED:
            return _DENIED
    return _ICONS.get(str(told.get("key")), _ICONS["doorbell"])
