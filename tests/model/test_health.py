"""How far push can be trusted, and what is wrong with it, told from the signs alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from custom_components.tuyalink_intercom.api.message import Message
from custom_components.tuyalink_intercom.api.pulsar import QueueState
from custom_components.tuyalink_intercom.model import health
from custom_components.tuyalink_intercom.model.health import Kind, Rung, Way, assess, may_notify
from custom_components.tuyalink_intercom.model.presses import Carrier
from custom_components.tuyalink_intercom.model.signs import (
    BLIP,
    PRESSES,
    Line,
    Notice,
    Poll,
    Signs,
    notice_in,
)
from custom_components.tuyalink_intercom.model.state import (
    AccessState,
    Device,
    Fact,
    Features,
    Memory,
    Press,
    Reading,
    World,
)

NOW = 1_795_000_000.0
MINUTE, HOUR = 60.0, 3600.0


def device(name: str, **told: Any) -> Device:
    return Device(id=name, name=name, world=World.INTERCOM, category="sp", **told)


def tree(*devices: Device) -> AccessState:
    return AccessState(devices={one.id: one for one in devices})


def leaf(name: str, *, is_open: bool, until: float | None = None) -> Device:
    return device(name, readings={Fact.LEAF: Reading(is_open, NOW, until)})


def about(name: str, kind: str = "", time: float | None = None) -> Message:
    return Message(ids=("1",), time=time, kind=kind, device_id=name, payload={})


class Story:
    """A project that lives through something: time, messages, polls."""

    def __init__(self, **told: Any) -> None:
        self.now = NOW
        self.state = tree(device("gate"), device("door"))
        self.signs = Signs(**told)

    def connected(self) -> Story:
        """Connect the queue, and poll once."""
        self.signs.moved(Line.CONNECTING, self.now)
        self.signs.moved(Line.CONNECTED, self.now)
        return self.polls(*self.state.devices.values())

    def line(self, line: Line) -> Story:
        """Move the queue's connection."""
        self.signs.moved(line, self.now)
        return self

    def later(self, seconds: float) -> Story:
        """Let time pass."""
        self.now += seconds
        return self

    def hears(self, name: str, kind: str = "", *, webhook: bool = False) -> Story:
        """Take a message of a device."""
        known = name in self.state.devices
        self.signs.heard(about(name, kind), self.now, webhook=webhook, known=known)
        return self

    def polls(self, *devices: Device) -> Story:
        """Take what a poll says of some devices."""
        after = replace(self.state, devices={**self.state.devices, **tree(*devices).devices})
        self.signs.polled(Poll(time=self.now, before=self.state, after=after))
        self.state = after
        return self

    def opens(self, name: str, times: int = 2) -> Story:
        """Let a poll after half an hour see a door's leaf in another position, some times."""
        for _ in range(times):
            reading = self.state.devices[name].readings.get(Fact.LEAF)
            if reading is None:
                self.polls(leaf(name, is_open=False))
            was = self.state.devices[name].readings[Fact.LEAF].value
            self.later(30 * MINUTE).polls(leaf(name, is_open=not was))
        return self

    @property
    def rung(self) -> Rung:
        """Judge, and tell the rung."""
        return assess(self.signs, self.state, self.now).rung

    @property
    def way(self) -> Way:
        """Judge, and tell the way."""
        return assess(self.signs, self.state, self.now).way

    @property
    def kinds(self) -> set[Kind]:
        """Judge, and tell what is wrong."""
        return {one.kind for one in assess(self.signs, self.state, self.now).findings}

    def devices(self, kind: Kind) -> tuple[str, ...]:
        """Judge, and tell the devices that something is about."""
        findings = assess(self.signs, self.state, self.now).findings
        return next((one.devices for one in findings if one.kind is kind), ())


def test_the_lines_are_the_states_of_the_wire() -> None:
    assert {line.value for line in Line} == {*QueueState, "off"}


