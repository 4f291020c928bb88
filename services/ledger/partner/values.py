"""What a mirror holds beside its entries, disclosed values and attachments, in the files of an export.

Values are added at the end of their file, which is written anew only where something is erased.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from services.ledger.checkpointing.copies import write_whole
from services.ledger.domain.contents import ERASURE, attachments_in
from services.ledger.domain.disclosed import LINE_BYTES_MAX
from services.ledger.domain.export import (
    DISCLOSURES,
    SHA256_HEX,
    DisclosureLine,
    MalformedExport,
    Tile,
    attachment_name,
    read_disclosure_line,
    write_disclosures,
)
from services.ledger.domain.said import body_in, texts
from services.ledger.partner.served import Contradicted, NotThere, Served
from shared.log.disclosure import digest_of, reveal
from shared.log.entry import decode_entry

DISCLOSURES_BYTES_MAX = 4 * LINE_BYTES_MAX
"""Of one bundle."""
ATTACHMENT_BYTES_MAX = 1 << 28
COMING = ".disclosures.coming"


@dataclass(frozen=True, slots=True)
class Values:
    """Those of the entries that are held, and apart from them those of entries on their way."""

    folder: Path
    served: Served

    @property
    def held(self) -> Path:
        return self.folder / DISCLOSURES

    @property
    def coming(self) -> Path:
        return self.folder / COMING

    def begin(self, size: int) -> None:
        """What was on its way is forgotten, also that which came into the file before its entries were held."""
        self.coming.unlink(missing_ok=True)
        if not self.held.exists():
            self.held.touch()
        end = 0
        with self.held.open("r+b") as file:
            for raw in file:
                if not raw.endswith(b"\n") or beyond(raw, size):
                    break
                end += len(raw)
            file.truncate(end)

    def expect(self, lines: Iterable[DisclosureLine]) -> None:
        with self.coming.open("ab") as into:
            into.writelines(write_disclosures(lines))

    def keep(self, gone: set[str]) -> None:
        """What was on its way is held from now on, and what was erased is held no more: the copy forgets too."""
        if gone:
            new = self.folder / f".{DISCLOSURES}.new"
            with new.open("wb") as into:
                for path in (self.held, self.coming):
                    into.writelines(raw for raw in lines_of(path) if digest_in(raw) not in gone)
                into.flush()
                os.fsync(into.fileno())
            new.replace(self.held)
        elif self.coming.exists():
            with self.held.open("ab") as into:
                into.writelines(lines_of(self.coming))
                into.flush()
                os.fsync(into.fileno())
        self.coming.unlink(missing_ok=True)
        for digest in gone:
            if SHA256_HEX.fullmatch(digest):
                (self.folder / attachment_name(digest)).unlink(missing_ok=True)

    def fetched(self, tile: Tile, new: dict[int, bytes]) -> tuple[list[DisclosureLine], set[str]]:
        """What is disclosed of the new entries by seq, and what they say was erased; their attachments are fetched."""
        lines = [line for line in self.disclosures(tile) if line.seq in new]
        return lines, self.take_attachments(new, lines)

    def disclosures(self, tile: Tile) -> list[DisclosureLine]:
        raw = self.served.get(tile.bundle_name.replace("tile/entries/", "disclosures/"), DISCLOSURES_BYTES_MAX)
        lines = [read_disclosure_line(line) for line in raw.splitlines()]
        for line in lines:
            if line.disclosure is not None and digest_of(line.disclosure) != line.digest:
                raise Contradicted(f"What is disclosed of entry {line.seq:,} does not give the digest in it.")
        return lines

    def take_attachments(self, new: dict[int, bytes], lines: list[DisclosureLine]) -> set[str]:
        """Fetch what the new entries name; what they say was erased."""
        gone: set[str] = set()
        for seq, entry in new.items():
            body = body_in(decode_entry(entry).body) or {}
            data = body.get("data")
            values = [reveal(line.disclosure).value for line in lines if line.seq == seq and line.disclosure]
            for named in attachments_in([data, *values]):
                self.take_attachment(seq, named["sha256"], named["bytes"])
            if body.get("type") == ERASURE and isinstance(data, dict):
                gone |= {*texts(data.get("digests")), *texts(data.get("attachments"))}
        return gone

    def take_attachment(self, seq: int, digest: str, size: int) -> None:
        path = self.folder / attachment_name(digest)
        if path.exists():
            return
        try:
            content = self.served.get(f"events/{seq}/attachments/{digest}", min(size, ATTACHMENT_BYTES_MAX))
        except NotThere:
            return  # erased, or held back from who asks; verification tells where no entry says so
        if sha256(content).hexdigest() != digest:
            raise Contradicted(f"The attachment of entry {seq:,} is served otherwise than the entry names it.")
        write(path, content)


def lines_of(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as file:
            yield from file


def digest_in(raw: bytes) -> str | None:
    """None where the line is damaged, which verification tells."""
    try:
        return read_disclosure_line(raw).digest
    except MalformedExport:
        return None


def beyond(raw: bytes, size: int) -> bool:
    try:
        return read_disclosure_line(raw).seq >= size
    except MalformedExport:
        return False


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
