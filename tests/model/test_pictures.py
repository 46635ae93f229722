"""The forms of pictures, and to which event a picture belongs."""

import base64
import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.changes import (
    AlarmRaised,
    CaptureTaken,
    Occasion,
    Passed,
)
from custom_components.tuyalink_intercom.model.pictures import (
    PictureForm,
    PictureReference,
    picture_message,
    unsealed,
)

from .files import DEVICE_FILES, NOW, device, read
from .pictures import encoded, sealed, stored
from .said import Listener, core, heard, legacy, notify

BELL = "sp_csr2fqitalj5o0tq"
LOCK = "lock_oufbykkic2alxcjw"
VECTORS = read("vectors", "media")
CLASSIFY = {vector["id"]: vector for vector in VECTORS["classify"]}
FORMS = {
    "storage_ref": PictureForm.STORAGE,
    "url": PictureForm.ADDRESS,
    "url_with_key": PictureForm.ADDRESS,
    "encrypted_message": PictureForm.SEALED,
}


@pytest.mark.parametrize("name", CLASSIFY)
def test_every_known_form_of_a_picture_is_told_from_the_others(name: str) -> None:
    vector = CLASSIFY[name]
    found = picture_message(vector["value"])
    if vector["kind"] in {"none", "unknown"}:
        assert found is None
        return
    assert found is not None
    assert found.text == vector.get("text", "")
    assert (found.picture.form if found.picture else None) is FORMS.get(vector["kind"])
    assert found.command == vector.get("decoded", {}).get("cmd", "")


@pytest.mark.parametrize(
    "name", [name for name, vector in CLASSIFY.items() if vector["kind"] in FORMS]
)
def test_a_pictures_place_and_key_are_read_as_they_are(name: str) -> None:
    vector = CLASSIFY[name]
    found = picture_message(vector["value"])
    assert found is not None
    decoded = vector.get("decoded", {})
    files = decoded.get("files", [["", ""]])
    path, key = files[0] if isinstance(files[0], list) else ("", "")
    assert found.picture == PictureReference(
        form=FORMS[vector["kind"]],
        bucket=decoded.get("bucket", ""),
        path=vector.get("file_path", path),
        key=vector.get("file_key", key),
        url=vector.get("url", ""),
        sealed=vector["value"] if vector["kind"] == "encrypted_message" else "",
    )


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("A-observed", 1684051650.0),
        ("A-with-key", 1700000000.0),
        ("A-plain-json", 1700000000.0),
        ("B-base64-url", 1700000000.0),
        ("B-plain-url", 1700000000.0),
        ("C-url-at-key", None),
        ("D-encrypted-message", None),
        ("E-utf16", None),
    ],
)
def test_the_name_of_a_file_tells_when_it_was_taken(name: str, taken: float | None) -> None:
    found = picture_message(CLASSIFY[name]["value"])
    assert found is not None
    assert found.taken == taken


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("/a/detect/1700000000.jpeg", 1700000000.0),
        ("/a/detect/1700000000123.jpg?param=x", 1700000000.0),
        ("/a/detect/0000000000.jpeg", None),
        ("/a/detect/170000000.jpeg", None),
        ("/a/detect/last.jpeg", None),
        ("/a/1700000000/last.jpeg", None),
    ],
)
def test_only_a_file_name_of_seconds_is_a_time(path: str, taken: float | None) -> None:
    found = picture_message({"bucket": "b", "files": [[path, ""]]})
    assert found is not None
    assert found.taken == taken


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        True,
        [],
        "",
        "x",
        "$",
        "**REDACTED**",
        {},
        {"files": []},
        {"files": [[]]},
        {"files": [["", "key"]], "bucket": "b"},
        {"files": [["/path", "key"]], "bucket": None},
        {"files": [["/path", "key"]], "bucket": ""},
        {"files": [["/path", "key"]]},
        {"files": [{"data": None}]},
        {"files": "all of them"},
        {"cmd": 5},
        base64.b64encode(b"{broken").decode(),
        base64.b64encode(b"\x01\x02\x03\x04").decode(),
        base64.b64encode(b"[1]").decode(),
    ],
)
def test_a_value_without_any_picture_word_or_text_is_nothing(value: object) -> None:
    assert picture_message(value) is None


def test_a_key_that_is_no_text_is_none() -> None:
    found = picture_message({"bucket": "b", "files": [["/path/1700000000.jpeg", 5]]})
    assert found is not None
    assert found.picture is not None
    assert found.picture.key == ""


def test_base64_without_its_padding_is_read_all_the_same() -> None:
    value = CLASSIFY["E-utf16"]["value"].rstrip("=")
    found = picture_message(value)
    assert found is not None
    assert found.text == "DoorBell"


def test_nothing_of_a_pictures_place_can_be_printed() -> None:
    for vector in CLASSIFY.values():
        shown = repr(picture_message(vector["value"]))
        assert "k3yForOnePicture" not in shown
        assert "amazonaws" not in shown
        assert "detect" not in shown


