"""Writes an export: one ledger as a zip that anyone can verify offline. In memory: one bundle, or one attachment.

All is of one size, fixed before the first read: entries below it never change, so the many statements that follow are
one snapshot of them. What may change meanwhile is what is erased, and an export of less than its erasure is refused.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from services.ledger.disclosing import disclosed
from services.ledger.domain.contents import ERASURE, attachments_in
from services.ledger.domain.export import (
    CHECKPOINT,
    DISCLOSURES,
    MANIFEST,
    POLICY,
    Manifest,
    Tile,
    all_tiles_of,
    attachment_name,
    checkpoint_name,
    schema_name,
    tiles_of,
    write_bundle,
    write_disclosures,
    write_manifest,
    write_tile,
)
from services.ledger.domain.merkle import Frontier
from services.ledger.domain.policy import write_policy
from services.ledger.domain.said import texts
from services.ledger.domain.state import ERASABLE, SETS, STATE
from services.ledger.read_models.checkpoints import EXPORTED_MAX, policy_of, signed_checkpoints
from services.ledger.read_models.ledgers import Ledger
from services.ledger.read_models.tree import LeavesMissing, Tree
from services.ledger.read_models.witnesses import in_service
from services.ledger.stating import state_lines
from shared.events import all_types
from shared.events.declare import newest_name
from shared.http.session import Session
from shared.log.codec import adapter
from shared.log.disclosure import reveal
from shared.log.entry import encode_entry
from shared.log.rows import read_attachment

IN_MEMORY_BYTES_MAX = 8 << 20
COPY_BYTES = 1 << 20

ENTRIES = (
    "SELECT seq, recorded_us, type, body, leaf FROM log.events"
    " WHERE ledger_id = %s AND seq >= %s AND seq < %s ORDER BY seq"
)
ERASURES = "SELECT body FROM log.events WHERE ledger_id = %s AND seq >= %s AND type = %s"
STORED = "SELECT sha256 FROM log.attachments WHERE ledger_id = %s AND sha256 = ANY(%s)"


class ErasedSince(Exception):
    """Something in these entries is erased, and the entry that says so comes after them."""


@dataclass
class Export:
    """One export in the making: what its entries have named so far."""

    session: Session
    ledger: Ledger
    archive: ZipFile
    values: IO[bytes]
    """The disclosures, written into the archive at the end: a zip takes one file at a time."""
    tree: Frontier = field(default_factory=Frontier)
    types: set[str] = field(default_factory=set)
    attachments: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    """Digests without a disclosure, and attachments that are no more."""
    erased: set[str] = field(default_factory=set)
    """Digests and attachments whose erasure an entry of this export records."""

    def write(self, origin: str) -> None:
        """Every file. Raises ErasedSince."""
        erased_later = self.erased_after()
        # First of all: what is released or erased while we write is then left out of the state, not of the values.
        self.write_state()
        for tile in tiles_of(self.ledger.size):
            self.write_tile(tile)
        self.write_attachments()
        if self.erased_after() & (self.gone - self.erased) or self.erased_after() != erased_later:
            raise ErasedSince
        self.write_values()
        self.write_schemas()
        self.write_upper_tiles()
        self.write_signed()
        root = self.tree.root
        self.file(MANIFEST, write_manifest(Manifest(self.ledger.id, origin, self.ledger.size, root, self.session.at)))

    def write_state(self) -> None:
        with self.archive.open(described(STATE), "w", force_zip64=True) as into:
            for line in state_lines(self.session, self.ledger):
                into.write(line)

    def write_signed(self) -> None:
        """The signed checkpoints, the newest under its own name, and whose signatures count."""
        connection, size = self.session.connection, self.ledger.size
        signed = signed_checkpoints(connection, self.ledger.id, up_to=size, limit=EXPORTED_MAX)
        for one in signed[1:]:
            self.file(checkpoint_name(one.checkpoint.size), one.note.whole.encode())
        if signed:
            self.file(CHECKPOINT, signed[0].note.whole.encode())
        witnesses = self.session.view(self.ledger.id).all(in_service(self.ledger.id))
        self.file(POLICY, write_policy(policy_of(connection, self.ledger.id, witnesses)).encode())

    def write_upper_tiles(self) -> None:
        """The tiles above the leaves, as they were kept when they were first needed, be the leaves rewritten since."""
        tree = Tree(self.session.connection, self.ledger.id, self.ledger.size)
        try:
            for tile in all_tiles_of(self.ledger.size):
                if tile.level:
                    hashes = tree.hashes(tile.level, tile.first, tile.first + tile.width)
                    self.file(tile.name, write_tile(list(hashes)), compression=ZIP_STORED)
        except LeavesMissing:
            return  # verification names the entries that are missing

    def write_tile(self, tile: Tile) -> None:
        first, end = tile.first, tile.first + tile.width
        rows = self.session.connection.exec_driver_sql(ENTRIES, (self.ledger.id, first, end)).all()
        if not rows:
            return
        # Where the database lacks an entry or has another one, that is exported as it is: verification will name it.
        self.file(tile.bundle_name, write_bundle([encode_entry(row.seq, row.recorded_us, row.body) for row in rows]))
        self.file(tile.name, write_tile([bytes(row.leaf) for row in rows]), compression=ZIP_STORED)
        digests: set[str] = set()
        for row in rows:
            self.tree = self.tree.append(bytes(row.leaf))
            self.types.add(row.type)
            digests |= self.note(row.type, bytes(row.body))
        if digests:
            self.gone |= digests - self.keep_values(rows)

    def note(self, name: str, raw: bytes) -> set[str]:
        """Remember what a body names; the digests it holds."""
        if not (name == ERASURE or b'"sha256":' in raw or b'"_sd":' in raw):
            return set()
        try:
            body = json.loads(raw)
        except ValueError:
            return set()
        self.attachments |= {one["sha256"] for one in attachments_in(body.get("data"))}
        if name == ERASURE:
            self.erased |= erased_by(body)
        return set(texts(body.get("_sd")))

    def erased_after(self) -> set[str]:
        """What entries recorded as erased that came after those of this export."""
        rows = self.session.connection.exec_driver_sql(ERASURES, (self.ledger.id, self.ledger.size, ERASURE))
        return {one for row in rows for one in erased_by(json.loads(row.body))}

    def keep_values(self, rows: Sequence[Any]) -> set[str]:
        """Write what is disclosed of these entries, or that it is left out; of which digests."""
        lines = disclosed(self.session, self.ledger.id, rows)
        for line, written in zip(lines, write_disclosures(lines), strict=True):
            self.values.write(written)
            if line.disclosure is not None:
                self.attachments |= {one["sha256"] for one in attachments_in(reveal(line.disclosure).value)}
        return {line.digest for line in lines}

    def write_attachments(self) -> None:
        rows = self.session.connection.exec_driver_sql(STORED, (self.ledger.id, list(self.attachments)))
        stored = sorted(row[0] for row in rows)
        self.gone |= self.attachments.difference(stored)
        for digest in stored:
            self.file(attachment_name(digest), read_attachment(self.session.connection, self.ledger.id, digest))

    def write_values(self) -> None:
        self.values.seek(0)
        with self.archive.open(described(DISCLOSURES), "w", force_zip64=True) as into:
            while chunk := self.values.read(COPY_BYTES):
                into.write(chunk)

    def write_schemas(self) -> None:
        """The JSON Schema of each event type there is; an old name's events are read in the shape of its newest."""
        known = all_types()
        for name in sorted({newest_name(one) for one in self.types} & known.keys()):
            kind = known[name]
            schema = adapter(kind.cls).json_schema()
            schema |= {SETS: None if kind.sets is None else sorted(kind.sets), ERASABLE: sorted(kind.erasable)}
            self.file(schema_name(name), json.dumps(schema, indent=2, sort_keys=True).encode())

    def file(self, name: str, content: bytes, *, compression: int = ZIP_DEFLATED) -> None:
        self.archive.writestr(described(name, compression), content)


def erased_by(body: dict[str, Any]) -> set[str]:
    """The digests and attachments that the body of an erasure names."""
    return {*texts(body["data"].get("digests")), *texts(body["data"].get("attachments"))}


def described(name: str, compression: int = ZIP_DEFLATED) -> ZipInfo:
    """A file without a date of its own, so that the same export has the same bytes but for its manifest."""
    info = ZipInfo(name)
    info.compress_type = compression
    return info


def export(session: Session, ledger: Ledger, *, origin: str) -> IO[bytes]:
    """The export of a ledger as far as `ledger.size`, in a temporary file at its beginning. Raises ErasedSince."""
    spooled = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES_MAX) as values, ZipFile(spooled, "w") as archive:
            Export(session, ledger, archive, values).write(origin)
    except BaseException:
        spooled.close()
        raise
    spooled.seek(0)
    return spooled
