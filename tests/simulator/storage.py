"""Tuya's picture storage: encrypted files behind pre-signed addresses that end."""

import calendar
from collections import OrderedDict
from dataclasses import dataclass
import hashlib
import hmac
import secrets
import time
from urllib.parse import quote, urlencode

from . import wire
from .issued import Issued

BUCKET = "ty-sim-storage30-pic"
LIFETIME_S = 3600
KEEP = 300
DATE = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPicture:
    """One object; an empty ``key`` means that it is stored as a plain JPEG."""

    path: str
    key: str
    jpeg: bytes


class Storage:
    """The bucket.  Keeps the newest pictures only."""

    def __init__(self, issued: Issued) -> None:
        self.base = ""
        self._issued = issued
        self._secret = secrets.token_bytes(16)
        self._objects: OrderedDict[str, StoredPicture] = OrderedDict()

    def put(
        self, device_id: str, at: float, jpeg: bytes, *, encrypted: bool, name: str = ""
    ) -> StoredPicture:
        """Store a picture; unless it has a name, its file is named by the second of its event."""
        folder = f"/{secrets.token_hex(3)}-{secrets.randbelow(10**8):08d}-pp{device_id}"
        path = f"{folder}/detect/{name or int(at)}.jpeg"
        stored = StoredPicture(path=path, key=secrets.token_hex(8) if encrypted else "", jpeg=jpeg)
        self._objects[path] = stored
        self._issued.note(stored.key)
        while len(self._objects) > KEEP:
            self._objects.popitem(last=False)
        return stored

    def get(self, path: str) -> StoredPicture | None:
        """Return the object of a path, without the ``?param=`` that some paths carry."""
        return self._objects.get("/" + path.partition("?")[0].lstrip("/"))

    def signed(self, bucket: str, path: str, now: float, lifetime: int = LIFETIME_S) -> str:
        """Return an address that downloads an object until it ends."""
        plain = "/" + path.partition("?")[0].lstrip("/")
        signature = self._sign(bucket, plain, int(now), lifetime)
        self._issued.note(signature)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": time.strftime(DATE, time.gmtime(now)),
            "X-Amz-Expires": str(lifetime),
            "X-Amz-Signature": signature,
        }
        return f"{self.base}/_pictures/{quote(bucket)}{quote(plain)}?{urlencode(query)}"

    def allows(self, bucket: str, path: str, query: dict[str, str], now: float) -> bool:
        """Tell whether an address is one of ours and has not ended."""
        lifetime = query.get("X-Amz-Expires", "")
        try:
            made = calendar.timegm(time.strptime(query.get("X-Amz-Date", ""), DATE))
        except ValueError:
            return False
        if not lifetime.isdecimal():
            return False
        expected = self._sign(bucket, "/" + path.lstrip("/"), made, int(lifetime))
        fresh = made - 1 <= now <= made + int(lifetime)
        return fresh and wire.same(expected, query.get("X-Amz-Signature", ""))

    def blob(self, stored: StoredPicture, *, plain: bool, wrong_key: bool) -> bytes:
        """Return the bytes of a download, as stored or as a fault wants them."""
        if plain or not stored.key:
            return stored.jpeg
        key = secrets.token_hex(8) if wrong_key else stored.key
        return wire.encrypt_file(stored.jpeg, key, secrets.token_bytes(16))

    def _sign(self, bucket: str, path: str, made: int, lifetime: int) -> str:
        message = f"{bucket}\n{path}\n{made}\n{lifetime}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()
