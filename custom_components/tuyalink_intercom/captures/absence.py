"""Why an announced picture is not there: told in diagnostics, counted only."""

from enum import StrEnum

from ..album.imaging import NotAPictureError
from ..api import (
    CaptureError,
    ForbiddenAddressError,
    NotUploadedError,
    Reason,
    TruncatedCaptureError,
    TuyaConnectionError,
    TuyaError,
)
from .finder import SealedError


class Absence(StrEnum):
    """Why a picture could not be had."""

    FORBIDDEN = "forbidden"
    """Where it is said to lie, nothing is ever fetched from."""
    NOT_A_PICTURE = "not_a_picture"
    """What lies there is something else."""
    NOT_UPLOADED = "not_uploaded"
    """It never arrived in Tuya's storage."""
    REFUSED = "refused"
    """Tuya does not tell where it lies."""
    SEALED = "sealed"
    """Encrypted with a key that Tuya's cloud keeps for itself."""
    TOO_LATE = "too_late"
    """Nobody's news any more when it could be asked for."""
    TOO_MANY = "too_many"
    """More urgent ones took its place."""
    UNREACHABLE = "unreachable"
    """Tuya could not be asked where it lies."""
    UNREADABLE = "unreadable"
    """Not to be downloaded, or not to be decrypted with the key that came with it."""


type Fault = CaptureError | NotAPictureError | TuyaError
"""What fetching and looking at a picture raise."""


def absence_of(error: Fault) -> Absence:
    """Return why there is no picture."""
    match error:
        case SealedError():
            return Absence.SEALED
        case ForbiddenAddressError():
            return Absence.FORBIDDEN
        case NotUploadedError() | TruncatedCaptureError():
            return Absence.NOT_UPLOADED
        case NotAPictureError():
            return Absence.NOT_A_PICTURE
        case CaptureError():
            return Absence.UNREADABLE
        case TuyaConnectionError():
            return Absence.UNREACHABLE
        case TuyaError(reason=Reason.NOT_FOUND):
            return Absence.NOT_UPLOADED
    return Absence.REFUSED


def may_pass(error: Fault) -> bool:
    """Tell whether it is worth asking again: a message can precede the upload."""
    return absence_of(error) in {Absence.NOT_UPLOADED, Absence.UNREACHABLE}
