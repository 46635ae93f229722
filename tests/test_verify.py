"""``scripts/verify``: what it finds out about a cloud, and what it keeps to itself."""

from collections.abc import AsyncIterator, Iterable
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.tuyalink_intercom.api import custom_endpoints, message_from
from custom_components.tuyalink_intercom.api.frames import Frame
from tests.homes import device_named
from tests.simulator import TuyaSimulator, load
from tests.simulator.facts import NAMES, UnknownFactError
from tests.tools import verify_report
from tests.tools.verify import verify
from tests.tools.verify_calls import MOST_CALLS, Keys
from tests.tools.verify_fact import Basis, Fact, Verdict, confirmed, shape
from tests.tools.verify_report import FACTS, Outcome, as_json, as_markdown, decide
from tests.tools.verify_seen import Exchange, Seen, SeenFrame

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "tests" / "fixtures" / "devices").glob("*.json"))
UNLOCK = "access_granted"
EVENTS = (
    ("Intercom", "ring"),
    ("Face terminal", UNLOCK),
    ("Face terminal", "tamper"),
    ("Face terminal", "ring"),
    ("Gate keypad", UNLOCK),
    ("Gate keypad", UNLOCK),
    ("Front door lock", UNLOCK),
    ("Front door lock", "duress"),
)
# What else is seen otherwise when a fact is: devices that a short page hides.
CONSEQUENCES = {"list.short_page": {"frame.own_devices"}}


def lived_in(cloud: TuyaSimulator) -> int:
    """Let something happen at every door; return how many messages that makes."""
    # A token that is in use for a while, as other programs share it.
    cloud.tokens.get()
    cloud.clock_shift = 90.0
    messages = 0
    for name, scenario in EVENTS:
        device = device_named(cloud, name)
        messages += len(cloud.scenario(scenario, device.id, age_s=5).message_ids)
    lock = device_named(cloud, "Front door lock").id
    sent = cloud.report(lock, {"residual_electricity": 55}, dialects=("legacy", "core"))
    return messages + len(sent.message_ids)


async def seen_at(cloud: TuyaSimulator, messages: int = 0, secret: str = "") -> Outcome:
    keys = Keys(access_id=cloud.access_id, access_secret=secret or cloud.access_secret)
    endpoints = custom_endpoints(cloud.openapi, cloud.queue)
    # It ends with the last message; the seconds are only the bound.
    return await verify(keys, endpoints, seconds=30.0 if messages else 0.0, most=messages)


def names(outcome: Outcome, verdict: Verdict) -> set[str]:
    return {fact.id for fact in outcome.having(verdict)}


@pytest.fixture
async def outcome(simulator: TuyaSimulator) -> Outcome:
    return await seen_at(simulator, lived_in(simulator))


async def flipped(facts: Iterable[str]) -> AsyncIterator[Outcome]:
    cloud = TuyaSimulator(facts=facts)
    await cloud.start()
    try:
        yield await seen_at(cloud, lived_in(cloud))
    finally:
        await cloud.stop()


def test_a_cloud_as_it_is_believed_to_be_confirms_most_and_contradicts_nothing(
    outcome: Outcome,
) -> None:
    assert names(outcome, Verdict.CONTRADICTED) == set()
    assert len(names(outcome, Verdict.CONFIRMED)) >= 70
    # What reading cannot decide is said to be so, not taken for granted.
    assert {"order.ticket", "webhook.signature"} <= names(outcome, Verdict.NOT_SEEN)


def test_every_fact_has_a_name_of_its_own_and_says_who_relies_on_it() -> None:
    assert len({fact.id for fact in FACTS}) == len(FACTS)
    for fact in FACTS:
        path = fact.used_by.partition(":")[0]
        assert (ROOT / "custom_components" / "tuyalink_intercom" / path).is_file(), fact
        assert fact.says.endswith("."), fact


@pytest.mark.parametrize(
    "facts",
    [
        {"list.camel_case", "log.value_text", "envelope.sign"},
        {"token.same", "picture.address", "frame.publish_time"},
        {"access_log.time", "lock.opening_status", "shadow.typed"},
    ],
)
async def test_three_facts_that_are_otherwise_are_named_and_no_others(
    facts: set[str], socket_enabled: None
) -> None:
    async for found in flipped(facts):
        assert names(found, Verdict.CONTRADICTED) == facts


@pytest.mark.parametrize("fact", sorted(NAMES))
async def test_each_fact_that_the_simulator_can_flip_is_noticed(
    fact: str, socket_enabled: None
) -> None:
    async for found in flipped({fact}):
        assert names(found, Verdict.CONTRADICTED) == {fact} | CONSEQUENCES.get(fact, set())


def test_a_fact_that_nobody_knows_cannot_be_flipped() -> None:
    with pytest.raises(UnknownFactError, match=r"moon\.phase"):
        TuyaSimulator(facts={"moon.phase"})


async def test_a_large_project_costs_few_calls(socket_enabled: None) -> None:
    cloud = TuyaSimulator(devices=load(FILES[:45]))
    await cloud.start()
    try:
        found = await seen_at(cloud)
        assert sum(cloud.calls.values()) <= MOST_CALLS
    finally:
        await cloud.stop()
    # Device files do not say to which gateway a sub-device belongs.
    assert names(found, Verdict.CONTRADICTED) == {"list.gateway"}
    assert "token.same" in names(found, Verdict.CONFIRMED)


