"""Which world each known device is in, by category and codes."""

import pytest

from custom_components.tuyalink_intercom.model import dpcodes
from custom_components.tuyalink_intercom.model.state import World
from custom_components.tuyalink_intercom.model.worlds import world_of

from .files import DEVICE_FILES, MESSAGE_FILES, found, read

WORLDS = {
    "alarm_oqn2dj8otuhqhulr": None,
    "alarm_unknown_xtend458": None,
    "jtmsbh_unknown_m15": World.LOCK,
    "jtmspro_2hmqh0ty": World.LOCK,
    "jtmspro_hdmgxrmp": World.LOCK,
    "jtmspro_hq8p0gzw": World.LOCK,
    "jtmspro_kholoaew": World.LOCK,
    "jtmspro_ofwvna43": World.LOCK,
    "jtmspro_snr3p274": World.LOCK,
    "jtmspro_unknown_appvitor": World.LOCK,
    "jtmspro_xqeob8h6": World.LOCK,
    "jtmspro_y2yaegze": World.LOCK,
    "jtmspro_zhk7n5ey": World.LOCK,
    "lock_0binhnjg": World.LOCK,
    "lock_0m1ajdjg": World.LOCK,
    "lock_a6nttc41": World.LOCK,
    "lock_g7rboh0x": World.LOCK,
    "lock_kdq0tdbz": World.LOCK,
    "lock_kpn4zaf7": World.LOCK,
    "lock_lplun31mo1xaonwz": World.LOCK,
    "lock_oufbykkic2alxcjw": World.LOCK,
    "lock_qicggi0m": World.LOCK,
    "lock_unknown_kattcrazy17": World.LOCK,
    "lock_unknown_shadow_dump": World.LOCK,
    "lock_unknown_tekxdd": World.LOCK,
    "lock_unknown_xtend278": World.LOCK,
    "lock_xa83al0t": World.LOCK,
    "lock_yfqp0shy": World.LOCK,
    "mal_1kvprtma6cbkdxc8": None,
    "mal_1vso02tkynsvpinp": None,
    "mal_fi2xhhvyod93vrnu": None,
    "mal_gyitctrjj1kefxp2": None,
    "mal_lyq7o3cpui0mgfky": None,
    "mal_mrcaxh3mx6pdg4bh": None,
    "mal_mw27s3tus4bb7nz3": None,
    "mcs_5udnju6mghpuldix": None,
    "mk_4valtqxxxh6zjs5y": World.CONTROLLER,
    "mk_5k8h97qska6pf5cm": World.CONTROLLER,
    "mk_7veecefmxfxsu0b8": World.CONTROLLER,
    "mk_td7kahmaly2odklo": World.CONTROLLER,
    "mk_unknown_tuyalocal796": World.CONTROLLER,
    "mk_w7jvccswsslo4nam": World.CONTROLLER,
    "ms_212kebqd": World.LOCK,
    "ms_RSwIlAPVPqA6tVx9": World.LOCK,
    "ms_bljvjx2nsv02dhao": World.LOCK,
    "ms_isk2p555": World.LOCK,
    "ms_matydudd": World.LOCK,
    "ms_ssisn2cx": World.LOCK,
    "ms_umca8uiv2203ua3k": World.LOCK,
    "ms_unknown_tuyalocal162": World.LOCK,
    "ms_unknown_yeeuu_k1": World.LOCK,
    "ms_unknown_zen3515": World.LOCK,
    "pir_3i480z6ds8l9rlda": None,
    "sp_0ukszkfaejkqpz9o": World.INTERCOM,
    "sp_baayuyax7pqxivet": World.INTERCOM,
    "sp_cgu4lbrelxwzqklc": World.INTERCOM,
    "sp_csr2fqitalj5o0tq": World.INTERCOM,
    "sp_ebc7wbagmxmwdxua": World.INTERCOM,
    "sp_ehzbfjrau5lbph4o": World.INTERCOM,
    "sp_fqSYZSABYZyqjjZE": World.INTERCOM,
    "sp_fz7gawbixhku65ay": World.INTERCOM,
    "sp_h3bhzu9m0ig80rdu": World.INTERCOM,
    "sp_i5e3a4qxcsthszin": World.INTERCOM,
    "sp_i6p5va1gvcagcude": World.INTERCOM,
    "sp_is5yumkqdhcfxskv": World.INTERCOM,
    "sp_obtloc9hkl46jjgg": World.INTERCOM,
    "sp_ormfprbeceg0jps8": World.INTERCOM,
    "sp_pd2wpgm6gifppmae": World.INTERCOM,
    "sp_rdopirknpltovvth": World.INTERCOM,
    "sp_tjmn78up08oxggml": World.INTERCOM,
    "sp_unknown_joys_bell_7s": World.INTERCOM,
    "sp_unknown_tuyalocal2913": World.INTERCOM,
    "sp_unknown_tuyalocal519": World.INTERCOM,
    "sp_unknown_visiophone": World.INTERCOM,
    "sp_wkyfpsgtzkrjmsgr": World.INTERCOM,
    "sp_x9nmfcaphvbxasgc": World.INTERCOM,
    "sp_yev0rxmozbfx8wo": World.INTERCOM,
    "sp_yfzktqgdfdzajch8": None,
    "sp_ym3bkfuavegbxjar": None,
    "videolock_unknown_wbrl": World.LOCK,
    "wxml_anic3m16jmjo80ao": World.INTERCOM,
    "wxml_gznianheex1wcv5b": World.INTERCOM,
    "ywbj_ratstesiekxoea7a": None,
}


