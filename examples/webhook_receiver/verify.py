"""Is this webhook from Concord, and fresh? Both kinds of signature; use the one you like better."""

import base64
import hmac
import time
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE_SECONDS = 5 * 60


def verify(headers: Mapping[str, str], body: bytes, secret: str) -> None:
    """With the shared secret (`whsec_…`): version v1. Raises ValueError. `headers`: names in lower case."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed(headers, body), "sha256"))
    if not any(hmac.compare_digest(expected, one) for one in signatures(headers, b"v1,")):
        raise ValueError("not signed with this secret")


def verify_with_public_key(headers: Mapping[str, str], body: bytes, public_key: str) -> None:
    """With the public key (`whpk_…`): version v1a, Ed25519. Raises ValueError."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    for one in signatures(headers, b"v1a,"):
        try:
            key.verify(base64.b64decode(one), signed(headers, body))
        except InvalidSignature:
            continue
        return
    raise ValueError("not signed with this key")


def signed(headers: Mapping[str, str], body: bytes) -> bytes:
    """What the signatures are of: the bytes of the body as they came, before anything parses them."""
    timestamp = headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        raise ValueError("signed too long ago, or in the future")
    return f"{headers['webhook-id']}.{timestamp}.".encode() + body


def signatures(headers: Mapping[str, str], version: bytes) -> list[bytes]:
    """During a rotation there are several."""
    listed = headers["webhook-signature"].encode().split(b" ")
    return [one.removeprefix(version) for one in listed if one.startswith(version)]
