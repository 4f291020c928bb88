from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.governance.domain.calendar import WEEKDAYS, Calendar
from services.governance.domain.clock import (
    Clock,
    Pause,
    due_at,
    paused,
    projected_due_at,
    resumed,
    steps,
)
from shared.events.governance_terms import CalendarSetting, Hours, Step, StepKind
from shared.events.values import Duration, DurationUnit
from tests.domain.governance.given import (
    MADRID,
    NEW_YORK,
    SPLIT,
    A,
    B,
    business_days,
    calendar,
    local,
    utc,
    week,
    working_hours,
)

ONE_SIDE = {A: calendar()}
TWO_SIDES = {A: calendar(), B: calendar("America/New_York")}


def started(at: str, sla: Duration, *pauses: tuple[str, str], zone: ZoneInfo = MADRID) -> Clock:
    """A clock of side A alone, with pauses that have ended."""
    held = tuple(Pause(B, local(since, zone), local(until, zone), local(until, zone)) for since, until in pauses)
    return Clock(local(at, zone), sla, (A,), warning_shares=(75, 90), pauses=held)


def due(clock: Clock, worked: Calendar = ONE_SIDE[A]) -> str:
    moment = due_at(clock, {A: worked, B: worked})
    assert moment is not None
    return f"{moment.astimezone(worked.zone):%Y-%m-%d %H:%M}"


# --- Units -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02 10:00", "2026-03-09 17:00"),  # Monday
        ("2026-03-02 09:00", "2026-03-09 17:00"),  # exactly at the opening
        ("2026-03-02 07:00", "2026-03-09 17:00"),  # before the opening
        ("2026-03-02 16:59", "2026-03-09 17:00"),
        ("2026-03-02 17:00", "2026-03-10 17:00"),  # exactly at the close: after hours
        ("2026-03-02 23:59", "2026-03-10 17:00"),
        ("2026-03-06 18:00", "2026-03-16 17:00"),  # Friday evening
        ("2026-03-07 12:00", "2026-03-16 17:00"),  # Saturday
        ("2026-03-08 23:59", "2026-03-16 17:00"),  # Sunday
        ("2026-03-25 10:00", "2026-04-01 17:00"),  # over the change of clocks
    ],
)
def test_five_business_days(start: str, end: str) -> None:
    assert due(started(start, business_days(5))) == end


def test_one_business_day_is_the_next_working_day() -> None:
    assert due(started("2026-03-06 10:00", business_days(1))) == "2026-03-09 17:00"


def test_a_day_between_its_intervals_has_begun() -> None:
    assert due(started("2026-03-02 13:00", business_days(1)), calendar(week=week(SPLIT))) == "2026-03-03 17:30"


def test_the_last_day_closes_by_its_own_hours() -> None:
    short_friday = week() | {"fri": (Hours("08:00", "14:00"),)}
    assert due(started("2026-03-05 10:00", business_days(1)), calendar(week=short_friday)) == "2026-03-06 14:00"


def test_holidays_are_passed_over() -> None:
    easter = calendar("Europe/Madrid", date(2026, 4, 3), date(2026, 4, 6))
    assert due(started("2026-04-01 10:00", business_days(2)), easter) == "2026-04-07 17:00"
    assert due(started("2026-04-03 10:00", business_days(1)), easter) == "2026-04-08 17:00"


def test_a_week_from_sunday_to_thursday() -> None:
    gulf = calendar("Asia/Riyadh", week=week(days="sun mon tue wed thu"))
    clock = started("2026-03-05 10:00", business_days(5), zone=gulf.zone)
    assert due(clock, gulf) == "2026-03-12 17:00"
    assert due(replace(clock, started_at=local("2026-03-06 10:00", gulf.zone)), gulf) == "2026-03-15 17:00"


