"""Actions about what persons carry for building terminals: faces, cards, QR codes, passwords.

A password or QR code is answered only where it was made here; what was given is not repeated.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback
from homeassistant.helpers import config_validation as cv

import voluptuous as vol

from ..keys.faces import async_face
from ..keys.persons import Carrier, TerminalKeys, one, to_be
from ..model.keys import Key, KeyKind, KeyState
from ..model.persons import (
    PersonProblem,
    PersonRefusedError,
    check_card,
    check_id,
    check_password,
    check_qr_code,
    chosen_card,
    new_password,
    new_qr_code,
    shown_as,
)
from .targets import Answer, Handler, async_in_turn, refusal
from .terminals import (
    FORGETTING,
    PERSON,
    STATE,
    TEXT,
    Fields,
    Plan,
    Planner,
    async_register,
    async_terminals,
    planned,
)

_FACE, _CARD, _QR_CODE, _PASSWORD = "face_id", "card", "qr_code", "password"
_NEW, _LABEL, _PICTURE, _ENTITY = "new_password", "label", "picture", "picture_entity"
_WHO: Final[dict[Any, Any]] = {vol.Required(PERSON): TEXT}
_LABELLED: Final[dict[Any, Any]] = {
    **_WHO,
    vol.Optional(_LABEL): vol.All(cv.string, vol.Length(min=1, max=64)),
}
_MEDIA_ID: Final = "media_content_id"
# What the media selector gives is an object.
_MEDIA = vol.Any(TEXT, dict)
_FACE_FIELDS: Final[dict[Any, Any]] = {
    **_WHO,
    vol.Optional(_FACE): TEXT,
    vol.Optional(_PICTURE): _MEDIA,
    vol.Optional(_ENTITY): cv.entity_id,
}
_CARD_FIELDS: Final[dict[Any, Any]] = {**_WHO, vol.Required(_CARD): TEXT}

type Calls = Callable[[TerminalKeys], Callable[[str, str, str], Awaitable[str]]]
"""Chooses the call of a terminal's that takes device, person and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Secret:
    """A kind of value that is told only where it was made here."""

    kind: KeyKind
    field: str
    make: Callable[[], str]
    check: Callable[[str], str]
    add: Calls
    remove: Calls


@callback
def async_register_credentials(hass: HomeAssistant) -> None:
    """Register the actions about what persons carry."""
    async_register(hass, "add_face", _add_face, _FACE_FIELDS)
    fields: dict[Any, Any] = {**_WHO, vol.Optional(_FACE): TEXT, **FORGETTING}
    async_register(hass, "remove_face", planned(KeyKind.FACE, _remove_face), fields)
    for name, plan in _CARD_PLANS.items():
        fields = {**_CARD_FIELDS, **(FORGETTING if name == "remove_card" else {})}
        async_register(hass, name, planned(KeyKind.CARD, plan), fields)
    for secret in _SECRETS:
        name, field = secret.kind.value, secret.field
        given: dict[Any, Any] = {**_LABELLED, vol.Optional(field): TEXT}
        async_register(hass, f"add_{name}", _adder(secret), given)
        known: dict[Any, Any] = {**_LABELLED, vol.Required(field): TEXT, **FORGETTING}
        async_register(hass, f"remove_{name}", _remover(secret), known)
    both = {**_LABELLED, vol.Required(_PASSWORD): TEXT, vol.Optional(_NEW): TEXT}
    async_register(hass, "change_password", _change_password, both)


async def _add_face(call: ServiceCall) -> ServiceResponse:
    """Let terminals fetch a picture; it is served as long as that may take."""
    told = call.data.get(_PICTURE)
    media = told.get(_MEDIA_ID) if isinstance(told, dict) else told
    entity_id = call.data.get(_ENTITY)
    if (media is None) is (entity_id is None):
        raise refusal("face_one_picture")
    plans = {
        entity: (terminal, *_face(terminal, call.data))
        for entity, terminal in (await async_terminals(call, KeyKind.FACE)).items()
    }
    jpeg = await async_face(call.hass, media=media, entity_id=entity_id)
    return await async_in_turn(call, {each: partial(_shown, *plans[each], jpeg) for each in plans})


async def _shown(terminal: TerminalKeys, carrier: Carrier, key: Key, jpeg: bytes) -> Answer:
    """Tell a terminal of a face and serve it meanwhile."""
    terminal.require_loaded()
    calls, faces = terminal.calls, terminal.faces
    face = faces.show(jpeg)
    act = calls.replace_face if key.state is KeyState.ACTIVE else calls.add_face

    async def send() -> tuple[str]:
        await terminal.face_pace.turn()
        return (await act(terminal.device.id, carrier.id, key.id, face.url),)

    waits = False
    try:
        state = (await terminal.write([to_be(key, KeyState.ACTIVE)], send))[0]
        # The terminal may be out of reach and fetch it when it is back.
        waits = state == KeyState.PENDING
    finally:
        if not waits:
            faces.end(face)
    return {"person_id": carrier.id, _FACE: key.id, STATE: state}


def _face(terminal: TerminalKeys, fields: Fields) -> tuple[Carrier, Key]:
    carrier = terminal.carrier(fields[PERSON])
    face_id = check_id(fields.get(_FACE, carrier.id))
    return carrier, terminal.key(KeyKind.FACE, carrier, face_id)


