"""The salted digest of an erasable value."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.log.disclosure import MalformedDisclosure, digest_of, disclose, reveal

SALT = bytes(range(16))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=5,
)


def base64url(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def test_the_example_of_rfc_9901_4_2() -> None:
    disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest_of(disclosure) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    revealed = reveal(disclosure)
    assert (revealed.salt, revealed.name, revealed.value) == ("_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius")


def test_the_bytes_we_write_are_fixed() -> None:
    disclosure, digest = disclose(SALT, "reason", {"b": 1, "a": "ö"})
    assert disclosure == base64url('["AAECAwQFBgcICQoLDA0ODw","reason",{"a":"ö","b":1}]')
    assert digest == digest_of(disclosure)
    assert len(digest) == 43


@given(st.binary(min_size=16, max_size=16), st.text(st.characters(codec="utf-8")), JSON)
def test_what_was_disclosed_is_revealed(salt: bytes, name: str, value: object) -> None:
    revealed = reveal(disclose(salt, name, value).disclosure)
    assert (revealed.name, revealed.value) == (name, value)


def test_another_salt_gives_another_digest() -> None:
    assert disclose(SALT, "reason", "no").digest != disclose(bytes(16), "reason", "no").digest


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", object(), {1, 2}])
def test_what_is_no_json_is_not_disclosed(value: object) -> None:
    with pytest.raises(MalformedDisclosure, match="reason"):
        disclose(SALT, "reason", value)


def test_a_salt_has_128_bits() -> None:
    with pytest.raises(MalformedDisclosure, match="16 bytes"):
        disclose(b"short", "reason", "no")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!",
        "é",
        base64url("not json"),
        base64url('["salt","name"]'),
        base64url('[1,"name","value"]'),
        base64url('{"salt":1}'),
        base64url('["salt","name","value"]') + "=",
        "\n" + base64url('["salt","name","value"]'),
        base64url("[" * 100_000),
    ],
)
def test_other_text_is_no_disclosure(text: str) -> None:
    with pytest.raises(MalformedDisclosure):
        reveal(text)


def test_a_digest_is_of_ascii() -> None:
    with pytest.raises(MalformedDisclosure):
        digest_of("é")


def test_the_digest_is_over_the_text_and_not_over_json_written_anew() -> None:
    spaced, tight = (base64url(json.dumps(["s", "n", "v"], separators=s)) for s in ((", ", ": "), (",", ":")))
    assert reveal(spaced) == reveal(tight)
    assert digest_of(spaced) != digest_of(tight)
