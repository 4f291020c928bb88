"""Erasable values at rest: each disclosure sealed under its person's key (AES-256-GCM). No key, no value."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class Unsealable(Exception):
    """The sealed bytes do not open with this key for this digest: tampered with, or another's key."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, disclosure: str, digest: str) -> bytes:
    """12 bytes of nonce, then ciphertext and tag; bound to the digest, so it cannot be moved to another event."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, disclosure.encode("ascii"), digest.encode("ascii"))


def unseal(key: bytes, sealed: bytes, digest: str) -> str:
    try:
        opened = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], digest.encode("ascii"))
    except InvalidTag as error:
        raise Unsealable(f"The disclosure with digest {digest} does not open with its key.") from error
    return opened.decode("ascii")
