"""Words for tests: pictures that lie on the shelf, as if taken at a time of one's choice."""

from datetime import date, datetime, time, timedelta
import io

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
from PIL import Image
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.album.record import Capture, capture_id
from custom_components.tuyalink_intercom.model.changes import Occasion
from tests.homes import DOMAIN
from tests.simulator import SimDevice


def jpeg(color: tuple[int, int, int] = (200, 120, 40), size: tuple[int, int] = (64, 48)) -> bytes:
    """Draw a picture."""
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "JPEG")
    return file.getvalue()


def day(ago: int) -> date:
    """Return a day of the user's calendar."""
    return dt_util.now().date() - timedelta(days=ago)


def at(ago: int, clock: str) -> datetime:
    """Return a time of a day, by the user's clock."""
    zone = dt_util.get_default_time_zone()
    return datetime.combine(day(ago), time.fromisoformat(clock), zone)


def shelved(
    entry: MockConfigEntry,
    device: SimDevice,
    when: datetime,
    occasion: Occasion = Occasion.RING,
    *,
    person: str | None = None,
    event_id: str = "event",
    picture: bytes | None = None,
) -> Capture:
    """Put a picture on the shelf."""
    data = picture or jpeg()
    capture = Capture(
        id=capture_id(
            device_id=device.id,
            event_id=event_id,
            occasion=occasion,
            time=when.timestamp(),
            place=when.isoformat(),
        ),
        device_id=device.id,
        event_id=event_id,
        occasion=occasion,
        time=when.timestamp(),
        content_type="image/jpeg",
        size=len(data),
        person=person,
    )
    entry.runtime_data.captures.keep(capture, data, live=False)
    return capture


def registered(hass: HomeAssistant, entry: MockConfigEntry, device: SimDevice) -> str:
    """Return Home Assistant's id of a device."""
    found = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, device.id), entry.entry_id)
    assert found is not None
    return found.id