def test_the_day_is_that_of_the_side_and_not_of_utc() -> None:
    auckland = calendar("Pacific/Auckland")
    clock = Clock(utc("2026-03-01 20:30"), business_days(1), (A,))  # Monday 09:30 in Auckland, Sunday in UTC
    assert due(clock, auckland) == "2026-03-03 17:00"


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-06 15:00", 4, "2026-03-09 11:00"),
        ("2026-03-06 15:00", 2, "2026-03-06 17:00"),  # ends with the day's last minute
        ("2026-03-06 18:00", 1, "2026-03-09 10:00"),
        ("2026-03-06 09:00", 8, "2026-03-06 17:00"),
        ("2026-03-27 16:00", 2, "2026-03-30 10:00"),  # over the change of clocks
        ("2026-03-02 09:00", 40, "2026-03-06 17:00"),
    ],
)
def test_working_hours(start: str, hours: int, end: str) -> None:
    assert due(started(start, working_hours(hours))) == end


def test_working_hours_on_nights_when_the_clocks_change() -> None:
    night = calendar(week=week((Hours("00:00", "06:00"),), "sun"))
    assert due(started("2026-03-29 00:00", working_hours(4)), night) == "2026-03-29 05:00"
    assert due(started("2026-10-25 00:00", working_hours(4)), night) == "2026-10-25 03:00"


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-06 18:00", 1, "2026-03-08 00:00"),
        ("2026-03-06 00:00", 1, "2026-03-08 00:00"),
        ("2026-03-27 10:00", 2, "2026-03-30 00:00"),
    ],
)
def test_calendar_days_end_at_midnight(start: str, days: int, end: str) -> None:
    assert due(started(start, Duration(days, DurationUnit.CALENDAR_DAYS))) == end


def test_a_calendar_day_ends_where_midnight_does_not_exist() -> None:
    cairo = calendar("Africa/Cairo")  # on 24 April 2026 the clocks go from 00:00 to 01:00
    clock = started("2026-04-22 10:00", Duration(1, DurationUnit.CALENDAR_DAYS), zone=cairo.zone)
    assert due(clock, cairo) == "2026-04-24 01:00"


def test_elapsed_hours_take_no_heed_of_calendars_or_clock_changes() -> None:
    clock = started("2026-03-28 12:00", Duration(24, DurationUnit.ELAPSED_HOURS))
    assert due_at(clock, ONE_SIDE) == clock.started_at + timedelta(hours=24)
    assert due(clock) == "2026-03-29 13:00"


# --- Several sides ---------------------------------------------------------------------------------------------------


def joint(at: datetime, sla: Duration, setting: CalendarSetting = CalendarSetting.ALL) -> Clock:
    return Clock(at, sla, (A, B), setting, owner=A, warning_shares=(75, 90))


def test_the_last_side_to_close_ends_the_day() -> None:
    clock = joint(local("2026-03-02 10:00"), business_days(5))
    assert due_at(clock, TWO_SIDES) == local("2026-03-09 17:00", NEW_YORK)


def test_the_order_of_the_sides_changes_nothing() -> None:
    clock = joint(local("2026-03-02 17:30"), business_days(5))
    assert due_at(clock, TWO_SIDES) == due_at(replace(clock, sides=(B, A)), TWO_SIDES) == local("2026-03-10 17:00")


def test_who_was_still_at_work_does_not_shorten_the_others_time() -> None:
    at = local("2026-03-03 18:00")  # after hours in Madrid, noon in New York
    assert due_at(joint(at, business_days(1)), TWO_SIDES) == local("2026-03-05 17:00")


@pytest.mark.parametrize(
    ("setting", "end"),
    [
        (CalendarSetting.ALL, local("2026-03-11 17:00", NEW_YORK)),  # neither 4 nor 5 March counts
        (CalendarSetting.EACH_OWN, local("2026-03-10 17:00", NEW_YORK)),  # each side lacks one of them
        (CalendarSetting.OWNER, local("2026-03-10 17:00")),
    ],
)
def test_the_setting_says_whose_days_count(setting: CalendarSetting, end: datetime) -> None:
    calendars = {A: calendar("Europe/Madrid", date(2026, 3, 4)), B: calendar("America/New_York", date(2026, 3, 5))}
    assert due_at(joint(local("2026-03-02 16:00"), business_days(5), setting), calendars) == end


