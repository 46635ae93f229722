"""``scripts/verify``: holds what the code believes of Tuya against a live cloud of yours.

Reads only. Keys come from TUYA_ACCESS_ID, TUYA_ACCESS_SECRET and TUYA_REGION. The queue is looked
at without acknowledging anything (see `verify_queue` for what that does to a running Home
Assistant); ``--seconds 0`` leaves it alone.
"""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
import json
import os
import sys

from aiohttp import ClientSession

from custom_components.tuyalink_intercom.api import (
    REGIONS,
    EndpointError,
    Endpoints,
    TuyaAuthError,
    TuyaError,
    TuyaPermissionError,
    custom_endpoints,
)

from .verify_calls import Caller, Keys
from .verify_queue import LONGEST, MOST_FRAMES, look
from .verify_report import Outcome, as_json, as_markdown, decide
from .verify_seen import Seen
from .verify_walk import walk

_ACCESS_ID, _ACCESS_SECRET, _REGION = "TUYA_ACCESS_ID", "TUYA_ACCESS_SECRET", "TUYA_REGION"


class CannotVerifyError(Exception):
    """There is no cloud to look at; the text says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Look and print; 1 if the keys are not taken or nobody answers."""
    options = _options(argv)
    try:
        keys, endpoints = _keys(os.environ), _endpoints(options, os.environ)
        outcome = asyncio.run(verify(keys, endpoints, seconds=options.seconds))
    except CannotVerifyError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    text = json.dumps(as_json(outcome), indent=2) if options.json else as_markdown(outcome)
    sys.stdout.write(text + "\n")
    return 0


async def verify(
    keys: Keys, endpoints: Endpoints, *, seconds: float = 20.0, most: int = MOST_FRAMES
) -> Outcome:
    """Walk the cloud, look at its queue, decide; `most` frames are enough."""
    seen = Seen()
    async with ClientSession() as session:
        caller = Caller(session, endpoints, keys, seen)
        try:
            await walk(caller)
        except TuyaError as error:
            raise CannotVerifyError(_sentence(error)) from None
        if seconds > 0:
            offset = caller.cloud.clock_offset
            await look(session, endpoints, keys, seen, seconds=seconds, most=most, offset=offset)
    return decide(endpoints.key, keys, seen)


def _sentence(error: TuyaError) -> str:
    code = "" if error.code is None else f", code {error.code}"
    told = f"{error.reason.replace('_', ' ')}{code}"
    match error:
        case TuyaAuthError():
            return f"Tuya does not take these keys in this data center ({told})."
        case TuyaPermissionError():
            return f"Tuya takes the keys but does not let this project in ({told})."
    return f"Tuya's cloud gave no usable answer ({told})."


def _keys(environment: Mapping[str, str]) -> Keys:
    missing = [name for name in (_ACCESS_ID, _ACCESS_SECRET) if not environment.get(name)]
    if missing:
        raise CannotVerifyError(f"Please set {' and '.join(missing)} in the environment.")
    access_id, access_secret = environment[_ACCESS_ID], environment[_ACCESS_SECRET]
    return Keys(access_id=access_id.strip(), access_secret=access_secret.strip())


def _endpoints(options: argparse.Namespace, environment: Mapping[str, str]) -> Endpoints:
    if options.openapi or options.queue:
        try:
            return custom_endpoints(options.openapi or "", options.queue or "")
        except EndpointError as error:
            raise CannotVerifyError(f"--{error.field} is no address of a cloud.") from None
    region = options.region or environment.get(_REGION, "")
    if region not in REGIONS:
        raise CannotVerifyError(f"Please set {_REGION} or --region to one of {', '.join(REGIONS)}.")
    return REGIONS[region]


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/verify",
        description="Hold what the code believes of Tuya against your cloud project. Reads only.",
        epilog=f"The keys are read from {_ACCESS_ID} and {_ACCESS_SECRET}.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--seconds",
        type=_seconds,
        default=20.0,
        help=f"how long to look at the queue (default 20, at most {LONGEST:.0f}, 0: not at all)",
    )
    parser.add_argument("--region", choices=REGIONS, help=f"data center, else {_REGION}")
    parser.add_argument("--openapi", help="a private cloud's OpenAPI, with --queue")
    parser.add_argument("--queue", help="a private cloud's queue, with --openapi")
    return parser.parse_args(argv)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= LONGEST:
        raise argparse.ArgumentTypeError(f"from 0 to {LONGEST:.0f}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
