"""What Tuya may say instead of opening: a sentence for each, a repair where there is a cure.

Nothing is opened, nothing is sent again, and the next opening that works takes the repair away.
"""

from itertools import batched

from homeassistant.core import HomeAssistant
import pytest

from custom_components.tuyalink_intercom.api.errors import REASONS, TOKEN_CODES, Reason
from tests.homes import arrived, later
from tests.openings import PASSWORD, Home, Live, document

LOST = {Reason.SERVER_ERROR, Reason.NOT_DELIVERED}
KINDS = {
    "relay": "intercom",
    "lock": "front_door_lock",
    "controller": "gate_keypad",
    "terminal": "face_terminal",
}
CURABLE = {
    Reason.API_NOT_SUBSCRIBED: "doors_not_subscribed",
    Reason.API_EXPIRED: "doors_expired",
    Reason.API_NOT_AUTHORIZED: "doors_not_authorized",
    Reason.NOT_LINKED: "doors_not_linked",
    Reason.APP_ACCOUNT: "doors_app_account",
    Reason.IP_OR_REGION: "doors_ip_or_region",
    Reason.DEVICE_POOL_USED_UP: "device_pool_used_up",
}
OF_LOCKS = {
    Reason.API_NOT_SUBSCRIBED: "lock_service_not_subscribed",
    Reason.API_EXPIRED: "lock_service_expired",
    Reason.API_NOT_AUTHORIZED: "lock_service_not_authorized",
}
WORDS = {
    "relay": {},
    "lock": {**OF_LOCKS, Reason.DEVICE_OFFLINE: "door_asleep_asks"},
    "controller": OF_LOCKS,
    "terminal": {},
}
WAYS = 2
DEFINITE = {2003, 2008, 2009, 1106, 1108, 1109, *range(28841001, 28841004)} | {
    *(28841101, 28841102, 28841103, 28841105, 28841106)
}
# What Tuya says of openings, what it says of the project, and codes that nobody has listed.
COMMON = {
    *(1103, 1106, 1108, 1109, 2001, 2003, 2004, 2008, 2009, 2010, 60001001),
    *(28841101, 28841102, 28841105, 28841106, 500, 1110),
    *(501, 1003, 99999999),
}
# Every code at a lock; at other doors one of each reason at least.
FIRST = {min(code for code, known in REASONS.items() if known is one) for one in REASONS.values()}
AT_ONE_HOME = 8
"""So many are tried one after the other: to set a home up takes longer than to press."""
MATRIX = [
    (kind, block)
    for kind in KINDS
    for block in batched(
        sorted({*(REASONS if kind == "lock" else FIRST), *COMMON}), AT_ONE_HOME, strict=False
    )
]
PATHS = {
    "relay": "properties/issue",
    "lock": "door-operate",
    "controller": "password-free/open-door",
    "terminal": "actions/open",
}
OPENING = (
    "door-operate",
    "password-free/open-door",
    "/commands",
    "properties/issue",
    "actions/open",
)


def sentence(kind: str, reason: Reason) -> str:
    if reason in LOST:
        return "no_answer_may_have_opened" if kind == "relay" else "not_confirmed"
    return WORDS[kind].get(reason, f"reason_{reason}")


def sent(home: Home) -> int:
    return sum(home.called(path) for path in OPENING)


def expected_calls(code: int) -> int:
    if code in TOKEN_CODES or code == 1013:
        # Refused before anything is done: the same call goes out once more, signed anew.
        return 2
    return WAYS if code in DEFINITE else 1


