"""The state that an export states is what its entries say; whatever else it says is named by thing, field and seq."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain import replayed
from services.ledger.domain.report import Finding, Report
from services.ledger.domain.state import ERASABLE, SETS, STATE, line_of, write_line
from services.ledger.domain.thing import Thing
from services.ledger.domain.verify import verify
from shared.events import newest
from shared.log.codec import canonical
from shared.log.disclosure import disclose
from shared.log.entry import encode_entry
from tests.domain.ledger.test_verify import Shipment, export

RAISED, PASSED, VOTED = "governance.decision-raised.v1", "governance.court-passed.v1", "governance.vote-cast.v1"
RATED, ERASED_EVENT = "scoring.ratings-submitted.v1", "ledger.erasure-executed.v1"
Data = dict[str, Any]
NO_FILES: Mapping[str, bytes] = {}
SLOTS, Y = {"seq": 1, "value": "Slots"}, {"seq": 7, "value": "y"}


@dataclass
class History:
    """Entries, and the state as the history's own code folds it: `Thing` by `Thing`."""

    entries: list[bytes] = field(default_factory=list)
    things: dict[str, Thing] = field(default_factory=dict)
    firsts: dict[str, int] = field(default_factory=dict)
    held_back: dict[str, set[int]] = field(default_factory=dict)
    disclosures: list[Data] = field(default_factory=list)

    def add(self, stream: str, name: str, data: Data, *, gone: str | None = None, held: bool = False) -> History:
        """One more entry; the field `gone` had a value, and has none any more."""
        kind, _ = newest(name, {})
        seq, known = len(self.entries), self.things.get(stream, Thing(stream))
        sealed = {one: data[one] for one in sorted(kind.erasable) if data.get(one) is not None}
        made = {one: disclose(seq.to_bytes(16, "big"), one, value) for one, value in sealed.items()}
        stored = {one: value for one, value in data.items() if one not in kind.erasable}
        body = {"type": name, "stream": stream, "version": known.version + 1, "data": stored}
        digests = {"_sd": sorted(one.digest for one in made.values())} if made else {}
        self.entries.append(encode_entry(seq, seq + 1, canonical(body | digests)))
        for one, (disclosure, digest) in made.items():
            if one != gone:
                self.disclosures.append({"seq": seq, "digest": digest, "disclosure": None if held else disclosure})
        told = {**dict.fromkeys(kind.erasable), **stored, **sealed}
        lost = {gone} if gone else set()
        self.things[stream] = known.after(seq, known.version + 1, None if held else told, lost, kind.sets)
        self.firsts.setdefault(stream, seq)
        if held:
            self.held_back.setdefault(stream, set()).add(seq)
        if gone:
            self.add("erasure/1", ERASED_EVENT, {"digests": [made[gone].digest], "attachments": [], "ground": "asked"})
        return self

    def lines(self) -> list[Data]:
        made = (line_of(one, self.firsts[name], self.held_back.get(name, ())) for name, one in self.things.items())
        return [json.loads(write_line(one)) for one in sorted(made, key=lambda one: one.first_seq)]

    def report(self, lines: list[Data] | None = None, files: Mapping[str, bytes] = NO_FILES) -> Report:
        shipment = export(self.entries)
        only = {name: raw for name, raw in shipment.content.items() if not name.startswith("attachments/")}
        only["disclosures.ndjson"] = ndjson(self.disclosures)
        only[STATE] = ndjson(self.lines() if lines is None else lines)
        return verify(Shipment({**only, **files}), canonical)


def ndjson(lines: list[Data]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in lines)


def raised(subject: str = "Fares") -> Data:
    return {"side": "a", "type": "pricing", "subject": subject, "options": ["raise", "keep"], "context": None, "n": 1}


