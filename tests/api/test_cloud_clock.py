"""The cloud's clock is believed until somebody sets ours."""

import time

import pytest

from custom_components.tuyalink_intercom.api.cloud_clock import CloudClock


def test_time_is_known_from_the_first_answer_until_our_clock_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, passed = [1_000.0], [7.0]
    monkeypatch.setattr(time, "monotonic", lambda: passed[0])
    clock = CloudClock(lambda: ours[0])
    assert not clock.is_known
    clock.learn(1_060.0, sent=1_000.0)
    assert clock.is_known
    assert clock.now() == 1_060.0
    ours[0], passed[0] = 9_000.0, 8_009.0
    assert clock.is_known, "trimmed by two seconds"
    ours[0] -= 600
    assert not clock.is_known
    clock.learn(9_060.0, sent=ours[0])
    assert clock.is_known