def test_the_owners_setting_without_an_owning_side_counts_days_of_all() -> None:
    calendars = {A: calendar("Europe/Madrid", date(2026, 3, 4)), B: calendar("America/New_York", date(2026, 3, 5))}
    clock = replace(joint(local("2026-03-02 16:00"), business_days(5), CalendarSetting.OWNER), owner=None)
    assert due_at(clock, calendars) == due_at(replace(clock, setting=CalendarSetting.ALL), calendars)


def test_each_side_has_all_its_working_hours_though_they_never_overlap() -> None:
    calendars = {A: calendar("Asia/Tokyo"), B: calendar("America/New_York")}
    clock = joint(local("2026-03-02 09:00", ZoneInfo("Asia/Tokyo")), working_hours(8))
    assert due_at(clock, calendars) == local("2026-03-02 17:00", NEW_YORK)


# --- Pauses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pauses", "end"),
    [
        ([("2026-03-03 10:00", "2026-03-03 12:00")], "2026-03-10 11:00"),  # two working hours
        ([("2026-03-03 17:00", "2026-03-04 09:00")], "2026-03-09 17:00"),  # a night adds nothing
        ([("2026-03-06 17:00", "2026-03-09 09:00")], "2026-03-09 17:00"),  # nor does a weekend
        ([("2026-03-03 09:00", "2026-03-03 17:00")], "2026-03-10 17:00"),  # a whole day
        ([("2026-03-03 16:00", "2026-03-04 10:00")], "2026-03-10 11:00"),
        ([("2026-03-03 10:00", "2026-03-03 12:00"), ("2026-03-03 11:00", "2026-03-03 13:00")], "2026-03-10 12:00"),
        ([("2026-03-03 10:00", "2026-03-03 15:00"), ("2026-03-03 11:00", "2026-03-03 12:00")], "2026-03-10 14:00"),
        ([("2026-03-03 10:00", "2026-03-03 12:00"), ("2026-03-03 12:00", "2026-03-03 13:00")], "2026-03-10 12:00"),
        ([("2026-03-03 10:00", "2026-03-03 11:00"), ("2026-03-05 10:00", "2026-03-05 11:00")], "2026-03-10 11:00"),
        ([("2026-03-09 16:00", "2026-03-11 10:00")], "2026-03-11 11:00"),  # held past the old due time: 1 h was left
        ([("2026-03-09 17:00", "2026-03-11 10:00")], "2026-03-09 17:00"),  # began when it was due
        ([("2026-03-12 10:00", "2026-03-12 11:00")], "2026-03-09 17:00"),  # began after it was due
        ([("2026-03-03 10:00", "2026-03-03 10:00")], "2026-03-09 17:00"),  # no time at all
        ([("2026-03-01 10:00", "2026-03-02 11:00")], "2026-03-10 10:00"),  # what lay before the start does not count
        ([("2026-03-09 16:00", "2026-03-09 17:00"), ("2026-03-10 09:30", "2026-03-10 10:30")], "2026-03-10 11:00"),
    ],
)
def test_a_pause_moves_the_due_time_by_the_working_time_it_held(pauses: list[tuple[str, str]], end: str) -> None:
    assert due(started("2026-03-02 10:00", business_days(5), *pauses)) == end


def test_a_pause_over_a_change_of_clocks_counts_real_hours() -> None:
    night = calendar(week=week((Hours("00:00", "06:00"),), "sat sun"))
    clock = started("2026-03-28 00:00", working_hours(8), ("2026-03-29 01:00", "2026-03-29 04:00"))
    assert due(clock, night) == "2026-03-29 05:00"