CARRIERS = {
    *("alarm_message", "alarm_msg", "doorbell_pic", "initiative_message"),
    *("movement_detect_pic", "notification_msg"),
}
SAMPLES = {
    ("alarm_unknown_xtend458", "alarm_msg"): "text",
    ("mal_gyitctrjj1kefxp2", "alarm_msg"): "text",
    ("sp_csr2fqitalj5o0tq", "alarm_message"): PictureForm.SEALED,
    ("sp_csr2fqitalj5o0tq", "doorbell_pic"): PictureForm.ADDRESS,
    ("sp_csr2fqitalj5o0tq", "movement_detect_pic"): None,
    ("sp_ehzbfjrau5lbph4o", "alarm_message"): None,
    ("sp_ehzbfjrau5lbph4o", "doorbell_pic"): None,
    ("sp_ehzbfjrau5lbph4o", "movement_detect_pic"): None,
    ("sp_ormfprbeceg0jps8", "movement_detect_pic"): PictureForm.STORAGE,
    ("sp_unknown_visiophone", "doorbell_pic"): None,
    ("sp_unknown_visiophone", "movement_detect_pic"): PictureForm.STORAGE,
    ("sp_wkyfpsgtzkrjmsgr", "movement_detect_pic"): None,
    ("wxml_gznianheex1wcv5b", "alarm_message"): "text",
}
"""Values that real devices showed, and what their notes say that they are."""


def test_what_real_devices_showed_is_what_their_notes_say() -> None:
    shown: dict[tuple[str, str], object] = {}
    for name in DEVICE_FILES:
        for item in read("devices", name)["status"]:
            if item.get("code") in CARRIERS and isinstance(item.get("value"), str):
                found = picture_message(item["value"])
                picture = found.picture if found else None
                form = picture.form if picture else "text" if found else None
                shown[name, item["code"]] = form
                if picture and form is PictureForm.STORAGE:
                    assert "?param=" in picture.path
                    assert picture.key == ""
    assert shown == SAMPLES


STORED = json.loads(base64.b64decode(stored(NOW)))
READABLE = PictureReference(
    form=PictureForm.STORAGE,
    bucket=STORED["bucket"],
    path=STORED["files"][0][0],
    key=STORED["files"][0][1],
)


@pytest.mark.parametrize(
    "answer",
    [
        stored(NOW),
        json.dumps(STORED),
        STORED,
        {"result": stored(NOW)},
        {"message": json.dumps(STORED), "type": 1},
        {"data": {"message": STORED}},
        {"result": {"data": encoded({"message": stored(NOW)})}},
        encoded({"data": STORED}),
    ],
)
def test_an_opened_message_is_read_in_whatever_shape_it_comes(answer: object) -> None:
    assert unsealed(answer) == READABLE


def test_an_opened_message_may_be_an_address() -> None:
    for answer in ("https://x.invalid/1.jpeg", {"result": {"url": "https://x.invalid/1.jpeg"}}):
        found = unsealed(answer)
        assert found is not None
        assert (found.form, found.url) == (PictureForm.ADDRESS, "https://x.invalid/1.jpeg")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        7,
        "",
        "opened",
        [],
        {},
        {"result": None},
        sealed("ipc_doorbell"),
        {"result": {"result": {"result": {"result": {"result": {"result": stored(NOW)}}}}}},
        {"bucket": "b", "files": []},
        base64.b64encode("DoorBell".encode("utf-16-be")).decode(),
    ],
)
def test_what_was_not_opened_is_no_picture(answer: object) -> None:
    assert unsealed(answer) is None


def test_a_sealed_message_is_told_whole_however_it_came() -> None:
    told = {"v": "4.0", "files": [{"data": "00ff", "keyId": "default", "iv": "11"}], "cmd": "x"}
    found = [picture_message(value) for value in (told, json.dumps(told), encoded(told))]
    pictures = [one.picture for one in found if one and one.picture]
    assert len(pictures) == 3
    assert {one.place for one in pictures} == {pictures[0].sealed}
    assert json.loads(base64.b64decode(pictures[0].sealed)) == told
    assert "00ff" not in repr(found)
    assert pictures[0].sealed not in repr(found)


def test_a_sealed_message_of_absurd_length_is_told_but_never_handed_on() -> None:
    found = picture_message({"files": [{"data": "0" * 20_000}], "cmd": "ipc_doorbell"})
    assert found is not None
    assert found.picture == PictureReference(form=PictureForm.SEALED)


def test_what_follows_an_at_in_a_query_is_no_key() -> None:
    url = "https://x.invalid/a.jpeg?user=a@b.c&sign=1"
    found = picture_message(url)
    assert found is not None
    assert found.picture == PictureReference(form=PictureForm.ADDRESS, url=url)


@pytest.mark.parametrize("form", ["A-observed", "B-base64-url", "C-url-at-key"])
def test_a_ring_picture_belongs_to_its_ring(form: str) -> None:
    listener = heard(BELL, legacy({"doorbell_pic": CLASSIFY[form]["value"]}))
    [capture] = listener.of(CaptureTaken)
    assert capture.occasion is Occasion.RING
    assert capture.event_id == listener.rings[0].event_id


