"""Calls about pictures that no message leads to: sealed messages, and the albums of locks."""

from typing import Any

from .calls import Request, Rows, as_object, as_rows

_OPEN = "/v1.0/users/{uid}/devices/{device_id}/message/decrypt"
_ALBUM = "/v1.0/smart-lock/devices/{device_id}/albums-media"
_PAGE = 20


class MediaCalls:
    """The picture calls of one project; every method raises TuyaError."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def opened(self, uid: str, device_id: str, message: str) -> Any:
        """Return what a sealed message says, in whatever shape: Tuya documents none.

        `message` is base64 of its JSON, `uid` the app account that has the device. The call is
        in an old document of Tuya's; whether a project may make it, only trying tells.
        """
        ids = {"uid": uid, "device_id": device_id}
        return await self._request("POST", _OPEN, ids=ids, body={"message": message})

    async def album(self, device_id: str) -> Rows:
        """Return the newest `{file_url, file_key, event_type, …}` rows of a lock's album."""
        query = {"page_no": 1, "page_size": _PAGE}
        result = await self._request("GET", _ALBUM, ids={"device_id": device_id}, query=query)
        return as_rows(as_object(result, "GET", _ALBUM).get("album_list") or [], "GET", _ALBUM)
