"""Runs the runner without what is around the album, as `python -I -S alone.py …`.

The parents of the album are empty stand-ins: it is run with nothing but the standard library,
which is also the proof that it needs neither Home Assistant nor the wire.
"""

from pathlib import Path
import runpy
import sys
from types import ModuleType

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGE = "custom_components.tuyalink_intercom"

if __name__ == "__main__":
    sys.path.insert(0, str(_ROOT))
    for name in (_PACKAGE, f"{_PACKAGE}.api"):
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__path__ = [str(_ROOT / name.replace(".", "/"))]
    runpy.run_module("tests.album.runner", run_name="__main__")
