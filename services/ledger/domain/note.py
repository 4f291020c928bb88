"""Signed notes: text with signature lines, and the keys that verify them (C2SP signed-note, tlog-cosignature).

    note  = text, ending in a line feed ‖ an empty line ‖ lines of `— <name> base64(key id[4] ‖ signature)`
    vkey  = <name>+hex(key id)+base64(type ‖ public key)        key id = SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]

Two types are known: 0x01, an Ed25519 signature over the text, and 0x04, a witness's cosignature with its time.
"""

from __future__ import annotations

import re
import struct
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

NOTE_BYTES_MAX = 131_072
"""Room for the 16 signatures that must be accepted, be they post-quantum ones of nearly 5 kB each."""
SIGNATURES_MAX = 100
NOT_IN_A_NAME = re.compile(r"[\s+]")
KEY_ID_BYTES = 4
PUBLIC_KEY_BYTES = 32
ED25519_BYTES = 64
POSIX_SECONDS_MAX = 2**63 - 1
TIME = struct.Struct(">Q")
SIGNATURE_LINE = re.compile(r"— ([^ ]+) ([A-Za-z0-9+/=]+)")
VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")

Verify = Callable[[bytes, bytes, bytes], bool]
"""`(public key, signature, message) -> whether it holds`: Ed25519 (RFC 8032), from who has a library for it."""


class MalformedNote(ValueError):
    """This is no signed note, or no key of one."""


class UntrustedNote(ValueError):
    """No key that counts has signed this note, or one of them seems to have and has not."""


class SignatureType(IntEnum):
    """Whose signature it is, and over what."""

    LOG = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class Key:
    """A public key under a name, for one type of signature. Its id tells it from others of that name."""

    name: str
    type: SignatureType
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encoded(bytes([self.type]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, of a known key or not. `body` is what follows the key id."""

    name: str
    key_id: bytes
    body: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {encoded(self.key_id + self.body)}\n"

    def seems_of(self, key: Key) -> bool:
        return (self.name, self.key_id) == (key.name, key.id)

    @property
    def cosigned_at(self) -> int:
        """Of a cosignature: when it was made, in seconds since 1970."""
        return int(TIME.unpack_from(self.body)[0])


@dataclass(frozen=True, slots=True)
class Note:
    """A text, its last line feed included, and who says to have signed it."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def whole(self) -> str:
        return f"{self.text}\n{''.join(one.line for one in self.signatures)}"

    def with_signatures(self, more: Iterable[Signature]) -> Note:
        """The same note with more signatures, each once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *more))))


def read_note(raw: bytes) -> Note:
    """A signed note as it came. It checks no signature. Raises MalformedNote."""
    if len(raw) > NOTE_BYTES_MAX:
        raise MalformedNote(f"A note has at most {NOTE_BYTES_MAX:,} bytes.")
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedNote("A note is UTF-8.") from error
    if CONTROL.search(whole):
        raise MalformedNote("A note has no control characters but line feeds.")
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise MalformedNote("A note is a text, an empty line, and signature lines, the last one ended.")
    return Note(text + "\n", read_signatures(lines))


def read_signatures(lines: str) -> tuple[Signature, ...]:
    """One or more signature lines, each ended by a line feed. Raises MalformedNote."""
    *found, rest = lines.split("\n")
    if rest or not found or len(found) > SIGNATURES_MAX:
        raise MalformedNote(f"There are 1 to {SIGNATURES_MAX} signature lines, each ended by a line feed.")
    return tuple(read_signature(line) for line in found)


def read_signature(line: str) -> Signature:
    found = SIGNATURE_LINE.fullmatch(line)
    if found is None or NOT_IN_A_NAME.search(found[1]):
        raise MalformedNote("A signature line is `— `, the name of a key, a space and base64.")
    raw = decoded(found[2])
    if len(raw) <= KEY_ID_BYTES:
        raise MalformedNote("A signature is more than the id of its key.")
    return Signature(found[1], raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def read_vkey(text: str) -> Key:
    """A verifier key of one of the two known types. Raises MalformedNote, also when the id is not that of the key."""
    found = VKEY.fullmatch(text)
    if found is None or NOT_IN_A_NAME.search(found[1]):
        raise MalformedNote("A verifier key is `<name>+<8 hex digits>+<base64>`.")
    raw = decoded(found[3])
    if len(raw) != 1 + PUBLIC_KEY_BYTES or raw[0] not in {one.value for one in SignatureType}:
        raise MalformedNote("A verifier key holds 0x01 or 0x04, then the 32 bytes of an Ed25519 key.")
    key = Key(found[1], SignatureType(raw[0]), raw[1:])
    if key.id.hex() != found[2]:
        raise MalformedNote(f"The id of this key is {key.id.hex()}, not {found[2]}.")
    return key


def verified(note: Note, keys: Sequence[Key], verify: Verify) -> dict[Key, Signature]:
    """Which of these keys signed the note, each with its first signature.

    Raises UntrustedNote when none did, or when a line that names one of them does not hold: such a note is refused as
    a whole. Lines of other keys count for nothing.
    """
    found: dict[Key, Signature] = {}
    for one in note.signatures:
        for key in keys:
            if not one.seems_of(key) or key in found:
                continue
            if not holds(note.text, one, key, verify):
                raise UntrustedNote(f"The signature of {key.name} does not hold.")
            found[key] = one
    if not found:
        raise UntrustedNote("No key that is trusted here has signed it.")
    return found


def holds(text: str, signature: Signature, key: Key, verify: Verify) -> bool:
    if key.type == SignatureType.LOG:
        return len(signature.body) == ED25519_BYTES and verify(key.public, signature.body, text.encode())
    if len(signature.body) != TIME.size + ED25519_BYTES or signature.cosigned_at > POSIX_SECONDS_MAX:
        return False
    return verify(key.public, signature.body[TIME.size :], cosigned_message(text, signature.cosigned_at))


def cosigned_message(text: str, at: int) -> bytes:
    """What a witness signs: at this second since 1970 it had seen no larger checkpoint of the ledger."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def log_signature(key: Key, signature: bytes) -> Signature:
    return Signature(key.name, key.id, signature)


def cosignature(key: Key, at: int, signature: bytes) -> Signature:
    return Signature(key.name, key.id, TIME.pack(at) + signature)


def encoded(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")


def decoded(text: str) -> bytes:
    """Standard base64 with its padding, and the only spelling of these bytes. Raises MalformedNote."""
    try:
        raw = b64decode(text, validate=True)
    except (NotBase64, ValueError) as error:
        raise MalformedNote("This is no base64.") from error
    if encoded(raw) != text:
        raise MalformedNote("This base64 has bits that count for nothing.")
    return raw
