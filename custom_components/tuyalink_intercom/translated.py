"""Errors of Tuya in the user's language: one key per reason, the code and call as details."""

from typing import TypedDict

from .api import TuyaError
from .const import DOMAIN


class Translation(TypedDict):
    """How Home Assistant's exceptions take a translated text."""

    translation_domain: str
    translation_key: str
    translation_placeholders: dict[str, str]


def translation_of(error: TuyaError) -> Translation:
    """Return the translation of an error; nothing in it is secret."""
    return Translation(
        translation_domain=DOMAIN,
        translation_key=f"reason_{error.reason}",
        translation_placeholders={"code": str(error.code or "-"), "call": error.call},
    )