def played() -> History:
    """Two decisions side by side, a value erased, ratings held back."""
    history = History()
    history.add("decision/1", RAISED, raised())
    history.add("decision/2", RAISED, raised("Slots"), gone="subject")
    history.add("decision/1", VOTED, {"side": "a", "choice": "approve", "reason": "It fits"})
    history.add("decision/1", PASSED, {"sides": ["a"], "since": "2026"})
    history.add("decision/2", PASSED, {"sides": ["a", "b"], "since": "2026"})
    history.add("decision/1", PASSED, {"sides": [], "since": "2027"})
    history.add("assessment/1", RATED, {"assessor": "x", "ratings": [{"score": 4}]}, held=True)
    return history


def found(report: Report) -> list[tuple[int | None, str, str | None, str | None]]:
    return [(one.seq, one.code, one.thing, one.field) for one in report.findings]


def test_the_state_as_made_is_what_the_entries_say() -> None:
    report = played().report()
    assert report.findings == ()
    assert report.figures.things == len(played().things)


def test_without_a_state_nothing_is_compared_and_that_is_said() -> None:
    report = verify(export(played().entries[:1]), canonical)
    assert report.figures.things is None


def changed(stream: str, change: Callable[[Data], object]) -> list[Data]:
    lines = played().lines()
    change(next(line for line in lines if line["stream"] == stream))
    return lines


@pytest.mark.parametrize(
    ("stream", "change", "finding"),
    [
        ("decision/1", lambda t: t["fields"]["type"].update(value="slots"), (0, "state-differs", "type")),
        ("decision/1", lambda t: t["fields"]["options"].update(value=["keep"]), (0, "state-differs", "options")),
        ("decision/1", lambda t: t["fields"]["subject"].update(value="Rates"), (0, "state-differs", "subject")),
        ("decision/1", lambda t: t["fields"]["sides"].update(seq=4, value=["a"]), (6, "state-differs", "sides")),
        ("decision/1", lambda t: t["fields"].pop("sides"), (6, "state-differs", "sides")),
        ("decision/1", lambda t: t["fields"].update(choice={"seq": 3, "value": "a"}), (3, "state-differs", "choice")),
        ("decision/1", lambda t: t["fields"].update(x={"seq": 0, "value": 1}), (0, "state-differs", "x")),
        ("decision/1", lambda t: t.update(version=3), (6, "state-differs", None)),
        ("decision/1", lambda t: t.update(last_seq=4), (6, "state-lacks", None)),
        ("decision/1", lambda t: t.update(last_seq=99), (99, "state-of-nothing", None)),
        ("decision/1", lambda t: t.update(first_seq=1), (0, "state-lacks", None)),
        ("decision/1", lambda t: t.update(held_back=[6]), (6, "state-leaves-out", None)),
        ("decision/2", lambda t: t["fields"].update(subject=SLOTS), (1, "state-differs", "subject")),
        ("decision/2", lambda t: t["fields"].update(type={"seq": 1, "erased": True}), (1, "state-differs", "type")),
        ("decision/2", lambda t: t["fields"].update(context={"seq": 1, "erased": True}), (1, "state-differs", None)),
        ("decision/2", lambda t: t["fields"]["type"].update(value=True), (1, "state-differs", "type")),
        ("assessment/1", lambda t: t["fields"].update(assessor=Y), (7, "state-differs", "assessor")),
        ("assessment/1", lambda t: t.pop("held_back"), (7, "state-differs", "ratings")),
    ],
)  # fmt: skip
def test_what_the_state_says_otherwise_is_named(
    stream: str, change: Callable[[Data], object], finding: tuple[int, str, str | None]
) -> None:
    seq, code, name = finding
    assert (seq, code, stream, name) in found(played().report(changed(stream, change)))


def test_numbers_and_truths_are_told_apart() -> None:
    history = History().add("decision/1", RAISED, raised() | {"options": [1, True]})
    lines = history.lines()
    for other in ([True, True], [1.0, True], [1, 1], float("nan")):
        lines[0]["fields"]["options"]["value"] = other
        assert (0, "state-differs", "decision/1", "options") in found(history.report(lines))


