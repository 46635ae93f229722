"""The system health page: whether Tuya can be reached, and how messages and polls do.

With several projects each answer is a list in the order of the entries: names stay at home.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .connection import endpoints_of
from .const import DOMAIN
from .runtime import RuntimeData, TuyaLinkConfigEntry


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Offer the page."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[TuyaLinkConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    version = (await async_get_integration(hass, DOMAIN)).version
    info: dict[str, Any] = {"version": str(version), "projects": len(entries)}
    if not entries:
        return info
    info["can_reach_server"] = _reached(hass, entries)
    for key, told in _TOLD.items():
        answers = [told(entry.runtime_data) for entry in entries]
        info[key] = answers[0] if len(answers) == 1 else " · ".join(map(_short, answers))
    return info


def _reached(
    hass: HomeAssistant, entries: list[TuyaLinkConfigEntry]
) -> Awaitable[str | dict[str, str]]:
    addresses = sorted({str(endpoints_of(entry.data).openapi) for entry in entries})

    async def every() -> str | dict[str, str]:
        """Tell the first failure, else that all is well."""
        answer: str | dict[str, str] = "ok"
        for address in addresses:
            answer = await system_health.async_check_can_reach_url(hass, address)
            if answer != "ok":
                break
        return answer

    return every()


def _short(answer: object) -> str:
    # The page shows a time by itself as the user likes it, but not within a text.
    return f"{answer:%Y-%m-%d %H:%M} UTC" if isinstance(answer, datetime) else str(answer)


def _queue(data: RuntimeData) -> str:
    state = data.push.state
    return "off" if data.push.topic is None else "connecting" if state is None else state.value


def _last_message(data: RuntimeData) -> datetime | str:
    return data.health.last_message or "none since start"


def _polls(data: RuntimeData) -> str:
    interval = data.coordinator.update_interval
    every = f"every {interval.total_seconds() / 60:.0f} min" if interval else "paused"
    return every if data.coordinator.last_update_success else f"{every}, last one failed"


_TOLD: dict[str, Callable[[RuntimeData], Any]] = {
    "queue": _queue,
    "source": lambda data: data.health.assessment.way.value,
    "last_message": _last_message,
    "polls": _polls,
    "calls_this_month": lambda data: data.budget.calls_this_month,
    "published_doors": lambda data: len(data.published.doors),
}
