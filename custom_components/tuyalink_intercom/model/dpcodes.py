"""Codes of Tuya's data points, by what they mean.

Data point numbers differ per product; codes are the contract. Sources: Tuya's
standard sets for locks, doorbells and access control, product schemas captured
from the app, and dumps that owners published (see `tests/fixtures/devices`).
"""

from collections.abc import Mapping
from typing import Final

from .presses import Carrier
from .state import Alarm, Fact, Method, World

WORLDS: Final[Mapping[str, World]] = {
    "sp": World.INTERCOM,
    "wxml": World.INTERCOM,
    "bxx": World.LOCK,
    "gyms": World.LOCK,
    "hotelms": World.LOCK,
    "jtmsbh": World.LOCK,
    "jtmspro": World.LOCK,
    "ms": World.LOCK,
    "ms_category": World.LOCK,
    "photolock": World.LOCK,
    "videolock": World.LOCK,
    "mk": World.CONTROLLER,
}
CAMERA_CATEGORIES: Final = frozenset({"sp", "videolock", "photolock"})
STREAM_CATEGORIES: Final = frozenset({"sp", "videolock"})

NEVER_DOORS: Final = frozenset(
    {
        *("dj", "xdd", "fwd", "dc", "dd", "gyd", "fsd", "tyndj", "tgq", "tgkg", "tyd"),
        *("kg", "cz", "pc", "cl", "clkg", "tdq", "dlq", "wxkg", "zndb", "znjdq", "szjqr"),
        *("wk", "wkf", "wkcz", "kt", "ktkzq", "qn", "rs", "fs", "fskg", "kj", "cs", "jsq", "xxj"),
        *("sd", "bh", "kfj", "cwwsq", "cwysj", "cwtswsq", "mb", "yb", "mzj", "ntq", "hps"),
        *(
            "wsdcg",
            "ldcg",
            "pm2.5",
            "co2bj",
            "cobj",
            "rqbj",
            "jwbj",
            "zd",
            "sj",
            "sz",
            "infrared_ac",
        ),
    }
)
"""Lights, plugs, switches, climate, kitchens: never asked whether they are terminals."""

ALARM_HOST: Final = "master_mode"
LOCK_SIGNS: Final = frozenset({"lock_motor_state", "alarm_lock", "manual_lock"})
PAN_TILT_PREFIXES: Final = ("ptz_", "cruise_")
CHIME_CODES: Final = frozenset(
    {"chime_ring_tune", "chime_ring_volume", "chime_settings", "doorbell_ring_exist"}
)

RELAYS: Final = (
    "accessory_lock",
    "ipc_c_lock",
    "accessory_lock1",
    "accessory_lock2",
    "accessory_lock3",
    "accessory_lock4",
)
TOGGLES: Final = frozenset({"ipc_c_lock"})
CHANNELS: Final = "ipc_c_switch_channel"
UNLOCK_REQUEST: Final = "unlock_request"
UNLOCK_REPLY: Final = "reply_unlock_request"
REMOTE_KEY_SET: Final = "remote_no_pd_setkey"
UNLOCK_ACTIONS: Final = frozenset(
    {
        *("unlock", "unlockdoor", "doorunlock", "remoteunlock", "unlockremote", "unlocklock"),
        *("opendoor", "dooropen", "openthedoor", "remoteopen", "remoteopendoor", "openlock"),
    }
)
"""Actions of thing models that open a door, in lower case and without underscores."""
REMOTE_KEY: Final = "remote_no_dp_key"
"""Takes a key that was written into one of the lock's slots before."""
CALL_ANSWER: Final = "ipc_doorbell_fb"
"""Battery doorbells are told by it that their call was answered or refused."""

RING_PICTURE: Final = "doorbell_pic"
MOTION_PICTURE: Final = "movement_detect_pic"
PICTURE_MESSAGES: Final[Mapping[str, Carrier]] = {
    "alarm_message": Carrier.ALARM_MESSAGE,
    "initiative_message": Carrier.MESSAGE,
}
CAPTURE_CODES: Final = frozenset(
    {RING_PICTURE, MOTION_PICTURE, "initiative_message", "photo_again", "video_request_realtime"}
)