def test_a_pause_holds_round_the_clock_what_runs_round_the_clock() -> None:
    clock = started(
        "2026-03-06 18:00", Duration(24, DurationUnit.ELAPSED_HOURS), ("2026-03-06 20:00", "2026-03-06 23:00")
    )
    assert due(clock) == "2026-03-07 21:00"


def test_a_paused_clock_is_not_due_but_projected() -> None:
    clock = started("2026-03-02 10:00", business_days(5))
    held = paused(clock, Pause(B, local("2026-03-03 10:00"), local("2026-03-05 10:00")))
    assert due_at(held, ONE_SIDE) is None
    assert projected_due_at(held, ONE_SIDE, local("2026-03-03 12:00")) == local("2026-03-10 11:00")
    assert projected_due_at(held, ONE_SIDE) == local("2026-03-11 17:00")
    assert projected_due_at(held, ONE_SIDE, local("2026-03-30 10:00")) == local("2026-03-11 17:00")
    assert due_at(resumed(held, B, local("2026-03-03 12:00")), ONE_SIDE) == local("2026-03-10 11:00")


def test_a_clock_with_two_pauses_runs_when_both_have_ended() -> None:
    clock = started("2026-03-02 10:00", business_days(5))
    held = paused(clock, Pause(A, local("2026-03-03 10:00"), local("2026-03-05 10:00")))
    held = paused(held, Pause(B, local("2026-03-03 11:00"), local("2026-03-05 10:00")))
    one_ended = resumed(held, A, local("2026-03-03 12:00"))
    assert due_at(one_ended, ONE_SIDE) is None
    assert due_at(resumed(one_ended, B, local("2026-03-03 13:00")), ONE_SIDE) == local("2026-03-10 12:00")


# --- Steps -----------------------------------------------------------------------------------------------------------


def moments(clock: Clock, calendars: dict[UUID, Calendar]) -> list[tuple[str, datetime]]:
    return [(step.key, step.at) for step in steps(clock, calendars)]


def test_warnings_come_at_shares_of_the_working_time() -> None:
    assert moments(started("2026-03-02 09:00", business_days(4)), ONE_SIDE) == [
        (f"warning/75/{A}", local("2026-03-05 15:00")),  # 30 of 40 hours
        (f"warning/90/{A}", local("2026-03-06 13:00")),
        ("breach", local("2026-03-06 17:00")),
    ]


def test_a_warning_that_falls_at_a_close_waits_for_the_opening() -> None:
    clock = replace(started("2026-03-02 09:00", business_days(4)), warning_shares=(60, 80))
    assert moments(clock, ONE_SIDE)[:2] == [
        (f"warning/60/{A}", local("2026-03-05 09:00")),
        (f"warning/80/{A}", local("2026-03-06 09:00")),
    ]


def test_each_side_is_warned_in_its_own_hours() -> None:
    clock = replace(joint(local("2026-03-02 15:00"), working_hours(4)), warning_shares=(75,))
    assert moments(clock, TWO_SIDES) == [
        (f"warning/75/{B}", local("2026-03-02 12:00", NEW_YORK)),  # 18:00 in Madrid
        (f"warning/75/{A}", local("2026-03-03 10:00")),
        ("breach", local("2026-03-03 11:00")),
    ]


def test_by_the_owners_calendar_the_other_side_is_still_warned_in_its_own_hours() -> None:
    clock = replace(joint(local("2026-03-02 09:00"), business_days(1), CalendarSetting.OWNER), warning_shares=(50,))
    assert moments(clock, TWO_SIDES) == [
        (f"warning/50/{B}", local("2026-03-02 17:00")),  # 11:00 in New York
        (f"warning/50/{A}", local("2026-03-03 09:00")),  # half of 16 hours falls at Monday's close
        ("breach", local("2026-03-03 17:00")),
    ]


