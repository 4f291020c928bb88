"""The disclosures of an export, followed line by line beside its entries: which values are truly theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from services.ledger.domain.export import DISCLOSURES, DisclosureLine, MalformedExport, read_disclosure_line
from services.ledger.domain.files import Files, Unreadable
from services.ledger.domain.report import Notes
from shared.log.disclosure import MalformedDisclosure, digest_of, reveal

LINE_BYTES_MAX = 1 << 26


@dataclass(slots=True)
class Disclosures:
    """Ask for those of each entry in order, then `finish`."""

    files: Files
    notes: Notes
    lines: Iterator[DisclosureLine] = field(init=False)
    line: DisclosureLine | None = field(init=False)
    shipped: bool = field(init=False)
    """Whether the export has any; it may leave out all."""
    undisclosed: dict[str, int] = field(default_factory=dict)
    """Digests that no line is of, each with its entry."""

    def __post_init__(self) -> None:
        self.shipped = DISCLOSURES in self.files.names()
        self.lines = disclosure_lines(self.files, self.notes)
        self.line = next(self.lines, None)

    def of(self, seq: int, digests: list[str]) -> dict[str, Any]:
        """The values that are truly disclosed of this entry, by name."""
        missing = dict.fromkeys(digests, seq)
        disclosed: dict[str, Any] = {}
        while self.line is not None and self.line.seq <= seq:
            if self.line.seq < seq or self.line.digest not in missing:
                words = f"A disclosure says it is of entry {self.line.seq}, which does not hold its digest there."
                self.notes.add(self.line.seq, "disclosure-of-nothing", words)
            else:
                del missing[self.line.digest]
                disclosed |= self.revealed(self.line)
            self.line = next(self.lines, None)
        if self.shipped:
            self.undisclosed |= missing
        else:
            self.notes.figures.withheld += len(missing)
        return disclosed

    def revealed(self, line: DisclosureLine) -> dict[str, Any]:
        if line.disclosure is None:
            self.notes.figures.withheld += 1
            return {}
        self.notes.figures.disclosures += 1
        try:
            revealed = reveal(line.disclosure)
            true = digest_of(line.disclosure) == line.digest
        except MalformedDisclosure:
            true = False
        if not true:
            words = f"A disclosure of entry {line.seq} was changed: it does not give the digest in the entry."
            self.notes.add(line.seq, "disclosure-changed", words)
            return {}
        return {revealed.name: revealed.value}

    def finish(self) -> None:
        """After the last entry: lines that are of none."""
        while self.line is not None:
            words = f"A disclosure says it is of entry {self.line.seq}, which this export does not have."
            self.notes.add(self.line.seq, "disclosure-of-nothing", words)
            self.line = next(self.lines, None)


def disclosure_lines(files: Files, notes: Notes) -> Iterator[DisclosureLine]:
    """The lines as they stand; it stops, with a finding, at the first that cannot be read."""
    if DISCLOSURES not in files.names():
        return
    try:
        with closing(files.open(DISCLOSURES)) as opened:
            while raw := opened.readline(LINE_BYTES_MAX):
                yield read_disclosure_line(raw)
    except (Unreadable, MalformedExport) as error:
        notes.add(None, "disclosures-unreadable", f"The disclosures cannot be read to their end: {error}")