def _remove_face(terminal: TerminalKeys, fields: Fields) -> Plan:
    carrier = terminal.carrier(fields[PERSON])
    known = [key.id for key in terminal.carried(carrier.id, KeyKind.FACE)]
    face_id = check_id(fields.get(_FACE, known[0] if len(known) == 1 else carrier.id))
    if _FACE not in fields and len(known) > 1:
        raise PersonRefusedError(PersonProblem.FACE_UNKNOWN)
    key = terminal.key(KeyKind.FACE, carrier, face_id)

    async def send() -> tuple[str]:
        await terminal.face_pace.turn()
        return (await terminal.calls.remove_face(terminal.device.id, carrier.id, face_id),)

    return Plan(keys=[to_be(key, None)], send=send, told={"person_id": carrier.id, _FACE: face_id})


def _card(calls: Calls, state: KeyState | None, *, new: bool = False) -> Planner:
    """Return what plans a call about a card after which it stands so."""

    def plan(terminal: TerminalKeys, fields: Fields) -> Plan:
        carrier, told = terminal.carrier(fields[PERSON]), fields[_CARD]
        cards = terminal.carried(carrier.id, KeyKind.CARD)
        number = check_card(told) if new else chosen_card(cards, told)
        key = terminal.key(KeyKind.CARD, carrier, number)
        return Plan(
            keys=[to_be(key, state)],
            send=lambda: one(calls(terminal)(terminal.device.id, carrier.id, number)),
            told={"person_id": carrier.id, _CARD: shown_as(key)},
        )

    return plan


_CARD_PLANS: Final = {
    "add_card": _card(lambda terminal: terminal.calls.add_card, KeyState.ACTIVE, new=True),
    "remove_card": _card(lambda terminal: terminal.calls.remove_card, None),
    "freeze_card": _card(lambda terminal: terminal.calls.freeze_card, KeyState.FROZEN),
    "unfreeze_card": _card(lambda terminal: terminal.calls.unfreeze_card, KeyState.ACTIVE),
}


def _adder(secret: _Secret) -> Handler:
    """Return what adds such a value, one of its own making if none is given."""

    async def add(call: ServiceCall) -> ServiceResponse:
        given = _given(call, secret.field)
        value = secret.make() if given is None else secret.check(given)
        told: Answer = {secret.field: value} if given is None else {}

        def plan(terminal: TerminalKeys, fields: Fields) -> Plan:
            carrier, key = _labelled(terminal, fields, secret.kind, new=True)
            return Plan(
                keys=[to_be(key, KeyState.ACTIVE)],
                send=lambda: one(secret.add(terminal)(terminal.device.id, carrier.id, value)),
                told={"person_id": carrier.id, _LABEL: key.id, **told},
            )

        return await planned(secret.kind, plan)(call)

    return add


def _remover(secret: _Secret) -> Handler:
    """Return what takes such a value back."""

    def plan(terminal: TerminalKeys, fields: Fields) -> Plan:
        carrier, key = _labelled(terminal, fields, secret.kind)
        value = secret.check(fields[secret.field])
        return Plan(
            keys=[to_be(key, None)],
            send=lambda: one(secret.remove(terminal)(terminal.device.id, carrier.id, value)),
            told={"person_id": carrier.id, _LABEL: key.id},
        )

    return planned(secret.kind, plan)


_SECRETS: Final = (
    _Secret(
        kind=KeyKind.QR_CODE,
        field=_QR_CODE,
        make=new_qr_code,
        check=check_qr_code,
        add=lambda terminal: terminal.calls.add_qr_code,
        remove=lambda terminal: terminal.calls.remove_qr_code,
    ),
    _Secret(
        kind=KeyKind.PASSWORD,
        field=_PASSWORD,
        make=new_password,
        check=check_password,
        add=lambda terminal: terminal.calls.add_password,
        remove=lambda terminal: terminal.calls.remove_password,
    ),
)


async def _change_password(call: ServiceCall) -> ServiceResponse:
    old, given = check_password(call.data[_PASSWORD]), _given(call, _NEW)
    new = new_password() if given is None else check_password(given)
    if new == old:
        raise PersonRefusedError(PersonProblem.PASSWORD_SAME)
    told: Answer = {_PASSWORD: new} if given is None else {}

    def plan(terminal: TerminalKeys, fields: Fields) -> Plan:
        carrier, key = _labelled(terminal, fields, KeyKind.PASSWORD)
        calls, device_id = terminal.calls, terminal.device.id
        return Plan(
            keys=[to_be(key, KeyState.ACTIVE)],
            send=lambda: one(calls.change_password(device_id, carrier.id, old, new)),
            told={"person_id": carrier.id, _LABEL: key.id, **told},
        )

    return await planned(KeyKind.PASSWORD, plan)(call)


def _given(call: ServiceCall, name: str) -> str | None:
    """Return the value that was given, if any: one that is made has to be told to somebody."""
    given: str | None = call.data.get(name)
    if given is None and not call.return_response:
        raise PersonRefusedError(PersonProblem.NEEDS_ANSWER)
    return given


def _labelled(
    terminal: TerminalKeys, fields: Fields, kind: KeyKind, *, new: bool = False
) -> tuple[Carrier, Key]:
    """Return a person and the key of this label; of a value itself nothing is known here."""
    carrier = terminal.carrier(fields[PERSON])
    known = [key.id for key in terminal.carried(carrier.id, kind)]
    if (label := fields.get(_LABEL)) is not None:
        fits = new or label in known
    else:
        fits = new or len(known) <= 1
        numbers = (str(number) for number in range(1, len(known) + 2))
        free = next(number for number in numbers if number not in known)
        label = known[0] if known and not new else free
    if not fits:
        raise PersonRefusedError(PersonProblem.LABEL_UNKNOWN)
    return carrier, terminal.key(kind, carrier, label)
