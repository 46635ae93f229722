"""Every form of a picture against everything that can go wrong: the ring fires, come what may."""

from base64 import b64decode, b64encode
from collections import Counter
import json
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.api.crypto import CaptureError, open_capture
from custom_components.tuyalink_intercom.model.changes import CaptureKept, CaptureTaken, Change
from custom_components.tuyalink_intercom.model.pictures import PictureForm
from tests.conftest import MakeEntry
from tests.homes import (
    DOMAIN,
    device_named,
    entity_id,
    later,
    state_of,
    until,
    while_time_passes,
)
from tests.plays import heard
from tests.simulator import Sent, TuyaSimulator
from tests.simulator.describe import APP_UID
from tests.simulator.sealing import ADDRESS, SHAPES

VECTORS = json.loads((Path(__file__).parent / "fixtures" / "vectors" / "media.json").read_text())
ADDRESSES = "GET /v1.0/devices/{id}/movement-configs"
DECRYPT = "POST /v1.0/users/{uid}/devices/{id}/message/decrypt"
LONG = 1_000
HOST = re.compile(r"^https://[^/]+")
STORED = ("A", "A_json", "A_plain")
READY = ("B", "B_plain", "C")
SEALED = ("D", "D_json")
FORMS = (*STORED, *READY, *SEALED)
SPELLED = ("A", "A_plain", "B", "C", "D")
"""Each form once, however its value is spelled."""
ENCRYPTED = {"A", "A_json", "C", *SEALED}
NEEDS_ADDRESS = {*STORED, *SEALED}
PASSING = {
    "cut_picture": 2,
    "empty_picture": 2,
    "expired_picture": 2,
    "missing_picture": 2,
    "plain_picture": 1,
    "text_picture": 2,
    "upload_pending": 3,
    "xml_picture": 2,
}
"""Faults that are over after a while, and how often they happen before."""
LASTING = {
    "empty_picture": "not_uploaded",
    "expired_picture": "not_uploaded",
    "missing_picture": "not_uploaded",
    "text_picture": "not_uploaded",
    "upload_pending": "not_uploaded",
    "xml_picture": "not_uploaded",
}
BUSY = ("http_429", "http_500", "http_502", "http_503", "malformed", "system_error", "throttle")


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Battery bell", "Face terminal", "Gate keypad")


class Home:
    """A home whose bell tells each ring by its picture alone."""

    def __init__(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        simulator: TuyaSimulator,
        entry: MockConfigEntry,
    ) -> None:
        self.hass, self.freezer, self.simulator, self.entry = hass, freezer, simulator, entry
        self.bell = device_named(simulator, "Battery bell")
        self._heard = heard(hass, entity_id(hass, "event", self.bell, "doorbell"), pictures=True)
        self.shelf = entry.runtime_data.captures
        self.taken: list[CaptureTaken] = []
        self.kept: list[CaptureKept] = []
        entry.runtime_data.coordinator.subscribe(self.bell.id, self._note)

    def _note(self, change: Change) -> None:
        if isinstance(change, CaptureTaken):
            self.taken.append(change)
        elif isinstance(change, CaptureKept):
            self.kept.append(change)

    @property
    def told(self) -> list[State]:
        """What was told but that nobody came: how much time flows depends on the machine."""
        return [state for state in self._heard if state.attributes["event_type"] != "missed"]

    @property
    def rings(self) -> list[State]:
        """What was told as a ring."""
        return [state for state in self.told if state.attributes["event_type"] == "ring"]

    @property
    def absent(self) -> dict[str, int]:
        """How many pictures are not there, by reason."""
        return dict(self.entry.runtime_data.fetcher.as_told()["absent"])

    @property
    def calls(self) -> Counter[str]:
        """What Tuya was asked."""
        return self.simulator.calls

    async def ring(self, form: str, carrier: str = "doorbell_pic", **options: Any) -> Sent:
        """Press the bell; it must have rung before anything is known of a picture."""
        before = len(self.rings)
        sent = self.simulator.scenario(
            "ring", self.bell.id, carrier=carrier, picture_form=form, **options
        )
        await while_time_passes(self.hass, self.freezer, self.simulator.acked(sent.event_id))
        await self.hass.async_block_till_done()
        assert len(self.rings) == before + 1
        return sent

    async def outcome(self, count: int = 1) -> None:
        """Let time flow until that many pictures have come, or are known not to."""
        fetcher = self.entry.runtime_data.fetcher
        await until(self.hass, self.freezer, lambda: len(self.kept) + fetcher.failed >= count)

    async def shows(self, sent: Sent) -> None:
        """Assert that the newest picture is that of a ring, told as its own."""
        newest = self.shelf.newest(self.bell.id)
        assert newest is not None
        assert await self.shelf.picture(newest) == self.simulator.pictures[sent.event_id]
        event_id = self.rings[-1].attributes["event_id"]
        assert newest.event_id == event_id
        assert self.told[-1].attributes["event_type"] == "picture"
        assert self.told[-1].attributes["event_id"] == event_id

    def repair(self) -> ir.IssueEntry | None:
        """Return what explains missing pictures to the user."""
        found = ir.async_get(self.hass).async_get_issue(
            DOMAIN, f"sealed_pictures_{self.entry.entry_id}"
        )
        return found if found is not None and found.active else None


