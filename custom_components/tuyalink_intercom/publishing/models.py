"""The thing models of published products: one call for each in a week, or when asked to."""

from typing import Any

from ..api import TuyaCloud, TuyaError
from ..kept.publications import Publications
from ..model.function_list import mismatches
from ..model.publication import Publication
from ..model.thing_model import ThingModel

_NAMED = 10
"""Codes that a repair names; the others are a number."""


class Models:
    """The models of one project's published products."""

    def __init__(self, cloud: TuyaCloud, publications: Publications) -> None:
        self._cloud = cloud
        self._publications = publications

    async def get(self, device_id: str, product_id: str, *, fresh: bool = False) -> ThingModel:
        """Return the model of a product by one device of it.

        Raises TuyaError if Tuya does not tell it and none is known from before.
        """
        now = self._cloud.now()
        raw: Any = None if fresh else self._publications.model(product_id, now)
        if raw is None:
            try:
                raw = await self._cloud.devices.model(device_id)
            except TuyaError:
                raw = self._publications.model(product_id)
                if raw is None or fresh:
                    raise
            else:
                self._publications.describe(product_id, raw, now)
        return ThingModel.read(raw)


def lacks(publication: Publication, model: ThingModel) -> str:
    """Name the codes of a door that its product lacks, or has in another form."""
    codes = sorted({one.code for one in mismatches(publication, model)})
    more = [f"+{len(codes) - _NAMED}"] if len(codes) > _NAMED else []
    return ", ".join([*codes[:_NAMED], *more])
