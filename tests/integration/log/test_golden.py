"""The stored bytes of every event version, for ever: a stored event never changes, so neither may its encoding.

A new event adds a line to golden/events.json (the failing test prints it); a line that is there is never edited.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from shared.events import all_types
from shared.log.codec import Pending, Stored, decode, encode
from shared.log.disclosure import reveal
from shared.log.entry import encode_entry, leaf_hash
from shared.log.envelope import Actor, Cause
from shared.testing.examples import PLAIN, example_of

GOLDEN = Path(__file__).parent / "golden" / "events.json"
ID, AT = PLAIN[UUID], PLAIN[datetime]


def encoded(name: str) -> tuple[dict[str, str], object, object]:
    kind = all_types()[name]
    event = example_of(kind.cls)
    stream, actor = f"thing/{ID}", Actor(org=ID, sub=ID)
    draft = encode(Pending(event, ID, stream, 1, actor, AT, Cause(command="c-1")), system_person=ID, random=bytes)
    line = {"body": draft.state.decode(), "leaf": leaf_hash(encode_entry(0, 1_772_357_400_000_000, draft.state)).hex()}
    disclosed = {d.name: reveal(d.disclosure).value for d in draft.disclosures}
    read = decode(Stored(ID, 0, 0, draft.state, disclosed, frozenset()))
    return line, event, read.event


@pytest.mark.parametrize("name", sorted(all_types()))
def test_bytes_and_back(name: str) -> None:
    golden = json.loads(GOLDEN.read_text())
    line, event, read = encoded(name)
    assert read == event
    assert golden.get(name) == line, f"For a new event only, add to {GOLDEN.name}:\n{json.dumps({name: line})}"


def test_nothing_that_was_ever_stored_is_forgotten() -> None:
    assert set(json.loads(GOLDEN.read_text())) <= set(all_types()), "An old version needs its line and an upcaster."
