"""Live video by OpenAPI: the addresses, and the streaming host they point to."""

from typing import Any

from aiohttp import web

from .answers import Refused
from .cloud import Cloud
from .devices import SimDevice
from .rest import Call, post
from .video import Answer, NoVideoError

KINDS = frozenset({"rtsp", "hls", "flv", "rtmp"})
PLAYLIST = "application/vnd.apple.mpegurl"


def allocate_stream(call: Call) -> Any:
    """Return a short-lived address to view a camera."""
    kind = call.fields.get("type")
    if kind not in KINDS:
        raise Refused(1109)
    device = camera(call)
    if not device.online:
        raise Refused(2001)
    if call.cloud.video.answer(device.id, kind) is Answer.REFUSED:
        raise Refused(2003)
    path = call.cloud.video.allocate(device.id, kind)
    return {"url": f"{call.cloud.storage.base}{path}" if path else ""}


def camera(call: Call) -> SimDevice:
    """Return the device if it has a camera that streams; raises Refused(2009)."""
    if call.device.category != "sp":
        raise Refused(2009)
    return call.device


async def playlist(cloud: Cloud, request: web.Request) -> web.StreamResponse:
    """Serve the list of what may be seen now to whoever has the address."""
    name, sign = request.match_info["name"], request.query.get("signInfo", "")
    try:
        text = await cloud.video.playlist(name, sign)
    except NoVideoError as error:
        return web.Response(status=404, text=str(error))
    cloud.changed()
    return web.Response(text=text, content_type=PLAYLIST)


async def piece(cloud: Cloud, request: web.Request) -> web.StreamResponse:
    """Serve a piece of video."""
    try:
        path = await cloud.video.piece(
            request.match_info["name"], int(request.match_info["number"])
        )
    except NoVideoError as error:
        return web.Response(status=404, text=str(error))
    return web.FileResponse(path, headers={"Content-Type": "video/mp2t"})


ROUTES = (
    post("/v1.0/devices/{id}/stream/actions/allocate", allocate_stream),
    post("/v1.0/users/{uid}/devices/{id}/stream/actions/allocate", allocate_stream),
)
