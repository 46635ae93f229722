"""Facts about pictures and live video."""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import pairwise
import json
from typing import Any

from custom_components.tuyalink_intercom.api.errors import REASONS
from custom_components.tuyalink_intercom.model import dpcodes
from custom_components.tuyalink_intercom.model.albums import album_pictures
from custom_components.tuyalink_intercom.model.pictures import (
    PictureForm,
    PictureReference,
    picture_message,
    unsealed,
)

from .verify_fact import (
    Basis,
    Fact,
    Finding,
    confirmed,
    contradicted,
    every,
    not_seen,
    shapes,
)
from .verify_seen import Seen, SeenPicture, properties_of

_HEADER, _BLOCK, _KEY = 64, 16, 16
_VERSION = (1).to_bytes(4, "little")
_PICTURES = {dpcodes.RING_PICTURE, dpcodes.MOTION_PICTURE, *dpcodes.PICTURE_MESSAGES}
_JPEG = b"\xff\xd8"


def _references(seen: Seen) -> list[PictureReference]:
    values = (
        row.get("value")
        for one in seen.of("shadow")
        for row in properties_of(one)
        if row.get("code") in _PICTURES
    )
    messages = [message for value in values if (message := picture_message(value))]
    return [message.picture for message in messages if message.picture]


def _key_length(seen: Seen) -> Finding:
    keys = [one.key for one in _references(seen) if one.form is PictureForm.STORAGE]
    return every(
        keys,
        lambda key: len(key) in {0, _KEY},
        what="picture keys",
        bad=f"they have {sorted({len(key) for key in keys})} characters",
    )


def _file_name(seen: Seen) -> Finding:
    found = [
        picture_message({"bucket": "x", "files": [[one.path, ""]]})
        for one in _references(seen)
        if one.form is PictureForm.STORAGE
    ]
    return every(
        found,
        lambda one: one is not None and one.taken is not None,
        what="file names",
        bad="no Unix time at the end of the name",
    )


def _movement(seen: Seen) -> Finding:
    told = seen.results("movement")
    return every(told, lambda one: isinstance(one, str), what="addresses", bad=shapes(told))


def _layout(seen: Seen) -> Finding:
    sealed = [one for one in seen.pictures if not one.raw.startswith(_JPEG)]
    if seen.pictures and not sealed:
        return not_seen("the pictures here are not encrypted")
    return every(sealed, _is_laid_out, what="files", bad="another header, length or key")


def _is_laid_out(file: SeenPicture) -> bool:
    body = len(file.raw) - _HEADER
    return file.raw.startswith(_VERSION) and body > 0 and not body % _BLOCK and file.opened


def _opened(seen: Seen) -> Finding:
    asked = seen.of("decrypt")
    if not asked:
        return not_seen("no picture that only Tuya can open, or no account told with its device")
    if refused := sorted({str(one.code) for one in asked if not one.ok}):
        return not_seen(f"refused with code {', '.join(refused)}")
    told = seen.results("decrypt")
    what = f"opened messages ({shapes(told)})"
    return every(told, lambda one: unsealed(one) is not None, what=what, bad=shapes(told))


def _account(seen: Seen) -> Finding:
    told = [one.get("uid") for one in seen.results("device") if isinstance(one, Mapping)]
    bad = f"the account is {shapes(told)}"
    return every(told, lambda one: isinstance(one, str) and one != "", what="records", bad=bad)


def _album(seen: Seen) -> Finding:
    rows = [*seen.rows("album", "album_list")]
    return every(
        rows,
        lambda row: (
            str(row.get("file_url")).startswith("http")
            and isinstance(row.get("file_key"), str)
            and isinstance(row.get("event_type"), int)
        ),
        what="pictures in albums",
        bad=f"one is {shapes(rows)}",
    )


