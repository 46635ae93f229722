"""The simulated terminal knows persons as it was told, and lets in whom it should."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
import json
from typing import Any

from aiohttp import web
import pytest

from tests.simulator import SimDevice, TuyaSimulator
from tests.simulator.client import Client, Clock, Reader
from tests.simulator.person_bodies import LONGEST_ID, LONGEST_NAME
from tests.simulator.persons import Known, Rule

JPEG = b"\xff\xd8\xff\xe0 a face \xff\xd9"
NINE, SIX_PM = 32_400_000, 64_800_000
# The clock of these tests: Wednesday, 18 November 2026, 11:06:40 UTC.
NOW_MS, HOUR_MS, WEDNESDAY = 1_795_000_000_000, 3_600_000, 3


@dataclass(kw_only=True)
class Door:
    """A terminal, with the calls that tell it of persons."""

    client: Client
    device: SimDevice

    async def tell(self, method: str, path: str, body: Any = None) -> str:
        """Make a call that is accepted and return its serial number."""
        answer = await self.client.call(method, self.path(path), body=body)
        assert answer["success"], answer
        return str(answer["result"]["sn"])

    async def code(self, method: str, path: str, body: Any = None) -> int | None:
        """Make a call and return the code of its refusal."""
        code: int | None = (await self.client.call(method, self.path(path), body=body)).get("code")
        return code

    def path(self, path: str) -> str:
        """Return a path of the newer service, unless it is a whole one."""
        base = f"/v1.0/access-control/{self.device.id}/persons"
        return path.format(self.device.id) if path.startswith("/v1.0") else f"{base}{path}"

    async def fate(self, sn: str) -> list[int]:
        """Look at a command three times."""
        path = f"/v1.0/expand/cmds/{sn}"
        return [(await self.client.get(path))["process_status"] for _ in range(3)]

    async def shows(self, scenario: str, **options: Any) -> tuple[str, bool]:
        """Hold something up to the terminal; return who was told, and whether it opened."""
        cloud, before = self.client.cloud, self.device.doors[1].opened
        (message,) = cloud.scenario(scenario, self.device.id, **options).message_ids
        assert message
        opened = self.device.doors[1].opened - before
        person = cloud.records.passages[0]["user_id"] if opened else ""
        return person, opened == 1

    @property
    def people(self) -> dict[str, Known]:
        """Return whom the terminal knows."""
        return self.client.cloud.persons.of(self.device.id).people


@pytest.fixture
def door(cloud: TuyaSimulator, client: Client, ids: dict[str, str]) -> Door:
    return Door(client=client, device=cloud.devices[ids["Face terminal"]])


@pytest.fixture
async def anna(door: Door) -> Known:
    """Be known to the terminal, with a card, a QR code and a password."""
    await door.tell("POST", "/anna", {"name": "Anna"})
    for path in ("/anna/card/0081726354", "/anna/qrcodes/guest-7", "/anna/passpwd/84620975"):
        await door.tell("POST", path)
    return door.people["anna"]


class Gallery:
    """Serves pictures by name and counts who asked."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.origin = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Serve one."""
        name = request.match_info["name"]
        self.asked.append(name)
        if name == "never.jpg":
            await asyncio.Event().wait()
        picture = self.pictures.get(name)
        return web.Response(status=404) if picture is None else web.Response(body=picture)

    def url(self, name: str, picture: bytes | None = None) -> dict[str, str]:
        """Return the body that makes a terminal fetch a picture."""
        if picture is not None:
            self.pictures[name] = picture
        return {"url": f"{self.origin}/{name}"}


