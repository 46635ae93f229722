"""Where a picture can be downloaded: what a message tells, made into an address and a key.

A sealed message is opened by Tuya's cloud, if by anybody: it is asked once per message, and not
at all for a day after it refused.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from ..api import OF_SERVICE, CaptureError, Reason, TuyaError
from ..const import CONF_APP_UID
from ..coordinator import TuyaLinkCoordinator
from ..model.changes import CaptureSealed, CaptureTaken
from ..model.pictures import PictureForm, PictureReference, unsealed

_REFUSED = 24 * 3600.0
_OPENED = 50
"""Messages remembered as opened: their files may have to be asked for again."""
_ALL = ""
"""A project without the service has it for no device."""
_REFUSALS = frozenset(
    {
        Reason.APP_ACCOUNT,
        Reason.MALFORMED_ANSWER,
        Reason.NOT_FOUND,
        Reason.NOT_LINKED,
        Reason.NOT_SUPPORTED,
        Reason.UNKNOWN,
    }
)


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
        self._opened: OrderedDict[str, PictureReference | None] = OrderedDict()
        self._refused: dict[str, float] = {}
        """By device, or for all under no id: when Tuya refused to open a message."""

    async def find(self, capture: CaptureTaken) -> Whereabouts:
        """Return where a picture is; `TuyaError` if Tuya tells not, `SealedError` if none can."""
        picture = capture.picture
        if picture.form is PictureForm.SEALED:
            picture = await self._open(capture)
        if picture.form is PictureForm.ADDRESS:
            return Whereabouts(url=picture.url, key=picture.key)
        url = await self._coordinator.cloud.devices.movement_url(
            capture.device_id, picture.bucket, picture.path
        )
        return Whereabouts(url=url, key=picture.key)

    async def _open(self, capture: CaptureTaken) -> PictureReference:
        sealed = capture.picture.sealed
        if sealed not in self._opened and sealed and (uid := self._uid(capture.device_id)):
            self._opened[sealed] = await self._ask(uid, capture)
            while len(self._opened) > _OPENED:
                self._opened.popitem(last=False)
        if (opened := self._opened.get(sealed)) is None:
            self._coordinator.take((_unopened(capture),))
            raise SealedError("encrypted by Tuya's cloud")
        return opened

    def _uid(self, device_id: str) -> str:
        """Return the account to ask as; none while Tuya is known to refuse it."""
        since = self._coordinator.cloud.now() - _REFUSED
        if any(self._refused.get(key, 0.0) > since for key in (_ALL, device_id)):
            return ""
        options = self._coordinator.config_entry.options
        owner = self._coordinator.inventory.owners.get(device_id, "")
        return str(options.get(CONF_APP_UID) or owner).strip()

    async def _ask(self, uid: str, capture: CaptureTaken) -> PictureReference | None:
        """Let Tuya open a message; what it refuses, or says in no known form, it will again."""
        cloud, device_id = self._coordinator.cloud, capture.device_id
        whose = device_id
        try:
            answer = await cloud.media.opened(uid, device_id, capture.picture.sealed)
        except TuyaError as error:
            if error.reason not in _REFUSALS | OF_SERVICE:
                raise
            whose = _ALL if error.reason in OF_SERVICE else device_id
        else:
            if (found := unsealed(answer)) is not None:
                return found
        self._refused[whose] = cloud.now()
        known = {_ALL, *self._coordinator.data.devices}
        self._refused = {key: at for key, at in self._refused.items() if key in known}
        return None


def _unopened(capture: CaptureTaken) -> CaptureSealed:
    return CaptureSealed(
        device_id=capture.device_id,
        time=capture.time,
        event_id=capture.event_id,
        live=capture.live,
    )
