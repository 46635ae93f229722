"""Which settings a device has, by its own description; how their values are read and told."""

from collections.abc import Mapping
import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.meanings import MEANINGS
from custom_components.tuyalink_intercom.model.panels import panel_names, panel_shown, switch_value
from custom_components.tuyalink_intercom.model.records import device_from, with_values
from custom_components.tuyalink_intercom.model.reduce import applied
from custom_components.tuyalink_intercom.model.roster import confirmed, device_of, entry_of
from custom_components.tuyalink_intercom.model.setting import Setting, SettingKind
from custom_components.tuyalink_intercom.model.setting_changes import PanelChosen
from custom_components.tuyalink_intercom.model.state import Device

from .files import NOW
from .said import Listener, core, legacy


def point(code: str, kind: str, **values: object) -> dict[str, Any]:
    """Describe a data point as the specification does."""
    return {"code": code, "type": kind, "values": json.dumps(values)}


def built(
    *functions: Mapping[str, Any],
    status: tuple[Mapping[str, Any], ...] = (),
    model: tuple[Mapping[str, Any], ...] = (),
    values: Mapping[str, Any] | None = None,
    category: str = "ms",
    product: str = "",
) -> Device:
    """Build a device that can be told these things."""
    shadow = tuple({"code": code, "value": value} for code, value in (values or {}).items())
    description = Description(
        specification={"functions": [*functions], "status": [*status]},
        model={"services": [{"properties": [*model]}]},
        shadow=shadow,
    )
    record = {"id": "d1", "category": category, "productId": product, "isOnline": True}
    device = device_from(record, description, now=NOW)
    assert device is not None
    return device


def setting(device: Device, key: str) -> Setting:
    return next(one for one in device.features.settings if one.key == key)


def keys(device: Device) -> set[str]:
    return {one.key for one in device.features.settings}


def value(device: Device, key: str) -> object:
    reading = device.settings.get(key)
    return None if reading is None else reading.value


def test_no_key_of_a_setting_is_a_code_of_tuyas_and_each_code_means_one_thing() -> None:
    codes = [code for meaning in MEANINGS for code in meaning.codes]
    assert len(codes) == len(set(codes))
    own = {meaning.key for meaning in MEANINGS}
    # Words that Tuya and everybody else use.
    assert own & set(codes) == {
        "auto_lock_time",
        "alarm_time",
        "doorbell_volume",
        "beep_volume",
    } | (
        {"key_tone", "do_not_disturb", "child_lock", "language", "motor_torque"}
        | {"motion_sensitivity"}
    )
    assert len(own) == len(MEANINGS)


def test_what_can_only_be_read_is_no_setting() -> None:
    read_only = {"code": "automatic_lock", "accessMode": "ro", "typeSpec": {"type": "bool"}}
    assert keys(built(status=(point("automatic_lock", "Boolean"),), model=(read_only,))) == set()


@pytest.mark.parametrize("mode", ["rw", "wr", "RW"])
def test_what_the_thing_model_lets_write_is_a_setting(mode: str) -> None:
    told = {"code": "automatic_lock", "accessMode": mode, "typeSpec": {"type": "bool"}}
    assert keys(built(model=(told,))) == {"auto_lock"}


@pytest.mark.parametrize("kind", ["Boolean", "bool"])
def test_a_switch_is_read_in_every_spelling(kind: str) -> None:
    device = built(point("automatic_lock", kind), values={"automatic_lock": "true"})
    assert setting(device, "auto_lock").kind is SettingKind.SWITCH
    assert value(device, "auto_lock") is True
    for told, shown in ((0, False), ("1", True), ("false", False), ("perhaps", None)):
        device = with_values(device, [{"code": "automatic_lock", "value": told}], NOW + 1)
        assert value(device, "auto_lock") is shown


