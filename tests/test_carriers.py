"""Every carrier of every world, from the queue to the event that automations hear of.

Where somebody published a real message it is that message, told at another time.
"""

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
import json
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuyalink_intercom.model.presses import Carrier
from tests.conftest import MakeEntry
from tests.model.files import NOW
from tests.model.pictures import encoded, stored
from tests.model.said import core, legacy, managed, notify
from tests.model.test_message_files import bodies
from tests.simulator import TuyaSimulator, load
from tests.simulator.server import DEVICES
from tests.test_real_messages import at_home

FIXTURES = Path(__file__).parent / "fixtures" / "devices"
PRESSED = re.compile("1670717924|1762199221|1678472050|1788778417")
"""When the bells of the published messages were pressed, in Unix seconds."""
SEALED = "a875ad4b"
"""How the sealed picture of a published message begins; each press has another one."""
CHIME, VIDEO_BELL, INTERCOM = "wxml_gznianheex1wcv5b", "sp_csr2fqitalj5o0tq", "sp_h3bhzu9m0ig80rdu"
LOCK, CAMERA_LOCK = "ms_bljvjx2nsv02dhao", "lock_oufbykkic2alxcjw"
KEYPAD, STATION = "mk_5k8h97qska6pf5cm", "mk_w7jvccswsslo4nam"

type Body = dict[str, Any]
type Saying = Callable[[float], Body]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way in which a device tells of something, and what is to be heard of it."""

    device: str
    says: Saying
    carrier: Carrier | None = None
    event: tuple[str, str] = ("doorbell", "ring")


def published(name: str) -> Saying:
    """Say what a real device said, at another time."""

    def says(at: float) -> Body:
        [body] = bodies(name)
        text = json.dumps(body)
        for packed in re.findall(r'"([A-Za-z0-9+/]{40,}={0,2})"', text):
            with suppress(UnicodeDecodeError):
                clear = _retold(base64.b64decode(packed).decode(), at)
                text = text.replace(packed, base64.b64encode(clear.encode()).decode())
        told = at_home(json.loads(_retold(text, at)))
        return {**told, "dataId": f"report of {at:.0f}"} if "dataId" in told else told

    return says


def _retold(text: str, at: float) -> str:
    return PRESSED.sub(f"{at:.0f}", text).replace(SEALED, f"{int(at):08x}")


def reported(code: str, value: object) -> Saying:
    """Say the same value every time, with the time by the device's clock."""
    return lambda at: legacy({code: value}, t=int(at * 1000))


def pictured(code: str, command: str = "ipc_doorbell", *, timed: bool) -> Saying:
    """Say that there is a picture, in Tuya's storage by its second or sealed."""

    def says(at: float) -> Body:
        sealed = {"v": "5.0", "files": [{"data": f"{int(at):064x}"}], "cmd": command}
        return legacy({code: stored(at, command) if timed else encoded(sealed)})

    return says


