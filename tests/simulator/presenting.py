"""Somebody shows a terminal a face, a card, a QR code or a password: the terminal decides."""

import base64
import binascii
from collections.abc import Mapping

from . import terminal
from .cloud import Sent
from .person_orders import memory
from .persons import CARD, FACE, PASSWORD, QR_CODE, Terminal
from .stage import BAD, ScenarioError, Stage

# Per scenario: what is shown, and the function point of a terminal that can see it.
SHOWN: Mapping[str, tuple[str, str]] = {
    "face_presented": (FACE, "tyabinmc7h"),
    "card_presented": (CARD, "tyabiym3h3"),
    "qr_presented": (QR_CODE, "tyabirdc5c"),
    "password_entered": (PASSWORD, "tyabi9pqys"),
}


def present(stage: Stage, kind: str) -> Sent:
    """Let the terminal decide; it opens once or refuses, and reports either.

    What nobody carries is refused without a person.
    """
    known = memory(stage.cloud, stage.device)
    shown = _face(stage, known) if kind == FACE else getattr(stage.options, kind) or ""
    person, granted = known.judge(kind, shown, int(stage.published * 1000))
    return terminal.passage(stage, way=terminal.WAYS[kind], person=person, granted=granted)


def _face(stage: Stage, known: Terminal) -> str | bytes:
    """Return the picture that is held up: the one given, or any enrolled of the person given."""
    options = stage.options
    if options.picture is not None:
        try:
            return base64.b64decode(options.picture, validate=True)
        except binascii.Error as error:
            raise ScenarioError(BAD, "picture is base64") from error
    person = known.people.get(str(options.person or ""))
    return next(iter(person.faces.values()), "") if person else ""
