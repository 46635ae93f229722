"""Pictures are browsed, searched and chosen where Home Assistant shows media."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from homeassistant.components.media_source import async_resolve_media, generate_media_source_id
from homeassistant.components.media_source.models import MediaSourceItem
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.tuyalink_intercom import media_source
from custom_components.tuyalink_intercom.model.changes import Occasion
from tests.flows import TEXTS
from tests.homes import DOMAIN, device_named
from tests.plays import photographed
from tests.shelved import at, day, jpeg, registered, shelved
from tests.simulator import SimDevice, TuyaSimulator

ROOT = f"media-source://{DOMAIN}"

type Ask = Callable[..., Awaitable[dict[str, Any]]]
type Open = Callable[[str], Awaitable[dict[str, Any]]]


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Battery bell", "Intercom")


@pytest.fixture
async def ask(
    hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> Ask:
    """Let a browser ask Home Assistant for media."""
    assert await async_setup_component(hass, "media_source", {})
    client = await hass_ws_client()

    async def asked(what: str, name: str, **more: Any) -> dict[str, Any]:
        request = {"type": f"media_source/{what}_media", "media_content_id": name, **more}
        await client.send_json_auto_id(request)
        answer: dict[str, Any] = await client.receive_json()
        return answer

    return asked


@pytest.fixture
def look(ask: Ask) -> Open:
    """Open a folder."""

    async def opened(name: str) -> dict[str, Any]:
        answer = await ask("browse", name)
        assert answer["success"], answer
        found: dict[str, Any] = answer["result"]
        return found

    return opened


@pytest.fixture
def intercom(simulator: TuyaSimulator) -> SimDevice:
    return device_named(simulator, "Intercom")


@pytest.fixture
def bell(simulator: TuyaSimulator) -> SimDevice:
    return device_named(simulator, "Battery bell")


def titles(folder: dict[str, Any]) -> list[str]:
    return [child["title"] for child in folder["children"]]


def only(folder: dict[str, Any]) -> str:
    """Return the name of the only thing in a folder."""
    (child,) = folder["children"]
    name: str = child["media_content_id"]
    return name


async def told(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change the options, as the user does."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()


async def found(ask: Ask, name: str, query: str, **more: Any) -> list[str]:
    """Return the titles of what is found below a folder."""
    answer = await ask("search", name, search_query=query, **more)
    assert answer["success"], answer
    return [one["title"] for one in answer["result"]["result"]]


# --- browsing -------------------------------------------------------------------------------


async def test_a_visitor_is_found_by_device_day_and_occasion(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    intercom: SimDevice,
    look: Open,
    ask: Ask,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    sent = await photographed(hass, entry, simulator, intercom, "ring")
    root = await look(ROOT)
    assert root["title"] == "TuyaLink Intercom"
    assert titles(root) == ["Intercom"]
    device = await look(only(root))
    assert titles(device) == [day(0).isoformat()]
    rings = await look(only(device))
    assert titles(rings) == ["Rings"]
    picture = only(await look(only(rings)))
    resolved = (await ask("resolve", picture))["result"]
    assert resolved["mime_type"] == "image/jpeg"
    client = await hass_client_no_auth()
    answer = await client.get(resolved["url"])
    assert answer.status == HTTPStatus.OK
    assert await answer.read() == simulator.pictures[sent.event_id]


async def test_days_are_those_of_the_users_clock_and_the_newest_comes_first(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: SimDevice, look: Open
) -> None:
    await hass.config.async_set_time_zone("Asia/Tokyo")
    for when in (at(2, "23:59:59"), at(1, "00:00:01"), at(3, "08:00:00")):
        shelved(entry, intercom, when)
    device = await look(only(await look(ROOT)))
    assert titles(device) == [day(ago).isoformat() for ago in (1, 2, 3)]
    rings = await look(only(await look(device["children"][0]["media_content_id"])))
    assert titles(rings) == ["00:00:01 · Ring"]


async def test_a_day_is_divided_by_occasion_and_each_tells_who_and_when(
    entry: MockConfigEntry, intercom: SimDevice, look: Open
) -> None:
    for number, occasion in enumerate(Occasion):
        shelved(entry, intercom, at(1, f"10:00:0{number}"), occasion)
    shelved(entry, intercom, at(1, "09:00:00"), Occasion.ACCESS, person="Anna")
    today = await look(only(await look(only(await look(ROOT)))))
    assert titles(today) == ["Rings", "Access", "Alarms", "Movement"]
    names = [child["media_content_id"] for child in today["children"]]
    assert titles(await look(names[0])) == ["10:00:03 · Ring"]
    assert titles(await look(names[1])) == ["10:00:00 · Access", "09:00:00 · Anna · Access"]
    assert titles(await look(names[2])) == ["10:00:01 · Alarm"]
    assert titles(await look(names[3])) == ["10:00:02 · Movement"]


async def test_folders_open_and_pictures_play(
    entry: MockConfigEntry, intercom: SimDevice, look: Open
) -> None:
    shelved(entry, intercom, at(1, "10:00:00"))
    name, levels = ROOT, []
    while (node := await look(name))["children"]:
        levels.append(node)
        name = only(node)
    assert len(levels) == 4
    assert [level["media_class"] for level in levels] == ["app"] + ["directory"] * 3
    assert {level["can_play"] for level in levels} == {False}
    assert {level["can_expand"] and level["can_search"] for level in levels} == {True}
    shown = [level["children_media_class"] for level in levels]
    assert shown == ["directory", "directory", "directory", "image"]
    assert (node["media_class"], node["media_content_type"]) == ("image", "image/jpeg")
    assert (node["can_play"], node["can_expand"]) == (True, False)


async def test_every_folder_shows_its_newest_picture(
    entry: MockConfigEntry,
    intercom: SimDevice,
    bell: SimDevice,
    look: Open,
    hass_client: ClientSessionGenerator,
) -> None:
    newest = shelved(entry, intercom, at(1, "10:00:00"))
    older = shelved(entry, intercom, at(2, "10:00:00"), Occasion.ALARM)
    other = shelved(entry, bell, at(3, "10:00:00"))
    root = await look(ROOT)
    device = await look(root["children"][1]["media_content_id"])
    thumbnails = [child["thumbnail"] for child in (*root["children"], *device["children"])]
    base = f"/api/{DOMAIN}/captures/{entry.entry_id}"
    wanted = (other, newest, newest, older)
    assert thumbnails == [f"{base}/{capture.id}/thumbnail" for capture in wanted]
    client = await hass_client()
    for url in thumbnails:
        assert (await client.get(url)).status == HTTPStatus.OK


async def test_several_projects_come_before_their_devices(
    entry: MockConfigEntry,
    intercom: SimDevice,
    neighbour: tuple[MockConfigEntry, TuyaSimulator],
    hass: HomeAssistant,
    look: Open,
) -> None:
    next_door, cloud = neighbour
    hass.config_entries.async_update_entry(next_door, title="Next door")
    shelved(entry, intercom, at(1, "10:00:00"))
    shelved(next_door, device_named(cloud, "Neighbour's Intercom"), at(1, "11:00:00"))
    root = await look(ROOT)
    assert titles(root) == ["Home doors", "Next door"]
    ours, theirs = [await look(child["media_content_id"]) for child in root["children"]]
    assert titles(ours) == ["Intercom"]
    assert titles(theirs) == ["Neighbour's Intercom"]


async def test_a_device_is_called_what_the_user_calls_it(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: SimDevice, look: Open
) -> None:
    shelved(entry, intercom, at(1, "10:00:00"))
    dr.async_get(hass).async_update_device(
        registered(hass, entry, intercom), name_by_user="Garden gate"
    )
    assert titles(await look(ROOT)) == ["Garden gate"]


async def test_where_nothing_was_taken_there_is_an_empty_root(look: Open) -> None:
    root = await look(ROOT)
    assert (root["children"], root["thumbnail"]) == ([], None)


async def test_900_pictures_of_a_month_are_all_there(
    entry: MockConfigEntry, intercom: SimDevice, look: Open
) -> None:
    picture = jpeg()
    for number in range(900):
        clock = f"{number % 24:02}:{number // 24 % 60:02}:00"
        shelved(entry, intercom, at(1 + number % 28, clock), picture=picture)
    device = await look(only(await look(ROOT)))
    days = [await look(child["media_content_id"]) for child in device["children"]]
    assert len(days) == 28
    assert sum([len((await look(only(one)))["children"]) for one in days]) == 900


# --- names ----------------------------------------------------------------------------------

NAMES = [
    "nobody",
    "{entry}/",
    "{entry}//",
    "{entry}/nobody",
    "{entry}/{device}/",
    "{entry}/{device}/2026-13-01",
    "{entry}/{device}/20200101",
    "{entry}/{device}/{day}/",
    "{entry}/{device}/{day}/party",
    "{entry}/{device}/{day}/RING",
    "{entry}/{device}/{day}/ring/more",
    "{entry}/{device}/{day}/ring/{capture}",
    "{entry}/{hub}",
    "{entry}/{tuya}",
    "{entry}/capture",
    "{entry}/capture/",
    "{entry}/capture/1700000000-ring-0123456789abcdef",
    "{entry}/capture/{capture}/thumbnail",
    "{entry}/capture/{capture}.jpg",
    "{entry}/capture/../{capture}",
    "{entry}/capture/..%2f{capture}",
    "{entry}/../{entry}/capture/{capture}",
    "../../../secrets.yaml",
    "{neighbour}/capture/{capture}",
    "{neighbour}/{device}",
    "{other}/capture/{capture}",
    "\x00",
    "{entry}/capture/{capture}\x00",
    "é/ü/😀",
]


async def test_a_name_that_is_none_is_said_to_be_none(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    intercom: SimDevice,
    neighbour: tuple[MockConfigEntry, TuyaSimulator],
    ask: Ask,
) -> None:
    capture = shelved(entry, intercom, at(1, "10:00:00"))
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    parts = {
        "entry": entry.entry_id,
        "device": registered(hass, entry, intercom),
        "day": day(1).isoformat(),
        "capture": capture.id,
        "hub": entry.runtime_data.hub_id,
        "tuya": intercom.id,
        "neighbour": neighbour[0].entry_id,
        "other": other.entry_id,
    }
    for name in NAMES:
        for what, more in (("browse", {}), ("search", {"search_query": "ring"}), ("resolve", {})):
            answer = await ask(what, f"{ROOT}/{name.format(**parts)}", **more)
            assert not answer["success"], name
            assert answer["error"]["code"] == f"{what}_media_failed", name


@pytest.mark.parametrize("name", ["", "/{entry}", "/{entry}/{device}"])
async def test_a_folder_is_nothing_to_play(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: SimDevice, ask: Ask, name: str
) -> None:
    shelved(entry, intercom, at(1, "10:00:00"))
    device = registered(hass, entry, intercom)
    answer = await ask("resolve", ROOT + name.format(entry=entry.entry_id, device=device))
    words = TEXTS["exceptions"]["no_such_picture"]["message"].rstrip(".")
    assert answer["error"] == {"code": "resolve_media_failed", "message": words}


async def test_a_project_that_rests_has_nothing_and_all_of_it_again_later(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: SimDevice, ask: Ask, look: Open
) -> None:
    capture = shelved(entry, intercom, at(1, "10:00:00"))
    await hass.async_block_till_done()
    device = only(await look(ROOT))
    picture = f"{ROOT}/{entry.entry_id}/capture/{capture.id}"
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert titles(await look(ROOT)) == []
    words = TEXTS["exceptions"]["nothing_here"]["message"].rstrip(".")
    for name in (device, picture):
        answer = await ask("browse", name)
        assert answer["error"] == {"code": "browse_media_failed", "message": words}
        assert (await ask("resolve", name))["error"]["code"] == "resolve_media_failed"
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert titles(await look(device)) == [day(1).isoformat()]


async def test_what_was_kept_is_there_though_the_cloud_has_no_answer_at_the_start(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    intercom: SimDevice,
    look: Open,
    hass_client: ClientSessionGenerator,
) -> None:
    shelved(entry, intercom, at(1, "10:00:00"))
    await hass.async_block_till_done()
    simulator.fault("quota", 1_000)
    assert await hass.config_entries.async_reload(entry.entry_id)
    root = await look(ROOT)
    assert titles(root) == ["Intercom"]
    answer = await (await hass_client()).get(root["children"][0]["thumbnail"])
    assert answer.status == HTTPStatus.OK


# --- choosing -------------------------------------------------------------------------------


async def test_actions_get_the_picture_as_a_file(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: SimDevice, look: Open
) -> None:
    picture = jpeg((1, 2, 3))
    capture = shelved(entry, intercom, at(1, "10:00:00"), picture=picture)
    await hass.async_block_till_done()
    name = generate_media_source_id(DOMAIN, f"{entry.entry_id}/capture/{capture.id}")
    resolved = await async_resolve_media(hass, name, None)
    assert resolved.path is not None
    assert await hass.async_add_executor_job(resolved.path.read_bytes) == picture


async def test_where_none_is_kept_the_last_can_be_seen_and_there_is_no_file(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: SimDevice, ask: Ask, look: Open
) -> None:
    await told(hass, entry, keep_pictures=False)
    capture = shelved(entry, intercom, at(1, "10:00:00"))
    await hass.async_block_till_done()
    assert titles(await look(ROOT)) == ["Intercom"]
    name = f"{ROOT}/{entry.entry_id}/capture/{capture.id}"
    assert (await ask("resolve", name))["success"]
    assert (await async_resolve_media(hass, name, None)).path is None


async def test_where_the_picture_itself_can_be_handed_out_it_is(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    intercom: SimDevice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = jpeg((1, 2, 3))
    capture = shelved(entry, intercom, at(1, "10:00:00"), picture=picture)
    monkeypatch.setattr(media_source, "_MEDIA_IMAGE", lambda content, kind: (content, kind))
    source = await media_source.async_get_media_source(hass)

    async def image(name: str) -> Any:
        return await source.async_get_media_image(MediaSourceItem(hass, DOMAIN, name, None))

    assert await image(f"{entry.entry_id}/capture/{capture.id}") == (picture, "image/jpeg")
    assert await image(entry.entry_id) is None
    assert await image("nobody") is None


def short(ago: int) -> str:
    """Return a day as a search result tells it."""
    return f"{day(ago).day} {day(ago):%b}"


# --- searching ------------------------------------------------------------------------------


@pytest.fixture
def three(entry: MockConfigEntry, intercom: SimDevice, bell: SimDevice) -> list[str]:
    """Put three pictures on the shelf; return their titles, the newest first."""
    shelved(entry, intercom, at(1, "18:30:00"), Occasion.ACCESS, person="Anna Müller")
    shelved(entry, bell, at(2, "07:15:00"), Occasion.MOTION)
    shelved(entry, intercom, at(3, "18:30:00"))
    return [
        f"Intercom · Anna Müller · {short(1)} 18:30 · Access",
        f"Battery bell · {short(2)} 07:15 · Movement",
        f"Intercom · {short(3)} 18:30 · Ring",
    ]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("anna", [0]),
        ("MÜLLER", [0]),
        ("intercom", [0, 2]),
        ("intercom ring", [2]),
        ("ring intercom", [2]),
        ("rings", [2]),
        ("movement", [1]),
        ("18:30", [0, 2]),
        ("bell 07:15", [1]),
        ("{day}", [1]),
        ("{short} 07:15", [1]),
        ("nobody", []),
        ("anna bell", []),
        ("  ", []),
        (".*", []),
    ],
)
async def test_pictures_are_found_by_person_device_occasion_and_time(
    three: list[str], ask: Ask, query: str, wanted: list[int]
) -> None:
    titles_found = await found(ask, ROOT, query.format(day=day(2), short=short(2)))
    assert titles_found == [three[number] for number in wanted]


async def test_a_search_stays_below_the_open_folder(
    hass: HomeAssistant, entry: MockConfigEntry, bell: SimDevice, three: list[str], ask: Ask
) -> None:
    device = f"{ROOT}/{entry.entry_id}/{registered(hass, entry, bell)}"
    assert await found(ask, device, ":") == [three[1]]
    assert await found(ask, f"{device}/{day(2)}/motion", ":") == [three[1]]
    assert await found(ask, f"{ROOT}/{entry.entry_id}", ":") == three


async def test_only_pictures_are_found(three: list[str], ask: Ask) -> None:
    assert await found(ask, ROOT, ":", media_filter_classes=["image"]) == three
    assert await found(ask, ROOT, ":", media_filter_classes=["video"]) == []


async def test_a_search_finds_at_most_the_newest_hundred(
    entry: MockConfigEntry, intercom: SimDevice, ask: Ask
) -> None:
    for number in range(120):
        shelved(entry, intercom, at(1, f"{number // 60:02}:{number % 60:02}:00"))
    result = await found(ask, ROOT, "intercom")
    assert len(result) == 100
    assert result[0] == f"Intercom · {short(1)} 01:59 · Ring"
    assert result == sorted(result, reverse=True)


def test_every_occasion_has_its_words() -> None:
    assert set(TEXTS["common"]) == {f"occasion_{one}" for one in Occasion}
    assert set(TEXTS["selector"]["occasion"]["options"]) == set(Occasion)