def test_a_thing_left_out_and_one_made_up() -> None:
    lines = played().lines()
    assert (1, "state-lacks", "decision/2", None) in found(played().report([lines[0], *lines[2:]]))
    made_up = {**lines[-1], "stream": "decision/9", "first_seq": 6, "last_seq": 6}
    assert (6, "state-of-nothing", "decision/9", None) in found(played().report([*lines[:-1], made_up, lines[-1]]))
    after_all = {**lines[-1], "stream": "decision/9", "first_seq": 50, "last_seq": 50}
    assert (50, "state-of-nothing", "decision/9", None) in found(played().report([*lines, after_all]))


@pytest.mark.parametrize(
    "raw",
    [
        b"[]\n",
        b"{\n",
        b'{"stream":"a","first_seq":0,"last_seq":0,"version":true,"fields":{}}\n',
        b'{"stream":"a","first_seq":0,"last_seq":0,"version":1,"fields":{"x":{"seq":1}}}\n',
        b'{"stream":"a","first_seq":0,"last_seq":0,"version":1,"fields":{"x":{"seq":1,"erased":false}}}\n',
        b'{"stream":"a","first_seq":0,"last_seq":0,"version":1,"fields":{},"held_back":["1"]}\n',
        b'{"stream":1,"first_seq":0,"last_seq":0,"version":1,"fields":{}}\n',
    ],
)
def test_a_state_that_cannot_be_read(raw: bytes) -> None:
    assert (None, "state-unreadable", None, None) in found(played().report(files={STATE: raw}))


def test_a_type_that_is_newer_than_the_verifier_is_folded_by_the_schema_it_came_with() -> None:
    history = played()
    body = {"type": "x.y-done.v1", "stream": "y/1", "version": 1, "data": {"n": 1, "m": 2}}
    history.entries.append(encode_entry(8, 9, canonical(body)))
    line = {"stream": "y/1", "first_seq": 8, "last_seq": 8, "version": 1, "fields": {"n": {"seq": 8, "value": 1}}}
    lines = [*history.lines(), line]
    assert (8, "type-unknown", "y/1", None) in found(history.report(lines))
    schema = json.dumps({SETS: ["n"], ERASABLE: []}).encode()
    assert found(history.report(lines, {"schemas/x.y-done.v1.json": schema})) == []
    schema = json.dumps({SETS: None}).encode()
    assert found(history.report(lines, {"schemas/x.y-done.v1.json": schema})) == [(8, "state-differs", "y/1", "m")]


STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["passed", "voted"]), st.integers(0, 2), st.booleans()), max_size=12
)


def random_history(steps: list[tuple[int, str, int, bool]]) -> History:
    history = History()
    for which, what, number, gone in steps:
        stream = f"decision/{which}"
        if stream not in history.things:
            history.add(stream, RAISED, raised(str(number)), gone="subject" if gone else None)
        elif what == "passed":
            history.add(stream, PASSED, {"sides": [str(number)], "since": str(number)})
        else:
            history.add(
                stream, VOTED, {"side": "a", "choice": "approve", "reason": "x"}, gone="reason" if gone else None
            )
    return history


@pytest.mark.parametrize("at_hand", [0, 10_000])
def test_any_history_is_folded_to_its_state(monkeypatch: pytest.MonkeyPatch, at_hand: int) -> None:
    monkeypatch.setattr(replayed, "UNPACKED_MAX", at_hand)

    @given(STEPS)
    def folded(steps: list[tuple[int, str, int, bool]]) -> None:
        assert random_history(steps).report().findings == ()

    folded()


@given(STEPS.filter(len), st.data())
def test_any_changed_value_is_named(steps: list[tuple[int, str, int, bool]], data: st.DataObject) -> None:
    history = random_history(steps)
    lines = history.lines()
    line = data.draw(st.sampled_from([one for one in lines if one["fields"]]))
    name = data.draw(st.sampled_from(sorted(line["fields"])))
    seq = line["fields"][name]["seq"]
    line["fields"][name] = {"seq": seq, "value": "something else"}
    expected = Finding(seq, "state-differs", "", line["stream"], name)
    assert (expected.seq, expected.code, expected.thing, expected.field) in found(history.report(lines))
