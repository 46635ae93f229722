"""The pictures in Home Assistant's media browser: project, device, day, occasion, picture.

The level of projects is left out while only one runs. Every folder shows its newest picture, and
can be searched from there downwards.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, override

from homeassistant.components import media_source
from homeassistant.components.media_player.browse_media import SearchMedia, SearchMediaQuery
from homeassistant.components.media_player.const import MediaClass, MediaType
from homeassistant.components.media_player.errors import BrowseError
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_cached_translations

from .captures.folders import Folder, Picture, find
from .captures.gallery import name_of, picture_url, taken, thumbnail_url
from .const import DOMAIN
from .model.changes import Occasion

_NAME: Final = "TuyaLink Intercom"
_MOST_FOUND: Final = 100
# New in 2026.11; before, whoever wants the picture itself takes the path.
_MEDIA_IMAGE: Final = getattr(media_source, "MediaImage", None)


async def async_get_media_source(hass: HomeAssistant) -> CaptureSource:
    """Offer the pictures of all projects."""
    return CaptureSource(hass)


class CaptureSource(MediaSource):
    """Pictures that were taken at the doors."""

    name = _NAME

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Open a folder; raises `BrowseError` where there is nothing, or nothing any more."""
        found, page = self._find(item), Page(self.hass)
        if isinstance(found, Picture):
            return page.picture(found, alone=True)
        inside = (
            [page.picture(picture) for picture in found.pictures]
            if found.innermost
            else [page.folder(folder) for folder in found.folders()]
        )
        return page.folder(found, inside, root=not item.identifier)

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        """Find the newest pictures that every word fits: by person, device, occasion or time."""
        found, page = self._find(item), Page(self.hass)
        words, classes = query.search_query.casefold().split(), query.media_filter_classes
        if isinstance(found, Picture) or not words or (classes and MediaClass.IMAGE not in classes):
            return SearchMedia(result=[])
        fitting = (one for one in found.pictures if page.fits(one, words))
        return SearchMedia(
            result=[page.picture(one, alone=True) for one in islice(fitting, _MOST_FOUND)]
        )

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Say where a picture is; raises `Unresolvable` for what is none, or none any more."""
        found = find(self.hass, item.identifier or "")
        if not isinstance(found, Picture):
            raise Unresolvable(translation_domain=DOMAIN, translation_key="no_such_picture")
        capture = found.capture
        path = found.entry.runtime_data.captures.path(capture)
        return PlayMedia(picture_url(found.entry, capture), capture.content_type, path=path)

    async def async_get_media_image(self, item: MediaSourceItem) -> Any | None:
        """Return a picture itself, for those who send it on; `None` for what is none."""
        found = find(self.hass, item.identifier or "")
        if _MEDIA_IMAGE is None or not isinstance(found, Picture):
            return None
        data = await found.entry.runtime_data.captures.picture(found.capture)
        return None if data is None else _MEDIA_IMAGE(data, found.capture.content_type)

    def _find(self, item: MediaSourceItem) -> Folder | Picture:
        found = find(self.hass, item.identifier or "")
        if found is None:
            raise BrowseError(translation_domain=DOMAIN, translation_key="nothing_here")
        return found


class Page:
    """Folders and pictures as the media browser shows them, in the language of the system."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._folders = _words(hass, "common", "occasion_")
        self._pictures = _words(hass, "selector", "occasion.options.")

    def folder(
        self, folder: Folder, inside: Sequence[BrowseMediaSource] = (), *, root: bool = False
    ) -> BrowseMediaSource:
        """Show a folder."""
        newest = folder.pictures[0] if folder.pictures else None
        return BrowseMediaSource(
            domain=DOMAIN,
            identifier="" if root else "/".join(folder.path),
            media_class=MediaClass.APP if root else MediaClass.DIRECTORY,
            media_content_type=MediaType.IMAGE,
            title=_NAME if root else self._title(folder),
            can_play=False,
            can_expand=True,
            can_search=True,
            children=inside,
            children_media_class=MediaClass.IMAGE if folder.innermost else MediaClass.DIRECTORY,
            thumbnail=newest and thumbnail_url(newest.entry, newest.capture),
        )

    def picture(self, picture: Picture, *, alone: bool = False) -> BrowseMediaSource:
        """Show a picture, `alone` if no folder says where and when it was taken.

        A card has room for some twenty letters: what tells pictures apart comes first.
        """
        capture = picture.capture
        person, occasion = capture.person, self._pictures[capture.occasion]
        device, time = name_of(picture.device), taken(capture)
        told = (
            (device, person, _short(time), occasion)
            if alone
            else (f"{time:%H:%M:%S}", person, occasion)
        )
        return BrowseMediaSource(
            domain=DOMAIN,
            identifier="/".join(picture.path),
            media_class=MediaClass.IMAGE,
            media_content_type=capture.content_type,
            title=" · ".join(filter(None, told)),
            can_play=True,
            can_expand=False,
            thumbnail=thumbnail_url(picture.entry, capture),
        )

    def fits(self, picture: Picture, words: Sequence[str]) -> bool:
        """Tell whether each word (casefolded) is a part of what is told of a picture."""
        capture, time = picture.capture, taken(picture.capture)
        text = (
            f"{time:%Y-%m-%d %H:%M:%S} {_short(time)} "
            f"{name_of(picture.device)} {capture.person or ''} "
            f"{self._pictures[capture.occasion]} {self._folders[capture.occasion]}"
        ).casefold()
        return all(word in text for word in words)

    def _title(self, folder: Folder) -> str:
        picture = folder.pictures[0]
        titles = (
            picture.entry.title,
            name_of(picture.device),
            f"{taken(picture.capture):%Y-%m-%d}",
            self._folders[picture.capture.occasion],
        )
        return titles[len(folder.path) - 1]


def _short(time: datetime) -> str:
    return f"{time.day} {time:%b %H:%M}"


def _words(hass: HomeAssistant, category: str, prefix: str) -> dict[Occasion, str]:
    told = async_get_cached_translations(hass, hass.config.language, category, DOMAIN)
    return {
        occasion: told.get(f"component.{DOMAIN}.{category}.{prefix}{occasion}", occasion.value)
        for occasion in Occasion
    }