def test_a_switch_that_takes_words_is_told_words() -> None:
    device = built(point("do_not_disturb", "Enum", range=["0", "1"]))
    switch = setting(device, "do_not_disturb")
    assert switch.kind is SettingKind.SWITCH
    assert [switch.told(value=True), switch.told(value=False)] == ["1", "0"]
    text = setting(built(point("do_not_disturb", "String")), "do_not_disturb")
    assert text.told(value=True) == "1"
    assert keys(built(point("do_not_disturb", "Enum", range=["night", "day"]))) == set()


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"min": 1, "max": 99, "step": 1, "scale": 0, "unit": "s"}, (1, 99, 1, 0, "s")),
        ({"min": 99, "max": 1, "step": 1, "unit": "S"}, (1, 99, 1, 0, "s")),
        ({}, (0, 1800, 1, 0, "s")),
        ({"min": 5, "max": 5}, (0, 1800, 1, 0, "s")),
        ({"min": "1", "max": "60", "step": 0}, (1, 60, 1, 0, "s")),
        ({"min": 1, "max": 60, "step": 100, "unit": "min"}, (1, 60, 1, 0, "min")),
        ({"min": 1, "max": 60, "unit": "lightyears"}, (1, 60, 1, 0, "")),
        ({"min": 1, "max": 99, "scale": 1}, (1, 99, 1, 0, "s")),
        ({"min": 100, "max": 6000, "step": 50, "scale": 2}, (100, 6000, 50, 2, "s")),
        ({"min": 0, "max": 9, "scale": -3}, (0, 9, 1, 0, "s")),
        ({"min": None, "max": [], "scale": {}}, (0, 1800, 1, 0, "s")),
        ({"min": 0, "max": 10**400}, (0, 1800, 1, 0, "s")),
    ],
)
def test_limits_that_make_no_sense_cost_no_setting(
    limits: dict[str, Any], expected: tuple[int, int, int, int, str]
) -> None:
    number = setting(built(point("auto_lock_time", "Integer", **limits)), "auto_lock_time")
    assert number.kind is SettingKind.NUMBER
    assert (number.low, number.high, number.step, number.scale, number.unit) == expected


def test_a_number_without_any_limits_is_no_setting() -> None:
    assert keys(built(point("doorbell_volume_value", "Integer"))) == set()


def test_a_scaled_number_is_shown_and_told_scaled() -> None:
    spec = point("auto_lock_time", "Integer", min=100, max=6000, scale=2)
    device = built(spec, values={"auto_lock_time": 550})
    assert value(device, "auto_lock_time") == 5.5
    assert setting(device, "auto_lock_time").told(7.25) == 725


def test_what_one_description_lacks_the_next_one_tells() -> None:
    spec = {"code": "beep_volume", "type": "Enum", "values": '"{true,false}"'}
    told = {"range": ["mute", "normal"], "type": "enum"}
    model = {"code": "beep_volume", "accessMode": "rw", "typeSpec": told}
    select = setting(built(spec, model=(model,)), "beep_volume")
    assert dict(select.words) == {"mute": "mute", "normal": "normal"}


def test_options_are_words_where_known_and_plain_where_not() -> None:
    device = built(
        point("doorbell_volume", "Enum", range=["mute", "mid", "Middle", "upper_middle", "mid"]),
        point("basic_nightvision", "Enum", range=["0", "1", "2", "3"]),
        values={"doorbell_volume": "Middle", "basic_nightvision": 2},
    )
    volume, night = setting(device, "doorbell_volume"), setting(device, "night_vision")
    assert [option for option, _ in volume.words] == ["mute", "middle", "Middle", "upper_middle"]
    assert volume.told("upper_middle") == "upper_middle"
    assert dict(night.words) == {"auto": "0", "off": "1", "on": "2", "3": "3"}
    assert value(device, "night_vision") == "on"
    assert night.told("off") == "1"


def test_a_delay_in_words_is_a_choice() -> None:
    device = built(
        point("auto_lock_time", "Enum", range=["5s", "10s"]), values={"auto_lock_time": "10s"}
    )
    assert setting(device, "auto_lock_time").kind is SettingKind.SELECT
    assert value(device, "auto_lock_time") == "10s"


def test_a_select_whose_range_is_not_told_takes_the_standard_one() -> None:
    select = setting(built(point("key_tone", "Enum")), "key_tone")
    assert [option for option, _ in select.words] == ["mute", "low", "normal", "high"]
    assert keys(built(point("unlock_switch", "Enum"))) == set()


@pytest.mark.parametrize("told", [0, 100, -1, "", "$", None, [], {}, True, "9" * 40, 10**400])
def test_a_number_out_of_range_is_unknown_and_counted(told: object) -> None:
    limits = {"min": 1, "max": 99}
    listener = Listener(built(point("auto_lock_time", "Integer", **limits)))
    listener.hears(legacy({"auto_lock_time": 5}))
    assert value(listener.device, "auto_lock_time") == 5
    listener.hears(core({"auto_lock_time": told}), NOW + 1)
    assert value(listener.device, "auto_lock_time") is None
    assert listener.unknown == ["value:auto_lock_time"]


def test_a_word_that_is_no_option_is_unknown() -> None:
    device = built(
        point("beep_volume", "Enum", range=["mute", "normal"]), values={"beep_volume": "loud"}
    )
    assert value(device, "beep_volume") is None
    with pytest.raises(ValueError, match="loud"):
        setting(device, "beep_volume").told("loud")


def test_an_older_word_does_not_undo_a_newer_one() -> None:
    listener = Listener(built(point("automatic_lock", "Boolean"), values={"automatic_lock": True}))
    listener.hears(core({"automatic_lock": False}, time=int((NOW + 5) * 1000)), NOW + 5)
    before = listener.device
    late = with_values(before, [{"code": "automatic_lock", "value": True}], NOW + 2)
    assert value(late, "auto_lock") is False
    fresh = built(point("automatic_lock", "Boolean"), values={"automatic_lock": True})
    assert value(confirmed(fresh, before, NOW + 2), "auto_lock") is False