WAYS = {
    "W1 event_notify": Way(
        device="sp_unknown_joys_bell_7s",
        carrier=Carrier.NOTIFY,
        says=published("doorbell_sp_event_notify_doorbell"),
    ),
    "W1 event_notify without a press time": Way(
        device=VIDEO_BELL, says=lambda _: managed("event_notify", etype="doorbell", edata="new")
    ),
    "W1 doorbell_active": Way(
        device="sp_unknown_joys_bell_7s",
        carrier=Carrier.ACTIVE,
        says=published("doorbell_sp_doorbell_active"),
    ),
    "W1 doorbell_active without a press time": Way(
        device=VIDEO_BELL, says=reported("doorbell_active", "1")
    ),
    "W1 doorbell_pic": Way(
        device=VIDEO_BELL, carrier=Carrier.PICTURE, says=published("capture_csr2_doorbell_pic")
    ),
    "W1 doorbell_pic without a press time": Way(
        device=VIDEO_BELL, says=pictured("doorbell_pic", timed=False)
    ),
    "W1 alarm_message": Way(
        device=VIDEO_BELL,
        carrier=Carrier.ALARM_MESSAGE,
        says=published("capture_csr2_alarm_message"),
    ),
    "W1 alarm_message with a press time": Way(
        device=VIDEO_BELL, says=pictured("alarm_message", timed=True)
    ),
    "W1 initiative_message": Way(
        device="sp_is5yumkqdhcfxskv",
        carrier=Carrier.MESSAGE,
        says=pictured("initiative_message", timed=False),
    ),
    "W1 initiative_message with a press time": Way(
        device="sp_is5yumkqdhcfxskv", says=pictured("initiative_message", timed=True)
    ),
    "W1 a panel's doorbell1": Way(
        device=INTERCOM, carrier=Carrier.PANEL, says=reported("doorbell1", "Ring")
    ),
    "W1 a monitor's data point 244": Way(
        device="sp_wkyfpsgtzkrjmsgr",
        carrier=Carrier.LINKAGE,
        says=published("doorbell_local_dp244"),
    ),
    "W1 a monitor's change of panel": Way(
        device="sp_pd2wpgm6gifppmae",
        carrier=Carrier.CHANNEL,
        says=published("status_novicam_channel"),
    ),
    "W1 a chime's doorbell_call": Way(
        device=CHIME, carrier=Carrier.CHIME, says=published("doorbell_wxml_doorbell_call")
    ),
    "W1 a chime's alarm_message": Way(device=CHIME, says=published("doorbell_wxml_alarm_message")),
    "W1 alarm": Way(
        device=VIDEO_BELL,
        says=pictured("alarm_message", "ipc_antibreak", timed=False),
        event=("alarm", "tamper"),
    ),
    "W2 doorbell": Way(device=LOCK, carrier=Carrier.BELL, says=reported("doorbell", value=True)),
    "W2 initiative_message": Way(
        device=CAMERA_LOCK, says=pictured("initiative_message", timed=False)
    ),
    "W2 initiative_message with a press time": Way(
        device=CAMERA_LOCK, says=pictured("initiative_message", timed=True)
    ),
    "W2 passage in the open log": Way(
        device="ms_isk2p555", says=published("unlock_open_logs_doc"), event=("access", "granted")
    ),
    "W2 passage with a key": Way(
        device="jtmspro_snr3p274", says=reported("unlock_key", 0), event=("access", "granted")
    ),
    "W2 alarm": Way(device=LOCK, says=reported("alarm_lock", "pry"), event=("alarm", "tamper")),
    "W2 duress": Way(device=LOCK, says=reported("hijack", value=True), event=("alarm", "duress")),
    "W3 doorbell_song_kit": Way(
        device=KEYPAD, carrier=Carrier.KIT, says=reported("doorbell_song_kit", "AQAB")
    ),
    "W3 lock_alarm_kit": Way(
        device=KEYPAD, carrier=Carrier.KIT_ALARM, says=reported("lock_alarm_kit", "AQAG")
    ),
    "W3 door_bell": Way(device=STATION, says=reported("door_bell", value=True)),
    "W3 initiative_message": Way(device=STATION, says=pictured("initiative_message", timed=False)),
    "W3 initiative_message with a press time": Way(
        device=STATION, says=pictured("initiative_message", timed=True)
    ),
    "W3 passage": Way(
        device=KEYPAD, says=reported("unlock_card_kit", "AQEAAg=="), event=("access", "granted")
    ),
    "W3 alarm": Way(
        device=KEYPAD,
        says=published("alarm_lock_alarm_kit"),
        event=("alarm", "wrong_attempts"),
    ),
}
TOGETHER: dict[str, tuple[str, list[Saying]]] = {
    "W1 intercom": (
        INTERCOM,
        [
            notify,
            lambda at: legacy({"doorbell_active": f"{at:.0f}"}),
            lambda at: legacy({"doorbell_pic": stored(at)}),
            pictured("alarm_message", timed=False),
        ],
    ),
    "W1 chime": (
        CHIME,
        [WAYS["W1 a chime's doorbell_call"].says, WAYS["W1 a chime's alarm_message"].says],
    ),
    "W2 lock with a camera": (
        CAMERA_LOCK,
        [reported("doorbell", value=True), pictured("initiative_message", timed=False)],
    ),
    "W3 keypad": (
        KEYPAD,
        [reported("doorbell_song_kit", "AQAB"), reported("lock_alarm_kit", "AQAG")],
    ),
    "W3 door station": (
        STATION,
        [reported("door_bell", value=True), pictured("initiative_message", timed=True)],
    ),
}


def test_every_carrier_of_a_press_is_among_them() -> None:
    # W4's own, the call, has its tests below; what a user taught is told by any code.
    theirs = {Carrier.CALL, Carrier.TAUGHT}
    assert {way.carrier for way in WAYS.values()} - {None} == set(Carrier) - theirs


