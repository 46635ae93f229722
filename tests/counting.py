"""Random examples in blocks, and the counts of what they tried."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


def in_blocks(metafunc: pytest.Metafunc, examples: int, size: int) -> None:
    """Give a test that takes a `block` of seeds all of them, part by part."""
    if "block" in metafunc.fixturenames:
        firsts = range(0, examples, size)
        metafunc.parametrize("block", [range(one, min(one + size, examples)) for one in firsts])


@contextmanager
def printed_counts(config: pytest.Config, name: str) -> Iterator[Counter[str]]:
    """Give a counter, and print it at the end whatever is captured."""
    counted: Counter[str] = Counter()
    yield counted
    shown = ", ".join(f"{count} {what}" for what, count in counted.items())
    capture = config.pluginmanager.get_plugin("capturemanager")
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if capture is not None and reporter is not None:
        with capture.global_and_fixture_disabled():
            reporter.write_line(f"\n{name}: {shown}")
