"""Where a picture can be downloaded: what a message tells, made into an address and a key."""

from dataclasses import dataclass, field

from ..api import CaptureError
from ..coordinator import TuyaLinkCoordinator
from ..model.changes import CaptureTaken
from ..model.pictures import PictureForm


class SealedError(CaptureError):
    """The picture is encrypted with a key that Tuya's cloud keeps for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """A signed address, and the key of what lies there (empty: not encrypted)."""

    url: str = field(repr=False)
    key: str = field(repr=False)


class PictureFinder:
    """Asks Tuya where the pictures of one project lie."""

    def __init__(self, coordinator: TuyaLinkCoordinator) -> None:
        self._coordinator = coordinator

    async def find(self, capture: CaptureTaken) -> Whereabouts:
        """Return where a picture is; `TuyaError` if Tuya tells not, `SealedError` if none can."""
        picture = capture.picture
        match picture.form:
            case PictureForm.ADDRESS:
                return Whereabouts(url=picture.url, key=picture.key)
            case PictureForm.SEALED:
                raise SealedError("encrypted by Tuya's cloud")
        url = await self._coordinator.cloud.devices.movement_url(
            capture.device_id, picture.bucket, picture.path
        )
        return Whereabouts(url=url, key=picture.key)