BELL_FLAGS: Final[Mapping[str, Carrier]] = {
    "doorbell": Carrier.BELL,
    "door_bell": Carrier.BELL,
}
PANEL_BELLS: Final[Mapping[str, str]] = {f"doorbell{number}": str(number) for number in range(1, 5)}
LINKAGE: Final = "EVENT_LINKAGE_TYPE_E"
RING_CODES: Final = frozenset(
    {
        *BELL_FLAGS,
        *PANEL_BELLS,
        RING_PICTURE,
        "doorbell_active",
        "doorbell_call",
        "doorbell_song_kit",
        "lock_alarm_kit",
    }
)

BOLTS: Final = ("lock_motor_state", "open_close")
LEAVES: Final = (
    "closed_opened",
    "door_opened",
    "closed_opened_kit",
    "openclose_door",
    "doorcontact_state",
)
BATTERIES: Final = (
    "residual_electricity",
    "battery_percentage",
    "wireless_electricity",
    "Battery",
)
BATTERY_WORDS: Final[Mapping[str, bool]] = {
    "high": False,
    "medium": False,
    "middle": False,
    "normal": False,
    "low": True,
    "poweroff": True,
    "power_off": True,
    "batter_low": True,
}
BATTERY_STATES: Final = ("battery_state", "low_power")

METHODS: Final[Mapping[str, Method]] = {
    "open_inside": Method.INSIDE,
    "unlock_app": Method.APP,
    "unlock_ble": Method.BLUETOOTH,
    "unlock_ble_ibeacon": Method.BLUETOOTH,
    "unlock_card": Method.CARD,
    "unlock_card_kit": Method.CARD,
    "unlock_double": Method.COMBINED,
    "unlock_double_kit": Method.COMBINED,
    "unlock_dynamic": Method.DYNAMIC_PASSWORD,
    "unlock_emergency": Method.EMERGENCY,
    "unlock_eye": Method.EYE,
    "unlock_face": Method.FACE,
    "unlock_face_kit": Method.FACE,
    "unlock_finger": Method.FINGERPRINT,
    "unlock_finger_vein": Method.FINGER_VEIN,
    "unlock_fingerprint": Method.FINGERPRINT,
    "unlock_fingerprint_kit": Method.FINGERPRINT,
    "unlock_hand": Method.PALM,
    "unlock_identity_card": Method.IDENTITY_CARD,
    "unlock_key": Method.KEY,
    "unlock_offline_pd": Method.OFFLINE_PASSWORD,
    "unlock_password": Method.PASSWORD,
    "unlock_password_kit": Method.PASSWORD,
    "unlock_phone_remote": Method.APP,
    "unlock_phone_remote_kit": Method.APP,
    "unlock_remote": Method.REMOTE,
    "unlock_telecontrol_kit": Method.REMOTE_CONTROL,
    "unlock_temporary": Method.TEMPORARY_PASSWORD,
    "unlock_temporary_kit": Method.TEMPORARY_PASSWORD,
    "unlock_voice_remote": Method.VOICE,
    "unlock_we_temporary": Method.TEMPORARY_PASSWORD,
}
RAW_METHODS: Final = frozenset(
    {*(code for code in METHODS if code.endswith("_kit")), "unlock_offline_pd"}
)
"""Methods told by a raw record; some products tell the slot as a number all the same."""
RECORDS: Final = frozenset({"lock_record", "lock_local_record"})
REMOTE_METHODS: Final = frozenset({Method.APP, Method.REMOTE, Method.VOICE})

