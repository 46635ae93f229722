"""Why a code could not be made, changed or taken back, in the user's language."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..api import DecryptError, Reason, TuyaError
from ..const import DOMAIN
from ..model.lock_codes import WIFI_DIGITS, CodeRefusedError, CodeRules
from ..translated import translation_of

_WRONG_PARAMETER = 1109


class UncertainError(Exception):
    """No telling whether Tuya did it."""


def refused(key: str) -> ServiceValidationError:
    """Return the error for something that cannot be done as it was asked for."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


@contextmanager
def checked() -> Iterator[None]:
    """Put into words what is wrong with a code."""
    try:
        yield
    except CodeRefusedError as error:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key=f"code_{error.problem}"
        ) from None


@contextmanager
def asking() -> Iterator[None]:
    """Put into words why Tuya does not answer a question."""
    try:
        yield
    except TuyaError as error:
        raise failed(error) from None


@contextmanager
def writing(rules: CodeRules | None = None, digits: str = "") -> Iterator[None]:
    """Put into words why Tuya did not write; UncertainError where it may have.

    Tuya has one code for a past time, a wrong length and a wrong encryption. The first and
    the last are excluded here, so that the length is what is left to name.
    """
    try:
        yield
    except DecryptError:
        raise _impossible("code_ticket_not_ours") from None
    except TuyaError as error:
        if error.uncertain:
            raise UncertainError from None
        if rules is not None and error.code == _WRONG_PARAMETER:
            raise _not_taken(rules, digits) from None
        raise failed(error) from None


def _not_taken(rules: CodeRules, digits: str) -> HomeAssistantError:
    if not rules.guessed:
        return _impossible("code_not_taken")
    if len(digits) == WIFI_DIGITS:
        return _impossible("code_not_taken_try_six")
    return _impossible("code_not_taken_try_seven")


def failed(error: TuyaError) -> HomeAssistantError:
    """Return the error for what Tuya refused."""
    if error.reason is Reason.NOT_SUPPORTED:
        return _impossible("code_unsupported_lock")
    return HomeAssistantError(**translation_of(error))


def _impossible(key: str) -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=key)