def test_all_known_devices_and_messages_are_here() -> None:
    assert len(DEVICE_FILES) == 83
    assert len(MESSAGE_FILES) == 21
    assert set(WORLDS) == set(DEVICE_FILES)


def test_every_fixture_names_its_source() -> None:
    files = [("devices", name) for name in DEVICE_FILES]
    files += [("messages", name) for name in MESSAGE_FILES]
    assert [name for folder, name in files if not read(folder, name).get("source")] == []


@pytest.mark.parametrize("name", DEVICE_FILES)
def test_each_known_device_lands_in_its_world_or_is_left_to_others(name: str) -> None:
    built = found(name)
    assert (built.world if built else None) is WORLDS[name]


@pytest.mark.parametrize(
    "name", [name for name, world in WORLDS.items() if world is World.LOCK and name[:3] != "jtm"]
)
def test_a_lock_whose_category_is_unknown_is_known_by_what_it_tells(name: str) -> None:
    built = found(name, category="")
    assert built is not None
    assert built.world is World.LOCK


@pytest.mark.parametrize("category", [*dpcodes.WORLDS])
def test_every_door_category_has_a_world_even_without_codes(category: str) -> None:
    assert world_of(category, ()) is dpcodes.WORLDS[category]


@pytest.mark.parametrize("code", ["ptz_control", "cruise_switch"])
@pytest.mark.parametrize(
    ("also", "world"),
    [
        ((), None),
        (("doorbell_active", "doorbell_pic", "movement_detect_pic"), None),
        (("accessory_lock",), World.INTERCOM),
        (("ipc_c_lock",), World.INTERCOM),
        (("ipc_c_switch_channel",), World.INTERCOM),
        (("chime_ring_tune",), World.INTERCOM),
        (("doorbell_ring_exist",), World.INTERCOM),
    ],
)
def test_a_turning_camera_is_ours_only_with_a_relay_channels_or_a_chime(
    code: str, also: tuple[str, ...], world: World | None
) -> None:
    assert world_of("sp", (code, *also)) is world


@pytest.mark.parametrize("category", ["", "something_new"])
@pytest.mark.parametrize(
    ("codes", "world"),
    [
        (("master_mode", "unlock_app", "doorbell"), None),
        (("unlock_card",), World.LOCK),
        (("lock_motor_state",), World.LOCK),
        (("alarm_lock",), World.LOCK),
        (("manual_lock",), World.LOCK),
        (("doorbell_active", "accessory_lock"), World.INTERCOM),
        (("doorbell_active",), None),
        (("accessory_lock",), None),
        (("switch_1", "cur_power"), None),
        ((), None),
    ],
)
def test_a_device_of_unknown_category_is_judged_by_its_codes(
    category: str, codes: tuple[str, ...], world: World | None
) -> None:
    assert world_of(category, codes) is world


def test_a_device_with_function_points_of_a_terminal_is_a_terminal() -> None:
    assert world_of("", (), ("tyabinmc7h",)) is World.TERMINAL
    assert world_of("", ("master_mode",), ("tyabinmc7h",)) is None
