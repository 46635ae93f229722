"""The walk of ``scripts/verify`` through the OpenAPI: what is asked, and of which devices.

Only calls that read, at most `MOST_CALLS` of them however large the project is.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from functools import partial
from itertools import zip_longest

from custom_components.tuyalink_intercom.api.calls import Rows
from custom_components.tuyalink_intercom.model import dpcodes
from custom_components.tuyalink_intercom.model.pictures import (
    PictureForm,
    PictureReference,
    picture_message,
)
from custom_components.tuyalink_intercom.model.records import category, product_id
from custom_components.tuyalink_intercom.model.state import World

from .verify_calls import LIST, Caller, made_up
from .verify_seen import Json, properties_of

_SAMPLES = 6
_PAGE = 20
_MOST_PAGES = 3
_DAYS = 7 * 24 * 3600.0
_MOST_CODES = 10
_MOST_PICTURES = 2
_FEW = 2
_ALARMS = ("hijack", "alarm_lock", "doorbell")
_OPENINGS = ("unlock_fingerprint", "unlock_password", "unlock_card", "unlock_face")
_ACCESS_LOG = "/v1.0/iot-02/access-control-logs"
_HOME_RECORD = "/v1.0/devices/{device_id}"


async def walk(caller: Caller) -> None:
    """Walk; raise TuyaError if the keys are not taken or nobody answers."""
    await caller.connect()
    await _list(caller)
    samples = _samples(caller.seen.devices)
    await _describe(caller, samples)
    for device in samples:
        await _ask_of(caller, device)
    await _access_log(caller)
    for key, picture in _named_pictures(caller, PictureForm.STORAGE)[:_MOST_PICTURES]:
        await _picture(caller, key, picture)
    for key, picture in _named_pictures(caller, PictureForm.SEALED)[:1]:
        await _sealed(caller, key, picture)
    await caller.be_refused()
    await caller.call("token", "/v1.0/token", asked={"grant_type": 1})


async def _list(caller: Caller) -> None:
    """Page through the devices as our client does, and once more behind the end."""
    devices, last, rows = caller.seen.devices, dict[str, str](), list[Json]()
    for _ in range(_MOST_PAGES):
        rows = _rows(await caller.call("list", LIST, asked={"page_size": _PAGE, **last}))
        devices += rows
        if len(rows) < _PAGE:
            break
        last = {"last_id": _id(rows[-1])}
    caller.seen.whole_list = len(rows) < _PAGE
    if rows:
        behind: dict[str, str | int] = {"page_size": _PAGE, "last_id": _id(rows[-1])}
        await caller.call("list_after", LIST, asked=behind)
    if len(devices) > 1:
        first = _rows(await caller.call("list_one", LIST, asked={"page_size": 1}))
        behind = {"page_size": 1, "last_id": _id(first[0]) if first else ""}
        await caller.call("list_next", LIST, asked=behind)


def _samples(devices: Iterable[Json]) -> list[Json]:
    """Choose devices that differ: one of each category first, then further products."""
    kinds: dict[str, dict[str, Json]] = {}
    for row in devices:
        if (kind := category(row)) not in dpcodes.NEVER_DOORS:
            kinds.setdefault(kind, {}).setdefault(product_id(row), row)
    turns = zip_longest(*(products.values() for products in kinds.values()))
    return [row for turn in turns for row in turn if row is not None][:_SAMPLES]


async def _describe(caller: Caller, samples: list[Json]) -> None:
    devices, seen = caller.cloud.devices, caller.seen
    for key in map(_id, samples):
        await caller.do("specification", key, partial(devices.specification, key))
        await caller.do("model", key, partial(devices.model, key))
        await caller.do("shadow", key, partial(devices.shadow, key))
    # As our client does: devices without a standard set have no status to ask for.
    if wanted := [one.device for one in seen.of("specification") if one.ok]:
        asked = {"device_ids": ",".join(wanted)}
        await caller.do("status", "", lambda: devices.status(wanted), asked)
        foreign = [wanted[0], made_up(wanted[0])]
        await caller.do("status_foreign", "", lambda: devices.status(foreign))


async def _ask_of(caller: Caller, row: Json) -> None:
    """Ask what belongs to one device's world; of each kind of call, few devices only."""
    key, seen, cloud = _id(row), caller.seen, caller.cloud
    kind = category(row)
    world = dpcodes.WORLDS.get(kind)
    if world in {World.LOCK, World.CONTROLLER} and len(seen.of("remote_unlocks")) < _FEW:
        await caller.do("remote_unlocks", key, partial(cloud.access.remote_unlocks, key))
        await _lock_records(caller, key)
    if kind in dpcodes.STREAM_CATEGORIES and not seen.of("webrtc"):
        await caller.do("webrtc", key, partial(cloud.devices.webrtc_config, key))
    # A device of a known category has none: one of them is asked what its refusal is.
    step = "function_points" if world is None else "no_function_points"
    if len(seen.of(step)) < (_FEW if world is None else 1):
        await caller.do(step, key, partial(cloud.devices.function_points, key))
    if (codes := _codes(caller, key)) and len(seen.of("report_logs")) < _FEW:
        end = cloud.now()
        logged = partial(cloud.records.reports, key, codes, end - _DAYS, end)
        await _first_page(caller, "report_logs", key, logged)


