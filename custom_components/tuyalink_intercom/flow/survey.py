"""Looking at a project before it is set up: where it lives, what is in it, what answers.

Only reads: no video is opened, no device is woken, no message is taken from the queue.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..api import QueueState, Reason, TuyaCloud, TuyaError, probe_queue, regions
from ..connection import cloud_of, endpoints_of, unique_id_of
from ..const import CONF_ACCESS_ID, CONF_ACCESS_SECRET, CONF_REGION, DEFAULT_SUFFIX, TOPICS
from ..inventory import Inventory
from ..kept.products import ProductStore
from ..model.doors import Opener
from ..model.state import AccessState, Device


class Verdict(StrEnum):
    """How a Tuya service was found; where Tuya refused, its reason stands instead."""

    ANSWERS = auto()
    NOT_ASKED = auto()
    REMOTE_UNLOCK_OFF = auto()
    """The lock service answers, but the owner has not allowed to open from afar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a project holds, as the config flow shows it."""

    state: AccessState
    skipped: int
    """Devices left out because their data make no sense."""
    smart_lock: Verdict | Reason
    live_stream: Verdict | Reason
    queue: QueueState | None = None
    """None: not asked."""


# From the center that knows the project down to those that only do not know it. What is not
# listed (an expired plan, a missing subscription …) is only told by the right center.
_TELLING = (
    Reason.CLOCK_SKEW,
    Reason.INVALID_SECRET,
    Reason.IP_OR_REGION,
    Reason.DATA_CENTER_SUSPENDED,
    Reason.UNKNOWN_ACCESS_ID,
    Reason.TOKEN_REJECTED,
    Reason.THROTTLED,
    Reason.SERVER_ERROR,
    Reason.MALFORMED_ANSWER,
    Reason.TIMED_OUT,
    Reason.UNREACHABLE,
)
# The service is there; it is the device that cannot.
_OF_THE_DEVICE = frozenset(
    {Reason.DEVICE_OFFLINE, Reason.NOT_DELIVERED, Reason.NOT_FOUND, Reason.NOT_SUPPORTED}
)


async def find_region(hass: HomeAssistant, access_id: str, access_secret: str) -> str:
    """Return the data center that accepts the keys: the one with most devices, then table order.

    Raises the most telling TuyaError when none does.
    """
    keys = {CONF_ACCESS_ID: access_id, CONF_ACCESS_SECRET: access_secret}
    names = tuple(regions.REGIONS)
    answers = await asyncio.gather(
        *(_count_devices(cloud_of(hass, {**keys, CONF_REGION: name})) for name in names)
    )
    counts = {
        name: answer for name, answer in zip(names, answers, strict=True) if isinstance(answer, int)
    }
    if not counts:
        raise min((error for error in answers if isinstance(error, TuyaError)), key=_silence)
    return max(counts, key=lambda name: counts[name])


async def _count_devices(cloud: TuyaCloud) -> int | TuyaError:
    try:
        await cloud.connect()
        return len(await cloud.devices.list())
    except TuyaError as error:
        return error


def _silence(error: TuyaError) -> int:
    return _TELLING.index(error.reason) + 1 if error.reason in _TELLING else 0


async def survey(hass: HomeAssistant, data: Mapping[str, str], *, ask_queue: bool) -> Survey:
    """Look at the project that entry data name; raises TuyaError.

    Descriptions of products are stored on the way, so that set-up does not ask for them again.
    """
    cloud = cloud_of(hass, data)
    await cloud.connect()
    products = ProductStore(hass, unique_id_of(data))
    await products.load()
    try:
        snapshot = await Inventory(cloud, products).read()
    finally:
        await products.save()
    state = snapshot.merged(AccessState())
    smart_lock, live_stream = await asyncio.gather(
        _smart_lock(cloud, state), _live_stream(cloud, state)
    )
    found = Survey(
        state=state, skipped=snapshot.skipped, smart_lock=smart_lock, live_stream=live_stream
    )
    if not ask_queue:
        return found
    return replace(found, queue=await look_at_queue(hass, data, TOPICS["production"]))


async def look_at_queue(
    hass: HomeAssistant, data: Mapping[str, str], topic: str, suffix: str = DEFAULT_SUFFIX
) -> QueueState:
    """Connect to the queue and leave at once; not while a consumer of ours runs."""
    return await probe_queue(
        async_get_clientsession(hass),
        endpoints_of(data),
        data[CONF_ACCESS_ID],
        data[CONF_ACCESS_SECRET],
        topic=topic,
        suffix=suffix,
    )


async def _smart_lock(cloud: TuyaCloud, state: AccessState) -> Verdict | Reason:
    lock = next((one for one in state.devices.values() if _opens_by_service(one)), None)
    if lock is None:
        return Verdict.NOT_ASKED
    answer = await _answer(cloud.access.remote_unlocks(lock.id))
    if not isinstance(answer, Mapping):
        return answer
    return Verdict.ANSWERS if any(answer.values()) else Verdict.REMOTE_UNLOCK_OFF


def _opens_by_service(device: Device) -> bool:
    return any(door.opener is Opener.LOCK_SERVICE for door in device.features.doors)


async def _live_stream(cloud: TuyaCloud, state: AccessState) -> Verdict | Reason:
    camera = next((one for one in state.devices.values() if one.features.streams), None)
    if camera is None:
        return Verdict.NOT_ASKED
    answer = await _answer(cloud.devices.webrtc_config(camera.id))
    return Verdict.ANSWERS if isinstance(answer, Mapping) else answer


async def _answer[T](call: Awaitable[T]) -> T | Verdict | Reason:
    """Await a call; a refusal becomes what it says about the service."""
    try:
        return await call
    except TuyaError as error:
        return Verdict.ANSWERS if error.reason in _OF_THE_DEVICE else error.reason
