"""``scripts/bench``: the figures of speed, calls and memory that the project watches.

Counts are the same in every run; times and memory are what this machine gives.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import json
import statistics
import sys
from typing import Any

from . import bench_flood, bench_pictures, bench_published
from .bench_ring import ring_milliseconds
from .bench_setup import Start, cold_and_warm
from .bench_wire import wire_ratio
from .core import ErrorLines, SetupError

MEANINGS = {
    "ring_ms_p50": "ms from the queue's frame to `ring` in Home Assistant, the middle (aim 5)",
    "ring_ms_p99": "the same, the slowest of a hundred (aim 20)",
    "wire_ratio": "frame to Message, over base64 + AES + JSON alone (aim 2)",
    "setup_calls_20": "OpenAPI calls to set 20 devices up, the first time and after a restart",
    "setup_calls_200": "the same for 200 devices",
    "setup_s_200": "seconds to set 200 devices up, the first time",
    "rss_mb_per_100_devices": "MiB of memory that 100 devices take",
    "burst_10k_s": "seconds to drain 10,000 queued messages (aim 10)",
    "ring_behind_burst_ms": "ms from a ring's frame to `ring` amid them, slowest of 100 (aim 5)",
    "ack_ms_p99": "ms from a frame to its acknowledgement, slowest of 100 (aim 5)",
    "webhook_reject_us": "µs to refuse a forged request at the webhook (aim 100)",
    "events_per_s": "passages a second from frame to Home Assistant, on one core (aim 1000)",
    "picture_ms_p50": "ms from a picture's frame to its bytes in Home Assistant (aim 50)",
    "store_write_ms": "ms to put a capture of 100 KB on this machine's disk, synced (aim 20)",
    "browse_2k_ms": "ms to open a device of 2,000 captures, or a day of it, to browse (aim 50)",
    "decrypt_mb_s": "megabytes a second of opening a large capture file (aim 100)",
    "decrypt_ratio": "the same in time, over AES-CBC alone (aim 2)",
    "published_report_ms_p50": "ms from a published lock's change to Tuya, 250 to gather (aim 300)",
    "command_ms_p50": "ms from a command's frame to the call of the published lock (aim 20)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How often what varies is repeated."""

    rounds: int = 200
    """Readings of all frames for `wire_ratio`."""
    rings: int = 300
    warm_up: int = 20
    """Rings before those that count."""
    burst: int = 10_000
    """Messages that wait on the queue."""
    forged: int = 5000
    passages: int = 3000
    pictures: int = 200
    writes: int = 200
    shelf: int = 2000
    """Captures of the device that is browsed."""
    browsed: int = 20
    decryptions: int = 40
    few: int = 20
    many: int = 200
    """Devices of the homes that are set up: the figures are called after these."""
    reports: int = 50
    commands: int = 100


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if something went wrong."""
    options = _options(argv)
    log = ErrorLines.installed()
    try:
        figures = asyncio.run(measured(Effort()))
    except (SetupError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(json.dumps(figures, indent=2) if options.json else as_text(figures))
    sys.stdout.write("\n")
    return 1 if log.count else 0


async def measured(effort: Effort) -> dict[str, Any]:
    """Return all figures; raises SetupError."""
    # First, while this process is small and quiet.
    ratio = wire_ratio(effort.rounds)
    rings = await ring_milliseconds(effort.rings, effort.warm_up)
    flood = await _flood(effort)
    few, many = await cold_and_warm(effort.few), await cold_and_warm(effort.many)
    per_device = (many[0].rss_mb - few[0].rss_mb) / (effort.many - effort.few)
    return {
        "ring_ms_p50": round(statistics.median(rings), 2),
        "ring_ms_p99": round(_slowest(rings), 2),
        "wire_ratio": round(ratio, 2),
        "setup_calls_20": _calls(*few),
        "setup_calls_200": _calls(*many),
        "setup_s_200": round(many[0].seconds, 2),
        "rss_mb_per_100_devices": round(per_device * 100, 1),
        **flood,
        **await _pictures(effort),
        **await _published(effort),
    }


async def _pictures(effort: Effort) -> dict[str, float]:
    times = await bench_pictures.picture_milliseconds(effort.pictures, effort.warm_up)
    browsed = await bench_pictures.browse_milliseconds(effort.shelf, effort.browsed)
    speed, ratio = bench_pictures.decrypt_speed(effort.decryptions)
    return {
        "picture_ms_p50": round(statistics.median(times), 2),
        "store_write_ms": round(bench_pictures.write_milliseconds(effort.writes), 2),
        "browse_2k_ms": round(browsed, 2),
        "decrypt_mb_s": round(speed),
        "decrypt_ratio": round(ratio, 2),
    }


async def _published(effort: Effort) -> dict[str, float]:
    async with bench_published.home() as home:
        reports = await bench_published.report_milliseconds(home, effort.reports)
        commands = await bench_published.command_milliseconds(home, effort.commands)
    return {
        "published_report_ms_p50": round(statistics.median(reports), 2),
        "command_ms_p50": round(statistics.median(commands), 2),
    }


async def _flood(effort: Effort) -> dict[str, float]:
    async with bench_flood.home() as home:
        flood = await bench_flood.flooded(home, effort.burst)
        rejected = await bench_flood.reject_microseconds(home, effort.forged)
        passages = bench_flood.events_per_second(home, effort.passages)
    return {
        "burst_10k_s": round(flood.seconds, 2),
        "ring_behind_burst_ms": round(_slowest(flood.ring_ms), 2),
        "ack_ms_p99": round(_slowest(flood.ack_ms), 2),
        "webhook_reject_us": round(rejected, 1),
        "events_per_s": round(passages),
    }


def _slowest(times: list[float]) -> float:
    """Return the slowest of a hundred."""
    return statistics.quantiles(times, n=100, method="inclusive")[98]


def as_text(figures: dict[str, Any]) -> str:
    """Return the form for people: a line for each figure."""
    lines = []
    for name, figure in figures.items():
        shown = (
            ", ".join(f"{key} {value}" for key, value in figure.items())
            if isinstance(figure, dict)
            else str(figure)
        )
        lines.append(f"{name:<24}{shown:<22}{MEANINGS[name]}")
    return "\n".join(lines)


def _calls(cold: Start, warm: Start) -> dict[str, int]:
    return {"cold": cold.calls, "warm": warm.calls}


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure the integration.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
