"""A mirror: a partner's own copy of a ledger, kept up to date and checked as it grows, in the layout of an export.

What it holds it never gives up for what it is told: entries are taken only when, after those it has, they lead to a
checkpoint that the log signed. `concord verify FOLDER` checks the folder like any export.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from services.ledger.checkpointing.copies import write_whole
from services.ledger.domain.checkpoint import Checkpoint, read_checkpoint
from services.ledger.domain.contents import ERASURE, attachments_in
from services.ledger.domain.export import (
    CHECKPOINT,
    DISCLOSURES,
    MANIFEST,
    POLICY,
    WIDTH,
    DisclosureLine,
    MalformedExport,
    Manifest,
    Tile,
    attachment_name,
    checkpoint_name,
    entries_in,
    read_disclosure_line,
    read_tile,
    tiles_of,
    write_disclosures,
    write_manifest,
    write_tile,
)
from services.ledger.domain.merkle import Frontier
from services.ledger.domain.note import Key, Note, read_note, read_vkey, verified
from services.ledger.domain.said import texts
from shared.ed25519 import verify_ed25519
from shared.log.disclosure import digest_of, reveal
from shared.log.entry import decode_entry, leaf_hash

TIMEOUT_SECONDS = 30
KEYS = "log-keys"
EVIDENCE = "evidence"


class Contradicted(Exception):
    """What the log shows now cannot be true beside what it showed before; the words say which, and where it is kept."""


class NotServed(Exception):
    """The ledger cannot be read now."""


@dataclass
class Mirror:
    """The copy in `folder` of the ledger at `client`'s base URL. `tree` and `held` are as far as it has come."""

    client: httpx.Client
    folder: Path
    keys: list[Key]
    held: Checkpoint | None = None
    tree: Frontier = field(default_factory=Frontier)

    @classmethod
    def opened(cls, client: httpx.Client, folder: Path, given: list[Key]) -> Mirror:
        """The mirror as it was left. The log's keys are those given, or those that were there at its first turn."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / KEYS
        kept = [read_vkey(line) for line in path.read_text().split()] if path.exists() else []
        mirror = cls(client, folder, given or kept)
        if (folder / CHECKPOINT).exists():
            mirror.held = read_checkpoint(read_note((folder / CHECKPOINT).read_bytes()).text)
            mirror.tree = reduce(Frontier.append, mirror.leaves(mirror.held.size), Frontier())
            if mirror.tree.root != mirror.held.root:
                raise Contradicted(f"The hashes in {folder} are not those of its own checkpoint: it was changed.")
        return mirror

    def leaves(self, size: int) -> Iterator[bytes]:
        for tile in tiles_of(size):
            yield from read_tile((self.folder / tile.name).read_bytes(), tile.width)

    def turn(self) -> int:
        """Bring the copy up to the newest signed checkpoint; how many entries came. Raises Contradicted, NotServed."""
        served = self.get("checkpoint", missing=b"")
        if not served:
            return 0
        self.pin_keys()
        note = read_note(served)
        verified(note, self.keys, verify_ed25519)
        shown = read_checkpoint(note.text)
        self.require_growth(shown, note)
        if self.held is not None and shown.size == self.held.size:
            self.keep_checkpoint(note, shown)
            return 0
        came = self.take(shown, note)
        self.keep_checkpoint(note, shown)
        return came

    def pin_keys(self) -> None:
        """On first use the keys that the log names are believed, and kept; a person adds those that come later."""
        if not self.keys:
            said = json.loads(self.get("signing"))
            self.keys = [read_vkey(one) for one in said["log_keys"]]
        write_whole(self.folder / KEYS, "".join(f"{key.vkey}\n" for key in self.keys).encode())

    def require_growth(self, shown: Checkpoint, note: Note) -> None:
        held = self.held
        if held is None:
            return
        if shown.origin != held.origin:
            raise Contradicted(f"This is a mirror of {held.origin}; what is served is {shown.origin}.")
        if shown.size < held.size:
            self.keep_evidence(note)
            words = f"The log shows {shown.size:,} entries, and had signed {held.size:,} before: it has lost some."
            raise Contradicted(f"{words} Both checkpoints are in {self.folder}.")
        if shown.size == held.size and shown.root != held.root:
            raise self.contradicted(note, f"The log signed two different histories of {held.size:,} entries.")

    def take(self, shown: Checkpoint, note: Note) -> int:
        """Fetch what is new, and keep it once it is shown to lead from what is held to the checkpoint."""
        have = self.held.size if self.held else 0
        tree, first_new = self.tree, have
        values: list[DisclosureLine] = []
        gone: set[str] = set()
        for tile in tiles_of(shown.size):
            if tile.first + tile.width <= have:
                continue
            bundle = self.get(tile.bundle_name)
            entries = entries_in(bundle)
            leaves = [leaf_hash(one) for one in entries]
            self.require_same(tile, leaves, have, note)
            tree = reduce(Frontier.append, leaves[max(0, have - tile.first) :], tree)
            write(self.folder / tile.name, write_tile(leaves))
            write(self.folder / tile.bundle_name, bundle)
            lines = [line for line in self.disclosures(tile) if line.seq >= first_new]
            values += lines
            gone |= self.take_attachments(tile, entries, lines, first_new)
        if (tree.size, tree.root) != (shown.size, shown.root):
            words = "The entries that are served do not lead from what is held to the checkpoint that the log signed."
            raise self.contradicted(note, words)
        self.keep_values(values, gone, have)
        self.tree = tree
        return shown.size - have

    def require_same(self, tile: Tile, leaves: list[bytes], have: int, note: Note) -> None:
        """In the bundle that was held in part, the part that was held is as it was."""
        width = have - tile.first
        if not 0 < width < tile.width:
            return
        held = read_tile((self.folder / Tile(0, tile.index, width).name).read_bytes(), width)
        if held != leaves[:width]:
            raise self.contradicted(note, "The entries that are served are not those that were served before.")

    def contradicted(self, note: Note, words: str) -> Contradicted:
        """Keep the checkpoint that cannot be true beside ours, and say which entry was rewritten, if it is served."""
        self.keep_evidence(note)
        seq = self.rewritten()
        which = "" if seq is None else f" Entry {seq:,} is served otherwise than before: it was rewritten."
        return Contradicted(f"{words}{which} Both checkpoints are in {self.folder}.")

    def rewritten(self) -> int | None:
        """The first entry held here that is served otherwise now; None when none is, or not all are served."""
        for tile in tiles_of(self.tree.size):
            held = read_tile((self.folder / tile.name).read_bytes(), tile.width)
            try:
                served = [leaf_hash(one) for one in entries_in(self.get(tile.bundle_name))]
            except (NotServed, MalformedExport):
                return None
            for seq, (was, now) in enumerate(zip(held, served, strict=False), tile.first):
                if was != now:
                    return seq
        return None

    def disclosures(self, tile: Tile) -> list[DisclosureLine]:
        raw = self.get(tile.bundle_name.replace("tile/entries/", "disclosures/"))
        lines = [read_disclosure_line(line) for line in raw.splitlines()]
        for line in lines:
            if line.disclosure is not None and digest_of(line.disclosure) != line.digest:
                raise Contradicted(f"What is disclosed of entry {line.seq:,} does not give the digest in it.")
        return lines

    def take_attachments(
        self, tile: Tile, entries: list[bytes], lines: Iterable[DisclosureLine], first_new: int
    ) -> set[str]:
        """Fetch what the new entries name; what they say was erased."""
        gone: set[str] = set()
        for seq, entry in enumerate(entries, tile.first):
            if seq < first_new:
                continue
            body = json.loads(decode_entry(entry).body)
            values = [reveal(line.disclosure).value for line in lines if line.seq == seq and line.disclosure]
            for named in attachments_in([body.get("data"), *values]):
                self.take_attachment(seq, named["sha256"])
            if body.get("type") == ERASURE:
                gone |= {*texts(body["data"].get("digests")), *texts(body["data"].get("attachments"))}
        return gone

    def take_attachment(self, seq: int, digest: str) -> None:
        path = self.folder / attachment_name(digest)
        if path.exists():
            return
        content = self.get(f"events/{seq}/attachments/{digest}", missing=b"")
        if content and sha256(content).hexdigest() != digest:
            raise Contradicted(f"The attachment of entry {seq:,} is served otherwise than the entry names it.")
        if content:
            write(path, content)

    def keep_values(self, values: list[DisclosureLine], gone: set[str], have: int) -> None:
        """Add the new values, leave out what was erased, and forget erased attachments: the copy forgets too."""
        path = self.folder / DISCLOSURES
        before = path.read_bytes().splitlines() if path.exists() else []
        kept = [line for line in map(read_disclosure_line, before) if line.seq < have]
        lines = [line for line in (*kept, *values) if line.digest not in gone]
        write_whole(path, b"".join(write_disclosures(lines)))
        for digest in gone:
            if len(digest) == sha256().digest_size * 2:
                (self.folder / attachment_name(digest)).unlink(missing_ok=True)

    def keep_checkpoint(self, note: Note, shown: Checkpoint) -> None:
        """Last of all: from now on this is what is held. The one before stays beside it."""
        if self.held is not None and self.held.size < shown.size:
            write(self.folder / checkpoint_name(self.held.size), (self.folder / CHECKPOINT).read_bytes())
        write_whole(self.folder / POLICY, self.get("policy"))
        ledger = UUID(shown.origin.rpartition("/")[2])
        manifest = Manifest(ledger, shown.origin, shown.size, shown.root, datetime.now(UTC))
        write_whole(self.folder / CHECKPOINT, note.whole.encode())
        write_whole(self.folder / MANIFEST, write_manifest(manifest))
        if self.held is not None and self.held.size < shown.size:
            self.drop_partial(self.held.size)
        self.held = shown

    def drop_partial(self, before: int) -> None:
        """What was the last tile, and has become a wider one."""
        index, width = divmod(before, WIDTH)
        if width:
            narrower = Tile(0, index, width)
            (self.folder / narrower.name).unlink(missing_ok=True)
            (self.folder / narrower.bundle_name).unlink(missing_ok=True)

    def keep_evidence(self, note: Note) -> None:
        mark = sha256(note.text.encode()).hexdigest()[:16]
        write(self.folder / EVIDENCE / f"checkpoint-{mark}", note.whole.encode())

    def get(self, path: str, missing: bytes | None = None) -> bytes:
        try:
            answer = self.client.get(path)
        except httpx.HTTPError as error:
            raise NotServed(f"{urlsplit(str(self.client.base_url)).netloc} does not answer: {error}") from error
        if answer.status_code == HTTPStatus.NOT_FOUND and missing is not None:
            return missing
        if answer.status_code != HTTPStatus.OK:
            raise NotServed(f"{path} is answered with {answer.status_code}: {answer.text[:200]}")
        return answer.content


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