@pytest.fixture
async def gallery(socket_enabled: None) -> AsyncIterator[Gallery]:
    made = Gallery()
    app = web.Application()
    app.router.add_get("/{name}", made.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


CARD, QR = {"card": "0081726354"}, {"qr_code": "guest-7"}
PASSWORD = {"password": "84620975"}
CARRIED = {"card_presented": CARD, "qr_presented": QR, "password_entered": PASSWORD}


@pytest.mark.parametrize("scenario", CARRIED)
async def test_what_a_person_carries_opens_the_door_once_and_is_logged_by_name(
    cloud: TuyaSimulator, door: Door, anna: Known, scenario: str
) -> None:
    assert await door.shows(scenario, **CARRIED[scenario]) == ("anna", True)
    row = cloud.records.passages[0]
    assert (row["name"], row["user_id"]) == (anna.name, "anna")
    assert cloud.storage.get(row["path"]) is not None


@pytest.mark.parametrize("scenario", ["face_presented", *CARRIED])
async def test_what_nobody_carries_is_refused(
    cloud: TuyaSimulator, door: Door, anna: Known, scenario: str
) -> None:
    picture = base64.b64encode(JPEG).decode()
    wrong = {"card": "1", "qr_code": "x", "password": "0000", "picture": picture}
    assert await door.shows(scenario, **wrong) == ("", False)
    assert await door.shows(scenario) == ("", False)
    assert not cloud.records.passages


async def test_a_refusal_is_told_with_the_person_if_there_is_one(
    cloud: TuyaSimulator, reader: Reader, door: Door, anna: Known
) -> None:
    for options, person in ((CARD, "anna"), ({"card": "1"}, "")):
        anna.cards["0081726354"] = True
        sent = cloud.scenario("card_presented", door.device.id, **options)
        fact = json.loads((await reader.body())["status"][0]["value"])
        assert (fact["uid"], fact["way"], fact["isSuccess"]) == (person, 1, False)
        assert fact["imageId"] == sent.event_id


async def test_a_frozen_card_is_refused_until_it_is_thawed(door: Door, anna: Known) -> None:
    await door.tell("PUT", "/anna/card/0081726354/freeze")
    assert await door.shows("card_presented", **CARD) == ("", False)
    await door.tell("PUT", "/anna/card/0081726354/unfreeze")
    assert await door.shows("card_presented", **CARD) == ("anna", True)
    sn = await door.tell("PUT", "/anna/card/77777/freeze")
    assert await door.fate(sn) == [1, 2, 4]


@pytest.mark.parametrize("scenario", CARRIED)
async def test_a_removed_person_takes_everything_along(
    door: Door, anna: Known, scenario: str
) -> None:
    await door.tell("DELETE", "/anna")
    assert await door.shows(scenario, **CARRIED[scenario]) == ("", False)
    await door.tell("POST", "/anna", {"name": "Anna"})
    assert await door.shows(scenario, **CARRIED[scenario]) == ("", False)


@pytest.mark.parametrize("scenario", CARRIED)
async def test_a_disabled_person_is_refused(door: Door, anna: Known, scenario: str) -> None:
    anna.enabled = False
    assert await door.shows(scenario, **CARRIED[scenario]) == ("", False)


@pytest.mark.parametrize(
    ("path", "scenario"),
    [
        ("/anna/card/0081726354", "card_presented"),
        ("/anna/qrcodes/guest-7", "qr_presented"),
        ("/anna/passpwd/84620975", "password_entered"),
    ],
)
async def test_what_was_taken_back_no_longer_opens(
    door: Door, anna: Known, path: str, scenario: str
) -> None:
    await door.tell("DELETE", path)
    assert await door.shows(scenario, **CARRIED[scenario]) == ("", False)


async def test_a_changed_password_opens_and_the_old_one_does_not(door: Door, anna: Known) -> None:
    body = {"new_pass_pwd": "11335577"}
    assert await door.fate(await door.tell("PUT", "/anna/passpwd/84620975", body)) == [1, 2, 3]
    assert await door.shows("password_entered", **PASSWORD) == ("", False)
    assert await door.shows("password_entered", password="11335577") == ("anna", True)
    assert await door.fate(await door.tell("PUT", "/anna/passpwd/84620975", body)) == [1, 2, 4]


async def test_a_person_passes_within_the_span_only(door: Door, anna: Known, clock: Clock) -> None:
    span = {"begin_time": NOW_MS + HOUR_MS, "end_time": NOW_MS + 2 * HOUR_MS}
    await door.tell("PUT", "/anna", span)
    for hours, passes in ((0, False), (1.5, True), (2.5, False)):
        clock.time = NOW_MS / 1000 + hours * 3600
        assert (await door.shows("card_presented", **CARD))[1] is passes


def rule(**told: Any) -> dict[str, str]:
    return {
        name: value if name == "rule_name" else json.dumps(value) for name, value in told.items()
    }


def hours(day: int, start: int, end: int) -> list[dict[str, Any]]:
    return [{"weekDay": day, "weekTime": [{"start": str(start), "end": str(end)}]}]


AROUND_NOW = [{"start": NOW_MS - HOUR_MS, "end": NOW_MS + HOUR_MS}]
LATER = [{"start": NOW_MS + HOUR_MS, "end": NOW_MS + 2 * HOUR_MS}]
WORKING, RESTING = hours(WEDNESDAY, NINE, SIX_PM), hours(WEDNESDAY + 1, NINE, SIX_PM)
EVENING = hours(WEDNESDAY, SIX_PM, SIX_PM + HOUR_MS)


@pytest.mark.parametrize(
    ("rules", "passes"),
    [
        ([rule(rule_name="Work", period=WORKING)], True),
        ([rule(period=RESTING)], False),
        ([rule(period=EVENING)], False),
        ([rule(period=EVENING), rule(period=WORKING)], True),
        ([rule(period=RESTING, allowed_date=AROUND_NOW)], True),
        ([rule(period=WORKING, denied_date=AROUND_NOW)], False),
        ([rule(period=WORKING, denied_date=LATER)], True),
        ([rule(allowed_date=AROUND_NOW, denied_date=AROUND_NOW)], False),
        ([rule(allowed_date=AROUND_NOW)], True),
        ([rule(allowed_date=LATER)], False),
        ([rule(denied_date=LATER)], True),
        ([], True),
    ],
)
async def test_denied_days_go_over_allowed_days_over_hours(
    door: Door, anna: Known, rules: list[dict[str, str]], *, passes: bool
) -> None:
    await door.tell("PUT", "/anna", {"door_time_rule_list": rules})
    assert await door.shows("card_presented", **CARD) == ("anna" if passes else "", passes)


async def test_a_span_makes_rules_void_and_new_rules_a_span(door: Door, anna: Known) -> None:
    rules = [rule(period=RESTING)]
    span = {"begin_time": NOW_MS - HOUR_MS, "end_time": NOW_MS + HOUR_MS}
    await door.tell("PUT", "/anna", {**span, "door_time_rule_list": rules})
    assert await door.shows("card_presented", **CARD) == ("anna", True)
    await door.tell("PUT", "/anna", {"door_time_rule_list": rules})
    assert await door.shows("card_presented", **CARD) == ("", False)


async def test_a_known_face_opens_the_door(door: Door, anna: Known, gallery: Gallery) -> None:
    sn = await door.tell("POST", "/anna/faces/f1", gallery.url("one.jpg", JPEG))
    assert await door.fate(sn) == [1, 2, 3]
    assert (gallery.asked, anna.faces) == (["one.jpg"], {"f1": JPEG})
    seen = base64.b64encode(JPEG).decode()
    assert await door.shows("face_presented", picture=seen) == ("anna", True)
    assert await door.shows("face_presented", person="anna") == ("anna", True)
    other = base64.b64encode(JPEG + b"!").decode()
    assert await door.shows("face_presented", picture=other) == ("", False)
    sn = await door.tell("PUT", "/anna/faces/f1", gallery.url("two.jpg", JPEG + b"!"))
    assert await door.fate(sn) == [1, 2, 3]
    assert await door.shows("face_presented", picture=other) == ("anna", True)
    assert await door.shows("face_presented", picture=seen) == ("", False)
    await door.tell("DELETE", "/anna/faces/f1")
    assert await door.shows("face_presented", person="anna") == ("", False)


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("none.jpg", None),
        ("png.jpg", b"\x89PNG\r\n\x1a\n"),
        ("empty.jpg", b""),
        ("big.jpg", JPEG + bytes(1024 * 1024)),
    ],
)
async def test_a_picture_that_is_no_small_jpeg_makes_the_command_fail(
    door: Door, anna: Known, gallery: Gallery, name: str, picture: bytes | None
) -> None:
    sn = await door.tell("POST", "/anna/faces/f1", gallery.url(name, picture))
    assert await door.fate(sn) == [1, 2, 4]
    assert not anna.faces


