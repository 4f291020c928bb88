from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.governance.domain.court import Held, Phase, held
from tests.domain.governance.given import A, B, calendar, local, utc

CALENDARS = {A: calendar(), B: calendar("America/New_York")}


def test_working_time_belongs_to_who_had_the_ball() -> None:
    phases = [
        Phase((A,), local("2026-03-02 15:00"), local("2026-03-03 10:00")),
        Phase((B,), local("2026-03-03 10:00"), local("2026-03-03 17:00")),
        Phase((A,), local("2026-03-03 17:00")),
    ]
    assert held(phases, CALENDARS, local("2026-03-04 11:00")) == (
        Held((A,), paused=False, worked=timedelta(hours=3 + 2)),
        Held((B,), paused=False, worked=timedelta(hours=2)),  # 09:00 to 11:00 in New York
    )


def test_time_of_several_sides_counts_once() -> None:
    day = [Phase((A, B), local("2026-03-02 00:00"))]
    assert held(day, CALENDARS, local("2026-03-03 00:00")) == (
        Held((A, B), paused=False, worked=timedelta(hours=14)),  # 09:00 to 23:00 in Madrid
    )


def test_paused_time_is_told_apart() -> None:
    phases = [
        Phase((A,), local("2026-03-02 09:00"), local("2026-03-02 10:00")),
        Phase((A,), local("2026-03-02 10:00"), paused=True),
    ]
    assert [(one.paused, one.worked) for one in held(phases, CALENDARS, local("2026-03-02 13:00"))] == [
        (False, timedelta(hours=1)),
        (True, timedelta(hours=3)),
    ]


def test_what_comes_after_the_moment_asked_for_does_not_count() -> None:
    phases = [Phase((A,), local("2026-03-02 09:00"), local("2026-03-02 17:00"))]
    assert held(phases, CALENDARS, local("2026-03-02 10:00"))[0].worked == timedelta(hours=1)
    assert held(phases, CALENDARS, local("2026-03-01 10:00"))[0].worked == timedelta(0)


@given(st.sampled_from([(A,), (B,), (A, B)]), st.lists(st.integers(0, 50_000), min_size=3, max_size=3))
def test_no_minute_is_lost_or_counted_twice(sides: tuple[UUID, ...], minutes: list[int]) -> None:
    first, middle, last = (utc("2026-03-20 00:00") + timedelta(minutes=one) for one in sorted(minutes))
    whole = [Phase(sides, first, last)]
    parts = [Phase(sides, first, middle), Phase(sides, middle, last)]
    assert held(whole, CALENDARS, last) == held(parts, CALENDARS, last)