@pytest.fixture
def options() -> dict[str, Any]:
    """Return what the user set: the account of their app."""
    return {"app_uid": APP_UID}


@pytest.fixture
async def home(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    options: dict[str, Any],
) -> Home:
    entry = make_entry(simulator, **options)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    return Home(hass, freezer, simulator, entry)


without_account = pytest.mark.parametrize("options", [{}])


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_brings_its_picture(home: Home, form: str) -> None:
    sent = await home.ring(form)
    await home.outcome()
    await home.shows(sent)
    assert home.absent == {}
    assert home.calls[ADDRESSES] == (form in NEEDS_ADDRESS)
    assert home.calls[DECRYPT] == (form in SEALED)


@pytest.mark.parametrize("carrier", ["initiative_message", "doorbell_pic"])
@pytest.mark.parametrize("form", ["E", "none"])
async def test_text_is_a_ring_without_a_picture(home: Home, form: str, carrier: str) -> None:
    await home.ring(form, carrier)
    await later(home.hass, home.freezer, 60)
    assert (home.taken, home.kept, home.absent) == ([], [], {})
    assert home.repair() is None


@pytest.mark.parametrize("form", SPELLED)
@pytest.mark.parametrize("fault", PASSING)
async def test_a_picture_comes_once_it_can(home: Home, fault: str, form: str) -> None:
    home.simulator.fault(fault, PASSING[fault])
    sent = await home.ring(form)
    await home.outcome()
    await home.shows(sent)
    assert home.calls[DECRYPT] == (form in SEALED)


@pytest.mark.parametrize("form", SPELLED)
@pytest.mark.parametrize("fault", LASTING)
async def test_a_picture_that_never_arrives_is_absent(home: Home, fault: str, form: str) -> None:
    home.simulator.fault(fault, LONG)
    await home.ring(form)
    await home.outcome()
    assert home.absent == {LASTING[fault]: 1}
    assert home.shelf.newest(home.bell.id) is None
    assert home.calls[DECRYPT] == (form in SEALED)
    assert home.calls[ADDRESSES] <= 5
    # Later there is no storm of tries.
    asked = home.calls.total()
    home.simulator.fault(fault, 0)
    for _ in range(10):
        await later(home.hass, home.freezer, 30)
    assert home.calls[ADDRESSES] + home.calls[DECRYPT] <= asked


@pytest.mark.parametrize("form", SPELLED)
async def test_a_picture_that_its_key_does_not_open_is_absent(home: Home, form: str) -> None:
    home.simulator.fault("wrong_key", LONG)
    sent = await home.ring(form)
    await home.outcome()
    if form in ENCRYPTED:
        assert home.absent == {"unreadable": 1}
        assert home.kept == []
    else:
        await home.shows(sent)


