"""How a receiver knows that a webhook is ours and fresh: Standard Webhooks 1.0, symmetric signatures (v1).

signature = "v1," + base64(HMAC-SHA256(key, id "." timestamp "." body)); the header lists one for each secret in force.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping

ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"
SECRET_PREFIX = "whsec_"  # noqa: S105 - the format's prefix, no secret
KEY_BYTES_MIN, KEY_BYTES_MAX = 24, 64
TOLERANCE_SECONDS = 5 * 60
SIGNATURES_MAX = 16
TIMESTAMP_DIGITS_MAX = 15


Sign = Callable[[bytes], str]
"""From the signed bytes to a signature as it stands in the header, its version first."""


class BadSecret(ValueError):
    """This text is no secret: `whsec_` and the base64 of 24 to 64 bytes."""


class BadSignature(ValueError):
    """This message is not shown to be from a holder of the secret, or not to be fresh; the words say which."""


def secret_of(key: bytes) -> str:
    """The text of a secret: `whsec_…`. `key`: 24 to 64 bytes from a secure source."""
    if not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise BadSecret(f"A secret has {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes, not {len(key)}.")
    return SECRET_PREFIX + b64encode(key).decode("ascii")


def key_of(secret: str) -> bytes:
    """The bytes of a secret; raises BadSecret, which never shows it."""
    try:
        key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        words = f"A secret is {SECRET_PREFIX} and the base64 of {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes."
        raise BadSecret(words) from None
    return key


def signed_headers(
    message_id: str, timestamp: int, body: bytes, secrets: Iterable[str], sign: Iterable[Sign] = ()
) -> dict[str, str]:
    """The three headers of one attempt. `timestamp`: seconds since 1970; `secrets`: those in force, newest first.

    `sign`: what makes further signatures (v1a) of the same bytes.
    Raises BadSecret, and ValueError for an id that could be read in two ways or without any secret.
    """
    if not message_id or "." in message_id or not message_id.isascii() or not message_id.isprintable():
        raise ValueError("A message id is printable ASCII without a full stop.")
    signatures = [signature(message_id, str(timestamp), body, secret) for secret in secrets]
    if not signatures:
        raise ValueError("A message is signed with at least one secret.")
    signatures += [one(signed_bytes(message_id, str(timestamp), body)) for one in sign]
    return {ID_HEADER: message_id, TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: " ".join(signatures)}


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], *, now: int) -> None:
    """Raises BadSignature unless one of `secrets` signed this message within five minutes of `now` (seconds).

    Every pair is compared, each in constant time. Signatures of other versions are passed over.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, given = (lower.get(name, "") for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER))
    if not (message_id and timestamp and given):
        raise BadSignature(f"The headers {ID_HEADER}, {TIMESTAMP_HEADER} and {SIGNATURE_HEADER} are needed.")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_DIGITS_MAX):
        raise BadSignature(f"{TIMESTAMP_HEADER} is a number of seconds.")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise BadSignature(f"The message was signed more than {TOLERANCE_SECONDS} seconds from now.")
    expected = [signature(message_id, timestamp, body, secret).encode("ascii") for secret in secrets]
    candidates = [one.encode("utf-8", "replace") for one in given.split(" ")[:SIGNATURES_MAX]]
    if not sum(hmac.compare_digest(one, other) for one in expected for other in candidates):
        raise BadSignature("No signature is of this message under a secret in force.")


def signature(message_id: str, timestamp: str, body: bytes, secret: str) -> str:
    signed = signed_bytes(message_id, timestamp, body)
    return "v1," + b64encode(hmac.digest(key_of(secret), signed, "sha256")).decode("ascii")


def signed_bytes(message_id: str, timestamp: str, body: bytes) -> bytes:
    """What every signature is of, whatever its version."""
    return f"{message_id}.{timestamp}.".encode() + body
