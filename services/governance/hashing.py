"""What a signature is under: the hash of a content in its one canonical form."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import rfc8785

from shared.log.codec import as_json


def hash_of(content: Any) -> str:
    """The SHA-256 of the content as canonical JSON (RFC 8785), in lower-case hex."""
    return sha256(rfc8785.dumps(as_json(content))).hexdigest()
