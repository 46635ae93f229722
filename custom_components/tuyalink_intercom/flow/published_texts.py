"""Words of the published door's flow: functions to enter, what a model lacks, what went wrong.

The words stand in the translations; here they are only put together.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..api import Reason, TuyaError
from ..const import CONF_DELIVERY, CONF_WEBHOOK, DELIVERY_PRODUCTION, TOPICS
from ..issues import DOCUMENTATION
from ..model.function_list import FunctionKind, Mismatch, as_table, functions_of
from ..model.publication import Publication, Role
from ..publishing.troubles import CHAPTER
from .texts import Words, load_words, told_error

# What refuses a registration; for an unknown code there is the one cause that Tuya numbers nowhere.
TROUBLES: Final[Mapping[Reason, str]] = {
    Reason.API_EXPIRED: "trouble_service",
    Reason.API_NOT_AUTHORIZED: "trouble_service",
    Reason.API_NOT_SUBSCRIBED: "trouble_service",
    Reason.NOT_FOUND: "trouble_product_unknown",
    Reason.NOT_LINKED: "trouble_product_denied",
    Reason.NOT_SUPPORTED: "trouble_details",
    Reason.UNKNOWN: "trouble_licence",
}
TABLE: Final = ("function", "code", "type", "mode", "outputs", "ro", "rw", *FunctionKind, *Role)


async def told_product(
    hass: HomeAssistant, publication: Publication, *, registered: bool
) -> dict[str, str]:
    """Return the placeholders of the product's page; `registered`: Tuya knows the door already."""
    words = await _load(hass)
    table = {word: words(f"list_{word}") for word in TABLE}
    return {
        "functions": as_table(functions_of(publication), table),
        "docs": f"{DOCUMENTATION}#{CHAPTER}",
        "hint": f"{words('registered')}\n\n" if registered else "",
    }


async def told_control(hass: HomeAssistant, options: Mapping[str, Any]) -> dict[str, str]:
    """Return the placeholder that tells of a project which nothing from Tuya reaches."""
    delivered = TOPICS.get(options.get(CONF_DELIVERY, DELIVERY_PRODUCTION)) is not None
    heard = delivered or options.get(CONF_WEBHOOK, False)
    return {"hint": "" if heard else f"{(await _load(hass))('deaf')}\n\n"}


async def told_mismatches(hass: HomeAssistant, lacking: Iterable[Mismatch]) -> dict[str, str]:
    """Return the placeholders that tell what a product lacks."""
    words = await _load(hass)
    lines = [f"- `{one.code}`: {words(one.what)}" for one in lacking]
    return {"mismatches": "\n".join(lines)}


async def told_trouble(
    hass: HomeAssistant, error: TuyaError, *, registering: bool, kept: bool
) -> dict[str, str]:
    """Return the placeholders that tell what Tuya said, `registering` a door or of its model.

    `kept`: Tuya has it as it was before.
    """
    told, word = told_error(error), TROUBLES.get(error.reason)
    if registering and word is not None:
        sentence = (await _load(hass))(word)
    else:
        sentence = (await load_words(hass))(f"error.{error.reason}")
    if kept:
        sentence += f"\n\n{(await _load(hass))('kept')}"
    return {"trouble": sentence.format(**told)}


async def _load(hass: HomeAssistant) -> Words:
    words = await load_words(hass)
    return lambda key: words(f"published.options.{key}")