@pytest.mark.parametrize(
    ("line", "after", "rung", "way"),
    [
        (Line.CONNECTED, 0, Rung.FRESH, Way.QUEUE),
        (Line.CONNECTED, health.SILENT - 1, Rung.FRESH, Way.QUEUE),
        (Line.CONNECTED, health.SILENT, Rung.DOUBTFUL, Way.QUEUE),
        (Line.LOST, BLIP, Rung.FRESH, Way.QUEUE),
        (Line.LOST, BLIP + 1, Rung.DOUBTFUL, Way.POLLING),
        (Line.CONNECTING, BLIP + 1, Rung.DOUBTFUL, Way.POLLING),
        (Line.REFUSED_CREDENTIALS, 0, Rung.DOWN, Way.POLLING),
        (Line.REFUSED_SERVICE, 0, Rung.DOWN, Way.POLLING),
        (Line.REFUSED_ENVIRONMENT, 0, Rung.DOWN, Way.POLLING),
        (Line.BUSY, 0, Rung.DOWN, Way.POLLING),
        (Line.OFF, 0, Rung.DOWN, Way.POLLING),
    ],
)
def test_the_rung_follows_the_connection(line: Line, after: float, rung: Rung, way: Way) -> None:
    story = Story().connected().later(BLIP).line(line).later(after if line else 0)
    if line is Line.CONNECTED:
        story.later(-BLIP)
    assert (story.rung, story.way) == (rung, way)


def test_a_queue_that_never_was_connected_is_doubted_at_once() -> None:
    assert Story().line(Line.CONNECTING).rung is Rung.DOUBTFUL


def test_a_connection_that_is_dropped_at_once_again_and_again_proves_nothing() -> None:
    story = Story().connected().later(HOUR)
    for _ in range(5):
        story.line(Line.LOST).later(20).line(Line.CONNECTED).later(1)
    rungs = [story.rung, story.later(BLIP).rung]
    assert rungs == [Rung.DOUBTFUL, Rung.FRESH]


def test_a_message_proves_a_connection_that_was_away() -> None:
    story = Story().connected().later(HOUR).line(Line.LOST).later(HOUR).line(Line.CONNECTED)
    assert story.rung is Rung.DOUBTFUL
    assert story.hears("gate").rung is Rung.FRESH


@pytest.mark.parametrize(
    ("line", "accepted", "kind"),
    [
        (Line.REFUSED_CREDENTIALS, True, Kind.WRONG_DATA_CENTER),
        (Line.REFUSED_CREDENTIALS, False, Kind.KEYS_REFUSED),
        (Line.REFUSED_SERVICE, True, Kind.SERVICE_REFUSED),
        (Line.REFUSED_ENVIRONMENT, True, Kind.ENVIRONMENT_REFUSED),
        (Line.BUSY, True, Kind.BUSY),
    ],
)
def test_every_refusal_has_its_cause(line: Line, *, accepted: bool, kind: Kind) -> None:
    assert Story(keys_accepted=accepted).line(line).kinds == {kind}


def test_a_webhook_alone_is_fresh_once_it_brought_something() -> None:
    story = Story(webhook=True)
    assert (story.rung, story.way) == (Rung.DOWN, Way.POLLING)
    story.hears("gate", webhook=True)
    assert (story.rung, story.way) == (Rung.FRESH, Way.WEBHOOK)
    story.later(health.SILENT)
    assert (story.rung, story.way) == (Rung.DOUBTFUL, Way.POLLING)


def test_a_webhook_stands_in_for_a_refused_queue() -> None:
    story = Story(webhook=True).line(Line.BUSY).hears("gate", webhook=True)
    assert (story.rung, story.way) == (Rung.FRESH, Way.WEBHOOK)
    assert story.kinds == {Kind.BUSY}


def test_a_quiet_night_raises_nothing() -> None:
    story = Story().connected()
    for _ in range(20):
        story.later(30 * MINUTE).polls()
        assert story.kinds == set()
        assert story.rung is Rung.FRESH


def test_two_hours_of_silence_with_changes_are_no_delivery_until_a_message_comes() -> None:
    story = Story().connected().opens("gate", 2)
    assert story.kinds == set()
    story.later(HOUR)
    assert story.kinds == {Kind.NOT_DELIVERING}
    assert (story.rung, story.way) == (Rung.DOUBTFUL, Way.POLLING)
    story.hears("of another integration")
    assert story.kinds == set()
    assert story.rung is Rung.FRESH


def test_a_single_change_proves_nothing() -> None:
    assert Story().connected().opens("gate", 1).later(5 * HOUR).kinds == set()


def test_a_message_between_two_changes_begins_the_count_anew() -> None:
    story = Story().connected().opens("gate", 1).hears("gate").opens("gate", 1)
    assert story.later(5 * HOUR).kinds == set()


