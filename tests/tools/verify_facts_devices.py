"""Facts about the calls that list and describe devices."""

from collections.abc import Iterator, Mapping
import json
from typing import Any

from custom_components.tuyalink_intercom.model.values import mapping

from .verify_fact import (
    Basis,
    Fact,
    Finding,
    confirmed,
    contradicted,
    ends_set_up,
    every,
    not_seen,
    shapes,
)
from .verify_seen import Exchange, Json, Seen, properties_of

_PAGE = 20


def _array(seen: Seen) -> Finding:
    results = seen.results("list")
    bad = f"the result is {shapes(results)}"
    return every(results, lambda one: isinstance(one, list), what="pages", bad=bad)


def _camel(seen: Seen) -> Finding:
    bad = f"a row is {shapes(seen.devices)}"
    return every(
        seen.devices,
        lambda row: "isOnline" in row and "productId" in row and "is_online" not in row,
        what="rows of the list",
        bad=bad,
    )


def _online(seen: Seen) -> Finding:
    told = [row.get("isOnline", row.get("is_online")) for row in seen.devices]
    return every(told, lambda one: isinstance(one, bool), what="rows", bad=shapes(told))


def _short_page(seen: Seen) -> Finding:
    pages, after = seen.results("list"), seen.results("list_after")
    if not pages or not after:
        return not_seen("no page behind the last one was asked for")
    if not isinstance(after[0], list):
        return not_seen("the page behind the last one is no list")
    told = f"a page of {len(pages[-1])}, then one of {len(after[0])}"
    if len(pages[-1]) >= _PAGE:
        return not_seen("more devices than are listed here")
    return contradicted(told) if after[0] else confirmed(told)


def _last_id(seen: Seen) -> Finding:
    following = seen.results("list_next")
    if not following or len(seen.devices) < 2:
        return not_seen("needs two devices or more")
    shown = [row.get("id") for row in following[0] if isinstance(row, dict)]
    if shown == [seen.devices[1].get("id")]:
        return confirmed("pages of one: the second brings the second device")
    return contradicted(f"the second page of one brings {len(shown)} other devices")


def _gateway(seen: Seen) -> Finding:
    below = [row for row in seen.devices if row.get("sub") is True]
    return every(
        below,
        lambda row: bool(row.get("gatewayId") or row.get("gateway_id")),
        what="sub-devices",
        bad="no `gatewayId`",
    )


def _batch(seen: Seen) -> Finding:
    asked = seen.of("status")
    if not asked:
        return not_seen("no device with a standard set")
    if not asked[-1].ok:
        return contradicted(f"refused with code {asked[-1].code}")
    count = len(str(asked[-1].asked.get("device_ids", "")).split(","))
    rows = [*seen.rows("status")]
    return every(
        rows,
        lambda row: isinstance(row.get("id"), str) and isinstance(row.get("status"), list),
        what=f"rows for {count} devices asked at once",
        bad=f"a row is {shapes(rows)}",
    )


def _by_device(seen: Seen) -> Iterator[tuple[set[str], set[str], Exchange]]:
    """Yield the codes in status and specification of each device whose shadow was read."""
    status = {row.get("id"): _codes(row.get("status")) for row in seen.rows("status")}
    described = {
        one.device: _codes(one.result.get("functions")) | _codes(one.result.get("status"))
        for one in seen.of("specification")
        if one.ok and isinstance(one.result, dict)
    }
    for shadow in seen.of("shadow"):
        if shadow.ok and shadow.device in status:
            yield status[shadow.device], described.get(shadow.device, set()), shadow


def _hidden(seen: Seen) -> Finding:
    devices = [*_by_device(seen)]
    more = [shadow for shown, _, shadow in devices if _codes(properties_of(shadow)) - shown]
    if not more:
        return not_seen("no device here has data points outside the standard set")
    bad = "the status call tells codes that the specification does not have"
    what = f"devices, {len(more)} with more in the shadow"
    return every(devices, lambda one: one[0] <= one[1] or not one[1], what=what, bad=bad)


def _shadow_has_all(seen: Seen) -> Finding:
    devices = [one for one in _by_device(seen) if one[0]]
    bad = "the status call tells a code that the shadow does not"
    return every(
        devices, lambda one: one[0] <= _codes(properties_of(one[2])), what="shadows", bad=bad
    )


