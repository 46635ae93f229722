"""What keeps a published door from being seen in Tuya: named once, with its cure, and closed."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.tuyalink_intercom.api import Reason, TuyaCommandError, TuyaConnectionError
from custom_components.tuyalink_intercom.publishing.troubles import Doing, Trouble, trouble_of
from tests.homes import DOMAIN, entry_of, later, until
from tests.published import PRODUCT, garden, published_home, subentry
from tests.simulator import TuyaSimulator, commanding, registry

REPORT = "POST /v1.0/iot-03/3rdcloud/devices/{id}/property/report"


def repairs(hass: HomeAssistant) -> dict[str, dict[str, str]]:
    """Return what the repairs about published doors name, by the key of their words."""
    found = ir.async_get(hass).issues.values()
    return {
        str(one.translation_key): dict(one.translation_placeholders or {})
        for one in found
        if one.domain == DOMAIN and str(one.translation_key).startswith("published")
    }


def raised(hass: HomeAssistant, key: str) -> bool:
    return key in repairs(hass)


@pytest.mark.parametrize(
    ("arrange", "trouble", "code"),
    [
        ({"refused": 28841106}, Trouble.SERVICE, "28841106"),
        ({"refused": 28841105}, Trouble.SERVICE, "28841105"),
        ({"authorized": False}, Trouble.PRODUCT, "1106"),
        ({"licences": 0}, Trouble.LICENCE, "40002101"),
    ],
)
async def test_why_a_door_is_not_registered_is_told_until_it_is(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    arrange: dict[str, int],
    trouble: Trouble,
    code: str,
) -> None:
    if refused := arrange.get("refused"):
        simulator.fault("refuse", what="southbound", code=refused)
    else:
        registry.change_product(simulator, {"product_id": PRODUCT, **arrange})
    await garden(hass)
    entry = entry_of(simulator, subentry(""))
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(hass, freezer, lambda: raised(hass, trouble))
    assert repairs(hass)[trouble]["code"] == code
    (door,) = entry.runtime_data.published.doors.values()
    assert door.trouble is trouble
    simulator.fault("refuse", 0, what="southbound")
    registry.change_product(simulator, {"product_id": PRODUCT, "licences": 1, "authorized": True})
    await later(hass, freezer, 61)
    await until(hass, freezer, lambda: not repairs(hass))
    assert door.trouble is None
    assert door.publication.device_id in simulator.devices


async def test_a_service_that_ends_is_told_until_tuya_takes_reports_again(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await until(hass, freezer, lambda: home.device.values.get("lock_motor_state") is False)
    simulator.fault("refuse", what="southbound", code=28841106)
    home.lock.stand(locked=False)
    await until(hass, freezer, lambda: raised(hass, Trouble.SERVICE))
    simulator.fault("refuse", 0, what="southbound")
    home.entry.runtime_data.published.doors[home.subentry_id].sender.retry()
    await until(hass, freezer, lambda: not repairs(hass))
    assert home.device.values["lock_motor_state"] is True


async def test_a_product_that_is_withdrawn_is_told_until_it_is_back(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await until(hass, freezer, lambda: home.device.values.get("lock_motor_state") is False)
    registry.change_product(simulator, {"product_id": PRODUCT, "authorized": False})
    home.lock.stand(locked=False)
    await until(hass, freezer, lambda: raised(hass, Trouble.PRODUCT))
    assert repairs(hass)[Trouble.PRODUCT]["product"] == PRODUCT
    registry.change_product(simulator, {"product_id": PRODUCT, "authorized": True})
    home.entry.runtime_data.published.doors[home.subentry_id].sender.retry()
    await until(hass, freezer, lambda: not repairs(hass))
    assert home.device.values["lock_motor_state"] is True


async def test_a_product_that_lacks_codes_is_named_with_them_until_it_has_them(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, simulator: TuyaSimulator
) -> None:
    known = simulator.southbound.products[PRODUCT]
    properties, events = list(known.properties), list(known.events)
    registry.change_product(
        simulator, {"product_id": PRODUCT, "properties": properties[1:], "events": events[1:]}
    )
    home = await published_home(hass, simulator)
    await until(hass, freezer, lambda: raised(hass, Trouble.MODEL))
    assert repairs(hass)[Trouble.MODEL]["codes"] == "lock_motor_state, ring"
    registry.change_product(
        simulator, {"product_id": PRODUCT, "properties": properties, "events": events}
    )
    doors = home.entry.runtime_data.published
    # Somebody opens the product's page of the published door.
    await doors.model(home.device.id, PRODUCT, fresh=True)
    assert not repairs(hass)
    await until(hass, freezer, lambda: home.device.values.get("lock_motor_state") is False)


async def test_a_rule_without_commands_is_told_until_a_command_comes(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    home.entry.runtime_data.published.doors[home.subentry_id].rule_missing(missing=True)
    assert repairs(hass)[Trouble.RULE]["door"] == "Garden door"
    command = commanding.execute(simulator, home.device.id, "unlock")
    await simulator.until(lambda: command.answer is not None)
    assert not repairs(hass)


async def test_a_repair_goes_with_its_publication(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    home.entry.runtime_data.published.doors[home.subentry_id].rule_missing(missing=True)
    hass.config_entries.async_remove_subentry(home.entry, home.subentry_id)
    await simulator.until(lambda: home.device.id not in simulator.devices)
    await hass.async_block_till_done()
    assert not repairs(hass)


@pytest.mark.parametrize(
    ("reason", "code", "doing", "trouble"),
    [
        (Reason.API_NOT_SUBSCRIBED, 28841106, Doing.EVENT, Trouble.SERVICE),
        (Reason.API_EXPIRED, 28841102, Doing.REGISTER, Trouble.SERVICE),
        (Reason.NOT_FOUND, 2005, Doing.REGISTER, Trouble.PRODUCT),
        (Reason.NOT_SUPPORTED, 2009, Doing.REGISTER, Trouble.PRODUCT),
        (Reason.UNKNOWN, 40002101, Doing.REGISTER, Trouble.LICENCE),
        (Reason.NOT_FOUND, 2010, Doing.ONLINE, Trouble.GONE),
        (Reason.NOT_FOUND, 1000, Doing.PROPERTIES, Trouble.GONE),
        (Reason.NOT_LINKED, 1106, Doing.EVENT, Trouble.GONE),
        (Reason.NOT_FOUND, 1000, Doing.ANSWER, None),
        (Reason.NOT_FOUND, 2010, Doing.ANSWER, Trouble.GONE),
        (Reason.NOT_SUPPORTED, 1109, Doing.PROPERTIES, Trouble.MODEL),
        (Reason.NOT_SUPPORTED, 2008, Doing.POINTS, Trouble.MODEL),
        (Reason.NOT_SUPPORTED, 1101, Doing.UPDATE, None),
        (Reason.QUOTA_USED_UP, 28841004, Doing.REGISTER, None),
        (Reason.UNKNOWN, 7, Doing.EVENT, None),
    ],
)
def test_what_a_refusal_means_depends_on_what_was_done(
    reason: Reason, code: int, doing: Doing, trouble: Trouble | None
) -> None:
    assert trouble_of(TuyaCommandError(reason, "call", code=code), doing) is trouble


def test_no_answer_is_no_trouble_of_the_door() -> None:
    error = TuyaConnectionError(Reason.TIMED_OUT, "call")
    assert not [doing for doing in Doing if trouble_of(error, doing)]