def test_what_changed_while_the_queue_was_away_proves_nothing() -> None:
    story = Story().connected().opens("gate", 0).polls(leaf("gate", is_open=False))
    story.later(HOUR).line(Line.LOST).later(HOUR).line(Line.CONNECTED)
    story.polls(leaf("gate", is_open=True), device("door"))
    assert story.signs.missed == {}


def test_a_blip_of_the_connection_does_not_spoil_the_evidence() -> None:
    story = Story().connected().opens("gate", 1).line(Line.LOST).later(2).line(Line.CONNECTED)
    assert story.opens("gate", 1).later(HOUR).kinds == {Kind.NOT_DELIVERING}


def test_an_alarm_that_ended_by_itself_is_no_change() -> None:
    story = Story().connected().polls(leaf("gate", is_open=True, until=NOW + 60))
    story.later(30 * MINUTE).polls(leaf("gate", is_open=False))
    assert story.signs.missed == {}


def test_a_value_that_was_unknown_before_is_no_change() -> None:
    story = Story().connected().later(30 * MINUTE).polls(leaf("gate", is_open=True))
    assert story.signs.missed == {}


def test_a_poll_just_after_a_message_is_not_believed() -> None:
    story = Story().connected().polls(leaf("gate", is_open=False)).later(HOUR).hears("gate")
    story.later(30).polls(leaf("gate", is_open=True))
    assert story.signs.missed == {}


def test_a_sleeping_device_comes_and_goes_without_proving_anything() -> None:
    bell = device("bell", online=True, features=Features(sleeps=True))
    story = Story().connected().polls(bell)
    story.later(30 * MINUTE).polls(replace(bell, online=False))
    assert story.signs.missed == {}


def flapping(story: Story) -> Story:
    story.polls(device("gate", online=True))
    story.later(30 * MINUTE).polls(device("gate", online=False))
    story.later(30 * MINUTE).polls(device("gate", online=True))
    return story.later(HOUR)


def test_a_rule_without_online_messages_is_not_taken_for_no_delivery() -> None:
    told = Story().connected().hears("door", "deviceOnline")
    assert flapping(told).kinds == {Kind.NOT_DELIVERING}
    left_out = Story().connected().hears("door")
    assert flapping(left_out).kinds == set()
    nothing_ever = Story().connected()
    assert flapping(nothing_ever).kinds == {Kind.NOT_DELIVERING}


def test_a_second_reader_shows_as_devices_that_only_polls_tell_of() -> None:
    story = Story().connected().opens("gate", 1).hears("door").opens("gate", 1)
    assert story.kinds == set()
    story.later(MINUTE)
    assert story.kinds == {Kind.SHARED}
    assert story.devices(Kind.SHARED) == ("gate",)
    assert story.rung is Rung.DOUBTFUL
    assert story.hears("gate").kinds == set()


def test_a_rule_that_was_just_switched_on_is_no_second_reader() -> None:
    story = Story().connected().hears("door").opens("gate", 2).hears("door").later(HOUR)
    assert story.kinds == set()


def test_devices_that_all_only_show_in_polls_are_no_second_reader() -> None:
    assert Story().connected().hears("door").later(60).opens("gate", 2).kinds == set()


def test_test_devices_alone_push_in_the_test_environment() -> None:
    story = Story(production=False).connected()
    story.opens("gate", 1).hears("door").opens("gate", 1).later(MINUTE)
    assert story.kinds == set()


def test_a_message_by_webhook_is_no_proof_of_the_queue() -> None:
    story = Story(webhook=True).connected()
    story.opens("gate", 1).hears("door", webhook=True).opens("gate", 1).later(MINUTE)
    assert story.kinds == set()


def test_a_device_that_left_is_forgotten() -> None:
    story = Story().connected().opens("gate", 1).hears("door").opens("gate", 1)
    story.state = tree(device("door"))
    story.polls()
    assert story.kinds == set()
    assert story.signs.told.keys() == {"door"}


def pressed(*kinds: str, times: int = PRESSES, before: tuple[Press, ...] = ()) -> Story:
    """Return a gate that was pressed some times, told by these carriers."""
    presses = tuple(
        Press(event_id=str(n), seen=NOW + n, kinds=dict.fromkeys(kinds, NOW + n))
        for n in range(times)
    )
    story = Story().connected()
    gate = device("gate", memory=Memory(presses=(*before, *presses)))
    story.state = tree(gate, device("door"))
    for press in presses:
        story.signs.pressed("gate", (press.event_id, press.number))
    return story.later(MINUTE)


