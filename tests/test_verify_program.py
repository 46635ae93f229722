"""``scripts/verify`` as a program: what it prints, and how it ends."""

import asyncio
import json
import os
from pathlib import Path
import sys

from tests.simulator import TuyaSimulator

ROOT = Path(__file__).parent.parent
CLOSED = "http://127.0.0.1:9/"


async def run(cloud: TuyaSimulator, *options: str, **changed: str) -> tuple[int | None, str, str]:
    """Run the program as a process of its own, with keys in its environment."""
    keys = {"TUYA_ACCESS_ID": cloud.access_id, "TUYA_ACCESS_SECRET": cloud.access_secret}
    where = () if "--openapi" in options else ("--openapi", cloud.openapi, "--queue", cloud.queue)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.tools.verify", *where, *options),
        cwd=ROOT,
        env=os.environ | keys | changed,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_keys_that_tuya_refuses_end_in_one_sentence(simulator: TuyaSimulator) -> None:
    secret = simulator.access_secret[::-1]
    code, out, err = await run(simulator, TUYA_ACCESS_SECRET=secret)
    assert code == 1
    assert out == ""
    assert err == (
        "error: Tuya does not take these keys in this data center (invalid secret, code 1004).\n"
    )


async def test_a_cloud_that_does_not_answer_ends_in_one_sentence(simulator: TuyaSimulator) -> None:
    code, out, err = await run(simulator, "--openapi", CLOSED, "--queue", "ws://127.0.0.1:9/")
    assert (code, out) == (1, "")
    assert err == "error: Tuya's cloud gave no usable answer (unreachable).\n"


async def test_missing_keys_are_asked_for_by_name(simulator: TuyaSimulator) -> None:
    code, out, err = await run(simulator, TUYA_ACCESS_ID="")
    assert (code, out) == (1, "")
    assert err == "error: Please set TUYA_ACCESS_ID in the environment.\n"


async def test_the_program_prints_a_table_for_an_issue(simulator: TuyaSimulator) -> None:
    simulator.facts.flip({"list.camel_case"})
    code, out, err = await run(simulator, "--seconds", "0")
    assert (code, err) == (0, "")
    contradicted = [line for line in out.splitlines() if "**contradicted**" in line]
    assert len(contradicted) == 1
    assert contradicted[0].startswith("| list.camel_case° |")
    code, out, _ = await run(simulator, "--seconds", "0", "--json")
    facts = json.loads(out)["facts"]
    assert code == 0
    assert [one["id"] for one in facts if one["verdict"] == "contradicted"] == ["list.camel_case"]
