"""Where each data center listens, and which addresses of one's own are taken."""

import pytest

from custom_components.tuyalink_intercom.api.regions import (
    CUSTOM,
    REGIONS,
    EndpointError,
    custom_endpoints,
)

CLOUD, QUEUE = "https://tuya.example.com", "wss://queue.example.com:8285/"


def test_the_seven_data_centers_come_in_the_order_they_are_offered() -> None:
    assert list(REGIONS) == ["cn", "us", "ueaz", "eu", "weaz", "in", "sg"]
    assert {key: region.key for key, region in REGIONS.items()} == {key: key for key in REGIONS}


@pytest.mark.parametrize(
    ("key", "openapi", "queues"),
    [
        ("cn", "openapi.tuyacn.com", ["mqe.tuyacn.com"]),
        ("us", "openapi.tuyaus.com", ["mqe.tuyaus.com"]),
        ("ueaz", "openapi-ueaz.tuyaus.com", ["mqe-ueaz.tuyaus.com", "mqe.tuyaus.com"]),
        ("eu", "openapi.tuyaeu.com", ["mqe.tuyaeu.com"]),
        ("weaz", "openapi-weaz.tuyaeu.com", ["mqe-weaz.tuyaeu.com", "mqe.tuyaeu.com"]),
        ("in", "openapi.tuyain.com", ["mqe.tuyain.com"]),
        ("sg", "openapi-sg.iotbing.com", ["mqe-sg.iotbing.com"]),
    ],
)
def test_a_data_center_has_its_hosts(key: str, openapi: str, queues: list[str]) -> None:
    region = REGIONS[key]
    assert str(region.openapi) == f"https://{openapi}/"
    assert [str(queue) for queue in region.queues] == [f"wss://{host}:8285/" for host in queues]


def test_a_private_cloud_is_one_more_data_center() -> None:
    endpoints = custom_endpoints(" https://tuya.example.com ", "wss://queue.example.com/tuya")
    assert endpoints.key == CUSTOM
    assert str(endpoints.openapi) == "https://tuya.example.com/"
    assert [str(url) for url in endpoints.queues] == ["wss://queue.example.com/tuya/"]


@pytest.mark.parametrize("host", ["127.0.0.1:8124", "127.9.8.7", "[::1]:8124", "localhost"])
def test_a_cloud_on_this_machine_needs_no_certificate(host: str) -> None:
    endpoints = custom_endpoints(f"http://{host}", f"ws://{host}")
    assert endpoints.openapi.scheme == "http"
    assert endpoints.queues[0].scheme == "ws"


UNUSABLE = [
    "",
    "tuya.example.com",
    "ftp://tuya.example.com",
    "https://",
    "https://user@tuya.example.com",
    "https://user:password@tuya.example.com",
    "https://:password@tuya.example.com",
    "https://tuya.example.com?",
    "https://tuya.example.com?a=1",
    "https://tuya.example.com#top",
    "https://tuya.example.com:0",
    "https://tuya.example.com:99999",
    "https://[::1",
    "https://tuya.example.com/\x00",
    "https://tuya exam\nple.com",
]
PLAIN = ["example.com", "192.168.1.2", "localhost.example.com", "[::ffff:127.0.0.1]", "2130706433"]


@pytest.mark.parametrize(
    "address",
    [*UNUSABLE, *(f"http://{host}" for host in PLAIN), "wss://a.example", "https://a.example/v1"],
)
def test_an_unusable_cloud_address_is_named(address: str) -> None:
    with pytest.raises(EndpointError) as error:
        custom_endpoints(address, QUEUE)
    assert error.value.field == "openapi"
    assert str(error.value) == "unusable address: openapi"


@pytest.mark.parametrize(
    "address",
    [
        *(address.replace("https", "wss") for address in UNUSABLE),
        *(f"ws://{host}" for host in PLAIN),
        "https://a.example",
    ],
)
def test_an_unusable_queue_address_is_named(address: str) -> None:
    with pytest.raises(EndpointError) as error:
        custom_endpoints(CLOUD, address)
    assert error.value.field == "queue"
