"""OpenAPI calls about what persons of terminals carry: cards, QR codes, passwords."""

from collections.abc import Callable
from typing import Any

from .person_bodies import checked_id
from .person_orders import one, write
from .persons import Known
from .rest import Call

PERSON = "/v1.0/access-control/{id}/persons/{person_id}"
CARD = f"{PERSON}/card/{{number}}"
QR_CODE = f"{PERSON}/qrcodes/{{value}}"
PASSWORD = f"{PERSON}/passpwd/{{password}}"
LONGEST_CARD, LONGEST_PASSWORD, LONGEST_QR_CODE = 32, 32, 255
type Answer = Callable[[Call], Any]
type Act = Callable[[Known, str], bool]


def card(act: Act) -> Answer:
    """Return a call about a card."""
    return _carried("number", LONGEST_CARD, act)


def qr_code(act: Act) -> Answer:
    """Return a call about a QR code."""
    return _carried("value", LONGEST_QR_CODE, act)


def password(act: Act) -> Answer:
    """Return a call about a password."""
    return _carried("password", LONGEST_PASSWORD, act)


def change_password(call: Call) -> Any:
    """Change a password that is known."""
    person_id, old = checked_id(call.ids["person_id"]), call.ids["password"]
    new = checked_id(call.fields.get("new_pass_pwd"), LONGEST_PASSWORD)
    call.cloud.issued.note(old, new)

    def change(known: Known) -> bool:
        if old not in known.passwords:
            return False
        known.passwords = known.passwords - {old} | {new}
        return True

    return one(call, lambda told: told.change(person_id, change))


def _carried(name: str, longest: int, act: Callable[[Known, str], bool]) -> Answer:
    def answer(call: Call) -> Any:
        person, value = checked_id(call.ids["person_id"]), checked_id(call.ids[name], longest)
        call.cloud.issued.note(value)
        return one(call, lambda told: told.change(person, lambda known: act(known, value)))

    return answer


def _add_card(known: Known, number: str) -> bool:
    known.cards.setdefault(number, False)
    return True


def _remove_card(known: Known, number: str) -> bool:
    known.cards.pop(number, None)
    return True


def _freeze(*, frozen: bool) -> Callable[[Known, str], bool]:
    def act(known: Known, number: str) -> bool:
        if number not in known.cards:
            return False
        known.cards[number] = frozen
        return True

    return act


def _add_qr_code(known: Known, value: str) -> bool:
    known.qr_codes.add(value)
    return True


def _remove_qr_code(known: Known, value: str) -> bool:
    known.qr_codes.discard(value)
    return True


def _add_password(known: Known, value: str) -> bool:
    known.passwords.add(value)
    return True


def _remove_password(known: Known, value: str) -> bool:
    known.passwords.discard(value)
    return True


ROUTES = (
    write("POST", CARD, card(_add_card)),
    write("PUT", CARD, card(_add_card)),
    write("DELETE", CARD, card(_remove_card)),
    write("PUT", f"{CARD}/freeze", card(_freeze(frozen=True))),
    write("PUT", f"{CARD}/unfreeze", card(_freeze(frozen=False))),
    write("POST", QR_CODE, qr_code(_add_qr_code)),
    write("PUT", QR_CODE, qr_code(_add_qr_code)),
    write("DELETE", QR_CODE, qr_code(_remove_qr_code)),
    write("POST", PASSWORD, password(_add_password)),
    write("PUT", PASSWORD, change_password),
    write("DELETE", PASSWORD, password(_remove_password)),
)
