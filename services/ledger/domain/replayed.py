"""An export's entries folded to its state, and held against the state that it states: what differs, at which entry.

It follows the state line by line beside the entries. Of a thing it keeps, packed, only what later entries are to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from services.ledger.domain.export import MalformedExport
from services.ledger.domain.files import Files, Unreadable
from services.ledger.domain.plain_json import encode
from services.ledger.domain.report import Notes
from services.ledger.domain.said import Said
from services.ledger.domain.state import STATE, Claim, Rules, ThingLine, read_line
from shared.events.scoring import HELD_BACK

LINE_BYTES_MAX = 1 << 26
UNPACKED_MAX = 10_000
"""Things kept at hand; of more of them at once what they wait for is packed."""
PLAIN = {str, int, bool, type(None)}
NOTHING: dict[str, Claim] = {}


@dataclass(slots=True)
class Open:
    """A thing of the state whose last entry is still to come. `waiting`: its fields yet to be set, or packed."""

    last_seq: int
    version: int
    held_back: frozenset[int]
    waiting: dict[str, Claim] | bytes

    def unpack(self) -> dict[str, Claim]:
        if isinstance(self.waiting, bytes):
            self.waiting = {name: Claim(*one) for name, one in json.loads(self.waiting).items()}
        return self.waiting

    def pack(self) -> None:
        if self.waiting and not isinstance(self.waiting, bytes):
            claims = {name: [one.seq, one.value, one.erased] for name, one in self.waiting.items()}
            self.waiting = json.dumps(claims, separators=(",", ":")).encode("ascii")
        elif not self.waiting:
            self.waiting = NOTHING


@dataclass(slots=True)
class Replayed:
    """Give it what each entry says in order, then `finish`."""

    files: Files
    notes: Notes
    withheld: bool
    """Whether the export leaves out all disclosures, so that nothing is known of the values behind its digests."""
    rules: Rules = field(init=False)
    lines: Iterator[ThingLine] = field(init=False)
    line: ThingLine | None = field(init=False, default=None)
    opened: dict[str, Open] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rules = Rules(self.files)
        self.lines = thing_lines(self.files, self.notes)
        self.notes.figures.things = 0
        self.line = next(self.lines, None)

    def apply(self, said: Said) -> None:
        thing = self.thing_of(said)
        if thing is None:
            return
        self.compare(thing, said)
        if said.seq < thing.last_seq:
            if len(self.opened) >= UNPACKED_MAX:
                thing.pack()
            self.opened[said.stream] = thing
        else:
            self.close(said, thing)

    def thing_of(self, said: Said) -> Open | None:
        """What the state says of the thing of this entry; None when it should say something, and does not."""
        opened = self.opened.pop(said.stream, None)
        if opened is not None:
            return opened
        while self.line is not None and self.line.first_seq < said.seq and not self.notes.full:
            self.misplaced(self.line)
        line = self.line
        if line is None or line.first_seq != said.seq or line.stream != said.stream:
            words = f"The state does not have what entry {said.seq} says of {said.stream}."
            self.notes.add(said.seq, "state-lacks", words, thing=said.stream)
            return None
        self.line = next(self.lines, None)
        self.notes.figures.things = (self.notes.figures.things or 0) + 1
        return Open(line.last_seq, line.version, line.held_back, dict(line.fields))

    def compare(self, thing: Open, said: Said) -> None:
        rule = self.rules.of(said.type)
        if rule is None:
            self.tell_unknown(said)
            return
        if said.seq in thing.held_back:
            if rule.name not in HELD_BACK:
                words = f"The state does not count entry {said.seq}, which nothing keeps from it."
                self.notes.add(said.seq, "state-leaves-out", words, thing=said.stream)
            return
        values = rule.bring({**dict.fromkeys(rule.erasable), **said.data, **said.disclosed})
        names = rule.state_of(values, said.version)
        if not names:
            return
        waiting, gone = thing.unpack(), 0
        for name, value in names.items():
            claim = waiting.get(name)
            if claim is None or claim.seq < said.seq:
                self.differs(said, name, "sets it last, and the state does not have it from there")
            elif claim.seq == said.seq:
                gone += claim.erased
                behind = said.undisclosed > 0 and name in rule.erasable and name not in said.disclosed
                if not self.agrees(claim, value, behind=behind):
                    self.differs(said, name, "sets it to something else than the state says")
                del waiting[name]
        if gone > said.undisclosed:
            words = f"The state has {gone} values of entry {said.seq} as erased, and {said.undisclosed} are."
            self.notes.add(said.seq, "state-differs", words, thing=said.stream)

    def agrees(self, claim: Claim, value: object, *, behind: bool) -> bool:
        """`behind`: the value may be one whose digest has no disclosure; digests do not say of which field they are."""
        if behind:
            return self.withheld or claim.erased or claim.value is None
        return not claim.erased and same(claim.value, value)

    def differs(self, said: Said, name: str, words: str) -> None:
        whole = f"Field {name} of {said.stream}: entry {said.seq} {words}."
        self.notes.add(said.seq, "state-differs", whole, thing=said.stream, field=name)

    def tell_unknown(self, said: Said) -> None:
        if said.type not in self.unknown:
            self.unknown.add(said.type)
            words = f"Entry {said.seq} is of the type {said.type}, and nothing here says how it is replayed."
            self.notes.add(said.seq, "type-unknown", words, thing=said.stream)

    def close(self, said: Said, thing: Open) -> None:
        """After its last entry nothing may be left that none of its entries said."""
        stream = said.stream
        if thing.version != said.version:
            words = f"The state has {stream} at version {thing.version}; entry {said.seq} left it at {said.version}."
            self.notes.add(said.seq, "state-differs", words, thing=stream)
        for name, claim in thing.unpack().items():
            words = f"Field {name} of {stream}: the state has it from entry {claim.seq}, which does not set it."
            self.notes.add(claim.seq, "state-differs", words, thing=stream, field=name)

    def misplaced(self, line: ThingLine) -> None:
        words = f"The state has {line.stream} from entry {line.first_seq} on, which does not begin it."
        self.notes.add(line.first_seq, "state-of-nothing", words, thing=line.stream)
        self.line = next(self.lines, None)

    def finish(self) -> None:
        """After the last entry: things of the state that never came, or should have ended later."""
        while self.line is not None and not self.notes.full:
            self.misplaced(self.line)
        for stream, thing in self.opened.items():
            words = f"The state has {stream} as entry {thing.last_seq} left it, which says nothing of it."
            self.notes.add(thing.last_seq, "state-of-nothing", words, thing=stream)


def same(one: object, other: object) -> bool:
    """As JSON: 1 is neither true nor 1.0, which to Python are all the same."""
    if type(one) in PLAIN or type(other) in PLAIN:
        return type(one) is type(other) and one == other
    try:
        return encode(one) == encode(other)
    except (ValueError, RecursionError):
        return False  # what is no JSON is in no entry


def thing_lines(files: Files, notes: Notes) -> Iterator[ThingLine]:
    """The lines as they stand; it stops, with a finding, at the first that cannot be read."""
    try:
        with closing(files.open(STATE)) as opened:
            while raw := opened.readline(LINE_BYTES_MAX):
                yield read_line(raw)
    except (Unreadable, MalformedExport) as error:
        notes.add(None, "state-unreadable", f"The state cannot be read to its end: {error}")
