"""Signatures against the vendor's own examples."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from custom_components.tuyalink_intercom.api.signing import (
    signature,
    signature_message,
    signed_url,
    string_to_sign,
    wire_url,
)

from .vectors import load, messages, named

VECTORS = load("sign")
CURRENT = [vector for vector in VECTORS if vector["string_to_sign"] is not None]


@pytest.mark.parametrize("vector", named(VECTORS, "name"))
def test_a_request_is_signed_as_tuya_publishes_it(vector: dict[str, Any]) -> None:
    request = ""
    if vector["string_to_sign"] is not None:
        body = vector["body"].encode()
        request = string_to_sign(vector["method"], vector["url"], body, vector["headers"])
        assert request == vector["string_to_sign"]
    message = signature_message(
        vector["client_id"],
        vector["t"],
        request,
        token=vector["access_token"] or "",
        nonce=vector["nonce"] or "",
    )
    assert message == vector["hmac_message"]
    assert signature(vector["secret"], message) == vector["expected_sign"]


@pytest.mark.parametrize("vector", named(CURRENT, "name"))
def test_the_signed_address_is_sorted_and_in_clear(vector: dict[str, Any]) -> None:
    path, _, query = vector["url"].partition("?")
    backwards = dict(reversed(parse_qsl(query)))
    assert signed_url(path, backwards) == vector["url"]


@pytest.mark.parametrize(
    "vector", named([vector for vector in CURRENT if "wire_url" in vector], "name")
)
def test_the_wire_address_is_percent_encoded(vector: dict[str, Any]) -> None:
    path, _, query = vector["wire_url"].partition("?")
    ours, _, pairs = wire_url(path, dict(parse_qsl(query))).partition("?")
    assert (ours, sorted(pairs.split("&"))) == (path, sorted(query.split("&")))


def test_reserved_characters_of_a_picture_path_are_encoded() -> None:
    picture = load("media")["classify"][0]
    query = {"file_path": picture["file_path"], "bucket": picture["bucket"]}
    assert wire_url("/x", query) == f"/x?{picture['movement_configs_query_wire']}"
    assert wire_url("/x", {"a": "+ /?=&~"}) == "/x?a=%2B%20%2F%3F%3D%26~"


@pytest.mark.parametrize("vector", messages("webhook"))
def test_the_webhook_formula_uses_the_same_hmac(vector: dict[str, Any]) -> None:
    expected = vector["expected"]
    sign = signature(vector["inputs"]["secret"], expected["string_to_sign"])
    assert sign == expected["sign_upper"]