def _album_time(seen: Seen) -> Finding:
    found = album_pictures(seen.rows("album", "album_list"))
    bad = "no Unix time at the end of the name"
    return every(found, lambda one: one.taken is not None, what="pictures in albums", bad=bad)


def _album_order(seen: Seen) -> Finding:
    found = album_pictures(seen.rows("album", "album_list"))
    times = [one.taken for one in found if one.taken is not None]
    pairs = [*pairwise(times)] if len(seen.of("album")) == 1 else []
    return every(
        pairs, lambda two: two[0] >= two[1], what="neighbours in an album", bad="the older first"
    )


def _video(seen: Seen) -> Finding:
    answers = [one for one in seen.of("webrtc") if one.answer and one.status == HTTPStatus.OK]
    if not answers:
        return not_seen("no device with live video")
    answer = answers[0]
    if answer.ok:
        names = ("auth", "moto_id", "p2p_config", "skill")
        missing = [name for name in names if name not in (answer.result or {})]
        return contradicted(f"without {', '.join(missing)}") if missing else confirmed("answered")
    known = answer.code in REASONS
    told = f"code {answer.code}"
    return not_seen(f"refused with {told}") if known else contradicted(told)


def _ices(seen: Seen) -> Finding:
    told = [
        config.get("ices")
        for one in seen.results("webrtc")
        if isinstance(one, Mapping) and isinstance(config := one.get("p2p_config"), Mapping)
    ]
    bad = shapes(told)
    return every(told, lambda one: isinstance(_json(one), list), what="lists as text", bad=bad)


def _json(told: object) -> Any:
    try:
        return json.loads(told) if isinstance(told, str) else None
    except ValueError:
        return None


FACTS = (
    Fact(
        "picture.key",
        "The key of a picture has 16 characters, or is empty.",
        Basis.REPORTED,
        "api/crypto.py: open_capture",
        _key_length,
        tolerated=True,
    ),
    Fact(
        "picture.file_name",
        "The file of a picture is named by the Unix time of its event.",
        Basis.REPORTED,
        "model/pictures.py",
        _file_name,
        tolerated=True,
    ),
    Fact(
        "picture.address",
        "Asked for a picture, Tuya answers with its signed address as a bare text.",
        Basis.REPORTED,
        "api/devices.py: movement_url",
        _movement,
        tolerated=True,
    ),
    Fact(
        "picture.layout",
        "An encrypted picture is AES-CBC behind 64 bytes: version 1, then IV, then nothing.",
        Basis.REPORTED,
        "api/crypto.py: open_capture",
        _layout,
    ),
    Fact(
        "picture.opened",
        "A picture message that only Tuya can open comes back in a readable form.",
        Basis.UNKNOWN,
        "captures/finder.py",
        _opened,
        tolerated=True,
    ),
    Fact(
        "device.account",
        "The smart-home record of a device tells the app account that has it.",
        Basis.REPORTED,
        "captures/finder.py",
        _account,
        tolerated=True,
    ),
    Fact(
        "album.rows",
        "An album's picture has `file_url`, `file_key` and a number as `event_type`.",
        Basis.REPORTED,
        "model/albums.py",
        _album,
        tolerated=True,
    ),
    Fact(
        "album.file_name",
        "The file of an album's picture is named by the Unix time of its event.",
        Basis.INFERRED,
        "model/albums.py",
        _album_time,
        tolerated=True,
    ),
    Fact(
        "album.order",
        "An album lists the newest picture first.",
        Basis.INFERRED,
        "records/albums.py",
        _album_order,
        tolerated=True,
    ),
    Fact(
        "video.config",
        "The live-video configuration has `auth`, `moto_id`, `p2p_config` and `skill`.",
        Basis.REPORTED,
        "api/devices.py: webrtc_config",
        _video,
    ),
    Fact(
        "video.ices",
        "The list of media servers in it is JSON text.",
        Basis.REPORTED,
        "api/devices.py: webrtc_config",
        _ices,
        tolerated=True,
    ),
)