def test_a_warning_outside_hours_waits_for_the_opening_unless_that_is_too_late() -> None:
    over_night = replace(started("2026-03-02 12:00", Duration(24, DurationUnit.ELAPSED_HOURS)), warning_shares=(50, 75))
    assert moments(over_night, ONE_SIDE)[:2] == [
        (f"warning/50/{A}", local("2026-03-03 09:00")),
        (f"warning/75/{A}", local("2026-03-03 09:00")),
    ]
    weekend = replace(started("2026-03-06 18:00", Duration(24, DurationUnit.ELAPSED_HOURS)), warning_shares=(50,))
    assert moments(weekend, ONE_SIDE) == [
        (f"warning/50/{A}", local("2026-03-07 06:00")),
        ("breach", local("2026-03-07 18:00")),
    ]


def test_a_pause_moves_what_is_ahead_of_it_and_leaves_what_was_before() -> None:
    clock = started("2026-03-02 09:00", business_days(4), ("2026-03-05 16:00", "2026-03-06 10:00"))
    assert moments(clock, ONE_SIDE) == [
        (f"warning/75/{A}", local("2026-03-05 15:00")),
        (f"warning/90/{A}", local("2026-03-06 15:00")),
        ("breach", local("2026-03-09 11:00")),
    ]


def test_while_paused_only_the_end_of_the_pause_is_ahead() -> None:
    clock = started("2026-03-02 09:00", business_days(4))
    held = paused(clock, Pause(B, local("2026-03-05 16:00"), local("2026-03-10 16:00")))
    assert moments(held, ONE_SIDE) == [
        (f"warning/75/{A}", local("2026-03-05 15:00")),
        (f"resumption/{B}", local("2026-03-10 16:00")),
    ]


def test_the_first_of_two_pauses_stops_the_warnings() -> None:
    clock = started("2026-03-02 09:00", business_days(4))
    held = paused(clock, Pause(B, local("2026-03-05 15:00"), local("2026-03-10 16:00")))
    held = paused(held, Pause(A, local("2026-03-06 16:00"), local("2026-03-09 16:00")))
    assert moments(held, ONE_SIDE) == [
        (f"warning/75/{A}", local("2026-03-05 15:00")),  # at the moment of the pause, and not after it
        (f"resumption/{A}", local("2026-03-09 16:00")),
        (f"resumption/{B}", local("2026-03-10 16:00")),
    ]


def test_a_warning_does_not_wait_for_an_opening_at_which_the_clock_is_due() -> None:
    clock = replace(started("2026-03-07 09:00", Duration(48, DurationUnit.ELAPSED_HOURS)), warning_shares=(50,))
    assert moments(clock, ONE_SIDE) == [
        (f"warning/50/{A}", local("2026-03-08 09:00")),
        ("breach", local("2026-03-09 09:00")),
    ]


# --- Properties ------------------------------------------------------------------------------------------------------

ZONES = st.sampled_from(
    [
        "Europe/Madrid",
        "America/New_York",
        "Asia/Kolkata",
        "Pacific/Auckland",
        "America/St_Johns",
        "Asia/Riyadh",
        "America/Sao_Paulo",
        "Africa/Casablanca",
    ]
)
FIRST_DAY, TWENTY_YEARS = date(2006, 1, 1), 20 * 365
DAYS = st.integers(0, TWENTY_YEARS).map(lambda days: FIRST_DAY + timedelta(days=days))
WEEKS = st.lists(st.booleans(), min_size=7, max_size=7).filter(any)
MINUTES = st.integers(0, 24 * 60 - 1)
STARTS = st.integers(0, TWENTY_YEARS * 24 * 60).map(
    lambda minutes: datetime(2006, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@settings(max_examples=400)
@given(ZONES, DAYS, MINUTES, WEEKS, st.integers(1, 60), st.sets(DAYS, max_size=60), st.sets(st.integers(1, 40)))
def test_business_days_agree_with_numpy_over_twenty_years(
    zone: str, day: date, minute: int, open_days: list[bool], count: int, far: set[date], near: set[int]
) -> None:
    holidays = far | {day + timedelta(days=ahead) for ahead in near}
    days = " ".join(name for name, is_open in zip(WEEKDAYS, open_days, strict=True) if is_open)
    worked = calendar(zone, *holidays, week=week(days=days))
    start = datetime.combine(day, datetime.min.time(), worked.zone) + timedelta(minutes=minute)
    after_hours = minute >= 17 * 60
    expected = np.busday_offset(
        np.busday_offset(
            day + timedelta(days=after_hours), 0, roll="forward", weekmask=open_days, holidays=[*holidays]
        ),
        count,
        weekmask=open_days,
        holidays=[*holidays],
    )
    moment = due_at(Clock(start.astimezone(UTC), business_days(count), (A,)), {A: worked})
    assert moment is not None
    assert moment.astimezone(worked.zone).isoformat(timespec="minutes").startswith(f"{expected}T17:00")


PAUSES = st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 10_000)), max_size=4)
"""Minutes from the start of a clock, and minutes long."""


