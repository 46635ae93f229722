"""What this cloud gave away in confidence: whoever prints one of these has leaked it."""

from collections import OrderedDict

KEEP = 20_000
SHORTEST = 4
"""Shorter texts are found everywhere by chance."""


class Issued:
    """Secrets that were made here or told to this cloud, the newest at the end."""

    def __init__(self) -> None:
        self._secrets: OrderedDict[str, None] = OrderedDict()

    def note(self, *secrets: str) -> None:
        """Remember secrets."""
        for secret in secrets:
            if len(secret) >= SHORTEST:
                self._secrets[secret] = None
        while len(self._secrets) > KEEP:
            self._secrets.popitem(last=False)

    def all(self) -> frozenset[str]:
        """Return every secret that is remembered."""
        return frozenset(self._secrets)
