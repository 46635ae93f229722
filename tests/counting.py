"""Random examples in blocks, and the counts of what they tried."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest


def in_blocks(metafunc: pytest.Metafunc, examples: int, size: int) -> None:
    """Give a test that takes a `block` of seeds all of them, part by part."""
    if "block" in metafunc.fixturenames:
        firsts = range(0, examples, size)
        metafunc.parametrize("block", [range(one, min(one + size, examples)) for one in firsts])


COUNTS = pytest.StashKey[list[str]]()


@contextmanager
def printed_counts(config: pytest.Config, name: str) -> Iterator[Counter[str]]:
    """Give a counter, and have it printed at the end of the run."""
    counted: Counter[str] = Counter()
    yield counted
    shown = ", ".join(f"{count} {what}" for what, count in counted.items())
    config.stash.setdefault(COUNTS, []).append(f"{name}: {shown}")


def hand_over(config: pytest.Config) -> None:
    """Give what was counted to the process that prints, if this is one of several workers."""
    if (output := getattr(config, "workeroutput", None)) is not None:
        output["counts"] = config.stash.get(COUNTS, [])


def take_over(config: pytest.Config, output: Mapping[str, Any]) -> None:
    """Take what a worker counted."""
    config.stash.setdefault(COUNTS, []).extend(output.get("counts", ()))


def print_counts(reporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was counted."""
    for line in config.stash.get(COUNTS, []):
        reporter.write_line(line)
