"""Live video: an address of Tuya's streaming service for each view.

An address opens once, within half a minute, and is cut after ten minutes: it is never kept.
"""

from .api import TuyaCloud, TuyaError

_PREFERRED, _ELSE = "rtsp", "hls"


async def stream_address(cloud: TuyaCloud, device_id: str) -> str:
    """Return a fresh address to view a device; raise `TuyaError`. The address is secret."""
    try:
        return await cloud.devices.stream(device_id, _PREFERRED)
    except TuyaError as error:
        if not error.definite:
            raise
    return await cloud.devices.stream(device_id, _ELSE)