def with_pauses(clock: Clock, pauses: list[tuple[int, int]]) -> Clock:
    begun = [(clock.started_at + timedelta(minutes=after), timedelta(minutes=long)) for after, long in pauses]
    return replace(clock, pauses=tuple(Pause(B, since, since + long, since + long) for since, long in begun))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Clock, dict[UUID, Calendar]]:
    calendars = {
        A: calendar(draw(ZONES), week=week(SPLIT)),
        B: calendar(draw(ZONES), week=week(days="sun mon tue wed thu")),
    }
    sides = draw(st.sampled_from([(A,), (B,), (A, B)]))
    setting = draw(st.sampled_from(list(CalendarSetting)))
    owner = draw(st.sampled_from([None, A, B]))
    sla = Duration(draw(st.integers(1, 40)), draw(st.sampled_from(list(DurationUnit))))
    clock = Clock(draw(STARTS), sla, sides, setting, owner, (50, 75, 90))
    return with_pauses(clock, draw(PAUSES)), calendars


def certain(clock: Clock, calendars: dict[UUID, Calendar]) -> datetime:
    moment = due_at(clock, calendars)
    assert moment is not None
    return moment


NIGHTS = (Hours("00:00", "06:00"), Hours("22:00", "24:00"))


@given(
    st.sampled_from(["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "America/St_Johns"]),
    st.sampled_from(["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31"]),
    st.integers(0, 3_000),
    st.integers(1, 20),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 600)), max_size=3),
)
def test_working_hours_agree_with_counting_minutes(
    zone: str, day: str, minute: int, hours: int, pauses: list[tuple[int, int]]
) -> None:
    """Through the nights in which clocks change, minute by minute."""
    worked = calendar(zone, week=week(NIGHTS, "fri sat sun"))
    start = utc(day) + timedelta(minutes=minute)
    clock = with_pauses(Clock(start, working_hours(hours), (A,)), pauses)
    now, left = start, hours * 60
    while left:
        on_the_wall = now.astimezone(worked.zone)
        at_work = on_the_wall.weekday() >= 4 and (on_the_wall.hour < 6 or on_the_wall.hour >= 22)
        left -= at_work and not any(pause.since <= now < pause.until for pause in clock.pauses)
        now += timedelta(minutes=1)
    assert due_at(clock, {A: worked}) == now


@given(cases())
def test_steps_are_in_order_and_end_with_the_breach(case: tuple[Clock, dict[UUID, Calendar]]) -> None:
    clock, calendars = case
    found = steps(clock, calendars)
    assert found == steps(clock, calendars)
    assert found[-1] == Step(StepKind.BREACH, certain(clock, calendars))
    assert [step.at for step in found] == sorted(step.at for step in found)
    assert len({step.key for step in found}) == len(found) == 1 + 3 * len(clock.sides)
    assert all(clock.started_at <= step.at < found[-1].at for step in found[:-1])