def test_the_picture_of_a_ring_told_by_another_message_belongs_to_that_ring() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(legacy({"doorbell_pic": stored(NOW)}), NOW + 3)
    assert [one.event_id for one in listener.of(CaptureTaken)] == [listener.rings[0].event_id]


def test_a_picture_told_in_two_dialects_or_by_two_codes_is_fetched_once() -> None:
    value = stored(NOW)
    listener = heard(BELL, legacy({"doorbell_pic": value}), core({"doorbell_pic": value}))
    listener.hears(legacy({"initiative_message": stored(NOW, "ipc_doorbell")}), NOW + 1)
    assert len(listener.rings) == 1
    assert len(listener.of(CaptureTaken)) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_a_picture_told_by_its_place_and_by_its_address_is_one(order: int) -> None:
    path = f"/1dea00-pp01/detect/{NOW:.0f}.jpeg"
    place = encoded({"bucket": "b", "cmd": "ipc_doorbell", "files": [[path, "k" * 16]]})
    told = ({"initiative_message": place}, {"doorbell_pic": f"https://b.invalid{path}?sign=1"})
    listener = heard(BELL, *(legacy(values) for values in told[::order]))
    assert len(listener.rings) == 1
    assert len(listener.of(CaptureTaken)) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"doorbell_pic": stored(NOW)},
        {"initiative_message": stored(NOW, "ipc_doorbell")},
        {"alarm_message": sealed("ipc_doorbell")},
        {"initiative_message": stored(NOW, "ipc_linger")},
        {"movement_detect_pic": stored(NOW)},
    ],
)
def test_a_picture_that_a_device_sends_again_when_it_comes_back_is_no_news(
    values: dict[str, Any],
) -> None:
    listener = heard(BELL, legacy(values))
    before = len(listener.moments)
    assert before > 0
    listener.hears(legacy(values), NOW + 3600)
    assert len(listener.moments) == before


def test_pictures_under_one_name_are_each_a_ring() -> None:
    value = base64.b64encode(b"https://pictures.invalid/last.jpeg?sign=1").decode()
    listener = heard(BELL, legacy({"doorbell_pic": value}))
    listener.hears(legacy({"doorbell_pic": value}), NOW + 60)
    assert len(listener.rings) == 2
    assert len(listener.of(CaptureTaken)) == 2


def test_a_new_signature_makes_no_new_picture() -> None:
    listener = Listener(BELL)
    for number in (1, 2):
        url = f"https://pictures.invalid/detect/{NOW:.0f}.jpeg?X-Amz-Signature={number}"
        listener.hears(legacy({"doorbell_pic": url}), NOW + number)
    assert len(listener.of(CaptureTaken)) == 1


@pytest.mark.parametrize("later", [0, 20])
@pytest.mark.parametrize("clock", [-300, 0, 300])
def test_a_picture_after_a_passage_is_of_that_passage(later: int, clock: int) -> None:
    listener = heard(LOCK, legacy({"unlock_face": 1}, t=NOW + clock))
    body = legacy({"initiative_message": stored(NOW)}, t=NOW + clock + later)
    listener.hears(body, NOW + later)
    [capture] = listener.of(CaptureTaken)
    assert capture.occasion is Occasion.ACCESS
    assert capture.event_id == listener.of(Passed)[0].event_id


def test_a_picture_with_or_after_an_alarm_is_of_that_alarm() -> None:
    listener = heard(BELL, legacy({"initiative_message": stored(NOW, "ipc_linger")}))
    listener.hears(legacy({"movement_detect_pic": stored(NOW, name="two")}), NOW + 5)
    captures = listener.of(CaptureTaken)
    assert [one.occasion for one in captures] == [Occasion.ALARM, Occasion.ALARM]
    assert {one.event_id for one in captures} == {listener.of(AlarmRaised)[0].event_id}


def test_a_picture_of_nothing_in_particular_is_of_motion() -> None:
    listener = heard(LOCK, legacy({"unlock_face": 1}))
    listener.hears(legacy({"initiative_message": stored(NOW, "ipc_human")}), NOW + 30)
    assert [one.occasion for one in listener.of(CaptureTaken)] == [Occasion.MOTION]


def test_a_device_that_takes_a_picture_unexpectedly_has_captures_from_then_on() -> None:
    assert not device("ms_isk2p555").features.captures
    listener = heard("ms_isk2p555", legacy({"initiative_message": stored(NOW)}))
    assert listener.device.features.captures


def test_a_picture_whose_words_hold_half_characters_does_no_harm() -> None:
    text = json.dumps(
        {"bucket": "b", "files": [["/\ud800/1700000000.jpeg", "\udfff"]], "cmd": "ipc"}
    )
    value = base64.b64encode(text.encode()).decode()
    for spelled in (text, value, encoded({"files": [{"data": "\ud800"}]})):
        listener = heard(BELL, legacy({"doorbell_pic": spelled}))
        assert len(listener.rings) == 1
        [capture] = listener.of(CaptureTaken)
        assert capture.picture.path.encode() is not None
