"""Asymmetric signatures (v1a): Ed25519 over the same bytes, for receivers that would rather not hold a secret.

signature = "v1a," + base64(Ed25519(private key, id "." timestamp "." body)); the public keys are published as a JWKS.
"""

from __future__ import annotations

from base64 import b64decode, b64encode, urlsafe_b64encode
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.webhooks.domain.signature import Sign

PRIVATE_PREFIX, PUBLIC_PREFIX = "whsk_", "whpk_"
KEYS_READY_MAX = 4_096


def private_key_of(seed: bytes) -> str:
    """The text of a private key: `whsk_…`. `seed`: 32 bytes from a secure source."""
    return PRIVATE_PREFIX + b64encode(Ed25519PrivateKey.from_private_bytes(seed).private_bytes_raw()).decode("ascii")


def public_key_of(private_key: str) -> str:
    """What a receiver verifies with: `whpk_` and the base64 of its 32 bytes."""
    return PUBLIC_PREFIX + b64encode(public_bytes(private_key)).decode("ascii")


def signer(private_key: str) -> Sign:
    return partial(sign, private_key)


def sign(private_key: str, signed: bytes) -> str:
    return "v1a," + b64encode(ready(private_key).sign(signed)).decode("ascii")


def jwk(key_id: UUID, private_key: str) -> dict[str, Any]:
    """The public key as RFC 8037 has it."""
    x = urlsafe_b64encode(public_bytes(private_key)).decode("ascii").rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": str(key_id), "x": x}


def public_bytes(private_key: str) -> bytes:
    return ready(private_key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@lru_cache(KEYS_READY_MAX)
def ready(private_key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(b64decode(private_key.removeprefix(PRIVATE_PREFIX), validate=True))