# --- a home ---------------------------------------------------------------------------------


class House:
    """A home with one device, and the events that automations heard of it."""

    def __init__(self, hass: HomeAssistant, cloud: TuyaSimulator, entry: MockConfigEntry) -> None:
        self.hass, self.cloud, self.entry = hass, cloud, entry
        (self.device,) = cloud.devices.values()
        self._changes: list[Event[EventStateChangedData]] = async_capture_events(
            hass, EVENT_STATE_CHANGED
        )

    async def hears(self, body: Body, at: float | None = None) -> None:
        """Take a message by the queue, stamped at that cloud time."""
        body = {**body, "devId": self.device.id}
        sent = self.cloud.publish(self.device.id, body, publish_time=at)
        await self.cloud.acked(sent)
        await self.hass.async_block_till_done()

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was told so far; the ends of calls are another matter."""
        return [*self._events()]

    def _events(self) -> Iterator[dict[str, Any]]:
        for change in self._changes:
            old, new = change.data["old_state"], change.data["new_state"]
            if (
                new is None
                or new.domain != "event"
                or STATE_UNAVAILABLE in {new.state, old and old.state}
            ):
                continue
            told = dict(new.attributes)
            if told.get("event_type") not in {None, "answered", "declined", "missed", "ended"}:
                yield {**told, "entity": new.entity_id}


@pytest.fixture
async def house(
    hass: HomeAssistant, socket_enabled: None, make_entry: MakeEntry, device: str
) -> AsyncIterator[House]:
    """Set up a home with the device of that file, queue and webhook on."""
    path = DEVICES[0] if device == "terminal" else FIXTURES / f"{device}.json"
    cloud = TuyaSimulator(devices=load([path]), encryption="mixed")
    await cloud.start()
    entry = make_entry(cloud, webhook=True)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    await hass.async_block_till_done()
    yield House(hass, cloud, entry)
    await cloud.stop()


def other_dialect(body: Body) -> Body:
    """Return a status report as IoT Core sends it, and what has no other form as it is."""
    if "status" not in body:
        return body
    items = [{**item, "time": item["t"]} if "t" in item else item for item in body["status"]]
    return {"bizCode": "devicePropertyMessage", "bizData": {"properties": items}}


each_way = pytest.mark.parametrize(
    ("device", "way"), [pytest.param(way.device, way, id=name) for name, way in WAYS.items()]
)


@each_way
async def test_what_a_carrier_tells_in_both_dialects_and_twice_is_one_event(
    house: House, way: Way
) -> None:
    pressed = house.cloud.now() - 1
    body = way.says(pressed)
    house.cloud.fault("duplicate", 2)
    for told in (body, other_dialect(body), body):
        await house.hears(told, pressed)
    entity, event_type = way.event
    assert [event["event_type"] for event in house.events] == [event_type]
    assert house.events[0]["entity"].endswith(f"_{entity}")


@each_way
async def test_two_presses_8_s_apart_by_the_same_carrier_are_two_events(
    house: House, way: Way
) -> None:
    for ago in (9, 1):
        at = house.cloud.now() - ago
        await house.hears(way.says(at), at)
    told = [(event["event_type"], event["event_id"]) for event in house.events]
    assert [event_type for event_type, _ in told] == [way.event[1]] * 2


@pytest.mark.parametrize(
    ("device", "sayings"),
    [
        pytest.param(device, [*says[first:], *says[:first]], id=f"{name}, {first} first")
        for name, (device, says) in TOGETHER.items()
        for first in range(len(says))
    ],
)
async def test_one_press_by_all_carriers_of_a_device_both_doors_and_both_dialects_is_one_ring(
    house: House, sayings: list[Saying], hass_client_no_auth: ClientSessionGenerator
) -> None:
    client, cloud = await hass_client_no_auth(), house.cloud
    address = client.make_url(f"/api/webhook/{house.entry.data['webhook_id']}")
    cloud.webhook.aim(str(address), "envelope")
    pressed = cloud.now() - 5
    said = [body for says in sayings for body in (says(pressed), other_dialect(says(pressed)))]
    for number, body in enumerate(said):
        # The dialects of one report come within two seconds, its carriers in any.
        await house.hears(body, pressed + number // 2)
    while len(cloud.webhook.statuses) < len(said):
        await house.hass.async_block_till_done()
    assert set(cloud.webhook.statuses) == {200}
    assert [event["event_type"] for event in house.events] == ["ring"]


# --- building terminals ---------------------------------------------------------------------

type Wrapping = Callable[[Body], Body]

FACTS: dict[str, tuple[Callable[[int], Body], dict[str, Any]]] = {
    "an access": (
        lambda at: {"uid": f"ay{at}", "operTime": at, "way": 4, "isSuccess": True, "imageId": "p"},
        {"event_type": "granted", "method": "face", "door": "door"},
    ),
    "a call": (
        lambda at: {"sn": f"{at}", "type": 1, "targetAddress": "01-01-01-02-03-01"},
        {"event_type": "ring", "address": "01-01-01-02-03-01", "presses": 1},
    ),
    "an alarm": (
        lambda at: {"alarmType": 1, "content": "Alarm", "alarmTime": at},
        {"event_type": "tamper"},
    ),
}


def item(fact: Body, *keys: str, code: str = "", text: bool = True) -> Body:
    """Return a status item with a fact under each of the keys."""
    return {"code": code, **dict.fromkeys(keys, json.dumps(fact) if text else fact)}


def biz(**data: object) -> Body:
    """Return a message about something unheard of."""
    return managed("somethingNew", **data)


def listed(fact: Body) -> list[Body]:
    """Return an object as a list of its members."""
    return [{"code": key, "value": value} for key, value in fact.items()]


WRAPPINGS: dict[str, Wrapping] = {
    "as Tuya shows it of a sibling": lambda fact: {"status": [item(fact, "4", "value")]},
    "text under an empty code": lambda fact: {"status": [item(fact, "value")]},
    "an object under an empty code": lambda fact: {"status": [item(fact, "value", text=False)]},
    "text under a number": lambda fact: {"status": [item(fact, "4")]},
    "an object under a number": lambda fact: {"status": [item(fact, "38", text=False)]},
    "text under a code of no meaning": lambda fact: {"status": [item(fact, "value", code="x")]},
    "a property of IoT Core": lambda fact: core({"": json.dumps(fact)}),
    "an object as a property": lambda fact: core({"access": fact}),
    "bizData itself": lambda fact: biz(**fact),
    "bizData as text": lambda fact: {"bizCode": "x", "bizData": json.dumps(fact)},
    "data": lambda fact: {"bizCode": "x", "eventType": "y", "data": fact},
    "data as text": lambda fact: {"bizCode": "x", "eventType": "y", "data": json.dumps(fact)},
    "data in bizData": lambda fact: biz(data=fact),
    "data as text in bizData": lambda fact: biz(data=json.dumps(fact)),
    "outputParams": lambda fact: biz(eventCode="pass", outputParams=fact),
    "outputParams as text": lambda fact: biz(eventCode="pass", outputParams=json.dumps(fact)),
    "outputParams as a list": lambda fact: biz(eventCode="pass", outputParams=listed(fact)),
    "output_params": lambda fact: biz(event_code="pass", output_params=fact),
    "output_params as text": lambda fact: biz(event_code="pass", output_params=json.dumps(fact)),
    "output_params at the top": lambda fact: {"bizCode": "x", "output_params": fact},
    "outputParams in data": lambda fact: {"bizCode": "x", "data": {"outputParams": fact}},
    "nothing around it": lambda fact: fact,
}


def snake(fact: Body) -> Body:
    """Return a fact with snake_case keys and everything as text."""
    named = {re.sub("([A-Z])", r"_\1", key).lower(): value for key, value in fact.items()}
    return {key: value if key == "is_success" else str(value) for key, value in named.items()}


@pytest.mark.parametrize("device", ["terminal"])
@pytest.mark.parametrize("spelled", [dict, snake], ids=["camelCase", "snake_case"])
@pytest.mark.parametrize("fact", FACTS)
async def test_a_terminals_fact_is_one_event_in_every_wrapping(
    house: House, freezer: FrozenDateTimeFactory, fact: str, spelled: Callable[[Body], Body]
) -> None:
    says, told = FACTS[fact]
    freezer.move_to(datetime.fromtimestamp(NOW, UTC))
    heard: dict[str, list[dict[str, Any]]] = {}
    for name, wrapped in WRAPPINGS.items():
        freezer.tick(70)
        before = len(house.events)
        body = wrapped(spelled(says(int(house.cloud.now() - 2) * 1000)))
        await house.hears(body)
        heard[name] = [{key: event[key] for key in told} for event in house.events[before:]]
    assert heard == {name: [told] for name in WRAPPINGS}
