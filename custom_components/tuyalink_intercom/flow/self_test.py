"""The webhook's self-test: a signed sample, posted to our own address as the internet sees it."""

from dataclasses import dataclass
from enum import StrEnum
import json
from uuid import uuid4

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorSSLError,
    ClientError,
    ClientTimeout,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..api import signed_headers
from ..arrivals import Arrival
from ..const import CONF_ACCESS_ID, CONF_ACCESS_SECRET
from ..runtime import TuyaLinkConfigEntry
from ..webhook import SELF_TEST, async_public_address

_LIMIT = ClientTimeout(total=10)
_REDIRECTS = range(300, 400)
_REFUSED = 401


class Outcome(StrEnum):
    """What became of the sample; each has its sentence."""

    ACCEPTED = "accepted"
    NO_ADDRESS = "no_address"
    NO_CONNECTION = "no_connection"
    NO_NAME = "no_name"
    """The address's name is not known to the name server."""
    NOT_TRUSTED = "not_trusted"
    """The certificate does not fit the address, or is nobody's."""
    REDIRECTED = "redirected"
    REFUSED = "refused"
    SOMETHING_ELSE = "something_else"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class SelfTested:
    """The outcome, with the HTTP status of what answered."""

    outcome: Outcome
    status: int | None = None


async def async_self_test(hass: HomeAssistant, entry: TuyaLinkConfigEntry) -> SelfTested:
    """Post a sample to the entry's public address and tell what happened; 10 s at most."""
    address = await async_public_address(hass, entry)
    if address is None:
        return SelfTested(Outcome.NO_ADDRESS)
    coordinator, token, came = entry.runtime_data.coordinator, uuid4().hex, list[str]()
    body = json.dumps({"bizCode": SELF_TEST, "dataId": token})
    headers = signed_headers(
        body,
        access_id=entry.data[CONF_ACCESS_ID],
        access_secret=entry.data[CONF_ACCESS_SECRET],
        now=coordinator.cloud.now(),
    )

    @callback
    def arrived(arrival: Arrival) -> None:
        if arrival.message.payload.get("dataId") == token:
            came.append(token)

    stop = coordinator.watch(arrived)
    try:
        status = await _posted(hass, address, body, {**headers, "Content-Type": "application/json"})
    except TimeoutError:
        return SelfTested(Outcome.TIMED_OUT)
    except ClientError as error:
        return SelfTested(_failure(error))
    finally:
        stop()
    return SelfTested(Outcome.ACCEPTED if came else _answer(status), status)


async def _posted(hass: HomeAssistant, address: str, body: str, headers: dict[str, str]) -> int:
    session = async_get_clientsession(hass)
    # What is signed for us goes nowhere else, whatever answers.
    async with session.post(
        address, data=body.encode(), headers=headers, allow_redirects=False, timeout=_LIMIT
    ) as response:
        return response.status


def _failure(error: ClientError) -> Outcome:
    match error:
        case ClientConnectorDNSError():
            return Outcome.NO_NAME
        case ClientConnectorCertificateError() | ClientConnectorSSLError():
            return Outcome.NOT_TRUSTED
    return Outcome.NO_CONNECTION


def _answer(status: int) -> Outcome:
    if status in _REDIRECTS:
        return Outcome.REDIRECTED
    return Outcome.REFUSED if status == _REFUSED else Outcome.SOMETHING_ELSE
