"""What the owner of the home says of names, taken as any other word: at once, everywhere."""

from collections.abc import Iterable
from typing import Final

from homeassistant.core import callback

from ..coordinator import TuyaLinkCoordinator
from ..model.changes import PersonNamed
from ..model.registry import Origin, Subject

LONGEST: Final = 64
"""A name becomes a state and a line of a list."""


@callback
def async_name(coordinator: TuyaLinkCoordinator, subjects: Iterable[Subject], name: str) -> None:
    """Call people as the owner says; an empty name brings back what others say."""
    now = coordinator.cloud.now()
    coordinator.take(
        [
            PersonNamed(
                device_id=device_id,
                time=now,
                person=key,
                name=" ".join(name.split())[:LONGEST],
                origin=Origin.OWNER,
            )
            for device_id, key in subjects
        ]
    )


@callback
def async_forget(coordinator: TuyaLinkCoordinator, subjects: Iterable[Subject]) -> None:
    """Forget people, until Tuya or the owner tells of them again."""
    coordinator.people.forget({*subjects})
    coordinator.take([])
