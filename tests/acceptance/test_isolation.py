"""Every operation of the merged document, as every kind of caller: what each may see, and that the rest see nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from services.rooms import ROOMS
from shared.auth import authenticate
from shared.auth.authenticate import begin
from shared.http.session import Session
from shared.log.log import Readable
from shared.testing.api import Api, serve
from tests.acceptance.isolation.walk import Walk, operations, seeded
from tests.acceptance.isolation.world import NEXT_MORNING, build


@pytest.fixture(scope="module")
def api(module_url: str) -> Iterator[Api]:
    with serve(module_url, ROOMS) as running:
        yield running


@pytest.fixture(scope="module")
def document(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.client.get("/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def walk(api: Api, document: dict[str, Any]) -> Walk:
    """A walk about to begin, in a world that is made once."""
    world = build(api)
    ids = seeded(world, document)
    api.set_clock(NEXT_MORNING)
    return Walk(world, document, ids)


def test_every_operation_as_every_caller(walk: Walk, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    walk.whole()
    seconds = time.monotonic() - began
    count, callers = len(list(operations(walk.document))), len(walk.world.callers)
    with capsys.disabled():
        sys.stdout.write(f"\nisolation: {count} operations × {callers} callers = {walk.pairs} pairs, {seconds:.1f} s\n")
    assert walk.pairs == count * callers
    assert not walk.surprises, f"{len(walk.surprises)} surprises:\n" + "\n".join(walk.surprises)


def test_with_the_routes_check_removed_query_and_row_security_still_show_nothing(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every ledger is entered unasked, by every credential; what is left are the filters and the database."""

    def entered(session: Session, ledger_id: UUID) -> UUID:
        session.entered[ledger_id] = Readable(ledger_id, left=False, size=2**40)
        return ledger_id

    monkeypatch.setattr(Session, "enter", entered)
    monkeypatch.setattr(Session, "enter_credential", lambda *_: None)
    assert walk.leaks(("stranger", "other party")) == []


def test_with_row_security_bypassed_the_queries_alone_show_nothing(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every transaction stays the superuser's, whom no policy binds."""
    monkeypatch.setattr(authenticate, "begin", lambda _, org: begin("none", org))
    assert walk.leaks(("stranger", "other party", "former party")) == []


def test_without_any_wall_there_are_leaks(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of the tests above: they would see it."""

    def entered(session: Session, ledger_id: UUID) -> UUID:
        session.entered[ledger_id] = Readable(ledger_id, left=False, size=2**40)
        return ledger_id

    monkeypatch.setattr(Session, "enter", entered)
    monkeypatch.setattr(authenticate, "begin", lambda _, org: begin("none", org))
    assert len(walk.leaks(("stranger",))) > 10
