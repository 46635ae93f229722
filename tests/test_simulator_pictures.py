"""The simulator's sealed messages and albums, and downloads that go wrong."""

import base64
import json
from typing import Any

import pytest

from tests.simulator import TuyaSimulator, wire
from tests.simulator.client import Client, Reader
from tests.simulator.describe import APP_UID
from tests.simulator.sealing import ADDRESS, SHAPES

FORMS = {
    "A_json": "{",
    "B_plain": "http",
    "C": "http",
    "D_json": "{",
    "E": base64.b64encode("DoorBell".encode("utf-16-be")).decode(),
    "none": base64.b64encode(b'{"v"').decode()[:4],
}


async def rung(cloud: TuyaSimulator, reader: Reader, device: str, form: str) -> tuple[str, str]:
    """Ring; return the event's id, and the value that carries its picture."""
    sent = cloud.scenario("ring", device, carrier="doorbell_pic", picture_form=form)
    return sent.event_id, (await reader.body())["status"][0]["value"]


async def fetched(client: Client, url: str) -> tuple[int, bytes]:
    async with client.session.get(url) as answer:
        return answer.status, await answer.read()


@pytest.mark.parametrize("form", FORMS)
async def test_a_value_looks_as_its_form_does(
    client: Client, reader: Reader, ids: dict[str, str], form: str
) -> None:
    _, value = await rung(client.cloud, reader, ids["Battery bell"], form)
    assert value.startswith(FORMS[form])


async def test_an_address_with_a_key_leads_to_what_the_key_opens(
    client: Client, reader: Reader, ids: dict[str, str]
) -> None:
    event, value = await rung(client.cloud, reader, ids["Battery bell"], "C")
    url, _, key = value.rpartition("@")
    status, blob = await fetched(client, url)
    assert status == 200
    assert wire.decrypt_file(blob, key) == client.cloud.pictures[event]


@pytest.mark.parametrize("shape", [*SHAPES, ADDRESS])
async def test_a_sealed_message_is_opened_for_its_account_only(
    client: Client, reader: Reader, ids: dict[str, str], shape: str
) -> None:
    cloud, device = client.cloud, ids["Battery bell"]
    _, value = await rung(cloud, reader, device, "D")
    cloud.sealing.shape = shape
    path = f"/v1.0/users/{APP_UID}/devices/{device}/message/decrypt"
    told = (await client.post(path, {"message": value}))["result"]
    inside = json.dumps(told)
    if isinstance(told, str) and shape == "text":
        inside = base64.b64decode(told).decode()
    assert ("/detect/" in inside) is (shape not in {"in_result", "nothing", "other"})
    other = path.replace(APP_UID, "ay1700000000000Other")
    assert (await client.post(other, {"message": value}))["code"] == 1106
    for bad in (None, 5, "", "!!", base64.b64encode(b"{}").decode(), value[:40]):
        assert (await client.post(path, {"message": bad}))["code"] == 1109


async def test_an_album_shows_its_newest_picture_first_and_each_can_be_fetched(
    client: Client, ids: dict[str, str]
) -> None:
    cloud, lock = client.cloud, ids["Front door lock"]
    path = f"/v1.0/smart-lock/devices/{lock}/albums-media"
    assert (await client.get(path))["album_list"] == []
    plays: tuple[tuple[str, dict[str, Any]], ...] = (
        ("ring", {}),
        ("access_granted", {"way": "card"}),
        ("tamper", {}),
    )
    sent = [cloud.scenario(name, lock, picture_form="album", **more) for name, more in plays]
    album = await client.get(path)
    assert [row["event_type"] for row in album["album_list"]] == [0, 10, 1]
    for row, event in zip(reversed(album["album_list"]), sent, strict=True):
        status, blob = await fetched(client, row["file_url"])
        assert status == 200
        assert wire.decrypt_file(blob, row["file_key"]) == cloud.pictures[event.event_id]
    page = await client.get(path, page_no="2", page_size="2")
    assert page["album_list"][0]["media_path"] == album["album_list"][2]["media_path"]


async def test_a_download_may_be_missing_empty_text_or_cut(
    client: Client, reader: Reader, ids: dict[str, str]
) -> None:
    cloud = client.cloud
    event, url = await rung(cloud, reader, ids["Battery bell"], "B_plain")
    whole = cloud.pictures[event]
    for fault, expected in (
        ("missing_picture", 404),
        ("empty_picture", 200),
        ("text_picture", 200),
        ("cut_picture", 200),
    ):
        cloud.fault(fault)
        status, blob = await fetched(client, url)
        assert (status, blob == whole) == (expected, False)
        assert await fetched(client, url) == (200, whole)
