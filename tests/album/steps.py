"""Something happens between two steps of the album: the process dies, or the disk refuses."""

from collections.abc import Callable, Iterable
import os
from typing import Any, Final

CALLS: Final = ("open", "write", "fsync", "replace", "unlink", "mkdir", "rmdir")
"""What the album asks of the system when it changes something."""
type Replace = Callable[[object, str, Any], None]


class Steps:
    """Counts the calls of `os` and acts before one of them; of a write half is done by then."""

    def __init__(
        self, at: int, act: Callable[[], None], *, calls: Iterable[str] = CALLS, on: bool = False
    ) -> None:
        """Act `at` that step, counted from 1; with `on` at each that follows too."""
        self._at = at
        self._act = act
        self._calls = calls
        self._on = on
        self.taken = 0

    @property
    def acted(self) -> bool:
        """Tell whether the step was reached."""
        return self.taken >= self._at

    def watch(self, replace: Replace = setattr) -> None:
        """Count from now on."""
        for name in self._calls:
            replace(os, name, self._counted(name, getattr(os, name)))

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            self.taken += 1
            if self.taken == self._at or (self._on and self.acted):
                if name == "write":
                    call(args[0], args[1][: len(args[1]) // 2])
                self._act()
            return call(*args, **named)

        return counted
