"""A replay's life: counted, started, finished or cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.webhooks.domain.endpoint import ENDPOINT, Endpoint, Status
from services.webhooks.domain.replay import (
    DELIVERIES_KEPT,
    REPLAY,
    CancelReplay,
    CountReplay,
    FinishReplay,
    ReplayStatus,
    Span,
    StartReplay,
    cancel,
    check_span,
    count,
    finish,
    start,
)
from services.webhooks.domain.wishes import Wishes
from shared.domain import Invalid, Refused
from shared.events.webhooks import ReplayCancelled, ReplayCounted, Replayed, ReplayFinished, ReplayStarted
from shared.testing.scenario import scenario

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANA, HOOK, A = UUID(int=1), UUID(int=2), UUID(int=3)
CATALOGUE = frozenset({"governance.vote-cast.v1"})
SPAN = Span(NOON.replace(hour=1), NOON, ("governance.*",), (), Replayed.ALL)
THERE = Endpoint(Status.ENABLED, Wishes("https://partner.example.com/", ("*",)))
COUNTED = ReplayCounted(
    endpoint=HOOK,
    since=SPAN.since,
    until=SPAN.until,
    event_types=("governance.*",),
    alliances=(),
    deliveries=Replayed.ALL,
    count=7,
)
STARTED, CANCELLED, FINISHED = ReplayStarted(), ReplayCancelled(), ReplayFinished(queued=7)
COUNT = CountReplay(NOON, ANA, HOOK, THERE, SPAN, 7)
START, CANCEL, FINISH = StartReplay(NOON, ANA, THERE), CancelReplay(NOON, ANA), FinishReplay(NOON, 7)


def test_counted_started_and_finished() -> None:
    scenario(REPLAY).when(count, COUNT).then(COUNTED)
    scenario(REPLAY).given(COUNTED).when(start, START).then(STARTED)
    scenario(REPLAY).given(COUNTED, STARTED).when(finish, FINISH).then(FINISHED)


@pytest.mark.parametrize("history", [(COUNTED,), (COUNTED, STARTED)])
def test_cancelled(history: tuple[Any, ...]) -> None:
    scenario(REPLAY).given(*history).when(cancel, CANCEL).then(CANCELLED)


@pytest.mark.parametrize(
    ("history", "decider", "command", "code"),
    [
        ((COUNTED,), count, COUNT, "replay-exists"),
        ((), count, replace(COUNT, to=ENDPOINT.empty), "endpoint-absent"),
        ((), count, replace(COUNT, to=Endpoint(Status.REMOVED)), "endpoint-removed"),
        ((COUNTED, STARTED), start, START, "replay-not-counted"),
        ((COUNTED, CANCELLED), start, START, "replay-not-counted"),
        ((COUNTED,), start, replace(START, to=replace(THERE, status=Status.DISABLED)), "endpoint-disabled"),
        (
            (replace(COUNTED, deliveries=Replayed.UNDELIVERED),),
            start,
            replace(START, at=NOON + DELIVERIES_KEPT),
            "replay-too-old",
        ),
        ((COUNTED, STARTED, FINISHED), cancel, CANCEL, "replay-over"),
        ((COUNTED, CANCELLED), cancel, CANCEL, "replay-over"),
        ((COUNTED,), finish, FINISH, "replay-not-running"),
        ((COUNTED, STARTED, CANCELLED), finish, FINISH, "replay-not-running"),
    ],
)
def test_refused(history: tuple[Any, ...], decider: Any, command: Any, code: str) -> None:
    scenario(REPLAY).given(*history).when(decider, command).then_refused(code)


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"since": NOON}, "/until", "not-after-since"),
        ({"event_types": ()}, "/event_types", "how-many"),
        ({"event_types": ("metrics.*",)}, "/event_types/0", "unknown-event-type"),
        ({"alliances": (A,) * 101}, "/alliances", "how-many"),
        (
            {"since": NOON - DELIVERIES_KEPT - timedelta(seconds=1), "deliveries": Replayed.UNDELIVERED},
            "/since",
            "forgotten",
        ),
    ],
)
def test_spans_that_name_nothing(wrong: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_span(replace(SPAN, **wrong), CATALOGUE, NOON)
    assert (refused.value.pointer, refused.value.code) == (pointer, code)
    check_span(SPAN, CATALOGUE, NOON)


@given(st.lists(st.sampled_from([(count, COUNT), (start, START), (cancel, CANCEL), (finish, FINISH)]), max_size=12))
def test_any_history_replays_and_an_end_is_an_end(steps: list[tuple[Any, Any]]) -> None:
    events: list[Any] = []
    for decider, command in steps:
        state = REPLAY.replay(events)
        try:
            events += decider(command, state)
        except Refused:
            continue
        assert state.status not in (ReplayStatus.CANCELLED, ReplayStatus.FINISHED)
    assert len([e for e in events if isinstance(e, ReplayStarted)]) <= 1
    assert sum(isinstance(e, ReplayCancelled | ReplayFinished) for e in events) <= 1
