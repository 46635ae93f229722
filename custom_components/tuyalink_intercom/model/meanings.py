"""Data points that are settings, by what they mean.

Sources: Tuya's standard set for locks, its camera platform, and product schemas and dumps that
owners published. What a product's own description says of a data point goes before all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .setting import Loosens, SettingKind

_BUTTON, _NUMBER = SettingKind.BUTTON, SettingKind.NUMBER
_SELECT, _SWITCH = SettingKind.SELECT, SettingKind.SWITCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A setting, and how products name and shape it.

    `words`: Tuya's word → the option shown, in lower case and underlined. `standard` and `limits`
    hold where a product that has the setting does not say which values it takes.
    """

    key: str
    codes: tuple[str, ...]
    kinds: tuple[SettingKind, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    standard: tuple[str, ...] = ()
    limits: tuple[int, int] | None = None
    unit: str = ""
    rare: bool = False
    loosens: Loosens | None = None


def _same(*words: str) -> Mapping[str, str]:
    return {word: word for word in words}


def _switch(key: str, *codes: str, rare: bool = False, loosens: Loosens | None = None) -> Meaning:
    return Meaning(key=key, codes=codes, kinds=(_SWITCH,), rare=rare, loosens=loosens)


_LOUDNESS: Final[Mapping[str, str]] = {
    **_same("mute", "low", "normal", "middle", "high"),
    "mid": "middle",
    "medium": "middle",
}
_LOUDNESS_STANDARD: Final = ("mute", "low", "normal", "high")

MEANINGS: Final = (
    _switch("auto_lock", "automatic_lock", loosens=Loosens.OFF),
    Meaning(
        key="auto_lock_time",
        codes=("auto_lock_time",),
        kinds=(_NUMBER, _SELECT),
        limits=(0, 1800),
        unit="s",
        loosens=Loosens.LONGER,
    ),
    _switch("do_not_disturb", "do_not_disturb"),
    _switch("arming", "arming_switch"),
    # Whoever switches it on by mistake has an open door.
    _switch("passage_mode", "normal_open_switch", rare=True, loosens=Loosens.ON),
    _switch("sleep_mode", "dormant_switch", rare=True),
    _switch("child_lock", "child_lock", rare=True),
    _switch("motion_detection", "motion_switch"),
    _switch("privacy_mode", "basic_private"),
    _switch("recording", "record_switch", rare=True),
    _switch("motion_area", "motion_area_switch", rare=True),
    _switch("status_light", "basic_indicator", rare=True),
    _switch("flip_picture", "basic_flip", rare=True),
    _switch("time_in_picture", "basic_osd", rare=True),
    _switch("wide_dynamic_range", "basic_wdr", rare=True),
    Meaning(
        key="alarm_time",
        codes=("alarm_time",),
        kinds=(_NUMBER,),
        limits=(0, 180),
        unit="s",
    ),
    Meaning(
        key="doorbell_volume",
        codes=("doorbell_volume", "doorbell_volume_value"),
        kinds=(_SELECT, _NUMBER),
        words=_LOUDNESS,
        standard=_LOUDNESS_STANDARD,
    ),
    Meaning(
        key="beep_volume",
        codes=("beep_volume",),
        kinds=(_SELECT, _NUMBER),
        words=_LOUDNESS,
        standard=_LOUDNESS_STANDARD,
    ),
    Meaning(
        key="key_tone",
        codes=("key_tone",),
        kinds=(_SELECT, _NUMBER),
        words=_LOUDNESS,
        standard=_LOUDNESS_STANDARD,
    ),
    Meaning(
        key="volume",
        codes=("basic_device_volume",),
        kinds=(_NUMBER, _SELECT),
        words=_LOUDNESS,
        limits=(1, 10),
    ),
    Meaning(
        key="chime_volume",
        codes=("chime_ring_volume",),
        kinds=(_NUMBER, _SELECT),
        words=_LOUDNESS,
        limits=(0, 100),
    ),
    Meaning(
        key="doorbell_tune",
        codes=("doorbell_song", "doorbell_ringtone", "doorbell_ring_value"),
        kinds=(_SELECT, _NUMBER),
        words=_same(*(f"ding_{number}" for number in range(10))),
        standard=tuple(f"ding_{number}" for number in range(10)),
    ),
    Meaning(
        key="chime_tune",
        codes=("chime_ring_tune",),
        kinds=(_SELECT, _NUMBER),
        standard=("1", "2", "3", "4"),
    ),
    Meaning(
        key="unlock_mode",
        codes=("unlock_switch",),
        kinds=(_SELECT,),
        words=_same(
            *("combination", "single_unlock", "finger_password", "finger_card", "finger_face"),
            *("password_card", "password_face", "card_face"),
        ),
    ),
    Meaning(
        key="motor_torque",
        codes=("motor_torque",),
        kinds=(_SELECT,),
        words={"torque_low": "low", "torque_middle": "middle", "torque_high": "high"},
        rare=True,
    ),
    Meaning(
        key="motor_direction",
        codes=("lock_motor_direction",),
        kinds=(_SELECT,),
        words=_same("clockwise", "anti_clockwise"),
        rare=True,
        # A motor that turns the other way unlocks where it should lock.
        loosens=Loosens.ANY,
    ),
    Meaning(
        key="language",
        codes=("language",),
        kinds=(_SELECT,),
        words=_same(
            *("chinese_simplified", "chinese_traditional", "english", "french", "german"),
            *("italian", "japanese", "korean", "latin", "portuguese", "russian", "spanish"),
        ),
        rare=True,
    ),
    Meaning(
        key="night_vision",
        codes=("basic_nightvision",),
        kinds=(_SELECT,),
        words={"0": "auto", "1": "off", "2": "on"},
        standard=("0", "1", "2"),
    ),
    Meaning(
        key="motion_sensitivity",
        codes=("motion_sensitivity",),
        kinds=(_SELECT,),
        words={"0": "low", "1": "middle", "2": "high"},
        standard=("0", "1", "2"),
        rare=True,
    ),
    Meaning(
        key="presence_sensor",
        codes=("pir_switch",),
        kinds=(_SELECT, _SWITCH),
        words={"0": "off", "1": "low", "2": "middle", "3": "high"},
        standard=("0", "1", "2", "3"),
    ),
    Meaning(
        key="recording_mode",
        codes=("record_mode",),
        kinds=(_SELECT,),
        words={"1": "event", "2": "continuous"},
        standard=("1", "2"),
        rare=True,
    ),
    Meaning(
        key="anti_flicker",
        codes=("basic_anti_flicker",),
        kinds=(_SELECT,),
        words={"0": "off", "1": "50_hz", "2": "60_hz"},
        rare=True,
    ),
    Meaning(key="take_photo", codes=("photo_again",), kinds=(_BUTTON,)),
    Meaning(key="restart", codes=("device_restart",), kinds=(_BUTTON,), rare=True),
)
NAMESAKES: Final[Mapping[str, Mapping[str, str]]] = {
    "i6p5va1gvcagcude": {"235": "do_not_disturb"},
}
"""By product: number of a data point → the setting it is there. Elsewhere 235 is a relay."""