@pytest.mark.parametrize(("kind", "codes"), MATRIX)
async def test_a_refusal_is_told_opens_nothing_and_is_forgotten_when_it_works_again(
    live: Live, kind: str, codes: tuple[int, ...]
) -> None:
    async with live(document(KINDS[kind])) as home:
        for number, code in enumerate(codes):
            reason, before = REASONS.get(code, Reason.UNKNOWN), sent(home)
            home.cloud.fault("refuse", 1, what="commands", code=code)
            assert await home.press() == sentence(kind, reason), code
            assert home.door().opened == number, code
            assert sent(home) - before == expected_calls(code), code
            assert home.repairs() == ({CURABLE[reason]} if reason in CURABLE else set()), code
            home.cloud.fault("refuse", 0, what="commands")
            assert await home.press() is None, code
            assert home.door().opened == number + 1, code
            assert home.repairs() == set(), code
            home.cloud.relock(home.device.id)
            await later(home.hass, home.freezer, 6)
            await home.until(lambda: home.state().state == "locked")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("http_429", Reason.THROTTLED),
        ("http_500", Reason.SERVER_ERROR),
        ("http_502", Reason.SERVER_ERROR),
        ("http_503", Reason.SERVER_ERROR),
    ],
)
async def test_after_a_gateways_answer_nothing_more_is_sent(
    live: Live,
    kind: str,
    fault: str,
    reason: Reason,
) -> None:
    async with live(document(KINDS[kind])) as home:
        home.cloud.fault(fault, 1, method="POST", path=PATHS[kind])
        assert await home.press() == sentence(kind, reason)
        assert (home.door().opened, sent(home), home.repairs()) == (0, 1, set())
        assert await home.press() is None
        assert home.door().opened == 1


@pytest.mark.parametrize(
    ("fault", "door", "key"),
    [
        ("remote_unlock_closed", {}, "remote_unlock_off"),
        ("remote_unlock_password", {}, "remote_unlock_needs_password"),
        (None, {"own_password": True}, "remote_password_off"),
    ],
)
async def test_what_the_owner_has_switched_off_is_told_by_door_and_taken_back(
    live: Live,
    fault: str | None,
    door: dict[str, bool],
    key: str,
) -> None:
    code = {"code": PASSWORD} if door else {}
    async with live(document("front_door_lock"), door) as home:
        if fault:
            home.cloud.fault(fault, 1)
        assert await home.press(**code) == key
        assert (home.door().opened, sent(home)) == (0, 0)
        assert home.repairs() == {key}
        if door:
            home.cloud.fault("remote_unlock_password", 1)
        assert await home.press(**code) is None
        assert (home.door().opened, home.repairs()) == (1, set())


async def test_a_wrong_password_of_the_lock_opens_nothing_and_no_other_way_is_tried(
    live: Live,
) -> None:
    door = {"own_password": True}
    async with live(document("front_door_lock"), door) as home:
        home.device.own_passwords.add(PASSWORD)
        home.cloud.fault("remote_unlock_password", 3)
        assert await home.press(code="999999") == "door_password_refused"
        assert (home.door().opened, sent(home)) == (0, 0)
        assert await home.press(code=PASSWORD) is None
        assert home.door().opened == 1
        assert PASSWORD in home.cloud.issued.all()


async def test_a_lock_with_nobody_to_ask_is_to_be_woken(
    hass: HomeAssistant,
    live: Live,
) -> None:
    async with live(document("video_lock")) as home:
        await arrived(hass, home.cloud, home.cloud.scenario("offline", home.device.id))
        assert await home.press() == "door_asleep"
        assert home.door().opened == 0


async def test_an_intercom_without_power_is_said_to_be_offline(
    live: Live,
) -> None:
    async with live(document("intercom")) as home:
        home.device.online = False
        assert await home.press() == "reason_device_offline"
        assert home.door().opened == 0


async def test_an_answer_after_the_countdown_opens_nothing(
    hass: HomeAssistant,
    live: Live,
) -> None:
    async with live(document("front_door_lock")) as home:
        sent = home.cloud.scenario("asks_to_open", home.device.id)
        await arrived(hass, home.cloud, sent)
        assert home.state().attributes["strategy"] == "reply_request"
        home.cloud.clock_shift = 29.0
        home.device.times["unlock_request"] -= 2000
        assert await home.press() == "not_confirmed"
        assert home.door().opened == 0
        home.cloud.clock_shift = 0.0
