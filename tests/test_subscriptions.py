"""Listeners: one that fails costs nobody else anything, and its log tells no secret."""

import pytest

from custom_components.tuyalink_intercom.subscriptions import Subscriptions


def test_a_listener_that_fails_costs_no_other_its_ring(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    def failing(_value: str) -> None:
        raise ValueError("https://storage.example/?signature=secret")

    subscriptions = Subscriptions[str]()
    subscriptions.add("bell", failing)
    subscriptions.add("bell", heard.append)
    subscriptions.add(None, heard.append)
    subscriptions.emit("bell", "ring")
    assert heard == ["ring", "ring"]
    assert "ValueError at failing" in caplog.text
    assert "secret" not in caplog.text


def test_who_left_hears_nothing_more() -> None:
    heard: list[str] = []
    subscriptions = Subscriptions[str]()
    leave = subscriptions.add("bell", heard.append)
    leave()
    subscriptions.emit("bell", "ring")
    assert heard == []
