"""The settings that a device has, out of its own description.

Which data points are settings at all stands in `meanings`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from . import dpcodes
from .meanings import MEANINGS, NAMESAKES, Meaning
from .setting import Setting, SettingKind, Spec
from .state import Codes, Device, Features
from .values import boolean

PANEL: Final = "panel"
_BUTTON, _NUMBER = SettingKind.BUTTON, SettingKind.NUMBER
_SELECT, _SWITCH = SettingKind.SELECT, SettingKind.SWITCH
_MOST_PANELS_ALONE = 1
_UNITS: Mapping[str, str] = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "minute", "minutes"), "min"),
    "%": "%",
}


def namesakes(codes: Codes, product_id: str) -> Mapping[str, str]:
    """Return code → key of what only this product means by a data point."""
    known = NAMESAKES.get(product_id, {})
    return {code: key for number, key in known.items() if (code := codes.by_dp.get(number))}


def with_panels(device: Device, panels: int) -> Features:
    """Return a device's features now that it has told its panels."""
    features = device.features
    if panels <= _MOST_PANELS_ALONE or any(one.key == PANEL for one in features.settings):
        return features
    return replace(features, settings=(*features.settings, *_panel(device.codes)))


def settings_of(
    codes: Codes, *, panels: int = 0, others: Mapping[str, str] | None = None
) -> tuple[Setting, ...]:
    """Return the settings that a device's own description promises, each key once.

    `panels` is how many panels it has, `others` what `namesakes` told.
    """
    others = others or {}
    found: dict[str, Setting] = {}
    for meaning in MEANINGS:
        named = [code for code, key in others.items() if key == meaning.key]
        for code in (*meaning.codes, *named):
            spec = codes.specs.get(code)
            if spec is None or (code in others) is not (code in named):
                continue
            if (made := _made(meaning, code, spec)) is not None:
                found.setdefault(meaning.key, made)
    return (*found.values(), *(_panel(codes) if panels > _MOST_PANELS_ALONE else ()))


def _panel(codes: Codes) -> tuple[Setting, ...]:
    if dpcodes.CHANNELS not in codes.specs:
        return ()
    return (Setting(key=PANEL, kind=_SELECT, code=dpcodes.CHANNELS),)


def _made(meaning: Meaning, code: str, spec: Spec) -> Setting | None:
    match spec.kind:
        case "bool":
            return _plain(meaning, code, _BUTTON) or _plain(meaning, code, _SWITCH)
        case "value":
            return _number(meaning, code, spec)
        case "enum" | "string":
            return _select(meaning, code, spec) or _worded(meaning, code, spec)
    return None


def _plain(meaning: Meaning, code: str, kind: SettingKind) -> Setting | None:
    if kind not in meaning.kinds:
        return None
    return _setting(meaning, kind, code)


def _number(meaning: Meaning, code: str, spec: Spec) -> Setting | None:
    low, high = spec.low, spec.high
    if low is None or high is None or low == high:
        low, high = meaning.limits or (0, 0)
    low, high = min(low, high), max(low, high)
    if _NUMBER not in meaning.kinds or low == high:
        return None
    unit = spec.unit.strip().lower()
    step = spec.step or 1
    return _setting(
        meaning,
        _NUMBER,
        code,
        low=low,
        high=high,
        step=step if 0 < step <= high - low else 1,
        # Products that declare 1 count whole ones all the same: a card slot's state is 1 to 5.
        scale=spec.scale if spec.scale and spec.scale > 1 else 0,
        unit=_UNITS.get(unit, "") if unit else meaning.unit,
    )


def _select(meaning: Meaning, code: str, spec: Spec) -> Setting | None:
    words: dict[str, str] = {}
    for word in spec.words or meaning.standard:
        option = meaning.words.get(word.lower(), word)
        words.setdefault(word if option in words else option, word)
    if _SELECT not in meaning.kinds or not words:
        return None
    return _setting(meaning, _SELECT, code, words=tuple(words.items()))


def _worded(meaning: Meaning, code: str, spec: Spec) -> Setting | None:
    """Make a switch of what takes words for on and off, "1" and "0" unless it says which."""
    told = {boolean(word): word for word in spec.words}
    if _SWITCH not in meaning.kinds or (told and told.keys() != {True, False}):
        return None
    words = (("on", told.get(True, "1")), ("off", told.get(False, "0")))
    return _setting(meaning, _SWITCH, code, words=words)


def _setting(meaning: Meaning, kind: SettingKind, code: str, **shape: Any) -> Setting:
    return Setting(
        key=meaning.key,
        kind=kind,
        code=code,
        rare=meaning.rare,
        loosens=meaning.loosens,
        **shape,
    )
