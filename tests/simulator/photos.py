"""A photo on request: the picture is stored, and a message without an occasion tells of it."""

import base64
import secrets

from . import pictures
from .cloud import Cloud
from .devices import SimDevice
from .storage import BUCKET
from .wire import compact

REQUEST = "photo_again"
CARRIERS = ("initiative_message", "alarm_message")


def take(cloud: Cloud, device: SimDevice) -> None:
    """Take a photo, where the device has a code to tell of it; then rest again."""
    carrier = next((code for code in CARRIERS if code in device.codes), None)
    if carrier is not None:
        at = int(cloud.now())
        event_id = secrets.token_hex(8)
        jpeg = pictures.draw(device.name, event_id, at, "photo")
        stored = cloud.storage.put(device.id, at, jpeg, encrypted=True)
        cloud.keep_picture(event_id, jpeg)
        told = {"v": "3.0", "bucket": BUCKET, "files": [[stored.path, stored.key]], "time": at}
        value = base64.b64encode(compact({**told, "type": "image"}).encode()).decode()
        sent = cloud.report(device.id, {carrier: value})
        cloud.remember(event_id, sent.message_ids)
    cloud.report(device.id, {REQUEST: False})
