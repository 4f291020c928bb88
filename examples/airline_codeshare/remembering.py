"""Chapter 5. The history in words, the state as it was known then, and an export that proves itself."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.airline_codeshare.partner import NotAnswered, Partner
from examples.airline_codeshare.reporting import MARCH

SENTENCES_SHOWN = 12
CHANGED_SEQ = 7
ENTRY_LENGTH_BYTES = 2


@dataclass(frozen=True)
class Verdict:
    """What `concord verify --json` said."""

    exit_code: int
    report: dict[str, Any]


@dataclass(frozen=True)
class Memory:
    """What the ledger remembers, and how it is checked."""

    sentences: list[str]
    size_now: int
    then: dict[str, Any]
    now: dict[str, Any]
    sound: Verdict
    tampered: Verdict


def remember(reader: Partner, alliance: str, folder: Path) -> Memory:
    ledger = f"/ledger/v1/ledgers/{alliance}"
    events = reader.all(f"{ledger}/events")
    export = folder / "export.zip"
    export.write_bytes(reader.download(f"{ledger}/export"))
    tampered = folder / "tampered.zip"
    change_one_byte(export, tampered, CHANGED_SEQ)
    return Memory(
        sentences=[e["words"] for e in events],
        size_now=len(events),
        then=reader.get(f"{ledger}/state", as_of=MARCH),
        now=reader.get(f"{ledger}/state"),
        sound=verify(export),
        tampered=verify(tampered),
    )


def verify(export: Path) -> Verdict:
    """The command a partner's engineer runs, offline, with nothing but the file."""
    command = [sys.executable, "-m", "services.cli", "verify", str(export), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own command)
    try:
        return Verdict(done.returncode, json.loads(done.stdout))
    except json.JSONDecodeError as error:
        raise NotAnswered(f"concord verify said: {done.stdout}{done.stderr}") from error


def change_one_byte(export: Path, to: Path, seq: int) -> None:
    """Copy an export with the last byte of one entry's text changed, as somebody with the file could."""
    with zipfile.ZipFile(export) as source, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as copy:
        bundles = sorted(n for n in source.namelist() if n.startswith("tile/entries/"))
        for name in source.namelist():
            content = source.read(name)
            copy.writestr(name, changed_bundle(content, seq) if name == bundles[0] else content)


def changed_bundle(bundle: bytes, seq: int) -> bytes:
    """An entry bundle (C2SP tlog-tiles: length as u16, then the entry) with one byte of one entry changed."""
    reader, changed = io.BytesIO(bundle), bytearray(bundle)
    for _ in range(seq):
        reader.seek(int.from_bytes(reader.read(ENTRY_LENGTH_BYTES), "big"), io.SEEK_CUR)
    length = int.from_bytes(reader.read(ENTRY_LENGTH_BYTES), "big")
    changed[reader.tell() + length // 2] ^= 1
    return bytes(changed)
