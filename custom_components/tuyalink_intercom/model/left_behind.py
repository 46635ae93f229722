"""Which keys of ours still open something: what is deleted before a project is removed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2s

from .keys import Key, KeyKind, KeyState

_CARRIED = frozenset(KeyKind) - {KeyKind.CODE, KeyKind.OFFLINE_CODE, KeyKind.PERSON}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A key that is taken back by itself, and those that go with it: a person takes all."""

    key: Key
    carried: tuple[Key, ...] = ()

    @property
    def id(self) -> str:
        """Return what it is known by in a form: a browser need not see the number of a card."""
        return blake2s("|".join(self.key.identity).encode(), digest_size=8).hexdigest()


def standing(keys: Iterable[Key], now: float) -> Iterator[Standing]:
    """Yield what is still known at Tuya or at a door at this time, persons with what they carry."""
    held = [key for key in keys if _stands(key, now)]
    persons = {(key.device_id, key.id) for key in held if key.kind is KeyKind.PERSON}
    carried: dict[tuple[str, str], list[Key]] = {}
    for key in held:
        if key.kind in _CARRIED:
            carried.setdefault((key.device_id, key.person), []).append(key)
    for key in held:
        if key.kind not in _CARRIED:
            yield Standing(key=key, carried=tuple(carried.get((key.device_id, key.id), ())))
        elif (key.device_id, key.person) not in persons:
            yield Standing(key=key)


def opens(key: Key, now: float) -> bool:
    """Tell whether somebody may still come in with a key."""
    over = key.state in {KeyState.USED, KeyState.EXPIRED, KeyState.FAILED}
    return not over and (key.end is None or now < key.end)


def _stands(key: Key, now: float) -> bool:
    # Tuya never knew an offline code: when its time is over nothing is left of it.
    over = key.kind is KeyKind.OFFLINE_CODE and key.end is not None and key.end <= now
    return key.state is not KeyState.FAILED and not over
