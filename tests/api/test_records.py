"""Looking back: logs page by page, the newest rows first, and not further than asked for."""

from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import parse_qs

import pytest

from custom_components.tuyalink_intercom.api import Reason, TuyaCloud, TuyaPermissionError

from .small_cloud import NOON, SmallCloud

PASSAGES = "/v1.0/iot-02/access-control-logs"
REPORTS = "/v2.0/cloud/thing/d1/report-logs"
OPENINGS = "/v1.0/devices/d1/door-lock/open-logs"
ALARMS = "/v1.0/devices/d1/door-lock/alarm-logs"
RECORDS = "/v1.0/devices/d1/door-lock/records"

type Rows = list[dict[str, Any]]


async def numbers(pages: AsyncGenerator[Any], most: int = 1000) -> list[Any]:
    """Return the numbers of the rows, page after page, as far as anybody would read."""
    found: list[Any] = []
    async for page in pages:
        found += [row["n"] for row in page]
        if len(found) >= most:
            await pages.aclose()
    return found


def asked(small_cloud: SmallCloud) -> list[dict[str, str]]:
    """Return the queries of all calls but those for tokens."""
    targets = [seen.target for seen in small_cloud.seen if "/token" not in seen.target]
    return [{k: v[0] for k, v in parse_qs(one.partition("?")[2]).items()} for one in targets]


def rows(*found: int, **more: Any) -> Rows:
    return [{"n": number, **more} for number in found]


async def test_the_passages_of_all_terminals_come_without_pictures(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    first = {"list": rows(1, 2), "has_more": True}
    small_cloud.answer(PASSAGES, first, {"list": rows(3), "has_more": False})
    assert await numbers(cloud.records.passages(["d1", "d2"], NOON - 60, NOON)) == [1, 2, 3]
    query = {
        "device_ids": "d1,d2",
        "start_time": f"{int(NOON - 60)}000",
        "end_time": f"{int(NOON)}000",
        "page_size": "200",
        "export_face_img": "false",
    }
    assert asked(small_cloud) == [{**query, "page_no": "1"}, {**query, "page_no": "2"}]


async def test_passages_come_with_pictures_where_these_are_asked_for(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(PASSAGES, {"list": rows(1, 2), "has_more": True})
    pages = cloud.records.passages(["d1"], NOON - 60, NOON, pictures=True, most_pages=1)
    assert await numbers(pages) == [1, 2]
    (query,) = asked(small_cloud)
    assert query.keys() == {"device_ids", "start_time", "end_time", "page_size", "page_no"}


async def test_an_access_log_without_end_is_given_up(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(PASSAGES, {"list": rows(1), "has_more": True})
    assert len(await numbers(cloud.records.passages(["d1"], NOON - 60, NOON))) == 50
    small_cloud.forget(PASSAGES)
    small_cloud.answer(PASSAGES, {"list": [], "has_more": True})
    assert await numbers(cloud.records.passages(["d1"], NOON - 60, NOON)) == []
    assert len(asked(small_cloud)) == 51


async def test_the_device_log_goes_on_after_the_last_row(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    first = {"logs": rows(1, 2), "has_more": True, "last_row_key": "k2"}
    small_cloud.answer(REPORTS, first, {"logs": rows(3), "has_more": False, "last_row_key": "k3"})
    pages = cloud.records.reports("d1", ["doorbell", "alarm_lock"], NOON - 60, NOON)
    assert await numbers(pages) == [1, 2, 3]
    first_query, second_query = asked(small_cloud)
    assert first_query["codes"] == "doorbell,alarm_lock"
    assert (first_query["size"], len(first_query["start_time"])) == ("99", 13)
    assert second_query == {**first_query, "last_row_key": "k2"}


async def test_nobody_who_has_read_enough_makes_another_call(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(REPORTS, {"logs": rows(1, 2), "has_more": True, "last_row_key": "k"})
    pages = cloud.records.reports("d1", ["doorbell"], NOON - 60, NOON)
    assert await numbers(pages, most=2) == [1, 2]
    assert len(asked(small_cloud)) == 1


@pytest.mark.parametrize("end", [{"logs": []}, {"logs": None}, {"logs": rows(2), "has_more": True}])
async def test_a_device_log_that_says_more_but_not_from_where_ends(
    cloud: TuyaCloud, small_cloud: SmallCloud, end: dict[str, Any]
) -> None:
    small_cloud.answer(
        REPORTS,
        {"logs": rows(1), "has_more": True, "last_row_key": "k"},
        {"last_row_key": "", **end},
    )
    await numbers(cloud.records.reports("d1", ["doorbell"], NOON - 60, NOON))
    assert len(asked(small_cloud)) == 2


async def test_a_log_without_end_is_given_up(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(REPORTS, {"logs": rows(1), "has_more": True, "last_row_key": "k"})
    pages = cloud.records.reports("d1", ["doorbell"], NOON - 60, NOON)
    assert len(await numbers(pages)) == 50


async def test_the_openings_of_a_lock_are_asked_for_in_seconds(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(
        OPENINGS, {"logs": rows(*range(50)), "total": 51}, {"logs": rows(50), "total": 51}
    )
    assert await numbers(cloud.records.openings("d1", NOON - 60.5, NOON)) == [*range(51)]
    first, second = asked(small_cloud)
    assert (first["start_time"], first["end_time"]) == (f"{int(NOON - 61)}", f"{int(NOON + 1)}")
    assert (first["page_no"], second["page_no"], first["page_size"]) == ("1", "2", "50")


async def test_the_newest_openings_of_a_lock_are_one_call(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(OPENINGS, {"logs": rows(*range(50)), "total": 500})
    pages = cloud.records.openings("d1", NOON - 60, NOON, most_pages=1)
    assert len(await numbers(pages)) == 50
    assert len(asked(small_cloud)) == 1


async def test_a_log_that_ends_with_a_full_page_costs_no_call_more(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(OPENINGS, {"logs": rows(*range(50)), "total": 50})
    assert len(await numbers(cloud.records.openings("d1", NOON - 60, NOON))) == 50
    assert len(asked(small_cloud)) == 1


async def test_the_alarms_of_a_lock_are_read_back_to_the_time_asked_for(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    # Alarms tell seconds where everything else tells milliseconds.
    small_cloud.answer(
        ALARMS,
        {"records": rows(*range(50), update_time=int(NOON - 10)), "total": 500},
        {"records": rows(*range(50), update_time=int(NOON - 90)), "total": 500},
    )
    pages = cloud.records.alarms("d1", ["alarm_lock", "hijack"], NOON - 60)
    assert len(await numbers(pages)) == 100
    assert (
        asked(small_cloud)[0]["codes"] == asked(small_cloud)[0]["dp_codes"] == "alarm_lock,hijack"
    )


async def test_records_are_asked_for_without_times_whose_unit_nobody_knows(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(RECORDS, {"records": rows(1, gmt_create=int(NOON * 1000)), "total": 1})
    assert await numbers(cloud.records.records("d1", ["unlock_card"], NOON - 60)) == [1]
    (query,) = asked(small_cloud)
    assert (query["start_time"], query["end_time"]) == ("0", "0")
    assert query["target_standard_dp_codes"] == "unlock_card"


async def test_a_log_that_is_not_subscribed_says_so(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.refuse(OPENINGS, 28841106)
    with pytest.raises(TuyaPermissionError) as error:
        await numbers(cloud.records.openings("d1", NOON - 60, NOON))
    assert error.value.reason is Reason.API_NOT_SUBSCRIBED
    assert "d1" not in str(error.value)
