"""An erasure is recorded once, whole, and without personal data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.erasure import DIGESTS_MAX, ERASURE, ExecuteErasure, execute
from shared.domain import Invalid
from shared.events.ledger import ErasureExecuted, ErasureGround
from shared.events.webhooks import EndpointPaused
from shared.log.entry import BODY_BYTES_MAX
from shared.testing.scenario import scenario

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASKED = ErasureGround.PERSON_ASKED
DIGESTS = st.sets(st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True), max_size=20)
HASHES = st.sets(st.from_regex(r"[0-9a-f]{64}", fullmatch=True), max_size=20)


def erase(*digests: str, attachments: tuple[str, ...] = ()) -> ExecuteErasure:
    return ExecuteErasure(at=NOON, ground=ASKED, digests=digests, attachments=attachments)


def test_it_names_what_is_gone_once_and_in_order() -> None:
    b, a, file = "b" * 43, "a" * 43, "f" * 64
    executed = ErasureExecuted(ground=ASKED, digests=(a, b), attachments=(file,))
    scenario(ERASURE).when(execute, erase(b, a, b, attachments=(file,))).then(executed)


def test_an_erasure_is_executed_once() -> None:
    executed = ErasureExecuted(ground=ASKED, digests=("a" * 43,))
    scenario(ERASURE).given(executed).when(execute, erase("b" * 43)).then_refused("erasure-executed")


def test_there_is_something_to_erase() -> None:
    scenario(ERASURE).when(execute, erase()).then_refused("nothing-to-erase")


@pytest.mark.parametrize(
    ("command", "pointer"),
    [
        (erase("a" * 43, "Ana Ruiz"), "/digests/1"),
        (erase(attachments=("F" * 64,)), "/attachments/0"),
    ],
)
def test_only_digests_are_named(command: ExecuteErasure, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        scenario(ERASURE).when(execute, command)
    assert (refused.value.pointer, refused.value.code) == (pointer, "not-a-digest")


def test_many_digests_take_several_events_that_each_fit_an_entry() -> None:
    digests = tuple(f"{n:043}" for n in range(2 * DIGESTS_MAX + 1))
    files = tuple(f"{n:064x}" for n in range(DIGESTS_MAX))
    events = scenario(ERASURE).when(execute, erase(*digests, attachments=files)).events
    assert [len(e.digests) for e in events] == [DIGESTS_MAX, DIGESTS_MAX, 1]
    assert 46 * len(events[0].digests) + 67 * len(events[0].attachments) < BODY_BYTES_MAX - 1_000


@given(DIGESTS, HASHES, st.lists(st.just(EndpointPaused()), max_size=2))
def test_its_history_replays_to_what_was_erased(digests: set[str], files: set[str], foreign: list[Any]) -> None:
    if not digests and not files:
        return
    events = scenario(ERASURE).given(*foreign).when(execute, erase(*digests, attachments=tuple(files))).events
    state = ERASURE.replay([*foreign, *events])
    assert (set(state.digests), set(state.attachments), state.executed) == (digests, files, True)
