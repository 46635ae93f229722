"""The published doors of a project as its subentries, and flows under way, tell them."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

from ..kept.publications import Publications, Registered
from ..model.publication import (
    DEVICE_ID,
    PRODUCT_ID,
    THIRD_ID,
    Publication,
    Published,
    UnusablePublicationError,
)

SUBENTRY_TYPE: Final = "published_door"

type Seen = dict[str, tuple[str, Mapping[str, Any]]]
"""Titles and data of subentries by their ids."""

_UNDERWAY: WeakKeyDictionary[ConfigEntry, dict[str, str]] = WeakKeyDictionary()


def underway_of(entry: ConfigEntry) -> dict[str, str]:
    """Return products by our own ids of doors that a flow is about to publish.

    The same while Home Assistant runs: a flow outlives a reload of its entry.
    """
    return _UNDERWAY.setdefault(entry, {})


def published_in(entry: ConfigEntry, publications: Publications) -> Published:
    """Return what of a project is published, is to be, or was until Tuya lets it go."""
    found = [one.data for one in entry.get_subentries_of_type(SUBENTRY_TYPE)]
    known = publications.all()
    return Published(
        devices=_texts(found, DEVICE_ID).union(one.device_id for one in known if one.device_id),
        products=_texts(found, PRODUCT_ID).union(
            [one.product_id for one in known], underway_of(entry).values()
        ),
    )


def published_as(entry: ConfigEntry, third_id: str) -> Publication | None:
    """Return a door as its subentry has it now: what changed is loaded anew a moment later."""
    found = (one for one in readable(entry)[0].values() if one.third_id == third_id)
    return next(found, None)


def leaving(entry: ConfigEntry, publications: Publications) -> list[Registered]:
    """Return the doors that Tuya knows and nobody publishes any more."""
    found = [one.data for one in entry.get_subentries_of_type(SUBENTRY_TYPE)]
    kept = _texts(found, THIRD_ID).union(underway_of(entry))
    return [one for one in publications.all() if one.third_id not in kept]


def readable(entry: ConfigEntry) -> tuple[dict[str, Publication], list[ConfigSubentry]]:
    """Return the doors by subentry id, and the subentries that cannot be read."""
    doors: dict[str, Publication] = {}
    unusable: list[ConfigSubentry] = []
    for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE):
        try:
            doors[subentry.subentry_id] = Publication.of(subentry.title, subentry.data)
        except UnusablePublicationError:
            unusable.append(subentry)
    return doors, unusable


def seen_in(entry: ConfigEntry) -> Seen:
    """Return what is to be compared with later."""
    return {
        one.subentry_id: (one.title, dict(one.data))
        for one in entry.get_subentries_of_type(SUBENTRY_TYPE)
    }


def _texts(found: Collection[Mapping[str, Any]], key: str) -> frozenset[str]:
    told = (data.get(key) for data in found)
    return frozenset(one for one in told if isinstance(one, str) and one)
