"""The search for leaks finds what it is there to find."""

import logging

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom import diagnostics
from tests.leaks import DOMAIN, Spoken, listening
from tests.simulator import TuyaSimulator

SECRET = "0f3c5a7be1d24896"
CODE = "7301846"


def found(spoken: Spoken) -> list[str]:
    return [leak.partition(":")[0] for leak in spoken.leaks()]


@pytest.mark.parametrize("secret", [SECRET, CODE])
def test_a_secret_in_a_log_is_found(secret: str) -> None:
    with listening() as inner:
        inner.secrets.add(secret)
        logging.getLogger(f"custom_components.{DOMAIN}.api").debug("Opened with %s", secret)
    leaks = [*inner.leaks()]
    assert len(leaks) == 1
    assert secret not in leaks[0]


def test_a_secret_in_an_exception_that_is_logged_is_found() -> None:
    with listening() as inner:
        inner.secrets.add(SECRET)
        error = ValueError(SECRET)
        logging.getLogger(f"custom_components.{DOMAIN}").error("Failed", exc_info=error)
    assert found(inner) == ["log"]


async def test_a_secret_in_an_event_is_found_in_a_state_and_beside_it(
    hass: HomeAssistant,
) -> None:
    with listening() as inner:
        inner.secrets |= {SECRET, CODE}
        hass.states.async_set("sensor.door", "shut", {"url": f"https://a.example/?sign={SECRET}"})
        hass.bus.async_fire("tuyalink_intercom_moment", {"code": CODE})
    assert {*found(inner)} == {"event state_changed", "event tuyalink_intercom_moment"}


async def test_a_code_inside_a_longer_number_is_no_leak(hass: HomeAssistant) -> None:
    with listening() as inner:
        inner.secrets.add(CODE)
        hass.bus.async_fire("tuyalink_intercom_moment", {"time": f"1{CODE}5", "part": 0.7301846})
    assert found(inner) == []


async def test_the_answer_of_an_action_may_tell_what_was_asked_for_and_nothing_else(
    hass: HomeAssistant,
) -> None:
    def answer(_call: ServiceCall) -> ServiceResponse:
        return {"lock.gate": {"code": CODE, "name": f"Anna {SECRET}"}}

    hass.services.async_register(
        DOMAIN, "add_code", answer, supports_response=SupportsResponse.ONLY
    )
    for secret, expected in ((CODE, []), (SECRET, [f"answer of {DOMAIN}.add_code"])):
        with listening() as inner:
            inner.secrets.add(secret)
            await hass.services.async_call(
                DOMAIN, "add_code", {}, blocking=True, return_response=True
            )
        assert found(inner) == expected


async def test_a_secret_in_the_error_of_an_action_is_found(hass: HomeAssistant) -> None:
    def fail(_call: ServiceCall) -> None:
        raise HomeAssistantError(SECRET)

    hass.services.async_register(DOMAIN, "fail", fail)
    with listening() as inner:
        inner.secrets.add(SECRET)
        with pytest.raises(HomeAssistantError):
            await hass.services.async_call(DOMAIN, "fail", {}, blocking=True)
    assert f"error of {DOMAIN}.fail" in found(inner)


async def test_a_secret_in_a_repair_is_found(hass: HomeAssistant) -> None:
    with listening() as inner:
        inner.secrets.add(SECRET)
        ir.async_create_issue(
            hass,
            DOMAIN,
            "door",
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="door",
            translation_placeholders={"door": SECRET},
        )
    assert "repair door" in found(inner)


async def test_a_secret_in_diagnostics_is_found(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tell(_hass: HomeAssistant, _entry: MockConfigEntry) -> dict[str, str]:
        return {"url": f"https://a.example/?sign={SECRET}"}

    monkeypatch.setattr(diagnostics, "async_get_config_entry_diagnostics", tell)
    with listening() as inner:
        inner.secrets.add(SECRET)
        await diagnostics.async_get_config_entry_diagnostics(hass, entry)
    assert found(inner) == ["diagnostics"]


async def test_what_the_cloud_gives_away_is_known_to_the_search(
    spoken: Spoken, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    assert simulator.access_secret in spoken.secrets
    assert len(spoken.secrets) >= 3
