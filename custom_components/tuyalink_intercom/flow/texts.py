"""What a survey found, in words: the placeholders of the config flow's descriptions.

The words stand in the translations; here they are only put together.
"""

from collections.abc import Callable, Iterable, Mapping

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.translation import async_get_translations

from ..api import QueueState, Reason, TuyaError
from ..const import CONF_REGION, DOMAIN
from ..model.state import AccessState, Device, World
from .survey import Survey, Verdict

type Words = Callable[[str], str]

# Integrations that show the same devices from the same cloud, by their domain.
_NEIGHBOURS = ("tuya", "xtend_tuya")
_NAMED = 12


async def load_words(hass: HomeAssistant) -> Words:
    """Return a look-up of the flow's own words, by "<selector>.options.<word>" or "error.<key>"."""
    found: dict[str, str] = {}
    for category in ("selector", "config"):
        texts = await async_get_translations(hass, hass.config.language, category, {DOMAIN})
        start = f"component.{DOMAIN}.{category}."
        found |= {key.removeprefix(start): text for key, text in texts.items()}
    return lambda key: found.get(key, key)


async def told(hass: HomeAssistant, data: Mapping[str, str], found: Survey) -> dict[str, str]:
    """Return the placeholders that tell what was found."""
    words = await load_words(hass)
    return {
        "region": words(f"region.options.{data[CONF_REGION]}"),
        "devices": _devices(found.state, words),
        "others": str(len(found.state.others)),
        "skipped": str(found.skipped),
        "services": _services(found, words),
        "neighbours": _neighbours(hass, found.state, words),
    }


def told_error(error: TuyaError | None) -> dict[str, str]:
    """Return the placeholders of error texts."""
    if error is None:
        return {"code": "", "call": ""}
    return {"code": str(error.code or ""), "call": error.call}


def _devices(state: AccessState, words: Words) -> str:
    kinds: dict[World, list[str]] = {world: [] for world in World}
    for device in state.devices.values():
        kinds[device.world].append(plain(device.name))
    lines = [
        f"{words(f'survey.options.{world.name.lower()}')} ({len(names)}): {listed(names)}"
        for world, names in kinds.items()
        if names
    ]
    return _lines(lines) if lines else words("survey.options.nothing")


def _services(found: Survey, words: Words) -> str:
    queue = "not_asked" if found.queue is None else f"queue_{found.queue}"
    verdicts = {
        "iot_core": Verdict.ANSWERS.value,
        "queue": queue,
        "smart_lock": found.smart_lock.value,
        "live_stream": found.live_stream.value,
    }
    if any(device.features.streams for device in found.state.devices.values()):
        verdicts["camera_service"] = "camera_service_hint"
    return _lines(
        f"{words(f'survey.options.{service}')}: {_sentence(verdict, words)}"
        for service, verdict in verdicts.items()
    )


def _sentence(verdict: str, words: Words) -> str:
    """Return a verdict's words: its own, else those of the error it is."""
    if verdict in _OWN_WORDS:
        return words(f"survey.options.{verdict}")
    return words(f"error.{verdict}")


# A code nobody knows has its number in the error's text, which means nothing to a reader here.
_OWN_WORDS = frozenset(
    {*Verdict, Reason.UNKNOWN, f"queue_{QueueState.CONNECTED}", "camera_service_hint"}
)


def _neighbours(hass: HomeAssistant, state: AccessState, words: Words) -> str:
    """Name the devices that Home Assistant shows already, through another integration."""
    registry = dr.async_get(hass)
    doubled = [
        plain(device.name) for device in state.devices.values() if _is_shown(hass, registry, device)
    ]
    return f"{words('survey.options.neighbours')} {listed(doubled)}" if doubled else ""


def _is_shown(hass: HomeAssistant, registry: dr.DeviceRegistry, device: Device) -> bool:
    return any(
        (domain, device.id) in shown.identifiers
        for domain in _NEIGHBOURS
        for entry in hass.config_entries.async_entries(domain)
        for shown in dr.async_entries_for_config_entry(registry, entry.entry_id)
    )


async def told_taught(
    hass: HomeAssistant,
    taught: Mapping[str, Mapping[str, str]],
    names: Mapping[str, str],
    separator: str,
) -> dict[str, str]:
    """Return labels for what was taught, by device id and name with the separator between."""
    words = await load_words(hass)
    return {
        f"{key}{separator}{name}": f"{names.get(key, key)}: {name}"
        f" = {words(f'meaning.options.{meaning}')}"
        for key, told in taught.items()
        for name, meaning in told.items()
    }


def listed(names: Iterable[str]) -> str:
    """Return names in a row; of very many the first and how many more."""
    names = list(names)
    more = [f"+{len(names) - _NAMED}"] if len(names) > _NAMED else []
    return ", ".join([*names[:_NAMED], *more])


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def plain(name: str) -> str:
    """Return a name on one line, with nothing in it that Markdown would take for itself."""
    return " ".join("".join(" " if sign in "*_`[]<>#|\\" else sign for sign in name).split())