@pytest.mark.parametrize("form", SPELLED)
async def test_a_picture_that_stays_cut_is_never_taken_for_another(home: Home, form: str) -> None:
    home.simulator.fault("cut_picture", LONG)
    sent = await home.ring(form)
    await home.outcome()
    whole = home.simulator.pictures[sent.event_id]
    newest = home.shelf.newest(home.bell.id)
    if newest is None:
        assert home.absent == {"not_uploaded": 1}
    else:
        shown = await home.shelf.picture(newest)
        assert shown is not None
        assert whole.startswith(shown)


@pytest.mark.parametrize("form", SPELLED)
@pytest.mark.parametrize("fault", BUSY)
async def test_tuya_may_be_busy_when_it_is_asked_where_a_picture_is(
    home: Home, fault: str, form: str
) -> None:
    home.simulator.fault(fault, 2, path="movement-configs", method="GET")
    sent = await home.ring(form)
    await home.outcome()
    await home.shows(sent)
    assert home.calls[DECRYPT] == (form in SEALED)


@pytest.mark.parametrize("form", SPELLED)
async def test_tuya_may_stay_busy(home: Home, form: str) -> None:
    home.simulator.fault("http_500", LONG, path="movement-configs", method="GET")
    sent = await home.ring(form)
    await home.outcome()
    if form in NEEDS_ADDRESS:
        assert home.absent == {"unreachable": 1}
    else:
        await home.shows(sent)


@pytest.mark.parametrize("form", SPELLED)
@pytest.mark.parametrize("code", [1106, 1108, 2009, 28841105, 28841106])
async def test_what_tuya_refuses_to_tell_is_absent_after_one_call(
    home: Home, code: int, form: str
) -> None:
    home.simulator.fault("refuse", what=ADDRESSES, code=code)
    sent = await home.ring(form)
    await home.outcome()
    if form in NEEDS_ADDRESS:
        assert home.absent == {"refused": 1}
        assert home.calls[ADDRESSES] == 1
    else:
        await home.shows(sent)


@pytest.mark.parametrize("form", SPELLED)
async def test_a_ring_fires_while_tuya_has_no_answer_about_its_picture(
    home: Home, form: str
) -> None:
    path = "decrypt" if form in SEALED else "movement-configs"
    home.simulator.fault("timeout", 1, path=path)
    sent = await home.ring(form)
    if form in NEEDS_ADDRESS:
        await while_time_passes(home.hass, home.freezer, home.simulator.held())
        assert home.kept == []
        home.simulator.release()
    await home.outcome()
    await home.shows(sent)


@pytest.mark.parametrize("shape", [*sorted(SHAPES.keys() - {"nothing", "other"}), ADDRESS])
async def test_what_tuya_opens_is_read_in_any_shape(home: Home, shape: str) -> None:
    home.simulator.sealing.shape = shape
    sent = await home.ring("D", "initiative_message")
    await home.outcome()
    if shape == ADDRESS:
        # An address comes without the key of what lies there.
        assert home.absent == {"unreadable": 1}
        home.simulator.fault("plain_picture")
        await later(home.hass, home.freezer, 60)
        sent = await home.ring("D")
        await home.outcome(2)
    await home.shows(sent)


@pytest.mark.parametrize("shape", ["nothing", "other"])
async def test_an_answer_that_nobody_can_read_is_asked_for_once_a_day(
    home: Home, shape: str
) -> None:
    home.simulator.sealing.shape = shape
    await home.ring("D")
    await home.outcome()
    await later(home.hass, home.freezer, 60)
    await home.ring("D")
    await home.outcome(2)
    assert home.absent == {"sealed": 2}
    assert home.calls[DECRYPT] == 1


@pytest.mark.parametrize("code", [1106, 1108, 1109, 2009, 28841101, 28841105, 28841106])
async def test_a_refusal_to_open_counts_for_a_day(home: Home, code: int) -> None:
    home.simulator.fault("refuse", what=DECRYPT, code=code)
    for number in range(3):
        await home.ring("D")
        await home.outcome(number + 1)
        await later(home.hass, home.freezer, 60)
    assert home.absent == {"sealed": 3}
    assert home.calls[DECRYPT] == 1
    home.simulator.fault("refuse", 0, what=DECRYPT)
    await later(home.hass, home.freezer, 24 * 3600)
    sent = await home.ring("D")
    await home.outcome(4)
    await home.shows(sent)
    assert home.calls[DECRYPT] == 2


