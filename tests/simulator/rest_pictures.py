"""Pictures that no message leads to: sealed messages, albums of locks; and downloads gone wrong."""

import json
from typing import Any

from aiohttp import web

from .answers import Refused
from .describe import APP_UID
from .faults import Faults
from .query import page
from .rest import Call, get, post
from .rest_locks import lock
from .sealing import ADDRESS, SHAPES
from .storage import BUCKET

MOST = 100
GONE = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code></Error>\n'
TEXT = "The file has moved.\n"


def decrypt(call: Call) -> Any:
    """Open a sealed message for the account that has the device, in the shape that is set."""
    if not call.device.linked or call.ids["uid"] != APP_UID:
        raise Refused(1106)
    cloud = call.cloud
    told = cloud.sealing.opened(call.fields.get("message"))
    if cloud.sealing.shape == ADDRESS:
        ((path, _),) = json.loads(told)["files"]
        return cloud.storage.signed(BUCKET, path, cloud.now())
    return SHAPES[cloud.sealing.shape](told)


def albums_media(call: Call) -> Any:
    """Return a page of a lock's album, the newest first; without pages, all of it."""
    rows = call.cloud.albums.rows(lock(call).id, call.cloud.now())
    if "page_no" in call.query:
        rows = list(page(call, rows, MOST)[0])
    return {
        "event_types": sorted({row["event_type"] for row in rows}),
        "order_code": "cloud_free_storage_3day",
        "album_list": rows,
    }


def broken(faults: Faults) -> web.Response | None:
    """Return what is downloaded instead of any file, if a fault says so."""
    if faults.take("missing_picture"):
        return web.Response(status=404, text=GONE, content_type="application/xml")
    if faults.take("empty_picture"):
        return web.Response(body=b"", content_type="image/jpeg")
    if faults.take("text_picture"):
        return web.Response(text=TEXT)
    return None


def cut(faults: Faults, blob: bytes) -> bytes:
    """Return a file, or its first half if a fault says so."""
    return blob[: len(blob) // 2 + 1] if faults.take("cut_picture") else blob


ROUTES = (
    post("/v1.0/users/{uid}/devices/{id}/message/decrypt", decrypt),
    get("/v1.0/smart-lock/devices/{id}/albums-media", albums_media),
)
