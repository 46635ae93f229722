"""What a published door tells becomes a call to Tuya, and what Tuya refuses gets its fate."""

from collections.abc import Mapping
from typing import Final

from ..api import Reason, ReportedValue, TuyaAuthError, TuyaCloud, TuyaError
from ..budget.polling import TRY_AGAIN
from ..model.outbox import LONGEST_BACKOFF, STANDSTILL
from ..model.publication import Value
from ..model.sendables import (
    AnswerOut,
    EventOut,
    Fate,
    Lane,
    PointsOut,
    PresenceOut,
    Sendable,
    Timed,
    ValuesOut,
)
from ..model.thing_model import ThingModel
from .troubles import Doing, command_is_unknown

DOING: Final[Mapping[Lane, Doing]] = {
    Lane.ANSWER: Doing.ANSWER,
    Lane.PRESENCE: Doing.ONLINE,
    Lane.EVENT: Doing.EVENT,
    Lane.VALUES: Doing.PROPERTIES,
    Lane.POINTS: Doing.POINTS,
}
_NOBODY_THERE: Final = frozenset({Reason.UNREACHABLE, Reason.CLOCK_SKEW})
_THIS_TIME: Final = frozenset(
    {
        # It may concern this call alone, and may have been done.
        Reason.SERVER_ERROR,
        Reason.TIMED_OUT,
        Reason.MALFORMED_ANSWER,
        Reason.NOT_DELIVERED,
        Reason.DEVICE_OFFLINE,
    }
)
_PASSING: Final = _NOBODY_THERE | _THIS_TIME | {Reason.THROTTLED}


async def dispatch(cloud: TuyaCloud, device_id: str, model: ThingModel, sent: Sendable) -> None:
    """Make the call; raises TuyaError."""
    calls = cloud.cloud_to_cloud
    match sent:
        case AnswerOut(answer=one):
            outputs = model.action_outputs(one.action, one.outputs)
            await calls.report_action(device_id, one.msg_id, one.action, one.code, outputs)
        case PresenceOut(online=online):
            await (calls.online if online else calls.offline)(device_id)
        case EventOut(happening=fact):
            outputs = model.event_outputs(fact.code, fact.outputs)
            await calls.report_event(device_id, fact.msg_id, fact.code, fact.time, outputs)
        case ValuesOut(msg_id=msg_id, values=values):
            await calls.report_properties(device_id, msg_id, _reported(values))
        case PointsOut(values=points):
            await calls.report_points(device_id, _reported(points))


def fitted(model: ThingModel, values: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return values as the product holds them; of what it cannot hold Tuya says so itself."""
    fitting = model.fitted(values)
    # An address that is cut leads nowhere.
    return {
        code: value if is_address(value) else fitting.get(code, value)
        for code, value in values.items()
    }


def is_address(value: Value) -> bool:
    """Tell whether a value leads to a picture, so that nobody else may read it."""
    return isinstance(value, str) and "://" in value


def fate_of(error: TuyaError, lane: Lane) -> tuple[Fate, float | None]:
    """Return what to do, and for how many seconds to wait where that is not for the back-off."""
    reason = error.reason
    if reason in _NOBODY_THERE:
        return Fate.ALL_WAIT, None
    if reason is Reason.THROTTLED:
        return Fate.ALL_WAIT, error.retry_after
    if reason in _THIS_TIME:
        return Fate.LANE_WAITS, None
    if reason is Reason.NOT_SUPPORTED:
        return Fate.REFUSED, None
    if lane is Lane.ANSWER:
        # It is the command that Tuya knows no more, or nobody mends this within its seconds.
        return Fate.DROPPED, None
    if reason is Reason.UNKNOWN:
        lasting = lane in {Lane.PRESENCE, Lane.VALUES}
        return (Fate.LANE_WAITS, STANDSTILL) if lasting else (Fate.DROPPED, None)
    if isinstance(error, TuyaAuthError):
        return Fate.ALL_WAIT, LONGEST_BACKOFF
    return Fate.ALL_WAIT, TRY_AGAIN.get(reason, STANDSTILL)


def is_for_a_person(error: TuyaError) -> bool:
    """Tell whether trying again does not cure it; refused keys are the coordinator's matter."""
    return error.reason not in _PASSING and not isinstance(error, TuyaAuthError)


def command_is_over(error: TuyaError, lane: Lane) -> bool:
    """Tell whether Tuya only does not wait for an answer any more."""
    return lane is Lane.ANSWER and command_is_unknown(error)


def _reported[K](values: Mapping[K, Timed]) -> dict[K, ReportedValue]:
    return {key: ReportedValue(value=one.value, time=one.time) for key, one in values.items()}
