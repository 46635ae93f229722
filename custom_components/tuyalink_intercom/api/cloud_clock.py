"""The cloud's clock, known as an offset to our own, which somebody may set at any time."""

from collections.abc import Callable
import time
from typing import Final

_STEP: Final = 5.0
"""A smaller difference (s) is our clock being trimmed."""


class CloudClock:
    """Learns from answers how far (s) the cloud is ahead; `ours` tells our Unix seconds."""

    def __init__(self, ours: Callable[[], float]) -> None:
        self._ours = ours
        self._began: float | None = None
        self.offset = 0.0

    def now(self) -> float:
        """Return the cloud's time in Unix seconds."""
        return self._ours() + self.offset

    @property
    def is_known(self) -> bool:
        """Whether the cloud told its time, and nobody set our clock since."""
        return self._began is not None and abs(self._beginning() - self._began) < _STEP

    def learn(self, told: float, sent: float) -> None:
        """Take the time that an answer tells, to what was sent then by our clock."""
        self.offset = told - (sent + self._ours()) / 2
        self._began = self._beginning()

    def _beginning(self) -> float:
        """Return when time began to pass: by our clock the same as long as nobody sets it."""
        return self._ours() - time.monotonic()
