"""Adding a project: keys, data center, what was found, and finishing."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from typing import Any
from unittest.mock import patch

from aiohttp import ClientSession
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import MakeEntry
from tests.flows import (
    FINISHED,
    addresses,
    answer,
    begin,
    choose,
    errors,
    keys,
    look,
    options_of,
    preferences,
    prefilled,
    put_data_centers,
    shown,
)
from tests.homes import DOMAIN, device_named
from tests.simulator import TuyaSimulator, wire
from tests.simulator.files import DeviceFile

type Start = Callable[..., Any]

LIGHT = DeviceFile(device_id="simlight0000000000001", name="Hall light", category="dj")
BUTTON = DeviceFile(device_id="simlight0000000000002", name="Button", category="wxkg")


@pytest.fixture(autouse=True)
def set_up(hass_storage: dict[str, Any]) -> Iterator[None]:
    """Leave the integration out: only the flow is looked at."""
    with patch("custom_components.tuyalink_intercom.async_setup_entry", return_value=False):
        yield


@pytest.fixture
async def another(socket_enabled: None) -> AsyncIterator[Start]:
    """Start further simulators."""
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> TuyaSimulator:
            cloud = TuyaSimulator(**options)
            await cloud.start()
            stack.push_async_callback(cloud.stop)
            return cloud

        yield start


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> Callable[..., None]:
    """Put simulators in the places of Tuya's data centers; nobody listens in the others."""
    return partial(put_data_centers, monkeypatch, unused_tcp_port)