async def test_the_largest_picture_is_taken(door: Door, anna: Known, gallery: Gallery) -> None:
    largest = JPEG + bytes(1024 * 1024 - len(JPEG))
    sn = await door.tell("POST", "/anna/faces/f1", gallery.url("large.jpg", largest))
    assert await door.fate(sn) == [1, 2, 3]


async def test_a_face_of_somebody_removed_meanwhile_is_not_kept(
    door: Door, anna: Known, gallery: Gallery
) -> None:
    sn = await door.tell("POST", "/anna/faces/f1", gallery.url("one.jpg", JPEG))
    door.people.clear()
    assert await door.fate(sn) == [1, 2, 4]


async def test_a_fetch_ends_with_the_cloud(
    cloud: TuyaSimulator, door: Door, anna: Known, gallery: Gallery
) -> None:
    await door.tell("POST", "/anna/faces/f1", gallery.url("never.jpg"))
    await cloud.stop()
    await cloud.faces.done()
    assert not anna.faces


async def test_persons_and_faces_are_told_in_bulk(
    client: Client, door: Door, gallery: Gallery
) -> None:
    async def many(method: str, path: str, body: Any) -> list[list[int]]:
        answer = await client.call(method, door.path(path), body=body)
        return [await door.fate(sn) for sn in answer["result"]["sn_list"]]

    people = [{"person_id": "anna", "name": "Anna"}, {"person_id": "bea"}]
    assert await many("POST", "", {"person_list": people}) == [[1, 2, 3]] * 2
    url = gallery.url("one.jpg", JPEG)
    faces = [{"person_id": name, "face_id": f"{name}1", **url} for name in ("anna", "stranger")]
    assert await many("POST", "/faces", {"face_list": faces}) == [[1, 2, 3], [1, 2, 4]]
    gone = [{"person_id": "anna", "face_id": "anna1"}]
    assert await many("DELETE", "/faces", {"face_del_list": gone}) == [[1, 2, 3]]
    assert not door.people["anna"].faces
    ids = {"person_id_list": ["anna", "stranger"]}
    assert await many("DELETE", "", ids) == [[1, 2, 3], [1, 2, 4]]
    assert [*door.people] == ["bea"]


