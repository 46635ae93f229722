"""The album of a lock: a picture is shown for an event only if it is of it."""

from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.albums import (
    MOST,
    WINDOW,
    AlbumPicture,
    Unpictured,
    album_pictures,
    matched,
)
from custom_components.tuyalink_intercom.model.changes import Occasion
from custom_components.tuyalink_intercom.model.pictures import PictureForm

from .files import NOW

YESTERDAY = NOW - 86400


def row(taken: float | str, kind: object = None, **more: Any) -> dict[str, Any]:
    name = taken if isinstance(taken, str) else f"{taken:.0f}"
    path = f"/a47adf-2003554-sim0000000000000000/detect/{name}.jpeg"
    return {
        "file_url": f"https://pictures.invalid{path}?sign=1",
        "file_key": "k3yForOnePicture",
        "event_type": kind,
        **more,
    }


def album(*rows: dict[str, Any]) -> tuple[AlbumPicture, ...]:
    return album_pictures(rows)


def event(
    name: str = "ring", *, occasion: Occasion = Occasion.RING, time: float = NOW
) -> Unpictured:
    return Unpictured(event_id=name, occasion=occasion, times=(time,))


def places(*rows: dict[str, Any]) -> set[str]:
    return {one.place for one in album(*rows)}


def found(
    events: list[Unpictured],
    pictures: tuple[AlbumPicture, ...],
    known: set[str] | None = None,
    *,
    alone: bool = True,
) -> dict[str, float | None]:
    return {one.event_id: got.taken for one, got in matched(events, pictures, known, alone=alone)}


def test_an_entry_tells_where_the_picture_is_its_key_and_when_and_why_it_was_taken() -> None:
    (one,) = album(row(NOW, 8))
    assert one.picture.form is PictureForm.ADDRESS
    assert one.picture.url.endswith("?sign=1")
    assert one.picture.key == "k3yForOnePicture"
    assert (one.taken, one.occasion) == (NOW, Occasion.ACCESS)
    assert "invalid" not in repr(one)


def test_an_entry_without_an_address_tells_where_it_is_stored() -> None:
    stored = {"media_bucket": "b", "media_path": f"/x/{NOW:.0f}.jpg", "media_key": "k"}
    for more in ({}, {"file_url": ""}, {"file_url": None}):
        (one,) = album({**stored, **more})
        assert one.picture.form is PictureForm.STORAGE
        assert (one.picture.bucket, one.picture.key, one.taken) == ("b", "k", NOW)


def test_the_time_may_stand_in_the_path_only() -> None:
    (one,) = album(row("last", media_path=f"/x/{NOW:.0f}.jpeg"))
    assert one.taken == NOW


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"file_url": 5},
        {"file_url": "file:///etc/passwd"},
        {"media_path": "/x"},
        {"file_key": "k"},
    ],
)
def test_an_entry_that_leads_nowhere_is_left_out(bad: dict[str, Any]) -> None:
    assert album(bad, row(NOW)) == album(row(NOW))


def test_only_so_many_entries_are_looked_at() -> None:
    assert len(album(*(row(NOW - number) for number in range(MOST + 50)))) == MOST


@pytest.mark.parametrize("apart", [-WINDOW, 0, WINDOW])
def test_a_picture_of_that_time_is_the_events(apart: float) -> None:
    assert found([event()], album(row(NOW + apart))) == {"ring": NOW + apart}


@pytest.mark.parametrize("apart", [-86400, -WINDOW - 1, WINDOW + 1])
def test_a_picture_of_another_time_never_is(apart: float) -> None:
    pictures = album(row(NOW + apart))
    for known in (None, set[str]()):
        assert found([event()], pictures, known) == {}


def test_of_two_the_nearer_is_taken_and_each_picture_once() -> None:
    events = [event("one"), event("two", time=NOW + 8)]
    pictures = album(row(NOW + 9), row(NOW + 1), row(YESTERDAY))
    assert found(events, pictures) == {"one": NOW + 1, "two": NOW + 9}
    assert found(events, album(row(NOW + 6))) == {"two": NOW + 6}


def test_a_picture_of_an_opening_is_not_that_of_a_ring() -> None:
    assert found([event()], album(row(NOW, 8))) == {}
    opened = event("opened", occasion=Occasion.ACCESS, time=NOW + 5)
    assert found([event(), opened], album(row(NOW, 8))) == {"opened": NOW}


@pytest.mark.parametrize("kind", [None, 11, 99, "x", True])
def test_a_picture_of_an_unknown_kind_may_be_any_events(kind: object) -> None:
    assert found([event()], album(row(NOW, kind))) == {"ring": NOW}


def test_what_was_known_before_is_never_taken() -> None:
    assert found([event()], album(row(NOW)), places(row(NOW))) == {}
    assert found([event()], album(row("last")), places(row("last"))) == {}


def test_without_a_time_the_new_one_on_top_is_the_events() -> None:
    pictures = album(row("two"), row("one"))
    assert found([event()], pictures, places(row("one"))) == {"ring": None}


def test_without_a_time_it_must_be_sure_whose_it_is() -> None:
    pictures = album(row("two"), row("one"))
    # Nobody knows what the album held before.
    assert found([event()], pictures, None) == {}
    # Something else happened since.
    assert found([event()], pictures, places(row("one")), alone=False) == {}
    # What is new is not on top: somebody deleted pictures.
    assert found([event()], pictures, places(row("two"))) == {}
    assert found([event()], album(row("two", 8)), set()) == {}
