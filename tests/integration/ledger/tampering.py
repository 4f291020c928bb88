"""Ways of changing an export behind its back."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from services.ledger.domain.export import LENGTH, read_bundle
from shared.log.entry import decode_entry, encode_entry

Files = dict[str, bytes]


def tampered(export: Path, into: Path, change: Callable[[Files], object]) -> Path:
    """The export with its files changed."""
    with zipfile.ZipFile(export) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    path = into / "tampered.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def entries(index: int, change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Files], None]:
    """Change the entries of a bundle, and leave the hashes as they are."""

    def rewrite(files: Files) -> None:
        name = next(one for one in files if one.startswith(f"tile/entries/{index:03}"))
        files[name] = b"".join(LENGTH.pack(len(one)) + one for one in change(read_bundle(files[name])))

    return rewrite


def flipped(entry: bytes) -> bytes:
    return entry[:-10] + bytes([entry[-10] ^ 1]) + entry[-9:]


def back_dated(entry: bytes) -> bytes:
    was = decode_entry(entry)
    return encode_entry(was.seq, was.recorded_us - 86_400_000_000, was.body)


def inserted(entry: bytes) -> bytes:
    return encode_entry(200, decode_entry(entry).recorded_us, decode_entry(entry).body)


def damaged(raw: bytes) -> bytes:
    """One byte changed in the middle of the compressed entries."""
    at = raw.index(b"tile/entries/000") + 2_000
    return raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :]
