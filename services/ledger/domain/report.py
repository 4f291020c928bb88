"""What a verification found, in words a person reads, and how much it looked at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

FINDINGS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: at which entry (None: not at one), a stable code, and a sentence.

    `thing` and `field`: of which stream, and which of its fields, where it is about the state.
    """

    seq: int | None
    code: str
    words: str
    thing: str | None = None
    field: str | None = None


@dataclass(slots=True)
class PartyKey:
    """A key of a side: `side` and `person_id` are ids; the entries that registered it and, if any did, withdrew it."""

    side: str
    key: str
    person_id: str | None
    from_seq: int
    to_seq: int | None = None


@dataclass(slots=True)
class Figures:
    """How much was checked. `withheld`: erasable values whose disclosures the export leaves out.

    `acts`: those that bind a side; `acts_signed`: how many of them are signed by a key of that side's own.
    `things`: how many the state has that was compared; None when the export has no state.
    """

    entries: int = 0
    attachments: int = 0
    disclosures: int = 0
    erased: int = 0
    withheld: int = 0
    checkpoints: int = 0
    things: int | None = None
    signed_size: int | None = None
    """The largest checkpoint of the export that the log signed."""
    cosigned_size: int | None = None
    """The largest that the quorum cosigned."""
    acts: int = 0
    acts_signed: int = 0
    party_keys: list[PartyKey] = field(default_factory=list)
    """Keys that the sides have registered: the first of them, and all of a party whose keys were given."""
    party_keys_untold: int = 0
    """How many more there are."""


@dataclass(frozen=True, slots=True)
class Report:
    """`sound` when nothing is wrong. `complete` is false when there were more than FINDINGS_MAX findings."""

    findings: tuple[Finding, ...]
    figures: Figures
    complete: bool

    @property
    def sound(self) -> bool:
        return not self.findings


def together(entries: Report, state: Report) -> Report:
    """One report of both checks: the figures of the first, with how many things the second has compared."""
    findings = (*entries.findings, *state.findings)
    complete = entries.complete and state.complete and len(findings) <= FINDINGS_MAX
    return Report(findings[:FINDINGS_MAX], replace(entries.figures, things=state.figures.things), complete)


@dataclass(slots=True)
class Notes:
    """Findings and figures as they come up; beyond FINDINGS_MAX it only remembers that there were more."""

    findings: list[Finding] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    full: bool = False

    def add(
        self, seq: int | None, code: str, words: str, *, thing: str | None = None, field: str | None = None
    ) -> None:
        if len(self.findings) == FINDINGS_MAX:
            self.full = True
            return
        self.findings.append(Finding(seq, code, words, thing, field))

    def report(self) -> Report:
        return Report(tuple(self.findings), self.figures, not self.full)
