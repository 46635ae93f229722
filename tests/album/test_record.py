"""The name of a capture: the same for the same picture, and in the order of time."""

from typing import Any

import pytest

from custom_components.tuyalink_intercom.album.names import CAPTURE_ID, device_folder
from custom_components.tuyalink_intercom.album.record import (
    Capture,
    capture_id,
    from_names,
    from_record,
    to_record,
)
from custom_components.tuyalink_intercom.model.changes import Occasion
from tests.album.samples import BELL, capture_of


def named(**more: Any) -> str:
    told: dict[str, Any] = {
        "device_id": BELL,
        "event_id": "e",
        "occasion": Occasion.RING,
        "time": 1_795_000_000.5,
        "place": "bucket/1.jpg",
    }
    return capture_id(**{**told, **more})


def test_the_same_picture_of_an_event_has_the_same_id() -> None:
    assert named() == named()
    others = {named(event_id="f"), named(device_id="x"), named(place="bucket/2.jpg")}
    assert len({named(), *others}) == 4


def test_ids_sort_by_time_and_say_the_occasion() -> None:
    times = (-5.0, 0.0, 9.0, 1_795_000_000.0, 1e12)
    ids = [named(time=time) for time in times]
    assert sorted(ids) == ids
    for occasion in Occasion:
        assert f"-{occasion.value}-" in named(occasion=occasion)


@pytest.mark.parametrize("device_id", [BELL, "../..", "\ud800", "\0", ""])
def test_whatever_it_is_named_for_an_id_is_an_id(device_id: str) -> None:
    assert CAPTURE_ID.fullmatch(named(device_id=device_id, event_id="\ud800/.."))


def test_a_record_tells_what_was_written() -> None:
    capture = capture_of(1, person="\ud800", kept=2.5)
    names = from_names(capture.id, BELL, content_type="image/png", size=0)
    assert from_record(to_record(capture), names) == capture


def test_a_record_in_the_folder_of_another_device_is_not_believed() -> None:
    capture = capture_of(1)
    names = from_names(capture.id, "another", content_type="image/png", size=0)
    assert from_record(to_record(capture), names) is None


def test_names_of_folders_are_ids_or_digests_that_stand_for_themselves() -> None:
    assert device_folder(BELL) == BELL
    digest = device_folder("../..")
    assert digest != device_folder("../.")
    assert device_folder(digest) == digest


def test_a_capture_shows_no_more_than_it_holds() -> None:
    assert {"url", "key"} & set(Capture.__dataclass_fields__) == set()
