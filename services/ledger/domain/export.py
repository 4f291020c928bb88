"""An export of a ledger: which files it has, what they are called, and their bytes.

    manifest.json                       what the export is of
    checkpoint, checkpoints/<size>      signed notes, the newest and all before it
    tile/<L>/<N>[.p/<W>]                hashes: 256 a tile, fewer in a partial one     C2SP tlog-tiles
    tile/entries/<N>[.p/<W>]            entries: 256 a bundle, each after its length   C2SP tlog-tiles
    attachments/<sha256>                content that entries name
    disclosures.ndjson                  one disclosure a line, by seq
    state.ndjson                        what its things are by then, one a line; see state.py
    schemas/<event name>.json           JSON Schema of each event type, and how its entries are folded to the state
    policy                              the log's key, its witnesses and the quorum

Each file can be read by itself, so a verifier holds one bundle and one tile in memory, never a ledger.
"""

from __future__ import annotations

import json
import re
import struct
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.ledger.domain.merkle import HASH_BYTES
from shared.log.entry import ENTRY_BYTES_MAX

FORMAT = "concord-export/1"
MANIFEST, CHECKPOINT, DISCLOSURES, POLICY = "manifest.json", "checkpoint", "disclosures.ndjson", "policy"
CHECKPOINTS, ATTACHMENTS, SCHEMAS = "checkpoints/", "attachments/", "schemas/"
WIDTH = 256
BUNDLE_BYTES_MAX = WIDTH * (2 + ENTRY_BYTES_MAX)
LENGTH = struct.Struct(">H")
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
EVENT_NAME = re.compile(r"[a-z]+\.[a-z][a-z0-9-]*\.v[1-9][0-9]*")


class MalformedExport(ValueError):
    """These bytes are not a file of an export, or these values make none."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export is of: a ledger of `size` entries with this root. `made_at` is aware, UTC."""

    ledger: UUID
    origin: str
    size: int
    root: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of `width` elements at `level`; at level 0 its first element is that of entry `index` · 256."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def name(self) -> str:
        return f"tile/{self.level}/{tile_path(self.index, self.width)}"

    @property
    def bundle_name(self) -> str:
        """The name of the entries under a tile of level 0."""
        return f"tile/entries/{tile_path(self.index, self.width)}"

    @property
    def first(self) -> int:
        return self.index * WIDTH


@dataclass(frozen=True, slots=True)
class DisclosureLine:
    """One line of disclosures.ndjson: which entry, which of its digests, and its disclosure, None when left out."""

    seq: int
    digest: str
    disclosure: str | None


def tile_path(index: int, width: int = WIDTH) -> str:
    """`<N>[.p/<W>]`: 1234067 is x001/x234/067. Raises MalformedExport for an index or width out of range."""
    if index < 0 or not 1 <= width <= WIDTH:
        raise MalformedExport(f"There is no tile {index} of width {width}.")
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03}")
    return "/".join(groups) + ("" if width == WIDTH else f".p/{width}")


def tiles_of(size: int, level: int = 0) -> Iterator[Tile]:
    """The tiles of one level in a tree of `size` leaves: the full ones, then the partial one."""
    full, rest = divmod(size >> 8 * level, WIDTH)
    for index in range(full):
        yield Tile(level, index)
    if rest:
        yield Tile(level, full, rest)


def all_tiles_of(size: int) -> Iterator[Tile]:
    """The tiles of every level, lowest first."""
    level = 0
    while size >> 8 * level:
        yield from tiles_of(size, level)
        level += 1


def attachment_name(sha256: str) -> str:
    if not SHA256_HEX.fullmatch(sha256):
        raise MalformedExport(f"{sha256!r} is no SHA-256 in lower-case hex.")
    return ATTACHMENTS + sha256


def schema_name(event_name: str) -> str:
    if not EVENT_NAME.fullmatch(event_name):
        raise MalformedExport(f"{event_name!r} is no name of an event type.")
    return f"{SCHEMAS}{event_name}.json"