async def test_a_missing_service_is_missing_for_every_device_a_wrong_account_for_one(
    home: Home,
) -> None:
    keypad = device_named(home.simulator, "Gate keypad")
    absent = 0
    for code, asked in ((1106, 2), (28841106, 3)):
        home.simulator.fault("refuse", what=DECRYPT, code=code)
        for device in (home.bell, keypad):
            sent = home.simulator.scenario(
                "ring", device.id, carrier="initiative_message", picture_form="D"
            )
            await while_time_passes(home.hass, home.freezer, home.simulator.acked(sent.event_id))
            absent += 1
            await home.outcome(absent)
        assert home.calls[DECRYPT] == asked
        await later(home.hass, home.freezer, 25 * 3600)


async def test_tuya_may_be_busy_when_it_is_asked_to_open_a_picture(home: Home) -> None:
    home.simulator.fault("throttle", 1, path="decrypt", method="POST")
    sent = await home.ring("D")
    await home.outcome()
    await home.shows(sent)


@without_account
async def test_without_an_account_nothing_is_asked_and_the_user_is_told_why(home: Home) -> None:
    await home.ring("D", "initiative_message")
    await home.outcome()
    assert home.absent == {"sealed": 1}
    assert home.repair() is None
    await later(home.hass, home.freezer, 61)
    repair = home.repair()
    assert repair is not None
    assert (repair.severity, repair.is_fixable) == (ir.IssueSeverity.WARNING, False)
    assert repair.translation_placeholders == {"project": "Home doors", "devices": "Battery bell"}
    assert home.calls[DECRYPT] == 0
    # A readable one comes: there is nothing to explain any more.
    sent = await home.ring("A")
    await home.outcome(2)
    await home.shows(sent)
    assert home.repair() is None


@without_account
@pytest.mark.parametrize("first", ["doorbell_pic", "initiative_message"])
async def test_a_picture_that_is_told_twice_needs_no_explanation(home: Home, first: str) -> None:
    at = int(home.simulator.now())
    for carrier in (first, *({"doorbell_pic", "initiative_message"} - {first})):
        form = "A" if carrier == "doorbell_pic" else "D"
        sent = home.simulator.scenario(
            "ring", home.bell.id, carrier=carrier, picture_form=form, press_time=at
        )
        await while_time_passes(home.hass, home.freezer, home.simulator.acked(sent.event_id))
    await until(home.hass, home.freezer, lambda: len(home.kept) == 1)
    await later(home.hass, home.freezer, 120)
    assert len(home.rings) == 1
    assert home.repair() is None


@pytest.mark.parametrize("forms", ["AD", "DA", "DB", "DC"])
async def test_a_picture_that_two_carriers_tell_is_one(home: Home, forms: str) -> None:
    at = int(home.simulator.now())
    for carrier, form in zip(("initiative_message", "doorbell_pic"), forms, strict=True):
        sent = home.simulator.scenario(
            "ring", home.bell.id, carrier=carrier, picture_form=form, press_time=at
        )
        await while_time_passes(home.hass, home.freezer, home.simulator.acked(sent.event_id))
    await home.outcome()
    await later(home.hass, home.freezer, 50)
    assert len(home.kept) == 1
    assert [state.attributes["event_type"] for state in home.told] == ["ring", "picture"]
    assert home.absent == {}
    assert home.calls[DECRYPT] == 0


@without_account
async def test_the_explanation_ends_with_changed_options_and_stays_ignored(home: Home) -> None:
    hass, entry = home.hass, home.entry
    await home.ring("D")
    await home.outcome()
    await later(hass, home.freezer, 61)
    repair = home.repair()
    assert repair is not None
    ir.async_ignore_issue(hass, DOMAIN, repair.issue_id, ignore=True)
    hass.config_entries.async_update_entry(entry, options={**entry.options, "app_uid": APP_UID})
    await while_time_passes(hass, home.freezer, hass.config_entries.async_reload(entry.entry_id))
    kept = ir.async_get(hass).async_get_issue(DOMAIN, repair.issue_id)
    assert kept is None or kept.dismissed_version is not None


