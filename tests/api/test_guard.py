"""Which addresses a message may name: none that leads into the home."""

from ipaddress import IPv4Address

import pytest
from yarl import URL

from custom_components.tuyalink_intercom.api import (
    REGIONS,
    CaptureError,
    ForbiddenAddressError,
    custom_endpoints,
)
from custom_components.tuyalink_intercom.api.guard import AddressGuard, is_public

STORAGE = "https://storage.example/p.jpeg?sign=1"
OWN = "http://127.0.0.1:8123/"
GUARD = AddressGuard(custom_endpoints(OWN, "ws://127.0.0.1:8123/"))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"]
)
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.1",
        str(IPv4Address(0)),
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fd00::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:1.1.1.1",
        "::7f00:1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "2001:0:1::1",
        "64:ff9b::7f00:1",
        "64:ff9b::c0a8:101",
        "64:ff9b:1::101:101",
        "",
        "localhost",
    ],
)
def test_what_is_at_home_or_nowhere_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        STORAGE,
        "https://storage.example:443/p.jpeg",
        "https://ty-eu-storage30-pic.s3.eu-central-1.amazonaws.com/a/b.jpeg?X-Amz-Date=1%2F2",
        "https://storage.example:9000/bucket/p.jpeg",
        "HTTPS://Storage.Example./p.jpeg",
        "http://127.0.0.1:8123/_pictures/p.jpeg?sign=1",
    ],
)
def test_a_named_host_and_the_private_cloud_itself_may_be_asked(address: str) -> None:
    assert str(GUARD.checked(address)) == str(URL(address, encoded=True))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "not an address",
        "p.jpeg",
        "//storage.example/p.jpeg",
        "https://",
        "https:///p.jpeg",
        "https:storage.example/p.jpeg",
        "http:storage.example/p.jpeg",
        "http:///p.jpeg",
        "file:///etc/passwd",
        "file://storage.example/etc/passwd",
        "ftp://storage.example/p.jpeg",
        "data:image/jpeg;base64,/9j/4AAQ",
        "javascript:alert(1)",
        "unix:///var/run/docker.sock",
        "ws://storage.example/",
        "http://storage.example:80/p.jpeg",
        "http://storage.example:9000/p.jpeg",
        "https://storage.example:99999/",
        "https://storage.example:x/",
        "https://storage.example/a b",
        "https://storage.example/\r\nHost: other",
        "https://storage.example/\x00",
        "https://storäge.example/",
        "https://①②⑦.0.0.1/",
        "https://storage.example\\@127.0.0.1/",
        "https://user@storage.example/",
        "https://user:word@storage.example/",
        "https://storage.example@127.0.0.1/",
        "https://@storage.example/",
        "https://storage.example/" + "p" * 8192,
    ],
)
def test_what_is_no_address_of_a_file_is_refused(address: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        GUARD.checked(address)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "LOCALHOST",
        "bell.localhost",
        "nas",
        "nas.local",
        "nas.local.",
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.0.0.0x1",
        "127%2e0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "93.184.216.34",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[fd00::1]",
        "[fe80::1%25eth0]",
        "[2606:4700::1111]",
        f"{'a' * 64}.example",
        f"{'a.' * 130}example",
    ],
)
def test_a_host_without_a_public_name_is_refused(host: str) -> None:
    for port in ("", ":443", ":8123"):
        with pytest.raises(ForbiddenAddressError, match="address"):
            GUARD.checked(f"https://{host}{port}/p.jpeg")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8124/p.jpeg",
        "http://127.0.0.1/p.jpeg",
        "https://127.0.0.1:8123/p.jpeg",
        "http://127.0.0.2:8123/p.jpeg",
        "http://localhost:8123/p.jpeg",
        "http://127.0.0.1.:8123/p.jpeg",
        "http://[::ffff:127.0.0.1]:8123/p.jpeg",
        "http://user@127.0.0.1:8123/p.jpeg",
        "http://127.1:8123/p.jpeg",
    ],
)
def test_nothing_else_on_the_private_clouds_host_may_be_asked(address: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        GUARD.checked(address)


def test_tuyas_own_data_centers_are_no_exception() -> None:
    guard = AddressGuard(REGIONS["eu"])
    assert not guard.is_own(REGIONS["eu"].openapi)
    with pytest.raises(ForbiddenAddressError):
        guard.checked("http://openapi.tuyaeu.com:8080/p.jpeg")


def test_a_storage_told_by_plain_http_is_asked_by_https() -> None:
    told = "http://storage.example/a%20b/p%2Bq.jpeg?X-Amz-Signature=a%2Bb+c%2f"
    assert str(GUARD.checked(told)) == told.replace("http", "https", 1)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/q.jpeg", "https://storage.example/q.jpeg"),
        ("q.jpeg?sign=%2F", "https://storage.example/q.jpeg?sign=%2F"),
        ("//other.example/q.jpeg", "https://other.example/q.jpeg"),
        ("http://storage.example/q.jpeg", "https://storage.example/q.jpeg"),
        ("https://other.example/q.jpeg", "https://other.example/q.jpeg"),
    ],
)
def test_a_redirect_leads_to_another_public_host(location: str, target: str) -> None:
    assert str(GUARD.followed(URL(STORAGE, encoded=True), location)) == target


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://storage.example:8080/q.jpeg",
        "http://127.0.0.1:8123/q.jpeg",
        "https://127.0.0.1/",
        "//127.0.0.1/",
        "//localhost/",
        "https://[::1]/",
        "https://[::1",
        "https://storage.example:x/",
        "file:///etc/passwd",
        "data:image/jpeg;base64,/9j/",
        "javascript:alert(1)",
        "https://storäge.example/",
    ],
)
def test_a_redirect_into_the_home_is_not_followed(location: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        GUARD.followed(URL(STORAGE, encoded=True), location)


def test_a_refusal_does_not_tell_the_address() -> None:
    for address in ("https://a.example:topsecret/", "https://nas/?sign=topsecret", "topsecret"):
        with pytest.raises(CaptureError) as error:
            GUARD.checked(address)
        assert "topsecret" not in repr(error.value)
        assert error.value.__context__ is None
