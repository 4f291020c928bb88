"""The keys that sign checkpoints: from a file, an environment variable, or a command that asks a key store.

They are never in the database and never logged. All that are configured sign; a rotation is two of them for a while.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from services.ledger.domain.note import ED25519_BYTES, PUBLIC_KEY_BYTES
from shared.settings import Settings

SEED_BYTES = 32
COMMAND_SECONDS = 10
COMMAND_BYTES_MAX = 1_024
KEYS_MAX = 4
GENERATED = "signing-key"

Sign = Callable[[bytes], bytes]


class NoSigningKey(ValueError):
    """A signing key cannot be had; the words say where it was sought, never what was found."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs messages by Ed25519 (RFC 8032). `public`: the 32 bytes that verify them."""

    public: bytes
    sign: Sign = field(repr=False)


def signers(settings: Settings) -> list[Signer]:
    """The signers that are configured, the first of them the oldest; none in production when none is."""
    if settings.signing_key is not None:
        given = in_memory(private_key(settings.signing_key.get_secret_value().encode(), "CONCORD_SIGNING_KEY"))
        return [given, *(signer(source) for source in settings.signing_keys[: KEYS_MAX - 1])]
    if settings.signing_keys:
        if len(settings.signing_keys) > KEYS_MAX:
            raise NoSigningKey(f"CONCORD_SIGNING_KEYS names at most {KEYS_MAX} keys.")
        return [signer(source) for source in settings.signing_keys]
    if settings.env == "production":
        return []
    return [in_memory(kept_key(settings.home / GENERATED))]


def signer(source: str) -> Signer:
    """`file:PATH` or `env:NAME` of a PEM or of the base64 of 32 bytes; or `command:PUBLIC_KEY:COMMAND`."""
    kind, _, rest = source.partition(":")
    match kind:
        case "file":
            try:
                return in_memory(private_key(Path(rest).read_bytes(), source))
            except OSError as error:
                raise NoSigningKey(f"The signing key {source} cannot be read: {error.strerror}.") from error
        case "env":
            return in_memory(private_key(os.environ.get(rest, "").encode(), source))
        case "command":
            public, _, command = rest.partition(":")
            return by_command(public, command)
        case _:
            raise NoSigningKey("A signing key is file:PATH, env:NAME or command:PUBLIC_KEY:COMMAND.")


def private_key(raw: bytes, source: str) -> Ed25519PrivateKey:
    try:
        if raw.lstrip().startswith(b"-----BEGIN"):
            key = load_pem_private_key(raw, password=None)
            if isinstance(key, Ed25519PrivateKey):
                return key
        elif len(seed := seed_in(raw.strip())) == SEED_BYTES:
            return Ed25519PrivateKey.from_private_bytes(seed)
    except (NotBase64, ValueError, TypeError, UnsupportedAlgorithm):
        pass  # whatever it was, it is told to nobody
    raise NoSigningKey(f"What {source} holds is no Ed25519 key: neither a PEM without a password nor 32 bytes.")


def seed_in(text: bytes) -> bytes:
    return bytes.fromhex(text.decode("ascii")) if len(text) == 2 * SEED_BYTES else b64decode(text, validate=True)


def in_memory(key: Ed25519PrivateKey) -> Signer:
    return Signer(key.public_key().public_bytes_raw(), key.sign)


def by_command(public: str, command: str) -> Signer:
    """A command that reads the message from its standard input and writes the signature, 64 bytes, raw or base64."""
    try:
        key = b64decode(public, validate=True)
    except (NotBase64, ValueError) as error:
        raise NoSigningKey("command:PUBLIC_KEY:… begins with the base64 of the public key.") from error
    if len(key) != PUBLIC_KEY_BYTES or not command.strip():
        raise NoSigningKey(f"command:PUBLIC_KEY:COMMAND has a key of {PUBLIC_KEY_BYTES} bytes and a command.")
    words = shlex.split(command)

    def sign(message: bytes) -> bytes:
        try:
            done = subprocess.run(words, input=message, capture_output=True, timeout=COMMAND_SECONDS, check=True)  # noqa: S603 - the operator's own
        except (OSError, subprocess.SubprocessError) as error:
            raise NoSigningKey(f"The signing command {words[0]} failed: {type(error).__name__}.") from error
        return signature_in(done.stdout[:COMMAND_BYTES_MAX], words[0])

    return Signer(key, sign)


def signature_in(said: bytes, command: str) -> bytes:
    if len(said) == ED25519_BYTES:
        return said
    try:
        raw = b64decode(said.strip(), validate=True)
    except (NotBase64, ValueError):
        raw = b""
    if len(raw) != ED25519_BYTES:
        raise NoSigningKey(f"The signing command {command} gave no signature of {ED25519_BYTES} bytes.")
    return raw


def kept_key(path: Path) -> Ed25519PrivateKey:
    """The key in this file, made on first use, readable by its owner alone; two processes never make two."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.{os.getpid()}")
        new.touch(mode=0o600)
        new.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        try:
            os.link(new, path)
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return private_key(path.read_bytes(), f"file:{path}")