def _no_standard_set(seen: Seen) -> Finding:
    refused = [one for one in seen.of("specification") if one.answer and not one.ok]
    empty = [one for one in seen.results("specification") if not _codes(one.get("status"))]
    if not refused and empty:
        return confirmed(f"{len(empty)} devices answer with empty lists")
    codes = sorted({str(one.code) for one in refused})
    return every(
        refused,
        lambda one: not ends_set_up(one.code),
        what=f"refusals with {', '.join(codes)}",
        bad="it would end the set-up",
    )


def _values_text(seen: Seen) -> Finding:
    told = [
        row.get("values")
        for name in ("functions", "status")
        for row in seen.rows("specification", name)
    ]
    return every(
        told,
        lambda one: isinstance(one, str) and mapping(one) is not None,
        what="descriptions as JSON text",
        bad=shapes(told),
    )


def _models(seen: Seen) -> list[Any]:
    return [one.get("model") for one in seen.results("model") if isinstance(one, dict)]


def _model_text(seen: Seen) -> Finding:
    told = _models(seen)
    return every(told, lambda one: isinstance(one, str), what="models", bad=shapes(told))


def _model_numbers(seen: Seen) -> Finding:
    points = [
        point
        for told in _models(seen)
        for service in (_decoded(told).get("services") or ())
        for point in service.get("properties") or ()
    ]
    return every(
        points,
        lambda one: isinstance(one.get("abilityId"), int) and "code" in one and "typeSpec" in one,
        what="data points",
        bad=f"one is {shapes(points)}",
    )


def _codes(rows: object) -> set[str]:
    listed = rows if isinstance(rows, list) else []
    codes = (row.get("code") for row in listed if isinstance(row, Mapping))
    return {code for code in codes if isinstance(code, str) and code}


def _decoded(told: object) -> Json:
    try:
        found = json.loads(told) if isinstance(told, str) else told
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


FACTS = (
    Fact(
        "list.array",
        "The project's device list is a bare list.",
        Basis.REPORTED,
        "api/devices.py: list",
        _array,
    ),
    Fact(
        "list.camel_case",
        "Its rows are in camelCase (`isOnline`), unlike most other answers.",
        Basis.REPORTED,
        "model/records.py",
        _camel,
        tolerated=True,
    ),
    Fact(
        "list.online",
        "Each row tells whether the device is online, as a boolean.",
        Basis.REPORTED,
        "model/records.py: is_online",
        _online,
    ),
    Fact(
        "list.short_page",
        "A page of fewer than 20 devices is the last one; nothing else marks the end.",
        Basis.INFERRED,
        "api/devices.py: list",
        _short_page,
    ),
    Fact(
        "list.last_id",
        "`last_id` is the last device of the page before; the order stays the same.",
        Basis.INFERRED,
        "api/devices.py: list",
        _last_id,
    ),
    Fact(
        "list.gateway",
        "The row of a sub-device names its gateway.",
        Basis.UNKNOWN,
        "model/records.py: device_from",
        _gateway,
        tolerated=True,
    ),
    Fact(
        "status.batch",
        "One call tells the status of up to 20 devices, as rows of id and status.",
        Basis.REPORTED,
        "api/devices.py: status",
        _batch,
    ),
    Fact(
        "status.standard_only",
        "The status call silently leaves out what is not in the standard set.",
        Basis.REPORTED,
        "model/codes.py: custom",
        _hidden,
    ),
    Fact(
        "specification.none",
        "A product without a standard set is refused (2009, or another definite code), or empty.",
        Basis.REPORTED,
        "inventory.py",
        _no_standard_set,
    ),
    Fact(
        "specification.values",
        "`values` of a specification is an object as JSON text.",
        Basis.REPORTED,
        "model/codes.py",
        _values_text,
        tolerated=True,
    ),
    Fact(
        "model.text",
        "The thing model comes as JSON text inside the answer.",
        Basis.REPORTED,
        "api/devices.py: model",
        _model_text,
        tolerated=True,
    ),
    Fact(
        "model.numbers",
        "Each data point of a model has `abilityId` (its number), `code` and `typeSpec`.",
        Basis.INFERRED,
        "model/codes.py",
        _model_numbers,
    ),
    Fact(
        "shadow.complete",
        "The shadow tells every data point that the status call tells.",
        Basis.REPORTED,
        "inventory.py",
        _shadow_has_all,
    ),
)
