"""Old events stay as they were stored and are read in the newest shape."""

from __future__ import annotations

import json

import pytest

from shared.events import declare
from shared.events.declare import event, newest, stored_names, upcaster
from shared.ids import uuid7
from shared.log.codec import Stored, decode

BODY = {
    "type": "test.thing-named.v1",
    "id": str(uuid7()),
    "stream": "thing/0",
    "version": 1,
    "actor": {"system": "test"},
    "effective_at": "2026-03-01T09:30:00Z",
    "cause": {},
    "data": {"first": "Ana", "last": "Ruiz"},
}


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> type:
    """Three versions of one event: two upcasters lead to the newest. Undone after the test."""
    for registry in ("_types_by_name", "_types_by_class", "_upcasters"):
        monkeypatch.setattr(declare, registry, dict(getattr(declare, registry)))

    @upcaster("test.thing-named.v1", to="test.thing-named.v2")
    def joined(data: declare.Data) -> declare.Data:
        return {"name": f"{data['first']} {data['last']}"}

    @upcaster("test.thing-named.v2", to="test.thing-named.v3")
    def counted(data: declare.Data) -> declare.Data:
        return {**data, "letters": len(data["name"])}

    @event("test.thing-named.v3", says="named a thing")
    class ThingNamed:
        name: str
        letters: int

    return ThingNamed


def test_an_old_event_is_read_in_the_newest_shape(named: type) -> None:
    read = decode(Stored(uuid7(), 0, 0, json.dumps(BODY).encode(), {}, frozenset()))
    assert read.event == named(name="Ana Ruiz", letters=8)
    assert read.name == "test.thing-named.v3"
    assert BODY["data"] == {"first": "Ana", "last": "Ruiz"}


def test_who_listens_to_the_newest_is_given_the_old_ones_too(named: type) -> None:
    names = stored_names(frozenset({"test.thing-named.v3"}))
    assert names == {f"test.thing-named.v{n}" for n in (1, 2, 3)}


def test_a_name_nobody_declared_is_an_error_never_skipped() -> None:
    with pytest.raises(KeyError):
        newest("test.never-declared.v1", {})
