"""What stays of a device on disk, so that it is there again though the cloud does not answer.

An entry of the roster tells what a device is, in the words of a device record, and never how it
is: no values, no times, and nothing secret, as it is made from a `Device`, which holds nothing so.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from . import dpcodes
from .codes import Description
from .records import device_from
from .state import Device, Reading, Recalled

type Entry = Mapping[str, Any]


def entry_of(device: Device) -> dict[str, Any]:
    """Return what is to be stored of a device.

    Members as in Tuya's device record; `codes` is code → number of the data point, as far as known,
    with those that only its values showed; `panels` is number → name; `recalled` is what keeps a
    device that comes back from ringing anew (see `Recalled`).
    """
    recalled = device.recalled
    numbers = {code: number for number, code in device.codes.by_dp.items()}
    return {
        "id": device.id,
        "customName": device.name,
        "category": device.category,
        "productId": device.product_id,
        "productName": device.product_name,
        "model": device.model,
        "gatewayId": device.gateway_id,
        "sub": device.sub,
        "codes": {code: numbers.get(code) for code in sorted(device.codes.known)},
        "custom": device.codes.custom,
        "panels": dict(device.channels),
        "recalled": {
            "read_at": recalled.read_at,
            "presses": sorted(recalled.presses),
            "marks": sorted(recalled.marks),
        },
    }


def device_of(
    entry: Entry,
    description: Description,
    *,
    points: Collection[str] = (),
    learned: Collection[str] = (),
) -> Device | None:
    """Build a device from its entry and its product's description; `None` if it is not ours.

    Nothing is known of its values, nor whether it can be reached.
    """
    rows = [{"code": code, "dp_id": number} for code, number in entry["codes"].items()]
    panels = [{"id": number, "n": name} for number, name in entry["panels"].items()]
    shadow = ({"code": dpcodes.CHANNELS, "value": {"chs": panels}},) if panels else ()
    if entry["custom"]:
        services = [*(description.model.get("services") or ()), {"properties": rows}]
        described = replace(description, model={"services": services}, shadow=shadow)
    else:
        status = [*(description.specification.get("status") or ()), *rows]
        specification = {**description.specification, "status": status}
        described = replace(description, specification=specification, shadow=shadow)
    device = device_from(entry, described, now=0.0, points=points, learned=learned)
    return device and replace(device, recalled=_recalled(entry["recalled"]))


def _recalled(stored: Entry) -> Recalled:
    return Recalled(
        read_at=stored["read_at"],
        presses=frozenset(stored["presses"]),
        marks=frozenset(stored["marks"]),
    )


def confirmed(device: Device, before: Device, asked: float) -> Device:
    """Take a device as the cloud describes it, with what messages told of it before that.

    `device` is as the cloud said when it was asked at `asked`, `before` as it was until then.
    """
    told = device.online is not None and before.online_since <= asked
    switched = before.channel_since > device.channel_since
    return replace(
        device,
        online=device.online if told else before.online,
        online_since=asked if told else before.online_since,
        channel=before.channel if switched else device.channel,
        channel_since=max(before.channel_since, device.channel_since),
        bolts=_latest(device.bolts, before.bolts),
        relays=_latest(device.relays, before.relays),
        readings=_latest(device.readings, before.readings),
        settings=_latest(device.settings, before.settings),
        chosen=before.chosen,
        calls=before.calls,
        memory=before.memory,
        people=before.people,
        guests=before.guests,
        owner_named=before.owner_named,
    )


def _latest[K](stored: Mapping[K, Reading], told: Mapping[K, Reading]) -> Mapping[K, Reading]:
    """Join readings; of equals the stored one, as of values that are polled."""
    newer = {
        key: reading
        for key, reading in told.items()
        if key not in stored or not stored[key].outdates(reading)
    }
    return {**stored, **newer}