async def test_what_is_told_twice_is_there_once(door: Door, anna: Known) -> None:
    await door.tell("PUT", "/anna/card/0081726354/freeze")
    before = replace(anna, cards=dict(anna.cards))
    for path in ("/anna/card/0081726354", "/anna/qrcodes/guest-7", "/anna/passpwd/84620975"):
        assert await door.fate(await door.tell("POST", path)) == [1, 2, 3]
    await door.tell("POST", "/anna", {"name": "Anna"})
    assert door.people == {"anna": before}


@pytest.mark.parametrize(
    "act",
    [
        ("PUT", "/bea", {"name": "Bea"}),
        ("DELETE", "/bea", None),
        ("POST", "/bea/card/1", None),
        ("POST", "/bea/qrcodes/1", None),
        ("POST", "/bea/passpwd/1234", None),
        ("DELETE", "/bea/faces/f1", None),
    ],
)
async def test_whatever_concerns_a_stranger_fails(
    door: Door, anna: Known, act: tuple[str, str, Any]
) -> None:
    assert await door.fate(await door.tell(*act)) == [1, 2, 4]
    assert [*door.people] == ["anna"]


async def test_a_command_that_fails_or_hangs_changes_nothing(
    cloud: TuyaSimulator, door: Door, anna: Known
) -> None:
    for fault, fate in (("command_failed", [1, 2, 4]), ("command_pending", [1, 2, 2])):
        cloud.fault(fault)
        assert await door.fate(await door.tell("DELETE", "/anna")) == fate
        assert door.people == {"anna": anna}


async def test_a_terminal_out_of_reach_does_it_when_it_is_back(
    cloud: TuyaSimulator, door: Door, anna: Known
) -> None:
    cloud.scenario("offline", door.device.id)
    sn = await door.tell("DELETE", "/anna")
    assert await door.fate(sn) == [1, 2, 2]
    assert await door.shows("card_presented", **CARD) == ("anna", True)
    cloud.scenario("online", door.device.id)
    assert await door.shows("card_presented", **CARD) == ("", False)
    assert (await door.fate(sn))[-1] == 3