async def _lock_records(caller: Caller, key: str) -> None:
    records, end = caller.cloud.records, caller.cloud.now()
    start = end - _DAYS
    asked = {"start": start, "end": end}
    openings = partial(records.openings, key, start, end)
    await _first_page(caller, "open_logs", key, openings, asked)
    await _first_page(caller, "alarm_logs", key, partial(records.alarms, key, _ALARMS, start))
    await _first_page(caller, "records", key, partial(records.records, key, _OPENINGS, start))
    await caller.do("lock_users", key, partial(caller.cloud.access.lock_users, key))
    if dpcodes.WORLDS.get(caller.seen.category_of(key)) is World.LOCK:
        await caller.do("album", key, partial(caller.cloud.media.album, key))


async def _first_page(
    caller: Caller,
    step: str,
    key: str,
    pages: Callable[[], AsyncIterator[Rows]],
    asked: Json | None = None,
) -> None:
    """Ask for the first of many pages."""

    async def first() -> Rows:
        opened = pages()
        rows: Rows = await anext(opened, [])
        if isinstance(opened, AsyncGenerator):
            await opened.aclose()
        return rows

    await caller.do(step, key, first, asked)


async def _access_log(caller: Caller) -> None:
    """Ask for all passages, and for those of the terminals by time as our client does."""
    end = caller.cloud.now() + 1
    start = end - _DAYS
    await caller.call("access_log_all", _ACCESS_LOG, asked={"page_no": 1, "page_size": 20})
    if terminals := sorted(caller.seen.terminals()):
        asked = {"start": start, "end": end, "devices": terminals}
        passages = partial(caller.cloud.records.passages, terminals, start, end)
        await _first_page(caller, "access_log", "", passages, asked)


def _named_pictures(caller: Caller, form: PictureForm) -> list[tuple[str, PictureReference]]:
    """Return captures of a form that the shadows still name, by device."""
    return [
        (exchange.device, message.picture)
        for exchange in caller.seen.of("shadow")
        for row in properties_of(exchange)
        if (message := picture_message(row.get("value"))) and message.picture
        if message.picture.form is form
    ]


async def _picture(caller: Caller, device: str, picture: PictureReference) -> None:
    url = partial(caller.cloud.devices.movement_url, device, picture.bucket, picture.path)
    if isinstance(address := await caller.do("movement", device, url), str):
        await caller.fetch(address, picture.key)


async def _sealed(caller: Caller, device: str, picture: PictureReference) -> None:
    """Let Tuya open a message, as the account that has the device; it changes nothing."""
    record = await caller.call("device", _HOME_RECORD, device)
    uid = record.get("uid") if isinstance(record, Mapping) else None
    if isinstance(uid, str) and uid:
        media = caller.cloud.media
        await caller.do("decrypt", device, partial(media.opened, uid, device, picture.sealed))


def _codes(caller: Caller, device: str) -> list[str]:
    shadows = (one for one in caller.seen.of("shadow") if one.device == device)
    codes = (row.get("code") for one in shadows for row in properties_of(one))
    return [code for code in codes if isinstance(code, str) and code][:_MOST_CODES]


def _rows(listed: object) -> list[Json]:
    return [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, list) else []


def _id(row: Json) -> str:
    return str(row.get("id", ""))
