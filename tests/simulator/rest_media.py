"""Pictures and streams: addresses by OpenAPI, and the storage host they point to."""

import secrets
from typing import Any

from aiohttp import web

from .answers import Refused
from .cloud import Cloud
from .devices import SimDevice, World
from .rest import Call, get, post
from .storage import BUCKET
from .wire import compact

STREAMS = frozenset({"rtsp", "hls", "flv", "rtmp"})
NO_VIDEO = "The simulator has no camera: this address was valid, but nothing is streamed.\n"
DENIED = """<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>
"""


def movement_config(call: Call) -> Any:
    """Return a pre-signed address of a stored picture, as a bare string."""
    bucket, path = call.query.get("bucket", ""), call.query.get("file_path", "")
    if not bucket or not path:
        raise Refused(1100)
    if call.device.world is World.TERMINAL:
        raise Refused(2009)
    return call.cloud.storage.signed(bucket, path, call.cloud.now())


def allocate_stream(call: Call) -> Any:
    """Return a short-lived stream address; there is no video behind it."""
    kind = call.fields.get("type")
    if kind not in STREAMS:
        raise Refused(1109)
    device, session = _camera(call), secrets.token_hex(12)
    if not device.online:
        raise Refused(2001)
    base = call.cloud.storage.base
    return {"url": f"{base}/_streams/{device.id}/{session}.m3u8?signInfo={secrets.token_hex(8)}"}


def webrtc_config(call: Call) -> Any:
    """Return what a WebRTC session would need."""
    device = _camera(call)
    skill = {"webrtc": 3, "videos": [{"streamType": 2, "width": 640, "height": 480}]}
    ices = [{"urls": "stun:127.0.0.1:3478"}]
    return {
        "audio_attributes": {"call_mode": [2], "hardware_capability": [1, 2]},
        "auth": secrets.token_hex(16),
        "id": device.id,
        "moto_id": secrets.token_hex(8),
        "p2p_config": {"ices": compact(ices)},
        "skill": compact(skill),
        "supports_webrtc": False,
        "vedio_clarity": 4,
    }


def _camera(call: Call) -> SimDevice:
    if call.device.category != "sp":
        raise Refused(2009)
    return call.device


async def picture(cloud: Cloud, request: web.Request) -> web.Response:
    """Serve a stored object to whoever has its address."""
    bucket, path = request.match_info["bucket"], request.match_info["path"]
    allowed = cloud.storage.allows(bucket, path, dict(request.query), cloud.now())
    stored = cloud.storage.get(path)
    faults = cloud.faults
    if not allowed or faults.take("expired_picture") or faults.take("upload_pending"):
        return web.Response(status=403, text=DENIED, content_type="application/xml")
    if stored is None or bucket != BUCKET:
        missing = DENIED.replace("AccessDenied", "NoSuchKey")
        return web.Response(status=404, text=missing, content_type="application/xml")
    if faults.take("xml_picture"):
        return web.Response(text=DENIED, content_type="application/xml")
    plain = faults.take("plain_picture") is not None
    wrong = faults.take("wrong_key") is not None
    blob = cloud.storage.blob(stored, plain=plain, wrong_key=wrong)
    return web.Response(body=blob, content_type="application/octet-stream")


async def stream(_: web.Request) -> web.Response:
    """Say honestly that there is no video."""
    return web.Response(status=404, text=NO_VIDEO)


ROUTES = (
    get("/v1.0/devices/{id}/movement-configs", movement_config),
    post("/v1.0/devices/{id}/stream/actions/allocate", allocate_stream),
    post("/v1.0/users/{uid}/devices/{id}/stream/actions/allocate", allocate_stream),
    get("/v1.0/devices/{id}/webrtc-configs", webrtc_config),
    get("/v1.0/users/{uid}/devices/{id}/webrtc-configs", webrtc_config),
)