def test_a_device_from_the_roster_has_its_settings_without_values() -> None:
    description = Description(
        specification={"functions": [point("automatic_lock", "Boolean")], "status": []}, model={}
    )
    record = {"id": "d1", "category": "ms", "isOnline": True}
    device = device_from(record, description, now=NOW)
    assert device is not None
    known = device_of(entry_of(device), description)
    assert known is not None
    assert keys(known) == {"auto_lock"}
    assert known.settings == {}


def test_a_button_keeps_no_value() -> None:
    listener = Listener(built(point("photo_again", "Boolean"), values={"photo_again": False}))
    assert setting(listener.device, "take_photo").kind is SettingKind.BUTTON
    listener.hears(legacy({"photo_again": True}))
    assert listener.device.settings == {}
    assert listener.unknown == []


NAMESAKE = {
    "code": "accessory_lock1",
    "accessMode": "rw",
    "abilityId": 235,
    "typeSpec": {"type": "enum", "range": ["0", "1"]},
}
RELAY = {
    "code": "accessory_lock",
    "accessMode": "rw",
    "abilityId": 148,
    "typeSpec": {"type": "bool"},
}


def test_what_is_a_relay_elsewhere_is_do_not_disturb_on_one_product() -> None:
    elsewhere = built(model=(RELAY, NAMESAKE), category="sp", product="aszi9bvt1ywea5z0")
    assert len(elsewhere.features.doors) == 2
    assert keys(elsewhere) == set()
    listener = Listener(built(model=(RELAY, NAMESAKE), category="sp", product="i6p5va1gvcagcude"))
    assert [door.code for door in listener.device.features.doors] == ["accessory_lock"]
    listener.hears(legacy({"accessory_lock1": "1"}))
    assert value(listener.device, "do_not_disturb") is True
    assert listener.moments == []
    assert listener.device.relays == {}


CHANNELS = "ipc_c_switch_channel"


def panels(current: int, *names: str) -> str:
    listed = [{"id": number, "n": name} for number, name in enumerate(names, 1)]
    return json.dumps({"res": 1, "err": 0, "cc": current, "chs": listed})


def monitor(*extra: Mapping[str, Any], **values: Any) -> Device:
    return built(point(CHANNELS, "String"), *extra, values=values, category="sp")


def test_panels_of_one_name_are_told_apart() -> None:
    device = monitor(**{CHANNELS: panels(2, "DOOR", "Gate", "DOOR")})
    assert dict(panel_names(device)) == {"DOOR (1)": "1", "Gate": "2", "DOOR (3)": "3"}
    assert panel_shown(device) == "Gate"
    assert keys(device) == {"panel"}
    assert json.loads(switch_value(device, "3")) == {
        **json.loads(panels(3, "DOOR", "Gate", "DOOR")),
        "cmd": 1,
    }


def test_a_monitor_can_be_switched_once_it_has_told_two_panels() -> None:
    listener = Listener(monitor())
    assert keys(listener.device) == set()
    listener.hears(legacy({CHANNELS: panels(1, "DOOR")}))
    assert keys(listener.device) == set()
    for current in (1, 2):
        listener.hears(legacy({CHANNELS: panels(current, "DOOR", "Gate")}), NOW + 60 * current)
    assert [one.key for one in listener.device.features.settings] == ["panel"]
    assert listener.device.settings == {}


def test_a_panel_that_we_switched_to_does_not_ring_and_the_next_one_does() -> None:
    device = monitor(**{CHANNELS: panels(1, "DOOR", "Gate")})
    listener = Listener(applied(device, PanelChosen(device_id="d1", time=NOW, panel="2")))
    listener.hears(legacy({CHANNELS: panels(2, "DOOR", "Gate")}), NOW + 1)
    assert listener.rings == []
    listener.hears(core({CHANNELS: panels(2, "DOOR", "Gate")}), NOW + 2)
    assert listener.rings == []
    assert panel_shown(listener.device) == "Gate"
    listener.hears(legacy({CHANNELS: panels(2, "DOOR", "Gate")}), NOW + 5)
    assert len(listener.rings) == 1


def test_the_answer_to_an_old_switch_is_a_ring() -> None:
    device = monitor(**{CHANNELS: panels(1, "DOOR", "Gate")})
    listener = Listener(applied(device, PanelChosen(device_id="d1", time=NOW, panel="2")))
    listener.hears(legacy({CHANNELS: panels(2, "DOOR", "Gate")}), NOW + 60)
    assert len(listener.rings) == 1