async def test_messages_that_were_looked_at_are_still_there(simulator: TuyaSimulator) -> None:
    count = lived_in(simulator)
    found = await seen_at(simulator, count)
    await simulator.disconnected()
    assert len(found.seen.frames) == count
    assert simulator.broker.unacked() == count


async def test_nothing_is_moved_or_ordered(simulator: TuyaSimulator) -> None:
    count = lived_in(simulator)
    doors = [door for each in simulator.devices.values() for door in each.doors.values()]
    before = [door.opened for door in doors]
    await seen_at(simulator, count)
    posted = {call for call in simulator.calls if not call.startswith("GET ")}
    # It opens a message, and changes nothing.
    assert posted <= {"POST /v1.0/users/{uid}/devices/{id}/message/decrypt"}
    assert [door.opened for door in doors] == before


async def test_what_comes_again_keeps_its_id(simulator: TuyaSimulator) -> None:
    count = lived_in(simulator)
    await seen_at(simulator, count)
    again = await seen_at(simulator, count)
    assert "frame.same_id" in names(again, Verdict.CONFIRMED)


async def test_neither_form_of_the_report_holds_anything_of_the_project(
    simulator: TuyaSimulator, outcome: Outcome
) -> None:
    told = [one.result for one in outcome.seen.exchanges if one.step == "token"]
    secrets = [simulator.access_id, simulator.access_secret]
    secrets += [each.id for each in simulator.devices.values()]
    secrets += [each.name for each in simulator.devices.values()]
    secrets += [one[name] for one in told for name in ("access_token", "refresh_token", "uid")]
    for text in (as_markdown(outcome), json.dumps(as_json(outcome))):
        assert [secret for secret in secrets if secret in text] == []
        assert "http:" not in text
        assert "X-Amz" not in text


async def test_a_check_that_tattles_is_silenced(
    simulator: TuyaSimulator, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, keys = device_named(simulator, "Intercom"), simulator.access_id
    tattle = f"{device.id} of {keys}"
    fact = Fact("a", "It is so.", Basis.DESIGN, "api", lambda _: confirmed(tattle))
    monkeypatch.setattr(verify_report, "FACTS", (fact,))
    both = Keys(access_id=keys, access_secret=simulator.access_secret)
    assert decide("eu", both, outcome.seen).findings["a"].evidence == "… of …"


async def test_services_that_are_not_subscribed_are_not_seen(simulator: TuyaSimulator) -> None:
    for service in ("access", "device_logs", "lock", "video"):
        simulator.faults.refusals.set(service, 28841106)
    found = await seen_at(simulator, lived_in(simulator))
    missing = {"access_log.time", "log.value_text", "lock.remote_unlocks", "video.config"}
    assert missing <= names(found, Verdict.NOT_SEEN)
    assert names(found, Verdict.CONTRADICTED) == set()


async def test_a_queue_that_is_switched_off_leaves_its_facts_open(
    simulator: TuyaSimulator,
) -> None:
    count = lived_in(simulator)
    simulator.fault("topic_off")
    found = await seen_at(simulator, count)
    assert {"queue.login", "envelope.sign"} <= names(found, Verdict.NOT_SEEN)


async def test_a_quota_that_ends_on_the_way_ends_the_walk(simulator: TuyaSimulator) -> None:
    simulator.fault("quota", 99, path="/shadow/")
    found = await seen_at(simulator)
    assert len([one for one in found.seen.exchanges if one.code == 28841004]) == 1
    assert found.seen.exchanges[-1].code == 28841004


async def test_a_token_that_is_refused_on_the_way_decides_nothing(
    simulator: TuyaSimulator,
) -> None:
    simulator.fault("expire_token", 2)
    found = await seen_at(simulator)
    assert "token.same" in names(found, Verdict.NOT_SEEN)
    assert names(found, Verdict.CONTRADICTED) == set()


@pytest.mark.parametrize(
    "result", [None, 5, "text", [None, 1, "x"], [{}], {"list": 3}, {"logs": [[]]}]
)
def test_answers_of_an_unheard_of_shape_break_nothing(result: Any) -> None:
    seen = Seen(devices=[{}, {"id": 3}])
    for fact in FACTS:
        step = fact.id.partition(".")[0]
        seen.exchanges += [exchange(step, result), exchange(fact.id, result)]
    for step in ("shadow", "status", "specification", "model", "access_log", "open_logs", "token"):
        seen.exchanges += [exchange(step, result), exchange(step, {"properties": result})]
    for body in ({"status": result}, {"bizCode": "event_notify", "bizData": result}):
        message = message_from({**body, "devId": "x"}, time=None)
        opened = Frame(ack_id=None, message=message)
        frame = {"properties": result, "publishTime": result, "payload": result}
        seen.frames.append(SeenFrame(outer=frame, envelope=frame, opened=opened, received=0.0))
    found = decide("eu", Keys(access_id="a", access_secret="b"), seen)
    assert set(found.findings) == {fact.id for fact in FACTS}
    assert as_markdown(found)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1700000000000, "a number of 13 digits"),
        ("1700000000", "a text of 10 digits"),
        ({"secret-door-name 1": 1, "code": 2}, "an object with code"),
        ("Front door", "a text"),
        (True, "a boolean"),
    ],
)
def test_evidence_tells_the_shape_of_a_value_and_not_the_value(value: object, told: str) -> None:
    assert shape(value) == told


def exchange(step: str, result: object) -> Exchange:
    answer = {"success": True, "t": "soon", "result": result}
    return Exchange(
        step=step, device="x", asked={}, status=200, answer=answer, sent=0.0, received=0.0
    )