@without_account
async def test_the_explanation_goes_with_the_project(home: Home) -> None:
    await home.ring("D")
    await home.outcome()
    await later(home.hass, home.freezer, 61)
    assert home.repair() is not None
    removed = home.hass.config_entries.async_remove(home.entry.entry_id)
    await while_time_passes(home.hass, home.freezer, removed)
    assert home.repair() is None


@without_account
async def test_a_ring_from_long_ago_explains_nothing(home: Home) -> None:
    sent = home.simulator.scenario(
        "ring", home.bell.id, carrier="doorbell_pic", picture_form="D", age_s=600
    )
    await while_time_passes(home.hass, home.freezer, home.simulator.acked(sent.event_id))
    await home.outcome()
    await later(home.hass, home.freezer, 120)
    assert home.repair() is None


def at_home(value: str) -> str:
    """Return a value whose address leads nowhere: no test asks the internet."""
    if not value.startswith(b64encode(b"http").decode()[:4]):
        return HOST.sub("https://127.0.0.1", value)
    return b64encode(at_home(b64decode(value).decode()).encode()).decode()


@pytest.mark.parametrize("vector", VECTORS["classify"], ids=lambda vector: str(vector["id"]))
async def test_every_known_value_rings_or_is_nothing(home: Home, vector: dict[str, Any]) -> None:
    home.simulator.fault("refuse", what=ADDRESSES, code=2009)
    sent = home.simulator.report(home.bell.id, {"doorbell_pic": at_home(vector["value"])})
    await while_time_passes(home.hass, home.freezer, home.simulator.acked(sent.event_id))
    await home.hass.async_block_till_done()
    forms = {
        "storage_ref": PictureForm.STORAGE,
        "url": PictureForm.ADDRESS,
        "url_with_key": PictureForm.ADDRESS,
        "encrypted_message": PictureForm.SEALED,
    }
    expected = [forms[vector["kind"]]] if vector["kind"] in forms else []
    assert [one.picture.form for one in home.taken] == expected
    # A value that nobody can read is a ring all the same: only emptiness is none.
    assert len(home.rings) == (vector["value"] != "")


@pytest.mark.parametrize("away", [1800, 3 * 3600])
async def test_who_came_while_nobody_listened_is_seen_all_the_same(home: Home, away: int) -> None:
    hass, freezer, simulator = home.hass, home.freezer, home.simulator
    terminal = device_named(simulator, "Face terminal")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    await simulator.disconnected()
    await later(hass, freezer, away)
    sent = [
        simulator.scenario("access_granted", terminal.id, way="face", person=who, age_s=age)
        for who, age in (("anna", 900), ("bert", 600))
    ]
    setup = hass.config_entries.async_setup(home.entry.entry_id)
    assert await while_time_passes(hass, freezer, setup)
    shelf = home.entry.runtime_data.captures
    await until(hass, freezer, lambda: len(shelf.find()) == 2)
    shown = [await shelf.picture(one) for one in reversed(shelf.find())]
    assert shown == [simulator.pictures[one.event_id] for one in sent]
    assert state_of(hass, "event", terminal, "access").state == "unknown"


async def test_an_address_that_has_ended_is_absence_without_a_storm(home: Home) -> None:
    sent = home.simulator.scenario(
        "ring", home.bell.id, carrier="doorbell_pic", picture_form="B", age_s=600
    )
    await while_time_passes(home.hass, home.freezer, home.simulator.acked(sent.event_id))
    home.simulator.fault("expired_picture", LONG)
    await home.outcome()
    assert home.absent == {"not_uploaded": 1}
    left = home.simulator.faults.armed()["expired_picture"]
    assert LONG - left <= 5
    await later(home.hass, home.freezer, 3600)
    assert home.simulator.faults.armed()["expired_picture"] == left


@pytest.mark.parametrize("vector", VECTORS["files"], ids=lambda vector: str(vector["id"]))
def test_every_known_file_opens_or_is_refused(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["file_hex"])
    if "plain_hex" in vector:
        assert open_capture(data, vector["key"]) == bytes.fromhex(vector["plain_hex"])
    else:
        with pytest.raises(CaptureError):
            open_capture(data, vector["key"])