ALARM_CODES: Final = ("alarm_lock", "Alarm")
ALARM_ORDER: Final = (
    "wrong_finger",
    "wrong_password",
    "wrong_card",
    "wrong_face",
    "tongue_bad",
    "too_hot",
    "unclosed_time",
    "tongue_not_out",
    "pry",
    "key_in",
    "low_battery",
    "power_off",
    "shock",
    "defense",
    "stay_alarm",
)
"""Names of `alarm_lock` in the order in which products that report digits count them."""
ALARMS: Final[Mapping[str, tuple[Alarm, Method | None]]] = {
    "wrong_finger": (Alarm.WRONG_ATTEMPTS, Method.FINGERPRINT),
    "wrong_password": (Alarm.WRONG_ATTEMPTS, Method.PASSWORD),
    "wrong_card": (Alarm.WRONG_ATTEMPTS, Method.CARD),
    "wrong_face": (Alarm.WRONG_ATTEMPTS, Method.FACE),
    "wrong_unlock": (Alarm.WRONG_ATTEMPTS, None),
    "tongue_bad": (Alarm.LATCH_STUCK, None),
    "too_hot": (Alarm.OVERHEATED, None),
    "unclosed_time": (Alarm.DOOR_LEFT_OPEN, None),
    "tongue_not_out": (Alarm.BOLT_STUCK, None),
    "pry": (Alarm.TAMPER, None),
    "key_in": (Alarm.KEY_LEFT_IN, None),
    "low_battery": (Alarm.LOW_BATTERY, None),
    "power_off": (Alarm.POWER_OFF, None),
    "shock": (Alarm.SHOCK, None),
    "defense": (Alarm.INTRUSION, None),
    "stay_alarm": (Alarm.LOITERING, None),
}
KIT_ALARMS: Final[Mapping[int, tuple[Alarm, Method | None]]] = {
    0: (Alarm.WRONG_ATTEMPTS, Method.FINGERPRINT),
    1: (Alarm.WRONG_ATTEMPTS, Method.PASSWORD),
    2: (Alarm.WRONG_ATTEMPTS, Method.CARD),
    3: (Alarm.WRONG_ATTEMPTS, Method.FACE),
    4: (Alarm.TAMPER, None),
    5: (Alarm.FORCED, None),
}
KIT_DOORBELL: Final = 6
ALARM_FLAGS: Final[Mapping[str, Alarm]] = {
    "anti_alarm": Alarm.TAMPER,
    "doorsensor_alarm": Alarm.DOOR_LEFT_OPEN,
    "error_alarm": Alarm.WRONG_ATTEMPTS,
    "hijack": Alarm.DURESS,
    "tamper_alarm": Alarm.TAMPER,
    "temper_alarm": Alarm.TAMPER,
    "temperalarm": Alarm.TAMPER,
}
ALARM_SOURCES: Final = frozenset({*ALARM_CODES, *ALARM_FLAGS, "lock_alarm_kit"})
DURESS_FLAG: Final = "hijack"
PASSING_FLAGS: Final = frozenset({"error_alarm", DURESS_FLAG})
"""Flags of something that happened, which often are never taken back; the others are states."""
ALARM_FACTS: Final[Mapping[Alarm, Fact]] = {
    Alarm.DOOR_LEFT_OPEN: Fact.DOOR_LEFT_OPEN,
    Alarm.DURESS: Fact.DURESS,
    Alarm.LOITERING: Fact.LOITERING,
    Alarm.LOW_BATTERY: Fact.BATTERY_LOW,
    Alarm.TAMPER: Fact.TAMPER,
    Alarm.WRONG_ATTEMPTS: Fact.WRONG_ATTEMPTS,
}
ALARM_HOLD: Final = 60.0
"""An alarm that is told once and never taken back is shown this long (s)."""

SLEEP_CODES: Final = frozenset({"wireless_awake", "wireless_powermode", "wireless_electricity"})

DP_CODES: Final[Mapping[World, Mapping[str, str]]] = {
    World.INTERCOM: {
        "115": MOTION_PICTURE,
        "136": "doorbell_active",
        "148": "accessory_lock",
        "154": RING_PICTURE,
        "185": "alarm_message",
        "212": "initiative_message",
        "231": CHANNELS,
        "232": "ipc_c_lock",
        "244": LINKAGE,
    },
}
"""Numbers that Tuya's camera platform gives to every product, for reports without a code."""

TERMINAL_POINTS: Final[Mapping[str, str]] = {
    "tyabinmc7h": "face",
    "tyabirdc5c": "qr_code",
    "tyabiym3h3": "card",
    "tyabi8n4fs": "remote_unlock",
    "tyabiwvwhq": "video_talk",
    "tyabikrhuc": "bluetooth",
    "tyabi9pqys": "password",
    "tyabianxfw": "fingerprint",
    "tyabitkn9q": "temperature",
    "tyabifgx7y": "normally_open",
    "tyabiu3s3d": "normally_closed",
    "tyabijhcym": "schedule",
}
"""Function points of building terminals, from Tuya's public-area documentation."""
