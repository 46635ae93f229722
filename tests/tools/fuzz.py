"""``scripts/fuzz``: feeds damaged messages to every parser for a bounded time.

Case n of seed s is the first case of seed s + n, so each finding names the seed that
shows it at once: ``scripts/fuzz --seconds 0 --seed N``.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
import json
from random import Random
import sys
import time
import traceback
from typing import Any

from .fuzz_parsers import DOCUMENTED, PARSERS

_MOST_FINDINGS = 20


@dataclass(slots=True)
class Report:
    """How often each parser was fed and how that ended; what went wrong, place by place."""

    cases: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return everything, as ``--json`` prints it."""
        return {
            "cases": dict(sorted(self.cases.items())),
            "refused": dict(sorted(self.refused.items())),
            "findings": [*self.findings.values()],
        }


def main(argv: Sequence[str] | None = None) -> int:
    """Feed and print; 1 if a parser raised what it must not, or let harm through."""
    options = _options(argv)
    report = fuzz(options.seconds, options.seed)
    if options.json:
        sys.stdout.write(json.dumps(report.as_json(), indent=2) + "\n")
    else:
        sys.stdout.write(as_text(report))
    return 1 if report.findings else 0


def fuzz(seconds: float, seed: int) -> Report:
    """Run one case, and more of them until the time is over."""
    report = Report()
    end = time.monotonic() + seconds
    while True:
        run_case(seed, report)
        seed += 1
        if time.monotonic() >= end or len(report.findings) >= _MOST_FINDINGS:
            return report


def run_case(seed: int, report: Report) -> None:
    """Run the case of one seed and write down how it ended."""
    random = Random(seed)  # noqa: S311 - seeded, so that a finding can be repeated
    parser = random.choice([*PARSERS])
    report.cases[parser] += 1
    try:
        PARSERS[parser](random)
    except DOCUMENTED:
        report.refused[parser] += 1
    except Exception as error:  # noqa: BLE001 - whatever else a parser raises is what we look for
        finding = _finding(parser, seed, error)
        report.findings.setdefault(finding["where"], finding)


def as_text(report: Report) -> str:
    """Return the form for people: a line for each parser, and for each finding."""
    lines = [
        f"{name:<12}{count:>9} cases, {report.refused[name]} of them refused"
        for name, count in sorted(report.cases.items())
    ]
    found = [
        f"FOUND {one['error']} at {one['where']} (seed {one['seed']}, {one['parser']})"
        for one in report.findings.values()
    ]
    return "\n".join([*lines, *found, f"{len(report.findings)} findings"]) + "\n"


def _finding(parser: str, seed: int, error: Exception) -> dict[str, Any]:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return {
        "parser": parser,
        "seed": seed,
        "error": f"{type(error).__name__}: {str(error)[:120]}",
        "where": f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}",
        "path": [f"{one.name}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)],
    }


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Feed damaged messages.")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="number of the first case")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
