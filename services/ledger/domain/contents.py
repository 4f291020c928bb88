"""What entries say, checked as they pass: order, times, versions, canonical form, attachments and disclosures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from services.ledger.domain.disclosed import Disclosures, disclosure_lines
from services.ledger.domain.export import ATTACHMENTS
from services.ledger.domain.files import Files, Unreadable
from services.ledger.domain.own_signatures import OwnSignatures
from services.ledger.domain.plain_json import CanonicalReader
from services.ledger.domain.report import Notes
from services.ledger.domain.said import body_in, texts
from services.ledger.domain.vouched import Times
from shared.events.declare import type_of
from shared.events.ledger import ErasureExecuted
from shared.log.entry import MalformedEntry, decode_entry

FIRST_VERSION = 1
ATTACHMENT_KEYS = {"sha256", "bytes", "media_type"}
CHUNK_BYTES = 1 << 20
ERASURE = type_of(ErasureExecuted).name


@dataclass(slots=True)
class Contents:
    """Give it each entry in order, then `finish`. It keeps a number a stream and a line an attachment, no entries."""

    files: Files
    canonical: Callable[[Any], bytes]
    notes: Notes
    times: Times
    own: OwnSignatures
    recorded_us: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    attachments: dict[str, tuple[int, int]] = field(default_factory=dict)
    purged: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    disclosures: Disclosures = field(init=False)
    reader: CanonicalReader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = CanonicalReader(self.canonical)
        self.disclosures = Disclosures(self.files, self.notes)

    def check(self, seq: int, raw: bytes) -> tuple[dict[str, Any], dict[str, Any], int] | None:
        """What the entry says, as far as that can be read: its body, what is disclosed of it, of how many digests."""
        self.notes.figures.entries += 1
        try:
            entry = decode_entry(raw)
        except MalformedEntry as error:
            self.notes.add(seq, "entry-malformed", f"What stands as entry {seq} is no entry: {error}")
            return None
        if entry.seq != seq:
            self.notes.add(seq, "seq-not-dense", f"What stands as entry {seq} says that it is entry {entry.seq}.")
        if entry.recorded_us < self.recorded_us:
            words = f"Entry {seq} says that it was recorded before the entry that precedes it."
            self.notes.add(seq, "recorded-backwards", words)
        self.recorded_us = max(self.recorded_us, entry.recorded_us)
        self.times.check(seq, entry.recorded_us)
        body = self.parsed(seq, entry.body)
        if body is None:
            return None
        self.check_version(seq, body)
        if b'"sha256":' in entry.body:
            self.name_attachments(seq, body.get("data"))
        self.note_erasure(body)
        self.own.check(seq, body)
        digests = texts(body.get("_sd"))
        disclosed = self.disclosures.of(seq, digests)
        for value in disclosed.values():
            self.name_attachments(seq, value)
        return body, disclosed, len(digests)

    def parsed(self, seq: int, raw: bytes) -> dict[str, Any] | None:
        body = self.reader.read(raw)
        if isinstance(body, dict):
            return body
        self.notes.add(seq, "body-not-canonical", f"The body of entry {seq} is not canonical JSON (RFC 8785).")
        return body_in(raw)  # what it says otherwise is checked all the same: it is one fault, not several

    def check_version(self, seq: int, body: dict[str, Any]) -> None:
        stream, version = body.get("stream"), body.get("version")
        if not isinstance(stream, str) or type(version) is not int:
            self.notes.add(seq, "body-incomplete", f"Entry {seq} does not say its stream and version.")
            return
        expected = self.versions.get(stream, FIRST_VERSION - 1) + 1
        if version != expected:
            words = f"Entry {seq} is version {version} of {stream}, where version {expected} belongs."
            self.notes.add(seq, "version-not-dense", words)
        self.versions[stream] = version

    def name_attachments(self, seq: int, value: object) -> None:
        for named in attachments_in(value):
            self.attachments.setdefault(named["sha256"], (seq, named["bytes"]))

    def note_erasure(self, body: dict[str, Any]) -> None:
        if body.get("type") == ERASURE and isinstance(body.get("data"), dict):
            self.erased.update(texts(body["data"].get("digests")))
            self.purged.update(texts(body["data"].get("attachments")))

    def finish(self) -> None:
        """After the last entry: what only the whole ledger can tell."""
        self.disclosures.finish()
        for digest, seq in self.disclosures.undisclosed.items():
            if digest in self.erased:
                self.notes.figures.erased += 1
            else:
                words = f"A value of entry {seq} is not in the export, and no erasure is recorded for it."
                self.notes.add(seq, "disclosure-missing", words)
        self.check_erasures()
        self.check_attachments()

    def check_erasures(self) -> None:
        if not self.erased:
            return
        # Their digests come after what they erase, so the disclosures are read a second time.
        for line in disclosure_lines(self.files, Notes()):
            if line.digest in self.erased and line.disclosure is not None:
                words = f"A value of entry {line.seq} was recorded as erased, but is in the export."
                self.notes.add(line.seq, "erased-yet-disclosed", words)

    def check_attachments(self) -> None:
        names = self.files.names()
        for digest, (seq, size) in self.attachments.items():
            if ATTACHMENTS + digest in names:
                self.check_attachment(digest, seq, size)
            elif digest not in self.purged:
                self.notes.add(seq, "attachment-missing", f"The attachment {digest} of entry {seq} is missing.")
        for name in names:
            if name.startswith(ATTACHMENTS) and name.removeprefix(ATTACHMENTS) not in self.attachments:
                self.notes.add(None, "attachment-unnamed", f"No entry names the file {name}.")

    def check_attachment(self, digest: str, seq: int, size: int) -> None:
        self.notes.figures.attachments += 1
        if digest in self.purged:
            words = f"The attachment {digest} of entry {seq} was recorded as erased, but is in the export."
            self.notes.add(seq, "erased-yet-attached", words)
        try:
            true = digest_and_size(self.files, ATTACHMENTS + digest, size) == (digest, size)
        except Unreadable:
            true = False
        if not true:
            self.notes.add(seq, "attachment-changed", f"The attachment {digest} of entry {seq} was changed.")


def attachments_in(value: object) -> Iterator[dict[str, Any]]:
    """Every `{sha256, bytes, media_type}` at any depth."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, list):
            rest += one
        elif isinstance(one, dict):
            if one.keys() == ATTACHMENT_KEYS and isinstance(one["sha256"], str) and type(one["bytes"]) is int:
                yield one
            else:
                rest += one.values()


def digest_and_size(files: Files, name: str, bytes_max: int) -> tuple[str, int]:
    """The SHA-256 (hex) and length of a file, read no further than one chunk beyond `bytes_max`."""
    hashed, size = sha256(), 0
    with files.open(name) as opened:
        while size <= bytes_max and (chunk := opened.read(CHUNK_BYTES)):
            hashed.update(chunk)
            size += len(chunk)
    return hashed.hexdigest(), size