@given(cases())
def test_warnings_come_in_working_hours_whenever_one_is_left(case: tuple[Clock, dict[UUID, Calendar]]) -> None:
    clock, calendars = case
    *warnings, breach = steps(clock, calendars)
    for warning in warnings:
        assert warning.side is not None
        opening = calendars[warning.side].opening_after(warning.at)
        assert opening == warning.at or opening >= breach.at


@given(cases(), st.integers(0, 10_000))
def test_cutting_a_pause_in_two_changes_nothing(case: tuple[Clock, dict[UUID, Calendar]], minutes: int) -> None:
    clock, calendars = case
    cut: list[Pause] = []
    for pause in clock.pauses:
        at = min(pause.since + timedelta(minutes=minutes), pause.until)
        cut += [Pause(A, at, pause.until, pause.until), Pause(A, pause.since, at, at)]
    assert steps(replace(clock, pauses=tuple(cut)), calendars) == steps(clock, calendars)


@given(cases(), st.tuples(st.integers(0, 20_000), st.integers(0, 10_000)))
def test_another_pause_never_makes_a_clock_due_sooner(
    case: tuple[Clock, dict[UUID, Calendar]], pause: tuple[int, int]
) -> None:
    clock, calendars = case
    more = with_pauses(clock, [pause]).pauses
    assert certain(replace(clock, pauses=clock.pauses + more), calendars) >= certain(clock, calendars)


@given(ZONES, STARTS, st.integers(1, 40), st.sampled_from([DurationUnit.BUSINESS_DAYS, DurationUnit.WORKING_HOURS]))
def test_a_pause_outside_hours_moves_nothing(zone: str, start: datetime, value: int, unit: DurationUnit) -> None:
    calendars = {A: calendar(zone, week=week(SPLIT))}
    clock = Clock(start, Duration(value, unit), (A,), warning_shares=(75, 90))
    closing = calendars[A].closing_of(calendars[A].working_day_of(start))
    opening = calendars[A].opening_after(closing)
    assert steps(replace(clock, pauses=(Pause(B, closing, opening, opening),)), calendars) == steps(clock, calendars)


@given(cases(), st.integers(0, 3_000))
def test_who_starts_later_is_due_no_sooner(case: tuple[Clock, dict[UUID, Calendar]], minutes: int) -> None:
    clock, calendars = case
    clock = replace(clock, pauses=())
    later = replace(clock, started_at=clock.started_at + timedelta(minutes=minutes))
    assert certain(later, calendars) >= certain(clock, calendars)


@given(cases())
def test_a_longer_time_is_due_later(case: tuple[Clock, dict[UUID, Calendar]]) -> None:
    clock, calendars = case
    longer = replace(clock, sla=replace(clock.sla, value=clock.sla.value + 1))
    assert certain(longer, calendars) > certain(clock, calendars)


@given(cases())
def test_days_of_all_are_no_sooner_over_than_each_sides_own(case: tuple[Clock, dict[UUID, Calendar]]) -> None:
    clock, calendars = case
    every, own = (
        certain(replace(clock, setting=setting, pauses=()), calendars)
        for setting in (CalendarSetting.ALL, CalendarSetting.EACH_OWN)
    )
    assert every >= own


@given(cases(), st.integers(0, 20_000), st.integers(1, 10_000))
def test_a_projection_comes_true_when_the_clock_resumes(
    case: tuple[Clock, dict[UUID, Calendar]], after: int, minutes: int
) -> None:
    clock, calendars = case
    since = clock.started_at + timedelta(minutes=after)
    held = paused(clock, Pause(UUID(int=9), since, since + timedelta(minutes=10_000)))
    at = since + timedelta(minutes=minutes)
    assert due_at(held, calendars) is None
    assert projected_due_at(held, calendars, at) == certain(resumed(held, UUID(int=9), at), calendars)
