"""What stands in the path of a call is printed by nobody, however the call ends.

Passwords, card numbers and QR values are parts of Tuya's paths. Here every logger is at its most
talkative, asyncio reports each step with its arguments, and what is dropped is collected.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
import gc
import logging
import traceback
from typing import Any, override
from urllib.parse import quote
import warnings

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.api import Called, Reason, TuyaCloud, TuyaError
from custom_components.tuyalink_intercom.api.client import _Call
from tests.simulator import SimDevice, TuyaSimulator

CARD, OLD, NEW, QR_CODE = "0081726354", "84620975", "11335577", "guest pass/ü 7?"
SECRETS = (CARD, OLD, NEW, QR_CODE, quote(QR_CODE, safe=""), quote(QR_CODE))
type Tell = Callable[[TuyaCloud, str], Awaitable[Any]]

CALLS: dict[str, Tell] = {
    "add a password": lambda cloud, door: cloud.persons.add_password(door, "p1", OLD),
    "change it": lambda cloud, door: cloud.persons.change_password(door, "p1", OLD, NEW),
    "remove it": lambda cloud, door: cloud.persons.remove_password(door, "p1", NEW),
    "add a card": lambda cloud, door: cloud.persons.add_card(door, "p1", CARD),
    "freeze it": lambda cloud, door: cloud.persons.freeze_card(door, "p1", CARD),
    "add a QR code": lambda cloud, door: cloud.persons.add_qr_code(door, "p1", QR_CODE),
}
AFTERWARDS = ("doubled_reply", "lost_reply")
BEFORE = ("malformed", "http_502", "http_429", "throttle", "quota", "offline", "system_error")


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Face terminal",)


class Ears(logging.Handler):
    """Everything that anybody logs, as it would be written and as it was meant."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.heard: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        meant = {name: value for name, value in vars(record).items() if name != "msg"}
        self.heard.append(f"{record.getMessage()} {record.msg!r} {meant!r}")
        if record.exc_info and record.exc_info[1]:
            self.heard.extend(told(record.exc_info[1]))


def told(error: BaseException | None) -> Iterator[str]:
    """Yield all that an error says, and those that led to it."""
    while error is not None:
        yield f"{error!r} {error} {error.args!r} {vars(error)!r}"
        yield "".join(traceback.format_exception(error))
        yield from told(error.__cause__)
        error = error.__context__


def leaked(texts: list[str]) -> list[str]:
    return [text for text in texts if any(secret in text for secret in SECRETS)]


@pytest.fixture
async def ears(simulator: TuyaSimulator) -> AsyncIterator[Ears]:
    """Hear everything."""
    ears, loop = Ears(), asyncio.get_running_loop()
    named = logging.root.manager.loggerDict.values()
    known = [logging.getLogger(), *(one for one in named if isinstance(one, logging.Logger))]
    levels = [(logger, logger.level) for logger in known]
    for logger in known:
        logger.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(ears)
    debug, slow = loop.get_debug(), loop.slow_callback_duration
    loop.set_debug(True)
    loop.slow_callback_duration = 0
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield ears
        gc.collect()
    loop.set_debug(debug)
    loop.slow_callback_duration = slow
    logging.getLogger().removeHandler(ears)
    for logger, level in levels:
        logger.setLevel(level)
    said = [*ears.heard, *(str(warning.message) for warning in warned)]
    assert not leaked(said)


@pytest.fixture
def door(devices: dict[str, SimDevice]) -> str:
    return devices["Face terminal"].id


@pytest.fixture
def cloud(ears: Ears, entry: MockConfigEntry) -> TuyaCloud:
    found: TuyaCloud = entry.runtime_data.coordinator.cloud
    return found


