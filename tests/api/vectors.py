"""Golden vectors, as copied into the fixtures with their sources."""

import json
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(__file__).parent.parent / "fixtures" / "vectors"


def load(name: str) -> Any:
    """Read one file of vectors."""
    return json.loads((_FOLDER / f"{name}.json").read_text())


def messages(*kinds: str) -> list[Any]:
    """Return the message vectors of some kinds as parameters, named as the file names them."""
    found = [vector for vector in load("messages")["vectors"] if vector["kind"] in kinds]
    return [pytest.param(vector, id=vector["name"]) for vector in found]


def named(vectors: list[dict[str, Any]], key: str) -> list[Any]:
    """Return vectors as parameters, named by one of their members."""
    return [pytest.param(vector, id=str(vector[key])) for vector in vectors]
