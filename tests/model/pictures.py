"""Picture-carrying values as devices send them: base64 of JSON, sealed or by storage path."""

import base64
import hashlib
import json


def encoded(value: object) -> str:
    """Return a value as base64 of its JSON."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def stored(taken: float, command: str | None = None, *, name: str = "one") -> str:
    """Return a picture in Tuya's storage whose file is named by the second it was taken."""
    path = f"/a47adf-2003554-sim0000000000000000/{name}/{taken:.0f}.jpeg"
    message = {"v": "3.0", "bucket": "ty-eu-storage30", "files": [[path, "k3yForOnePicture"]]}
    return encoded(message if command is None else {**message, "cmd": command, "type": "image"})


_sealed = iter(range(1, 10**9))


def sealed(command: str) -> str:
    """Return a picture message whose file only Tuya can open; each time another one."""
    data = hashlib.sha512(f"picture {next(_sealed)}".encode()).hexdigest()
    files = [{"data": data, "keyId": "default", "iv": data[:32]}]
    return encoded({"v": "5.0", "files": files, "cmd": command, "type": "image"})