async def test_a_project_is_added_with_keys_addresses_and_a_name(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    result = await look(hass, simulator)
    assert result["step_id"] == "project"
    result = await answer(hass, result, **preferences(project=" Home doors "))
    assert result["type"] is FINISHED
    assert result["title"] == "Home doors"
    assert result["result"].unique_id == f"{simulator.access_id}@127.0.0.1:{simulator.port}"
    assert result["data"] == {
        "access_id": simulator.access_id,
        "access_secret": simulator.access_secret,
        "region": "custom",
        "openapi": f"{simulator.openapi}/",
        "queue": simulator.queue,
        "project": "Home doors",
    }
    assert result["options"] == {
        "excluded": [],
        "delivery": "production",
        "suffix": "sub",
        "app_uid": "",
        "relock_s": 5.0,
        "inverted": [],
    }


async def test_the_project_page_tells_what_was_found(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    text = shown(await look(hass, simulator))
    assert "- Intercoms and doorbells (2): Intercom, Battery bell" in text
    assert "- Locks (1): Front door lock" in text
    assert "- Access controllers (1): Gate keypad" in text
    assert "- Building terminals (1): Face terminal" in text
    assert "Left to other integrations: 0. " in text
    assert "- IoT Core: answers." in text
    assert "- Message queue: answers." in text
    assert "- Smart Lock Open Service: answers." in text
    assert "- IoT Video Live Stream: answers." in text
    assert "- Camera Service: cannot be asked." in text
    assert "another Tuya integration" not in text


async def test_keys_may_be_copied_with_spaces_around_them(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    changed = {"access_id": f" {simulator.access_id}\n", "access_secret": " wrong "}
    result = await answer(hass, await begin(hass), **keys(simulator, **changed))
    result = await answer(hass, result, **addresses(simulator))
    assert errors(result)["base"].startswith("Tuya does not accept the Access Secret.")


async def test_unticked_devices_are_left_out_and_later_ones_are_not(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    result = await look(hass, simulator)
    labels = options_of(result, "devices")
    assert labels[bell.id] == "Battery bell"
    ticked = [key for key in labels if key != bell.id]
    result = await answer(hass, result, **preferences(devices=ticked))
    assert result["options"]["excluded"] == [bell.id]


async def test_devices_with_the_same_name_can_be_told_apart(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    bell, lock = device_named(simulator, "Battery bell"), device_named(simulator, "Intercom")
    bell.name = lock.name = "Gate"
    labels = options_of(await look(hass, simulator), "devices")
    assert labels[bell.id] == f"Gate (…{bell.id[-4:]})"
    assert labels[lock.id] == f"Gate (…{lock.id[-4:]})"


async def test_many_devices_are_counted_and_the_first_ones_named(
    hass: HomeAssistant, another: Start
) -> None:
    files = [
        DeviceFile(device_id=f"simkeypad00000000{n:03}", name=f"*Gate* {n}", category="mk")
        for n in range(15)
    ]
    text = shown(await look(hass, await another(devices=files)))
    assert "- Access controllers (15): Gate 0, Gate 1, " in text
    assert "Gate 11, +3\n" in text


# --- keys and data center -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"access_secret": "0" * 32}, "Tuya does not accept the Access Secret."),
        ({"access_id": "simsomebodyelse00000"}, "Tuya does not know this Access ID"),
        ({"access_id": "türklinke"}, "Tuya does not know this Access ID"),
    ],
)
async def test_wrong_keys_are_told_and_can_be_corrected(
    hass: HomeAssistant, simulator: TuyaSimulator, changed: dict[str, str], sentence: str
) -> None:
    result = await answer(hass, await begin(hass), **keys(simulator, **changed))
    result = await answer(hass, result, **addresses(simulator))
    assert result["step_id"] == "user"
    assert errors(result)["base"].startswith(sentence)
    assert prefilled(result) == {
        "access_id": changed.get("access_id", simulator.access_id),
        "region": "custom",
    }
    result = await answer(hass, result, **keys(simulator))
    assert prefilled(result)["queue"] == simulator.queue
    result = await answer(hass, result, **addresses(simulator))
    result = await answer(hass, result, **preferences())
    assert result["type"] is FINISHED


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("app_account", "No app account of this data center is linked"),
        ("data_center", "This data center is not enabled for the project."),
        ("device_pool", "The plan's pool of devices"),
        ("http_503", "Tuya's cloud reports an error of its own."),
        ("ip_or_region", "Tuya refuses calls from your internet address."),
        ("malformed", "What answers is not Tuya's cloud"),
        ("not_authorized", "A Tuya service is subscribed but not given to this project."),
        ("not_linked", "Tuya denies this project access to the devices."),
        ("not_subscribed", "The project is not subscribed to a Tuya service"),
        ("plan_expired", "The IoT Core plan has expired"),
        ("plan_missing", "The Tuya account has no plan"),
        ("quota", "This month's quota of Tuya calls is used up."),
        ("system_error", "Tuya's cloud reports an error of its own."),
    ],
)
async def test_each_trouble_has_its_sentence_and_can_be_mended(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    world: Callable[..., None],
    fault: str,
    sentence: str,
) -> None:
    world(eu=simulator)
    simulator.fault(fault, path="/v2.0/cloud/thing/device")
    result = await answer(hass, await begin(hass), **keys(simulator, "eu"))
    assert result["step_id"] == "user"
    assert errors(result)["base"].startswith(sentence)
    result = await answer(hass, result, **keys(simulator, "eu"))
    result = await answer(hass, result, **preferences())
    assert result["type"] is FINISHED
    assert result["result"].unique_id == f"{simulator.access_id}@eu"
    assert "openapi" not in result["data"]


async def test_a_code_that_nobody_knows_is_shown_with_the_call(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    simulator.fault("deny", path="/v2.0/cloud/thing/device", code=40001900)
    result = await look(hass, simulator)
    assert result["step_id"] == "custom"
    assert result["description_placeholders"] == {
        "code": "40001900",
        "call": "GET /v2.0/cloud/thing/device",
    }
    assert "code {code} at {call}" in errors(result)["base"]
    result = await answer(hass, result, **addresses(simulator))
    assert (await answer(hass, result, **preferences()))["type"] is FINISHED


async def test_a_clock_that_cannot_be_corrected_is_told(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    simulator.clock_tolerance = -1.0
    result = await look(hass, simulator)
    assert errors(result)["base"].startswith("Tuya refuses calls because the clock")
    simulator.clock_tolerance = 300.0
    result = await answer(hass, result, **addresses(simulator))
    assert (await answer(hass, result, **preferences()))["type"] is FINISHED


async def test_a_clock_an_hour_off_does_not_stop_anybody(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    simulator.fault("clock_skew", seconds=3600)
    assert (await look(hass, simulator))["step_id"] == "project"


async def test_an_address_where_nobody_listens_is_told(
    hass: HomeAssistant, simulator: TuyaSimulator, unused_tcp_port: int
) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}/"
    result = await look(hass, simulator, openapi=nowhere)
    assert result["step_id"] == "custom"
    assert errors(result)["base"].startswith("The data center cannot be reached.")
    assert prefilled(result) == {"openapi": nowhere, "queue": simulator.queue}
    result = await answer(hass, result, **addresses(simulator))
    assert (await answer(hass, result, **preferences()))["type"] is FINISHED


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"openapi": "http://tuya.example/"}, "openapi"),
        ({"openapi": "127.0.0.1"}, "openapi"),
        ({"queue": "ws://tuya.example/"}, "queue"),
        ({"queue": "wss://user:word@tuya.example/"}, "queue"),
    ],
)
async def test_addresses_that_will_not_do_are_told_at_their_field(
    hass: HomeAssistant, simulator: TuyaSimulator, changed: dict[str, str], field: str
) -> None:
    result = await look(hass, simulator, **changed)
    assert errors(result)[field].startswith("This address will not do.")
    assert prefilled(result)[field] == changed[field]
    result = await answer(hass, result, **addresses(simulator))
    assert (await answer(hass, result, **preferences()))["type"] is FINISHED


