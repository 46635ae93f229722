"""What keeps a published door from being seen in Tuya, and the repairs that say so.

Tuya publishes no codes for most of it: what was being done tells what a refusal means.
"""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..api import (
    NO_DEVICE,
    OF_PROJECT,
    OF_SERVICE,
    Reason,
    TuyaCommandError,
    TuyaError,
    TuyaPermissionError,
)
from ..issues import async_close, async_raise

CHAPTER: Final = "publishing-your-doors-into-tuya"
"""Of the README."""


class Doing(StrEnum):
    """What Tuya was asked to take."""

    REGISTER = auto()
    LOOK_UP = auto()
    UPDATE = auto()
    ONLINE = auto()
    """That a door is there, or away."""
    PROPERTIES = auto()
    POINTS = auto()
    EVENT = auto()
    ANSWER = auto()
    READ = auto()
    REMOVE = auto()


class Trouble(StrEnum):
    """What is wrong with a published door, the worst first; the value is its words' key."""

    SERVICE = "published_service"
    """The service is not subscribed, has ended, or is not authorised for the project."""
    PRODUCT = "published_product"
    """The product is not authorised for the project, or there is none of that id."""
    LICENCE = "published_licence"
    """Tuya does not register it for a reason of its own: most often, no licence is left."""
    GONE = "published_gone"
    """Tuya does not know the device any more."""
    MODEL = "published_model"
    """The product lacks codes, or has them in another form."""
    MISSING = "published_missing"
    """Entities that it is made of are gone."""
    RULE = "published_rule"
    """Commands do not come: the message rule lacks them."""


LEFT: Final = "published_left"
"""A door that is published no more, which Tuya does not let go."""
UNUSABLE: Final = "published_unusable"
"""What is stored of a door cannot be read."""

_DOOR: Final = frozenset({"project", "door"})
_CODE: Final = _DOOR | {"code"}
ISSUES: Final[Mapping[str, frozenset[str]]] = {
    Trouble.SERVICE.value: frozenset({"project", "code"}),
    Trouble.PRODUCT.value: _CODE | {"product"},
    Trouble.LICENCE.value: _CODE,
    Trouble.GONE.value: _CODE,
    Trouble.MODEL.value: _DOOR | {"codes"},
    Trouble.MISSING.value: _DOOR | {"entities"},
    Trouble.RULE.value: _DOOR,
    LEFT: _CODE,
    UNUSABLE: _DOOR,
}
"""Every repair that may be raised here, and what its words name."""

_NO_PRODUCT = NO_DEVICE | {Reason.NOT_SUPPORTED}
_DEVICE_NOT_EXIST = 2010


def command_is_unknown(error: TuyaError) -> bool:
    """Tell whether it is the answered command that Tuya knows no more, not the device."""
    return error.reason in NO_DEVICE and error.code != _DEVICE_NOT_EXIST


def trouble_of(error: TuyaError, doing: Doing) -> Trouble | None:
    """Return what a refusal says of a door, `None` for what trying again may cure."""
    if error.reason in OF_SERVICE:
        return Trouble.SERVICE
    if not isinstance(error, TuyaCommandError | TuyaPermissionError) or error.reason in OF_PROJECT:
        return None
    match doing:
        case Doing.REGISTER if error.reason in _NO_PRODUCT:
            return Trouble.PRODUCT
        case Doing.REGISTER:
            return Trouble.LICENCE
        case Doing.ANSWER if command_is_unknown(error):
            return None
        case _ if error.reason in NO_DEVICE:
            return Trouble.GONE
        case Doing.PROPERTIES | Doing.POINTS | Doing.EVENT | Doing.ANSWER if (
            error.reason is Reason.NOT_SUPPORTED
        ):
            return Trouble.MODEL
    return None


_CURED: Final[Mapping[Doing, frozenset[Trouble]]] = {
    Doing.REGISTER: frozenset({Trouble.PRODUCT, Trouble.LICENCE, Trouble.GONE}),
    **dict.fromkeys(
        (Doing.UPDATE, Doing.ONLINE, Doing.PROPERTIES, Doing.POINTS, Doing.EVENT, Doing.ANSWER),
        frozenset({Trouble.PRODUCT, Trouble.LICENCE, Trouble.GONE}),
    ),
}


class Troubles:
    """The troubles of one published door while its entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], door: str, third_id: str, product: str
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._third_id = third_id
        self._named = {"door": door, "product": product}
        self._known: dict[Trouble, Mapping[str, str]] = {}
        self._refused_as: Doing | None = None

    @property
    def worst(self) -> Trouble | None:
        """What is to be mended first."""
        return next((one for one in Trouble if one in self._known), None)

    def has(self, trouble: Trouble) -> bool:
        """Tell whether something is wrong."""
        return trouble in self._known

    @callback
    def refused(self, error: TuyaError, doing: Doing) -> Trouble | None:
        """Take a refusal; return what it says of the door."""
        trouble = trouble_of(error, doing)
        if trouble is not None:
            code = code_of(error)
            if trouble is Trouble.MODEL:
                if Trouble.MODEL not in self._known:
                    self._refused_as = doing
                    self.show(trouble, codes=code)
            elif trouble is not Trouble.GONE:
                self.show(trouble, code=code)
        return trouble

    @callback
    def accepted(self, doing: Doing) -> None:
        """Take that Tuya took something."""
        for trouble in (Trouble.SERVICE, *_CURED.get(doing, ())):
            self.close(trouble)
        if self._refused_as is doing:
            self.close(Trouble.MODEL)

    @callback
    def lacks(self, codes: str) -> None:
        """Take which codes the product lacks, by its thing model; empty: none."""
        if codes:
            self._refused_as = None
            self.show(Trouble.MODEL, codes=codes)
        elif self._refused_as is None:
            self.close(Trouble.MODEL)

    @callback
    def missing(self, entities: str) -> None:
        """Take which of its entities are gone; empty: none."""
        if entities:
            self.show(Trouble.MISSING, entities=entities)
        else:
            self.close(Trouble.MISSING)

    @callback
    def show(self, trouble: Trouble, **told: str) -> None:
        """Raise a repair, or change what it says."""
        if self._known.get(trouble) == told:
            return
        self._known[trouble] = told
        words = {**self._named, **told}
        async_raise(
            self._hass,
            self._entry,
            trouble.value,
            name=self._name(trouble),
            told={name: words[name] for name in ISSUES[trouble] - {"project"}},
            chapter=CHAPTER,
        )

    @callback
    def close(self, trouble: Trouble) -> None:
        """Close a repair, if it is there."""
        if self._known.pop(trouble, None) is not None:
            async_close(self._hass, self._entry, self._name(trouble))
            if trouble is Trouble.MODEL:
                self._refused_as = None

    @callback
    def end(self) -> None:
        """Close all: who finds them again raises them again."""
        for trouble in [*self._known]:
            self.close(trouble)

    def as_told(self) -> list[str]:
        """Return them for diagnostics."""
        return sorted(self._known)

    def _name(self, trouble: Trouble) -> str:
        # The service is the project's: one repair for all its doors.
        return trouble if trouble is Trouble.SERVICE else f"{trouble}_{self._third_id}"


def code_of(error: TuyaError) -> str:
    """Return what Tuya's support asks for."""
    return str(error.reason if error.code is None else error.code)