EARLIER = Press(event_id="old", seen=NOW - HOUR, kinds={Carrier.NOTIFY: NOW - HOUR})


@pytest.mark.parametrize(
    ("story", "lacking"),
    [
        (pressed(Carrier.MESSAGE), True),
        (pressed(Carrier.MESSAGE, Carrier.PICTURE), True),
        (pressed(Carrier.MESSAGE, times=PRESSES - 1), False),
        (pressed(Carrier.MESSAGE, Carrier.NOTIFY), False),
        (pressed(Carrier.ACTIVE), False),
        (pressed(Carrier.ACTIVE, before=(EARLIER,)), True),
        (pressed(Carrier.MESSAGE).hears("door", "event_notify"), False),
        (pressed(Carrier.MESSAGE).later(-MINUTE), False),
    ],
)
def test_presses_without_call_push_are_a_hint_at_the_rule(story: Story, *, lacking: bool) -> None:
    assert story.devices(Kind.LACKS_NOTIFY) == (("gate",) if lacking else ())
    assert story.rung is Rung.FRESH


def test_only_video_bells_on_the_mains_are_expected_to_send_call_pushes() -> None:
    assert may_notify(device("gate"))
    assert not may_notify(device("bell", features=Features(sleeps=True)))
    assert not may_notify(replace(device("lock"), category="videolock"))


def test_a_backlog_is_told_until_half_an_hour_without_a_further_notice() -> None:
    story = Story().connected()
    story.signs.noticed(Notice(waiting=2000, subscription="x-sub"), story.now)
    assert story.later(health.BACKLOG - 1).kinds == {Kind.BACKLOG}
    story.signs.noticed(Notice(waiting=500, subscription="x-sub"), story.now)
    assert story.later(health.BACKLOG - 1).kinds == {Kind.BACKLOG}
    assert story.later(1).kinds == set()


def test_a_backlog_stays_while_the_queue_is_not_connected() -> None:
    story = Story().connected()
    story.signs.noticed(Notice(waiting=2000, subscription="x-sub"), story.now)
    assert story.line(Line.LOST).later(HOUR).kinds == {Kind.BACKLOG}
    assert story.line(Line.CONNECTED).kinds == set()


EVENT = '{"dataCenter": "EU", "topic": "t", "subscription": "x-sub", "backLogNum": 2000}'


@pytest.mark.parametrize(
    ("kind", "payload", "waiting"),
    [
        ("HighPriorityNotice", {"eventType": "pulsar_backlog_notice", "eventData": EVENT}, 2000),
        (
            "HighPriorityNotice",
            {"eventType": "pulsar_backlog_notice", "eventData": {"backLogNum": "7"}},
            7,
        ),
        ("HighPriorityNotice", {"eventType": "other", "eventData": EVENT}, None),
        ("HighPriorityNotice", {"eventType": "pulsar_backlog_notice", "eventData": "{"}, None),
        ("HighPriorityNotice", {"eventType": "pulsar_backlog_notice"}, None),
        ("HighPriorityNotice", [], None),
        ("statusReport", {"eventType": "pulsar_backlog_notice", "eventData": EVENT}, None),
    ],
)
def test_a_backlog_notice_is_read_or_left(kind: str, payload: object, waiting: int | None) -> None:
    body: Mapping[str, Any] = {"bizCode": kind, "bizData": payload}
    message = Message(ids=("1",), time=None, kind=kind, device_id="", payload=body)
    notice = notice_in(message)
    assert (notice and notice.waiting) == waiting


def test_the_delay_is_that_of_messages_that_did_not_wait() -> None:
    signs = Signs()
    for sent in (NOW - 0.4, NOW - 3600, NOW + 0.2, None):
        signs.took(about("gate", time=sent), NOW)
    assert [round(delay, 1) for delay in signs.delays] == [0.4, 0.0]


def test_the_next_look_is_when_time_alone_may_change_the_judgement() -> None:
    story = Story().connected()
    looked = 0
    while (until := assess(story.signs, story.state, story.now).until) is not None:
        assert until > story.now
        story.now = until
        looked += 1
    assert story.rung is Rung.DOUBTFUL
    assert looked <= 4
