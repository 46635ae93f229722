"""Picture calls: sealed messages, and albums of locks."""

import json

import pytest

from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.errors import Reason, TuyaConnectionError

from .small_cloud import SmallCloud

OPEN = "/v1.0/users/u1/devices/d1/message/decrypt"
ALBUM = "/v1.0/smart-lock/devices/d1/albums-media"


@pytest.mark.parametrize("result", ["text", {"message": "text"}, ["x"], True])
async def test_a_sealed_message_is_sent_and_whatever_comes_back_is_returned(
    cloud: TuyaCloud, small_cloud: SmallCloud, result: object
) -> None:
    small_cloud.answer(OPEN, result)
    assert await cloud.media.opened("u1", "d1", "eyJ9") == result
    (seen,) = [one for one in small_cloud.seen if one.path == OPEN]
    assert (seen.method, json.loads(seen.body)) == ("POST", {"message": "eyJ9"})


async def test_the_newest_of_an_album_is_read(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    row = {"file_url": "https://x.invalid/1", "file_key": "k"}
    told = {"event_types": [1], "order_code": "cloud_free_storage_3day", "album_list": [row, "?"]}
    small_cloud.answer(ALBUM, told, {"album_list": None}, {})
    assert await cloud.media.album("d1") == [row]
    assert await cloud.media.album("d1") == []
    assert await cloud.media.album("d1") == []
    targets = [seen.target for seen in small_cloud.seen if seen.path == ALBUM]
    assert set(targets) == {f"{ALBUM}?page_no=1&page_size=20"}


@pytest.mark.parametrize("result", [[], "none", {"album_list": "none"}])
async def test_an_album_of_another_shape_is_no_answer(
    cloud: TuyaCloud, small_cloud: SmallCloud, result: object
) -> None:
    small_cloud.answer(ALBUM, result)
    with pytest.raises(TuyaConnectionError) as error:
        await cloud.media.album("d1")
    assert error.value.reason is Reason.MALFORMED_ANSWER
    assert "d1" not in str(error.value)
