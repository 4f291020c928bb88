"""A disclosure reveals the value of an erasable field; the log holds only its salted digest (SD-JWT, RFC 9901 §4.2).

    disclosure = base64url(UTF-8(JSON [salt, name, value]))        digest = base64url(SHA-256(ASCII(disclosure)))

Both without padding. The digest is over the disclosure as it was made, never over JSON written anew (RFC 9901
§4.2.3), so any verifier of SD-JWT can check it. We write that JSON with no white space, sorted keys, and
characters outside ASCII as themselves; the same arguments always give the same bytes.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

SALT_BYTES = 16


class MalformedDisclosure(ValueError):
    """This text is no disclosure, or this value cannot be disclosed."""


class Disclosed(NamedTuple):
    """The text that reveals, and the digest that stands in the log."""

    disclosure: str
    digest: str


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a disclosure says: the salt (as text), the name of the field and its value (JSON)."""

    salt: str
    name: str
    value: Any


def disclose(salt: bytes, name: str, value: Any) -> Disclosed:
    """The disclosure and digest of one field. `salt`: 16 bytes from a secure source, never used twice.

    `value` is JSON: None, bool, int, float, str, list, or dict with text keys. Raises MalformedDisclosure otherwise.
    """
    if len(salt) != SALT_BYTES:
        raise MalformedDisclosure(f"A salt has {SALT_BYTES} bytes, this one {len(salt)}.")
    try:
        text = json.dumps(
            [unpadded(salt), name, value], ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
        )
        disclosure = unpadded(text.encode("utf-8"))
    except (TypeError, ValueError) as error:
        raise MalformedDisclosure(f"The value of {name} cannot be written as JSON: {error}.") from error
    return Disclosed(disclosure, digest_of(disclosure))


def digest_of(disclosure: str) -> str:
    """The digest of a disclosure as it was made: 43 characters. Raises MalformedDisclosure when it is not ASCII."""
    try:
        return unpadded(sha256(disclosure.encode("ascii")).digest())
    except UnicodeEncodeError as error:
        raise MalformedDisclosure("A disclosure is base64url.") from error


def reveal(disclosure: str) -> Revealed:
    """What a disclosure says; raises MalformedDisclosure. Whether the log holds its digest is the caller's to check."""
    try:
        parts = json.loads(bytes_of(disclosure))
    except (ValueError, RecursionError) as error:
        raise MalformedDisclosure("A disclosure is the base64url of a JSON array.") from error
    match parts:
        case [str(salt), str(name), value]:
            return Revealed(salt, name, value)
        case _:
            raise MalformedDisclosure("A disclosure of a field says its salt, its name and its value.")


def unpadded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def bytes_of(text: str) -> bytes:
    # Python's decoder skips characters it does not know; two texts would then say the same.
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if unpadded(raw) != text:
        raise ValueError("not base64url without padding")
    return raw