async def quiet(cloud: TuyaCloud, call: Awaitable[Any]) -> TuyaError | None:
    """Make a call; its error, counters and whoever counts calls tell nothing secret."""
    heard: list[Called] = []
    before, cloud.on_call = cloud.on_call, heard.append
    failed = None
    try:
        await call
    except TuyaError as error:
        failed = error
    cloud.on_call = before
    assert heard
    assert not leaked([*told(failed), repr(heard), repr(cloud.counters), repr(vars(cloud))])
    return failed


def test_the_ears_hear_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    ears = Ears()
    error = OSError("lost")
    error.__context__ = ValueError(f"/passpwd/{OLD}")
    for record in (
        logging.LogRecord("any", logging.DEBUG, "", 0, "GET %s", (f"/passpwd/{OLD}",), None),
        logging.LogRecord("any", logging.DEBUG, "", 0, "lost", (), (OSError, error, None)),
    ):
        ears.heard.clear()
        ears.handle(record)
        assert leaked(ears.heard)


async def test_calls_that_succeed_are_printed_by_nobody(
    cloud: TuyaCloud, ears: Ears, door: str
) -> None:
    for tell in CALLS.values():
        assert await quiet(cloud, tell(cloud, door)) is None
    # asyncio did report its steps.
    assert any(text.startswith("Executing <") for text in ears.heard)


@pytest.mark.parametrize("fault", [*BEFORE, *AFTERWARDS])
async def test_calls_that_fail_are_printed_by_nobody(
    simulator: TuyaSimulator, cloud: TuyaCloud, door: str, fault: str
) -> None:
    for tell in CALLS.values():
        simulator.fault(fault, 5)
        assert await quiet(cloud, tell(cloud, door)) is not None


@pytest.mark.parametrize("call", CALLS)
async def test_a_call_that_times_out_is_printed_by_nobody(
    simulator: TuyaSimulator,
    cloud: TuyaCloud,
    door: str,
    call: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    now = loop.time
    simulator.fault("timeout")
    task = asyncio.create_task(quiet(cloud, CALLS[call](cloud, door)))
    await simulator.held()
    with monkeypatch.context() as patched:
        patched.setattr(loop, "time", lambda: now() + 16)
        failed = await task
    assert failed is not None
    assert failed.reason is Reason.TIMED_OUT
    simulator.release()


@pytest.mark.parametrize("call", CALLS)
async def test_a_call_that_is_given_up_is_printed_by_nobody(
    simulator: TuyaSimulator, cloud: TuyaCloud, door: str, call: str
) -> None:
    simulator.fault("timeout")
    task = asyncio.ensure_future(CALLS[call](cloud, door))
    await simulator.held()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as error:
        await task
    assert not leaked([*told(error.value), repr(task)])
    simulator.release()


async def test_calls_into_the_void_are_printed_by_nobody(
    simulator: TuyaSimulator, cloud: TuyaCloud, door: str
) -> None:
    await simulator.stop()
    for tell in CALLS.values():
        assert await quiet(cloud, tell(cloud, door)) is not None


async def test_calls_after_a_refused_token_are_printed_by_nobody(
    simulator: TuyaSimulator, cloud: TuyaCloud, door: str
) -> None:
    for tell in CALLS.values():
        simulator.expire_tokens()
        assert await quiet(cloud, tell(cloud, door)) is None


@pytest.mark.parametrize("value", ["half a pair \ud800", "..", "a\r\nb", "%2e"])
async def test_values_that_fit_no_path_are_printed_by_nobody(
    cloud: TuyaCloud, door: str, value: str
) -> None:
    await quiet(cloud, cloud.persons.add_qr_code(door, "p1", f"{QR_CODE}{value}"))


def test_a_call_that_is_printed_shows_its_template_only() -> None:
    call = _Call(
        method="PUT",
        template="/persons/{person_id}/passpwd/{password}",
        path="/persons/p1/passpwd/70246813",
        query={"code": "70246813"},
        body=b"70246813",
        repeatable=False,
    )
    assert "70246813" not in repr(call)