BAD: dict[str, tuple[str, str, Any]] = {
    "no body": ("POST", "/bea", None),
    "a list": ("POST", "/bea", []),
    "long id": ("POST", f"/{'b' * (LONGEST_ID + 1)}", {}),
    "long name": ("POST", "/bea", {"name": "b" * (LONGEST_NAME + 1)}),
    "name no text": ("PUT", "/bea", {"name": 7}),
    "long id card": ("POST", "/bea", {"id_card": "1" * 33}),
    "long phone": ("POST", "/bea", {"phone": "1" * 12}),
    "long key": ("POST", "/bea", {"secret_key": "s" * 33}),
    "seconds": ("POST", "/bea", {"begin_time": NOW_MS // 1000}),
    "backwards": ("POST", "/bea", {"begin_time": NOW_MS, "end_time": NOW_MS - 1}),
    "extend": ("POST", "/bea", {"extend": {}}),
    "four rules": ("POST", "/bea", {"door_time_rule_list": [rule(period=WORKING)] * 4}),
    "rules no list": ("POST", "/bea", {"door_time_rule_list": "odd"}),
    "period no JSON": ("POST", "/bea", {"door_time_rule_list": [{"period": "["}]}),
    "eighth day": ("POST", "/bea", {"door_time_rule_list": [rule(period=hours(8, 0, 9))]}),
    "hours backwards": ("POST", "/bea", {"door_time_rule_list": [rule(period=hours(1, 9, 9))]}),
    "late hours": ("POST", "/bea", {"door_time_rule_list": [rule(period=hours(1, 9, 10**8))]}),
    "long face": ("POST", f"/bea/faces/{'f' * 33}", {"url": "http://127.0.0.1:1/"}),
    "no url": ("POST", "/bea/faces/f1", {}),
    "no web": ("POST", "/bea/faces/f1", {"url": "file:///face.jpg"}),
    "long card": ("POST", f"/bea/card/{'1' * 33}", None),
    "no new one": ("PUT", "/bea/passpwd/1234", {}),
    "empty bulk": ("POST", "", {"person_list": []}),
    "bulk without ids": ("POST", "", {"person_list": [{"name": "Bea"}]}),
    "bulk of texts": ("POST", "", {"person_list": ["bea"]}),
    "bulk of no ids": ("DELETE", "", {"person_id_list": "bea"}),
}


@pytest.mark.parametrize("case", BAD)
async def test_what_breaks_the_rules_is_refused_at_once(door: Door, case: str) -> None:
    assert await door.code(*BAD[case]) == 1109
    assert not door.people


OLDER = "/v1.0/iot-02/third/doors/{}/persons/bea"


@pytest.mark.parametrize("body", [{}, {"name": "Bea", "phone": "123"}])
async def test_the_older_service_wants_a_name_and_a_whole_number(
    door: Door, body: dict[str, str]
) -> None:
    assert await door.code("POST", OLDER, body) == 1109


async def test_the_older_service_does_the_same_in_other_words(door: Door, gallery: Gallery) -> None:
    rules = [{"ruleName": "Work", **rule(period=RESTING, allowedDate=AROUND_NOW)}]
    body = {"name": "Bea", "phone": "12345678901", "doorTimeRuleList": rules}
    assert await door.fate(await door.tell("POST", OLDER, body)) == [1, 2, 3]
    span = (AROUND_NOW[0]["start"], AROUND_NOW[0]["end"])
    day = (WEDNESDAY + 1, (NINE, SIX_PM))
    assert door.people["bea"].rules == (Rule(hours=(day,), allowed=(span,)),)
    sn = await door.tell("POST", f"{OLDER}/faces/f1", gallery.url("one.jpg", JPEG))
    assert await door.fate(sn) == [1, 2, 3]
    assert await door.shows("face_presented", person="bea") == ("bea", True)
    assert await door.code("POST", f"{OLDER}/card/1") == 1108


async def test_locks_know_no_persons(client: Client, ids: dict[str, str]) -> None:
    lock = ids["Front door lock"]
    answer = await client.post(f"/v1.0/access-control/{lock}/persons/bea", {"name": "Bea"})
    assert answer["code"] == 2009
    body = {"device_id": lock, "card": "1"}
    assert "error" in await client.control("scenarios/card_presented", body, 409)


async def test_what_was_given_in_confidence_is_remembered(
    cloud: TuyaSimulator, door: Door, anna: Known
) -> None:
    await door.tell("PUT", "/anna", {"secret_key": "abc123abc123"})
    await door.tell("PUT", "/anna/passpwd/84620975", {"new_pass_pwd": "11335577"})
    await door.tell("POST", "/anna/faces/f1", {"url": "http://127.0.0.1:1/one-time"})
    told = {"abc123abc123", "84620975", "11335577", "0081726354", "guest-7"}
    assert told | {"http://127.0.0.1:1/one-time"} <= cloud.issued.all()


async def test_the_building_is_one_group_of_everybody_known(
    client: Client, door: Door, anna: Known
) -> None:
    (group,) = (await client.get("/v1.0/iot-02/access-controls"))["list"]
    users = (await client.get(f"/v1.0/iot-02/access-controls/{group['id']}/users"))["list"]
    assert {"user_id": "anna", "name": "Anna"} in users
    anna.faces["f1"] = JPEG
    faces = (await client.get("/v1.0/iot-02/faces"))["list"]
    assert faces == [{"face_id": "f1", "user_id": "anna", "name": "Anna"}]


@pytest.mark.parametrize("picture", ["not base64!", "AAA"])
async def test_a_picture_to_hold_up_is_base64(client: Client, door: Door, picture: str) -> None:
    body = {"device_id": door.device.id, "picture": picture}
    assert "error" in await client.control("scenarios/face_presented", body, 400)
