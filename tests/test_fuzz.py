"""``scripts/fuzz``: that it feeds every parser, repeats itself by seed and tells what it finds."""

import json
from random import Random

import pytest

from tests.tools import fuzz, fuzz_parsers

CASES = 2000


def fed(first: int, cases: int) -> fuzz.Report:
    report = fuzz.Report()
    for seed in range(first, first + cases):
        fuzz.run_case(seed, report)
    return report


def test_damaged_messages_do_no_harm_to_any_parser() -> None:
    report = fed(0, CASES)
    assert report.findings == {}
    assert set(report.cases) == set(fuzz_parsers.PARSERS)
    assert report.cases.total() == CASES
    # Most of what is damaged is read all the same: only so what lies behind is tried.
    assert report.refused.total() < CASES / 2


def test_the_same_seed_is_the_same_case() -> None:
    assert fed(50, 100) == fed(50, 100)


def test_a_finding_names_the_seed_that_repeats_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(random: Random) -> str:
        if random.random() < 0.2:
            raise RecursionError("too deep")
        return "read"

    monkeypatch.setattr(fuzz, "PARSERS", {"broken": broken})
    found = fed(0, 100).findings
    (finding,) = found.values()
    assert finding["error"] == "RecursionError: too deep"
    assert fuzz.main(["--seconds", "0", "--seed", str(finding["seed"])]) == 1
    assert f"(seed {finding['seed']}, broken)" in capsys.readouterr().out
    assert fuzz.main(["--seconds", "0", "--seed", str(finding["seed"]), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"] == [finding]


def test_a_run_without_findings_counts_the_cases_of_each_parser(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzz, "PARSERS", {"kind": lambda _: "read"})
    assert fuzz.main(["--seconds", "0"]) == 0
    assert capsys.readouterr().out == (
        "kind                1 cases, 0 of them refused\n0 findings\n"
    )
