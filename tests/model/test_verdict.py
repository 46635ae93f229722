"""The ladder of causes: from what was seen to why no ring came."""

import pytest

from custom_components.tuyalink_intercom.model.verdict import Cause, Heard, WaysIn, verdict

BELLS = {"bell"}
OPEN = WaysIn(queue="connected")


@pytest.mark.parametrize(
    ("ways", "cause"),
    [
        (WaysIn(queue=None), Cause.OFF),
        (WaysIn(queue=None, webhook=True), Cause.WEBHOOK_NOTHING),
        (WaysIn(queue="refused_credentials"), Cause.REFUSED_CREDENTIALS),
        (WaysIn(queue="refused_service"), Cause.REFUSED_SERVICE),
        (WaysIn(queue="refused_environment"), Cause.REFUSED_ENVIRONMENT),
        (WaysIn(queue="busy"), Cause.BUSY),
        (WaysIn(queue="lost"), Cause.LOST),
        (WaysIn(queue=""), Cause.LOST),
        (WaysIn(queue="connected", test=True), Cause.TEST_NOTHING),
        (OPEN, Cause.NOTHING),
    ],
)
def test_silence_is_explained_by_the_way_in(ways: WaysIn, cause: Cause) -> None:
    assert verdict(ways, [], BELLS) is cause


@pytest.mark.parametrize(
    ("heard", "cause"),
    [
        ([Heard(device_id="plug", age=1)], Cause.OTHERS),
        ([Heard(device_id="bell", age=1)], Cause.NO_RING),
        ([Heard(device_id="bell")], Cause.NO_RING),
        ([Heard(device_id="bell", age=61)], Cause.OLD),
        ([Heard(device_id="plug", age=3600)], Cause.OLD),
        ([Heard(device_id="bell", age=61), Heard(device_id="plug", age=1)], Cause.OLD),
        ([Heard(device_id="bell", age=1, elsewhere=True)], Cause.OTHER_FLAT),
    ],
)
def test_what_came_says_more_than_how_it_could_have_come(heard: list[Heard], cause: Cause) -> None:
    for ways in (OPEN, WaysIn(queue="lost"), WaysIn(queue=None)):
        assert verdict(ways, heard, BELLS) is cause
