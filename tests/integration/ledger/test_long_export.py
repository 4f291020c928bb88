"""Verifying the export of a very long ledger: within a minute and half a gigabyte, its state replayed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

import psutil
import pytest

from services.ledger.domain.export import (
    DisclosureLine,
    Manifest,
    tiles_of,
    write_bundle,
    write_disclosures,
    write_manifest,
    write_tile,
)
from services.ledger.domain.merkle import Frontier
from services.ledger.domain.state import Claim, ThingLine, write_line
from shared.log.codec import canonical
from shared.log.disclosure import disclose
from shared.log.entry import encode_entry, leaf_hash

ENTRIES = 1_000_000
EVENTS_A_THING = 5
SECONDS_MAX, MEGABYTES_MAX = 60, 500
RAISED, PASSED, VOTED = "governance.decision-raised.v1", "governance.court-passed.v1", "governance.vote-cast.v1"
ROUTE = {"title": "Joint pricing", "owner": {"roles": ["alliance_manager"]}, "joint": True, "parties": ["a", "b"]}


def body(things: int, seq: int) -> tuple[bytes, DisclosureLine | None]:
    """All things are raised before anything else happens to any: as many are open at once as can be."""
    version, thing = divmod(seq, things)
    said = {
        "type": (RAISED, PASSED, VOTED)[version and 1 + version % 2],
        "id": str(UUID(int=seq)),
        "stream": stream(thing),
        "version": version + 1,
        "actor": {"org": str(UUID(int=1)), "sub": str(UUID(int=2))},
        "effective_at": "2026-01-05T09:00:00Z",
        "cause": {"command": str(UUID(int=3)), "event": None},
        "data": data(version),
    }
    if version:
        return canonical(said), None
    disclosure, digest = disclose(seq.to_bytes(16, "big"), "subject", f"Fares {seq}")
    return canonical({**said, "_sd": [digest]}), DisclosureLine(seq, digest, disclosure)


def data(version: int) -> dict[str, object]:
    if version == 0:
        return {"side": "a", "type": "pricing", "route": ROUTE, "raised_at": "2026-01-05T09:00:00Z", "subject": None}
    return {"sides": ["a"], "since": str(version)} if version % 2 == 0 else {"side": "a", "choice": "approve"}


def stream(thing: int) -> str:
    return f"decision/{UUID(int=thing)}"


def line(things: int, thing: int) -> bytes:
    first, last = thing, thing + (EVENTS_A_THING - 1) * things
    fields = {name: Claim(first, value) for name, value in data(0).items() if name != "side"}
    fields |= {"subject": Claim(first, f"Fares {first}"), "options": Claim(first), "context": Claim(first)}
    fields["sides"] = Claim(last, ["a"])
    return write_line(ThingLine(stream(thing), first, last, EVENTS_A_THING, fields))


def written(path: Path, size: int) -> Path:
    things, tree = size // EVENTS_A_THING, Frontier()
    disclosed: list[DisclosureLine] = []
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for tile in tiles_of(size):
            entries = []
            for seq in range(tile.first, tile.first + tile.width):
                raw, value = body(things, seq)
                entries.append(encode_entry(seq, seq + 1, raw))
                disclosed += [value] if value else []
            leaves = [leaf_hash(one) for one in entries]
            archive.writestr(tile.bundle_name, write_bundle(entries))
            archive.writestr(tile.name, write_tile(leaves))
            tree = reduce(Frontier.append, leaves, tree)
        archive.writestr("disclosures.ndjson", b"".join(write_disclosures(disclosed)))
        with archive.open("state.ndjson", "w") as into:
            for raw in lines(things):
                into.write(raw)
        manifest = Manifest(UUID(int=7), "concord.example/7", size, tree.root, datetime(2026, 3, 1, tzinfo=UTC))
        archive.writestr("manifest.json", write_manifest(manifest))
    return path


def lines(things: int) -> Iterator[bytes]:
    return (line(things, thing) for thing in range(things))


@pytest.mark.faults
def test_a_million_entries_in_a_minute_and_half_a_gigabyte(tmp_path: Path) -> None:
    path = written(tmp_path / "long.zip", ENTRIES)
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "services.cli", "verify", str(path), "--json"], stdout=subprocess.PIPE
    ) as process:
        megabytes = peak_megabytes(psutil.Process(process.pid))
        said, _ = process.communicate()
    took = time.monotonic() - started
    document = json.loads(said)
    assert (process.returncode, document["findings"]) == (0, [])
    assert document["figures"]["entries"] == ENTRIES
    assert document["figures"]["things"] == ENTRIES // EVENTS_A_THING
    measured = f"{took:.1f} s, {megabytes:.0f} MB"
    assert megabytes < MEGABYTES_MAX, measured
    assert took < SECONDS_MAX, measured


def peak_megabytes(process: psutil.Process) -> float:
    """The most memory that a process and those it started had in use together, until it has ended."""
    peak = 0.0
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        with suppress(psutil.NoSuchProcess):
            family = [process, *process.children(recursive=True)]
            peak = max(peak, sum(one.memory_info().rss for one in family) / 2**20)
        time.sleep(0.1)
    return peak
