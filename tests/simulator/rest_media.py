"""Pictures: addresses by OpenAPI, and the storage host they point to. What WebRTC would need."""

import secrets
from typing import Any

from aiohttp import web

from . import hostile, rest_pictures
from .answers import Refused
from .cloud import Cloud
from .devices import World
from .rest import Call, get
from .rest_video import camera
from .storage import BUCKET
from .wire import compact

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
    if (fault := call.cloud.faults.take("hostile_address")) is not None:
        return fault.options.get("url", "")
    return call.cloud.storage.signed(bucket, path, call.cloud.now())


def webrtc_config(call: Call) -> Any:
    """Return what a WebRTC session would need."""
    device = camera(call)
    skill = {"webrtc": 3, "videos": [{"streamType": 2, "width": 640, "height": 480}]}
    auth = secrets.token_hex(16)
    call.cloud.issued.note(auth)
    ices = [{"urls": "stun:127.0.0.1:3478"}]
    return {
        "audio_attributes": {"call_mode": [2], "hardware_capability": [1, 2]},
        "auth": auth,
        "id": device.id,
        "moto_id": secrets.token_hex(8),
        "p2p_config": {"ices": compact(ices)},
        "skill": compact(skill),
        "supports_webrtc": False,
        "vedio_clarity": 4,
    }


async def picture(cloud: Cloud, request: web.Request) -> web.StreamResponse:
    """Serve a stored object to whoever has its address."""
    bucket, path = request.match_info["bucket"], request.match_info["path"]
    allowed = cloud.storage.allows(bucket, path, dict(request.query), cloud.now())
    stored = cloud.storage.get(path)
    faults = cloud.faults
    if (evil := await hostile.answer(faults, request)) is not None:
        return evil
    if (broken := rest_pictures.broken(faults)) is not None:
        return broken
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
    blob = rest_pictures.cut(faults, blob)
    return web.Response(body=blob, content_type="application/octet-stream")


ROUTES = (
    get("/v1.0/devices/{id}/movement-configs", movement_config),
    get("/v1.0/devices/{id}/webrtc-configs", webrtc_config),
    get("/v1.0/users/{uid}/devices/{id}/webrtc-configs", webrtc_config),
)
