"""Standard Webhooks signatures, by fixed bytes and beside the reference library."""

from __future__ import annotations

from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

import pytest
import standardwebhooks
from Crypto.Signature import eddsa
from hypothesis import given
from hypothesis import strategies as st

from services.webhooks.domain.signature import BadSecret, BadSignature, key_of, secret_of, signed_headers, verify
from services.webhooks.signing_keys import jwk, private_key_of, public_key_of, signer

# The example of the Standard Webhooks specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = secret_of(bytes(range(32)))
HEADERS = {"webhook-id": ID, "webhook-timestamp": str(TIMESTAMP), "webhook-signature": SIGNATURE}


def refuses(headers: dict[str, str], body: bytes = BODY, now: int = TIMESTAMP, secret: str = SECRET) -> None:
    with pytest.raises(BadSignature):
        verify(headers, body, [secret], now=now)


def test_the_example_of_the_specification() -> None:
    assert signed_headers(ID, TIMESTAMP, BODY, [SECRET]) == HEADERS
    verify(HEADERS, BODY, [SECRET], now=TIMESTAMP)


@given(st.binary(min_size=24, max_size=64), st.text(st.characters(codec="utf-8")), st.integers(0, 4_102_444_800))
def test_it_signs_as_the_reference_library_does(key: bytes, body: str, timestamp: int) -> None:
    secret = secret_of(key)
    theirs = standardwebhooks.Webhook(secret).sign(ID, datetime.fromtimestamp(timestamp, UTC), body)
    assert signed_headers(ID, timestamp, body.encode(), [secret])["webhook-signature"] == theirs


def test_during_a_rotation_either_secret_verifies() -> None:
    headers = signed_headers(ID, TIMESTAMP, BODY, [OTHER, SECRET])
    assert headers["webhook-signature"].split(" ")[1] == SIGNATURE
    verify(headers, BODY, [SECRET], now=TIMESTAMP)
    verify(headers, BODY, [OTHER], now=TIMESTAMP)
    verify(HEADERS, BODY, [OTHER, SECRET], now=TIMESTAMP)


# The first key of RFC 8032, section 7.1.
PRIVATE_KEY = private_key_of(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
PUBLIC_BYTES = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNATURE_V1A = "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw=="


def test_both_versions_in_one_header_by_fixed_bytes() -> None:
    headers = signed_headers(ID, TIMESTAMP, BODY, [SECRET], [signer(PRIVATE_KEY)])
    assert headers["webhook-signature"] == f"{SIGNATURE} {SIGNATURE_V1A}"
    verify(headers, BODY, [SECRET], now=TIMESTAMP)
    assert public_key_of(PRIVATE_KEY) == "whpk_" + b64encode(PUBLIC_BYTES).decode()


def test_a_rotation_by_fixed_bytes() -> None:
    """New ones first: a receiver that knows either of the two finds what it needs."""
    newer = private_key_of(bytes(range(32)))
    headers = signed_headers(ID, TIMESTAMP, BODY, [OTHER, SECRET], [signer(newer), signer(PRIVATE_KEY)])
    assert headers["webhook-signature"].split(" ") == [
        "v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI=",
        SIGNATURE,
        "v1a,yoUrgEkc12aGqm0n4Sydmdz55xJfTz4AsAgieHFjmkR7LJtqVCZOQYzvvHjI5kAey+r4iaBGxTFRrl2iBQxtDQ==",
        SIGNATURE_V1A,
    ]


def test_an_independent_library_agrees_on_v1a() -> None:
    """PyCryptodome, and the key as the JWKS publishes it."""
    published = jwk(UUID(int=7), PRIVATE_KEY)
    assert published == {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "kid": str(UUID(int=7)),
        "x": urlsafe_b64encode(PUBLIC_BYTES).decode().rstrip("="),
    }
    x = urlsafe_b64decode(published["x"] + "=")
    verifier = eddsa.new(eddsa.import_public_key(x), "rfc8032")
    signed = f"{ID}.{TIMESTAMP}.".encode() + BODY
    verifier.verify(signed, b64decode(SIGNATURE_V1A.removeprefix("v1a,")))
    with pytest.raises(ValueError, match="not authentic"):
        verifier.verify(signed + b" ", b64decode(SIGNATURE_V1A.removeprefix("v1a,")))


@pytest.mark.parametrize("drift", [-300, 300])
def test_five_minutes_of_drift_are_tolerated(drift: int) -> None:
    verify(HEADERS, BODY, [SECRET], now=TIMESTAMP + drift)


@pytest.mark.parametrize("drift", [-301, 301])
def test_more_drift_is_not(drift: int) -> None:
    refuses(HEADERS, now=TIMESTAMP + drift)


@pytest.mark.parametrize("name", list(HEADERS))
def test_every_header_is_needed_and_its_case_is_not(name: str) -> None:
    rest = {key: value for key, value in HEADERS.items() if key != name}
    refuses(rest)
    verify(rest | {name.title(): HEADERS[name]}, BODY, [SECRET], now=TIMESTAMP)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": str(TIMESTAMP + 1)},
        {"webhook-timestamp": f"+{TIMESTAMP}"},
        {"webhook-timestamp": f"{TIMESTAMP}.0"},
        {"webhook-timestamp": "١"},
        {"webhook-timestamp": "9" * 5_000},
        {"webhook-signature": SIGNATURE.replace("v1,", "v1a,")},
        {"webhook-signature": SIGNATURE.replace("v1,", "v2,")},
        {"webhook-signature": SIGNATURE[:-2] + "="},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "é \ud800"},
        {"webhook-signature": "x " * 16 + SIGNATURE},
    ],
)
def test_other_headers_are_refused(changed: dict[str, str]) -> None:
    refuses(HEADERS | changed)


def test_another_body_or_secret_is_refused() -> None:
    refuses(HEADERS, body=BODY + b" ")
    refuses(HEADERS, secret=OTHER)


def test_a_version_that_is_not_known_is_passed_over() -> None:
    verify(HEADERS | {"webhook-signature": f"v1a,AAAA {SIGNATURE}"}, BODY, [SECRET], now=TIMESTAMP)


@pytest.mark.parametrize("message_id", ["", "a.b", "a\n", "é"])
def test_an_id_can_be_read_in_one_way_only(message_id: str) -> None:
    with pytest.raises(ValueError, match="message id"):
        signed_headers(message_id, TIMESTAMP, BODY, [SECRET])


def test_nothing_goes_out_unsigned() -> None:
    with pytest.raises(ValueError, match="at least one secret"):
        signed_headers(ID, TIMESTAMP, BODY, [])


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_reads_back(key: bytes) -> None:
    assert key_of(secret_of(key)) == key


@pytest.mark.parametrize("length", [0, 23, 65])
def test_a_secret_has_24_to_64_bytes(length: int) -> None:
    with pytest.raises(BadSecret):
        secret_of(bytes(length))
    with pytest.raises(BadSecret):
        key_of("whsec_" + b64encode(bytes(length)).decode())


@pytest.mark.parametrize("secret", ["", SECRET.removeprefix("whsec_"), SECRET + "!", "whsk_" + SECRET, "whsec_é"])
def test_a_bad_secret_is_refused_and_never_shown(secret: str) -> None:
    with pytest.raises(BadSecret) as refused:
        key_of(secret)
    assert "MfKQ" not in str(refused.value)