def checkpoint_name(size: int) -> str:
    return f"{CHECKPOINTS}{size}"


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """Up to 256 entries, each after its length as uint16 big-endian."""
    if not 1 <= len(entries) <= WIDTH:
        raise MalformedExport(f"A bundle has 1 to {WIDTH} entries, not {len(entries)}.")
    if any(len(entry) > ENTRY_BYTES_MAX for entry in entries):
        raise MalformedExport(f"An entry has at most {ENTRY_BYTES_MAX:,} bytes.")
    return b"".join(LENGTH.pack(len(entry)) + entry for entry in entries)


def read_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises MalformedExport when it ends inside an entry or has more than 256."""
    entries = entries_in(bundle)
    if len(entries) > WIDTH:
        raise MalformedExport(f"A bundle has at most {WIDTH} entries, not {len(entries)}.")
    return entries


def entries_in(bundle: bytes) -> list[bytes]:
    """However many entries there are. Raises MalformedExport when the bundle ends inside one."""
    entries, at = [], 0
    while at < len(bundle):
        begin = at + LENGTH.size
        if begin > len(bundle):
            raise MalformedExport("The bundle ends inside a length.")
        at = begin + LENGTH.unpack_from(bundle, at)[0]
        if at > len(bundle):
            raise MalformedExport("The bundle ends inside an entry.")
        entries.append(bundle[begin:at])
    return entries


def write_tile(hashes: Sequence[bytes]) -> bytes:
    """Up to 256 hashes, one after the other."""
    if not 1 <= len(hashes) <= WIDTH or any(len(one) != HASH_BYTES for one in hashes):
        raise MalformedExport(f"A tile has 1 to {WIDTH} hashes of {HASH_BYTES} bytes.")
    return b"".join(hashes)


def read_tile(tile: bytes, width: int = WIDTH) -> list[bytes]:
    """The hashes of a tile. Raises MalformedExport when they are not `width`."""
    if len(tile) != width * HASH_BYTES:
        raise MalformedExport(f"A tile of width {width} has {width * HASH_BYTES:,} bytes, not {len(tile):,}.")
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def write_manifest(manifest: Manifest) -> bytes:
    made_at = manifest.made_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    said = {
        "format": FORMAT,
        "ledger": str(manifest.ledger),
        "origin": manifest.origin,
        "size": manifest.size,
        "root": b64encode(manifest.root).decode("ascii"),
        "made_at": made_at,
    }
    return json.dumps(said, indent=2).encode("ascii") + b"\n"


def read_manifest(raw: bytes) -> Manifest:
    """Raises MalformedExport for another format, a missing field, or a field of another shape."""
    said = read_object(raw, "The manifest")
    if said.get("format") != FORMAT:
        raise MalformedExport(f"The format is {said.get('format')!r}; this reads {FORMAT!r}.")
    try:
        root = b64decode(said["root"], validate=True)
        made_at = datetime.fromisoformat(said["made_at"])
        manifest = Manifest(UUID(said["ledger"]), said["origin"], said["size"], root, made_at)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedExport(f"The manifest lacks a field or has one of another shape: {error}.") from error
    whole = type(manifest.size) is int and manifest.size >= 0 and isinstance(manifest.origin, str)
    if not whole or len(root) != HASH_BYTES or made_at.tzinfo is None:
        raise MalformedExport("The manifest has a size, a root of 32 bytes, an origin, and a time with its zone.")
    return manifest


def write_disclosures(lines: Iterable[DisclosureLine]) -> Iterator[bytes]:
    """The lines of disclosures.ndjson. Give them by seq: a verifier reads them beside the entries."""
    for line in lines:
        said = {"seq": line.seq, "digest": line.digest, "disclosure": line.disclosure}
        yield json.dumps(said, separators=(",", ":")).encode("ascii") + b"\n"


def read_disclosure_line(raw: bytes) -> DisclosureLine:
    said = read_object(raw, "A line of the disclosures")
    seq, digest, disclosure = said.get("seq"), said.get("digest"), said.get("disclosure", ...)
    if type(seq) is not int or not isinstance(digest, str) or not isinstance(disclosure, str | None):
        raise MalformedExport("A line of the disclosures has a seq, a digest and a disclosure.")
    return DisclosureLine(seq, digest, disclosure)


def read_object(raw: bytes, what: str) -> dict[str, Any]:
    try:
        said = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedExport(f"{what} is no JSON.") from error
    if not isinstance(said, dict):
        raise MalformedExport(f"{what} is no JSON object.")
    return said