async def test_the_same_project_cannot_be_added_twice(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    make_entry(simulator)
    result = await look(hass, simulator)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert simulator.calls.total() == 0


# --- the automatic choice -------------------------------------------------------------------


async def test_the_automatic_choice_takes_the_data_center_with_most_devices(
    hass: HomeAssistant, simulator: TuyaSimulator, another: Start, world: Callable[..., None]
) -> None:
    empty, stranger = await another(devices=[LIGHT]), await another(access_id="simstranger")
    world(us=empty, eu=simulator, sg=stranger)
    result = await answer(hass, await begin(hass), **keys(simulator, "automatic"))
    assert "Data center: Central Europe." in shown(result)
    result = await answer(hass, result, **preferences())
    assert result["data"]["region"] == "eu"
    assert result["result"].unique_id == f"{simulator.access_id}@eu"


async def test_of_equal_data_centers_the_first_of_the_table_is_taken(
    hass: HomeAssistant, simulator: TuyaSimulator, another: Start, world: Callable[..., None]
) -> None:
    world(weaz=simulator, us=await another())
    result = await answer(hass, await begin(hass), **keys(simulator, "automatic"))
    assert "Data center: Western America." in shown(result)


async def test_a_wrong_secret_is_more_telling_than_an_unknown_project(
    hass: HomeAssistant, simulator: TuyaSimulator, another: Start, world: Callable[..., None]
) -> None:
    stranger = await another(access_id="simstranger")
    world(cn=stranger, eu=simulator, sg=stranger)
    wrong = keys(simulator, "automatic", access_secret="0" * 32)
    result = await answer(hass, await begin(hass), **wrong)
    assert errors(result)["base"].startswith("Tuya does not accept the Access Secret.")
    result = await answer(hass, result, **keys(simulator, "automatic"))
    assert (await answer(hass, result, **preferences()))["type"] is FINISHED


async def test_an_unknown_project_is_more_telling_than_a_silent_data_center(
    hass: HomeAssistant, simulator: TuyaSimulator, world: Callable[..., None]
) -> None:
    world(sg=simulator)
    wrong = keys(simulator, "automatic", access_id="simstranger")
    result = await answer(hass, await begin(hass), **wrong)
    assert errors(result)["base"].startswith("Tuya does not know this Access ID")


async def test_what_the_right_data_center_says_is_most_telling(
    hass: HomeAssistant, simulator: TuyaSimulator, another: Start, world: Callable[..., None]
) -> None:
    world(cn=await another(access_secret="f" * 32), eu=simulator)
    simulator.fault("plan_expired")
    result = await answer(hass, await begin(hass), **keys(simulator, "automatic"))
    assert errors(result)["base"].startswith("The IoT Core plan has expired")


async def test_without_internet_the_automatic_choice_says_so(
    hass: HomeAssistant, simulator: TuyaSimulator, world: Callable[..., None]
) -> None:
    world()
    result = await answer(hass, await begin(hass), **keys(simulator, "automatic"))
    assert errors(result)["base"].startswith("The data center cannot be reached.")


# --- nothing to take ------------------------------------------------------------------------


async def test_an_empty_project_is_explained_and_looked_at_again(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    for device in simulator.devices.values():
        device.linked = False
    result = await look(hass, simulator)
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "no_devices"
    assert "Link the app account" in shown(result)
    for device in simulator.devices.values():
        device.linked = True
    result = await choose(hass, result, "look")
    assert result["step_id"] == "project"
    assert (await answer(hass, result, **preferences()))["type"] is FINISHED


async def test_a_project_without_doors_is_explained_and_can_be_added_all_the_same(
    hass: HomeAssistant, another: Start
) -> None:
    cloud = await another(devices=[LIGHT, BUTTON])
    result = await look(hass, cloud)
    assert result["step_id"] == "no_doors"
    assert "Devices left to other integrations: 2." in shown(result)
    result = await choose(hass, result, "project")
    assert "- Smart Lock Open Service: not asked" in shown(result)
    assert "- IoT Video Live Stream: not asked" in shown(result)
    assert "**Devices**\n\nNone\n" in shown(result)
    result = await answer(hass, result, **preferences())
    assert result["type"] is FINISHED
    assert result["options"]["excluded"] == []


async def test_from_an_empty_project_one_can_go_back_to_the_keys(
    hass: HomeAssistant, simulator: TuyaSimulator, another: Start
) -> None:
    result = await look(hass, await another(devices=[], access_id="simempty"))
    result = await choose(hass, result, "user")
    assert prefilled(result) == {"access_id": "simempty", "region": "custom"}
    result = await answer(hass, result, **keys(simulator))
    result = await answer(hass, result, **addresses(simulator))
    assert (await answer(hass, result, **preferences()))["type"] is FINISHED


async def test_a_device_whose_data_make_no_sense_is_counted(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    simulator.fault("malformed", path="/specification")
    text = shown(await look(hass, simulator))
    assert "Left out because their data make no sense: 1." in text


# --- Tuya's services ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "options", "line"),
    [
        ("not_subscribed", {"path": "remote-unlocks"}, "Open Service: The project is not sub"),
        ("remote_unlock_closed", {}, "Open Service: answers, but opening from afar is switched"),
        ("remote_unlock_empty", {}, "Open Service: answers, but opening from afar is switched"),
        ("offline", {"path": "remote-unlocks"}, "Open Service: answers."),
        ("not_authorized", {"path": "webrtc-configs"}, "Stream: A Tuya service is subscribed but"),
        ("deny", {"path": "webrtc-configs", "code": 2009}, "Video Live Stream: answers."),
        ("deny", {"path": "webrtc-configs", "code": 4}, "Stream: gives an answer that is not k"),
    ],
)
async def test_the_project_page_tells_which_services_answer(
    hass: HomeAssistant, simulator: TuyaSimulator, fault: str, options: dict[str, Any], line: str
) -> None:
    simulator.fault(fault, **options)
    result = await look(hass, simulator)
    assert line in shown(result)
    assert (await answer(hass, result, **preferences()))["type"] is FINISHED


async def test_looking_opens_no_video_and_moves_no_door(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    await look(hass, simulator)
    assert {call.partition(" ")[0] for call in simulator.calls} == {"GET"}


async def test_looking_takes_no_message_from_the_queue(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    sent = simulator.scenario("ring", device_named(simulator, "Intercom").id)
    assert "- Message queue: answers." in shown(await look(hass, simulator))
    await simulator.disconnected()
    assert not any(simulator.is_acked(identity) for identity in sent.message_ids)


async def test_products_are_described_once_for_the_flow_and_the_set_up(
    hass: HomeAssistant, simulator: TuyaSimulator, hass_storage: dict[str, Any]
) -> None:
    await look(hass, simulator)
    assert any(name.startswith(f"{DOMAIN}.products.") for name in hass_storage)
    described = simulator.calls["GET /v2.0/cloud/thing/{id}/model"]
    await look(hass, simulator)
    assert simulator.calls["GET /v2.0/cloud/thing/{id}/model"] == described


async def test_devices_shown_by_other_tuya_integrations_are_named(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    tuya = MockConfigEntry(domain="tuya")
    tuya.add_to_hass(hass)
    dr.async_get(hass).async_get_or_create(
        config_entry_id=tuya.entry_id,
        identifiers={("tuya", device_named(simulator, "Intercom").id)},
    )
    text = shown(await look(hass, simulator))
    assert "Already in Home Assistant through another Tuya integration" in text
    assert text.endswith("each appears once: Intercom")


# --- the queue ------------------------------------------------------------------------------


async def test_a_queue_that_refuses_the_keys_can_only_be_done_without(
    hass: HomeAssistant, simulator: TuyaSimulator, another: Start
) -> None:
    stranger = await another(access_secret="f" * 32)
    result = await look(hass, simulator, queue=stranger.queue)
    assert "- Message queue: The message queue does not accept the keys." in shown(result)
    for _ in range(2):
        result = await answer(hass, result, **preferences())
        assert errors(result)["delivery"].startswith("The message queue does not accept the keys.")
    result = await answer(hass, result, **preferences(delivery="off"))
    assert result["type"] is FINISHED
    assert result["options"]["delivery"] == "off"


async def test_a_queue_that_cannot_be_reached_is_a_hint(
    hass: HomeAssistant, simulator: TuyaSimulator, unused_tcp_port: int
) -> None:
    result = await look(hass, simulator, queue=f"ws://127.0.0.1:{unused_tcp_port}/")
    assert "- Message queue: The message queue cannot be reached." in shown(result)
    assert (await answer(hass, result, **preferences()))["type"] is FINISHED


async def test_a_queue_held_by_another_program_is_a_hint(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    tenant = simulator.access_id
    url = f"{simulator.queue}ws/v2/consumer/persistent/{tenant}/out/event/{tenant}-sub"
    password = wire.queue_password(tenant, simulator.access_secret)
    async with (
        ClientSession() as session,
        session.ws_connect(url, headers={"username": tenant, "password": password}),
    ):
        await simulator.connected()
        result = await look(hass, simulator)
        assert "- Message queue: Another program has taken" in shown(result)
        assert (await answer(hass, result, **preferences()))["type"] is FINISHED


async def test_another_queue_than_the_one_shown_is_looked_at_before_the_end(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    result = await look(hass, simulator)
    simulator.fault("topic_off")
    result = await answer(hass, result, **preferences(delivery="test"))
    assert errors(result)["delivery"].startswith("The message queue of this environment is not")
    assert prefilled(result)["project"] == "Home doors"
    result = await answer(hass, result, **preferences(delivery="test"))
    assert result["type"] is FINISHED
    assert result["options"]["delivery"] == "test"


async def test_a_subscription_of_ones_own_is_looked_at_and_stored(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    result = await look(hass, simulator)
    assert prefilled(result) == {"advanced": {"suffix": "sub"}}
    result = await answer(hass, result, **preferences(advanced={"suffix": "door bells"}))
    assert errors(result)["base"].startswith("The subscription suffix may have")
    result = await answer(
        hass, result, **preferences(advanced={"suffix": "ha-2_doors"}, app_uid=" ay1 ")
    )
    assert result["type"] is FINISHED
    assert result["options"]["suffix"] == "ha-2_doors"
    assert result["options"]["app_uid"] == "ay1"


async def test_a_project_needs_a_name(hass: HomeAssistant, simulator: TuyaSimulator) -> None:
    result = await look(hass, simulator)
    result = await answer(hass, result, **preferences(project="  "))
    assert errors(result) == {"project": "Enter the name of the project."}
    assert (await answer(hass, result, **preferences()))["type"] is FINISHED


async def test_no_queue_is_asked_for_when_it_is_not_wanted(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    result = await look(hass, simulator)
    simulator.fault("topic_off")
    result = await answer(hass, result, **preferences(delivery="off", advanced={"suffix": "other"}))
    assert result["type"] is FINISHED
    assert simulator.faults.armed() == {"topic_off": 1}


async def test_the_queue_is_left_alone_while_an_entry_of_the_project_reads_it(
    hass: HomeAssistant, simulator: TuyaSimulator, world: Callable[..., None], make_entry: MakeEntry
) -> None:
    world(eu=simulator)
    make_entry(simulator).mock_state(hass, ConfigEntryState.LOADED)
    simulator.fault("topic_off")
    result = await answer(hass, await begin(hass), **keys(simulator, "eu"))
    assert "- Message queue: not asked" in shown(result)
    result = await answer(hass, result, **preferences(delivery="test"))
    assert result["type"] is FINISHED
    assert simulator.faults.armed() == {"topic_off": 1}
