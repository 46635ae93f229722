"""Making doors known to Tuya, and unknown again.

Both end in the same state however often they are tried, and whatever became of the last try. What
Tuya may know of is written down before Tuya is asked.
"""

from collections.abc import Callable

from homeassistant.core import callback

from ..api import (
    NO_DEVICE,
    DeviceDraft,
    Reason,
    RegisteredDevice,
    TuyaCloud,
    TuyaCommandError,
    TuyaError,
)
from ..kept.publications import Publications, Registered
from ..model.publication import Binding, Publication


class Registration:
    """What Tuya knows of the doors of one project; `announce` is called when that changes."""

    def __init__(
        self, cloud: TuyaCloud, publications: Publications, announce: Callable[[], None]
    ) -> None:
        self._cloud = cloud
        self._publications = publications
        self._announce = announce

    async def register(self, publication: Publication, *, anew: bool = False) -> RegisteredDevice:
        """Make a door known, or find it; raises TuyaError.

        One that is known as another product, or is to be made known `anew`, is removed before.
        """
        before = self._publications.get(publication.third_id)
        await self._expect(publication, before)
        try:
            device = await self._registered(publication, anew=anew)
        except TuyaError as error:
            if before is None and not error.uncertain:
                self.forget(publication.third_id)
            raise
        self._keep(publication, device.device_id, device.name or publication.name)
        await self._publications.save()
        return device

    async def look_up(self, third_id: str) -> RegisteredDevice | None:
        """Return a door as Tuya knows it, `None` if it does not; raises TuyaError."""
        try:
            return await self._cloud.cloud_to_cloud.get(third_id)
        except TuyaError as error:
            if error.reason not in NO_DEVICE:
                raise
            return None

    async def rename(self, publication: Publication) -> None:
        """Tell Tuya the name of a door, unless it was told; raises TuyaError."""
        known = self._publications.get(publication.third_id)
        if known is None or known.name != publication.name:
            await self._cloud.cloud_to_cloud.update(publication.device_id, publication.name)
            self._keep(publication, publication.device_id, publication.name)

    async def remove(self, third_id: str, device_id: str = "") -> None:
        """Make Tuya forget a door; one that it does not know is fine. Raises TuyaError."""
        if not device_id:
            found = await self.look_up(third_id)
            device_id = found.device_id if found else ""
        if device_id:
            await self._removed(third_id, device_id)
        self.forget(third_id)

    @callback
    def keep(self, publication: Publication) -> None:
        """Remember a door that a subentry says is registered."""
        if publication.device_id and self._publications.get(publication.third_id) is None:
            # By which name Tuya knows it is not told: it had that of then.
            self._keep(publication, publication.device_id, publication.name)

    @callback
    def forget(self, third_id: str) -> None:
        """Forget a door that Tuya does not know."""
        self._publications.forget(third_id)
        self._announce()

    async def _expect(self, publication: Publication, before: Registered | None) -> None:
        if before is None:
            self._keep(publication, "", publication.name)
        else:
            # Its product may become another one.
            self._announce()
        await self._publications.save()

    async def _registered(self, publication: Publication, *, anew: bool) -> RegisteredDevice:
        known = await self.look_up(publication.third_id)
        if known is not None and (anew or known.product_id not in {None, publication.product_id}):
            await self._removed(publication.third_id, known.device_id)
            known = None
        if known is not None and _has_all(known, publication.binding):
            return known
        draft = DeviceDraft(
            name=publication.name,
            product_id=publication.product_id,
            gateway_id=await self._gateway(publication),
            group_id=publication.group_id if publication.binding is Binding.GROUP else None,
            has_qrcode=publication.binding is Binding.QR_CODE,
        )
        return await self._cloud.cloud_to_cloud.register(publication.third_id, draft)

    async def _gateway(self, publication: Publication) -> str | None:
        if publication.gateway is None:
            return None
        known = self._publications.get(publication.gateway)
        if known is not None and known.device_id:
            return known.device_id
        found = await self.look_up(publication.gateway)
        if found is None:
            raise TuyaCommandError(Reason.NOT_FOUND, "the gateway of a published door")
        return found.device_id

    async def _removed(self, third_id: str, device_id: str) -> None:
        calls = self._cloud.cloud_to_cloud
        try:
            await calls.unbind(device_id)
        except TuyaError as error:
            # Nobody has it, or it is gone: to be removed all the same.
            if not isinstance(error, TuyaCommandError) and error.reason not in NO_DEVICE:
                raise
        try:
            await calls.remove(device_id)
        except TuyaError as error:
            if error.reason is Reason.NOT_LINKED:
                # Tuya says so of what is gone, too.
                if await self.look_up(third_id) is not None:
                    raise
            elif error.reason is not Reason.NOT_FOUND:
                raise

    def _keep(self, publication: Publication, device_id: str, name: str) -> None:
        self._publications.keep(registered_as(publication, device_id, name))
        self._announce()


def _has_all(known: RegisteredDevice, binding: Binding) -> bool:
    """Tell whether a door that Tuya knows needs not be registered again to be bound like this."""
    return binding is Binding.NONE or (binding is Binding.QR_CODE and known.short_url is not None)


def registered_as(publication: Publication, device_id: str, name: str) -> Registered:
    """Return what is to be remembered of a door that Tuya knows by this id and name."""
    return Registered(
        third_id=publication.third_id,
        device_id=device_id,
        product_id=publication.product_id,
        name=name,
        gateway=publication.gateway,
    )
