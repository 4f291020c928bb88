from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.governance.domain.calendar import JointCalendar, calendar_of
from services.governance.domain.clock import round_the_clock
from services.governance.domain.working_time import MAX_SEARCH_DAYS, Interval
from shared.domain import Invalid, Refused
from shared.events.governance_terms import Hours
from tests.domain.governance.given import MADRID, NEW_YORK, SPLIT, calendar, local, terms, utc, week

ALL_WEEK = "mon tue wed thu fri sat sun"


def hours_of(day: str, zone: str, opens: str, closes: str) -> list[Interval]:
    worked = calendar(zone, week=week((Hours(opens, closes),), ALL_WEEK))
    return [*worked.working_intervals(date.fromisoformat(day))]


def test_a_day_has_its_intervals_in_utc() -> None:
    assert calendar(week=week(SPLIT)).working_intervals(date(2026, 1, 5)) == (
        (utc("2026-01-05 08:00"), utc("2026-01-05 11:30")),
        (utc("2026-01-05 12:30"), utc("2026-01-05 16:30")),
    )


def test_hours_keep_their_wall_time_when_the_clocks_change() -> None:
    assert hours_of("2026-03-28", "Europe/Madrid", "09:00", "17:00")[0][0] == utc("2026-03-28 08:00")
    assert hours_of("2026-03-29", "Europe/Madrid", "09:00", "17:00")[0][0] == utc("2026-03-29 07:00")


@pytest.mark.parametrize(
    ("opens", "closes", "begins", "ends"),
    [
        ("01:00", "02:30", "2026-03-29 00:00", "2026-03-29 01:00"),  # closes in the gap: at the change
        ("02:30", "04:00", "2026-03-29 01:00", "2026-03-29 02:00"),  # opens in the gap: at the change
        ("00:00", "24:00", "2026-03-28 23:00", "2026-03-29 22:00"),  # a day of 23 hours
    ],
)
def test_hours_that_the_clock_skips(opens: str, closes: str, begins: str, ends: str) -> None:
    assert hours_of("2026-03-29", "Europe/Madrid", opens, closes) == [(utc(begins), utc(ends))]


def test_hours_that_lie_in_the_gap_are_no_working_time() -> None:
    night = calendar(week=week((Hours("02:00", "02:45"),), ALL_WEEK))
    assert not night.is_working_day(date(2026, 3, 29))
    assert night.is_working_day(date(2026, 3, 30))


@pytest.mark.parametrize(
    ("opens", "closes", "begins", "ends"),
    [
        ("01:00", "02:30", "2026-10-24 23:00", "2026-10-25 01:30"),  # closes at the second 02:30
        ("02:30", "04:00", "2026-10-25 00:30", "2026-10-25 03:00"),  # opens at the first 02:30
        ("00:00", "24:00", "2026-10-24 22:00", "2026-10-25 23:00"),  # a day of 25 hours
    ],
)
def test_hours_that_the_clock_repeats(opens: str, closes: str, begins: str, ends: str) -> None:
    assert hours_of("2026-10-25", "Europe/Madrid", opens, closes) == [(utc(begins), utc(ends))]


def test_a_repeated_break_is_worked_once() -> None:
    shifts = calendar(week=week((Hours("00:00", "02:30"), Hours("02:40", "06:00")), ALL_WEEK))
    assert shifts.working_intervals(date(2026, 10, 25)) == ((utc("2026-10-24 22:00"), utc("2026-10-25 05:00")),)


def test_a_date_that_a_zone_skips_is_no_working_day() -> None:
    samoa = calendar("Pacific/Apia", week=week(days=ALL_WEEK))
    assert [day for day in (29, 30, 31) if samoa.is_working_day(date(2011, 12, day))] == [29, 31]


def test_a_day_ends_at_the_first_of_two_midnights() -> None:
    havana = {"zone": "America/Havana", "opens": "00:00", "closes": "24:00"}  # clocks go from 01:00 back to 00:00
    assert hours_of("2026-10-31", **havana) == [(utc("2026-10-31 04:00"), utc("2026-11-01 04:00"))]
    assert hours_of("2026-11-01", **havana) == [(utc("2026-11-01 04:00"), utc("2026-11-02 05:00"))]


def test_a_change_of_half_an_hour() -> None:
    assert hours_of("2026-10-04", "Australia/Lord_Howe", "01:00", "03:00") == [
        (utc("2026-10-03 14:30"), utc("2026-10-03 16:00")),
    ]


def test_days_off_are_no_working_days() -> None:
    worked = calendar_of(terms(holidays=(date(2026, 1, 6),), closing_days=(date(2026, 1, 7),)))
    assert [day for day in range(5, 12) if worked.is_working_day(date(2026, 1, day))] == [5, 8, 9]


@pytest.mark.parametrize(
    ("instant", "opening"),
    [
        ("2026-01-09 10:00", "2026-01-09 10:00"),
        ("2026-01-09 09:00", "2026-01-09 09:00"),
        ("2026-01-09 07:00", "2026-01-09 09:00"),
        ("2026-01-09 12:30", "2026-01-09 13:30"),
        ("2026-01-09 17:30", "2026-01-12 09:00"),
        ("2026-01-10 12:00", "2026-01-12 09:00"),
    ],
)
def test_the_opening_after(instant: str, opening: str) -> None:
    assert calendar(week=week(SPLIT)).opening_after(local(instant)) == local(opening)


def test_the_closing_of_a_day() -> None:
    assert calendar(week=week(SPLIT)).closing_of(date(2026, 1, 9)) == local("2026-01-09 17:30")
    with pytest.raises(ValueError, match="not a working day"):
        calendar().closing_of(date(2026, 1, 10))


def test_a_joint_day_counts_when_it_is_a_working_day_for_all() -> None:
    gulf = calendar("Asia/Riyadh", week=week(days="sun mon tue wed thu"))
    both = JointCalendar(calendar(), (gulf,))
    assert [day for day in range(5, 12) if both.is_working_day(date(2026, 1, day))] == [5, 6, 7, 8]
    assert both.closing_of(date(2026, 1, 8)) == local("2026-01-08 17:00")


def test_a_calendar_that_never_opens_again_is_refused_and_not_searched_for_ever() -> None:
    never = JointCalendar(calendar(), (calendar(week=week(days="sat sun")),))
    for search in (
        partial(never.opening_after, utc("2026-01-05 10:00")),
        partial(never.working_day_after, date(2026, 1, 5), 1),
        partial(never.after_working, utc("2026-01-05 10:00"), timedelta(minutes=1)),
    ):
        with pytest.raises(Refused, match=str(MAX_SEARCH_DAYS)) as refused:
            search()
        assert refused.value.code == "no-working-time-ahead"


def test_a_calendar_without_working_time_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        calendar(week={"mon": ()})
    assert refused.value.code == "no-working-time"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"time_zone": "Europe/Atlantis"}, "/time_zone", "unknown-time-zone"),
        ({"time_zone": "../../etc/passwd"}, "/time_zone", "unknown-time-zone"),
        ({"time_zone": "Europe"}, "/time_zone", "unknown-time-zone"),
        ({"week": {"monday": SPLIT}}, "/week/monday", "unknown-weekday"),
        ({"week": {"mon": (Hours("9:00", "17:00"),)}}, "/week/mon/0/opens", "not-a-time"),
        ({"week": {"mon": (Hours("09:00", "24:01"),)}}, "/week/mon/0/closes", "not-a-time"),
        ({"week": {"mon": (Hours("٠٩:00", "17:00"),)}}, "/week/mon/0/opens", "not-a-time"),
        ({"week": {"mon": (Hours("24:00", "24:00"),)}}, "/week/mon/0/opens", "not-a-time"),
        ({"week": {"mon": (Hours("17:00", "09:00"),)}}, "/week/mon/0/closes", "closes-before-opening"),
        ({"week": {"mon": (Hours("09:00", "09:00"),)}}, "/week/mon/0/closes", "closes-before-opening"),
        (
            {"week": {"mon": (Hours("09:00", "13:00"), Hours("12:00", "17:00"))}},
            "/week/mon/1/opens",
            "overlapping-hours",
        ),
        (
            {"week": {"mon": (Hours("09:00", "24:00"), Hours("12:00", "17:00"))}},
            "/week/mon/1/opens",
            "overlapping-hours",
        ),
        ({"week": {"mon": (Hours("09:00", "10:00"),) * 13}}, "/week/mon", "too-many-intervals"),
    ],
)
def test_a_calendar_that_means_nothing(changes: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        calendar_of(terms(**changes))
    assert (invalid.value.pointer, invalid.value.code) == (pointer, code)


def test_the_widest_hours_that_a_day_can_have() -> None:
    last_minute = calendar(week={"mon": (Hours("00:00", "09:00"), Hours("09:00", "23:59"))})
    assert last_minute.working_intervals(date(2026, 1, 5)) == ((local("2026-01-05 00:00"), local("2026-01-05 23:59")),)
    twelve = tuple(Hours(f"{hour:02}:00", f"{hour:02}:30") for hour in range(12, 24))
    assert len(calendar(week={"mon": twelve}).working_intervals(date(2026, 1, 5))) == 12


ZONES = st.sampled_from(
    ["Europe/Madrid", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia"]
)
INSTANTS = st.datetimes(datetime(2005, 1, 1), datetime(2025, 1, 1), timezones=st.just(ZoneInfo("UTC")))  # noqa: DTZ001


@given(ZONES, INSTANTS, st.integers(1, 60 * 60 * 200))
def test_moving_along_working_time_is_the_inverse_of_measuring_it(zone: str, start: datetime, seconds: int) -> None:
    worked = calendar(zone, week=week(SPLIT))
    end = worked.after_working(start, timedelta(seconds=seconds))
    assert worked.worked_between(start, end) == timedelta(seconds=seconds)
    assert worked.worked_between(start, end - timedelta(seconds=1)) == timedelta(seconds=seconds - 1)


@given(ZONES, INSTANTS, st.integers(0, 60 * 60 * 1000))
def test_round_the_clock_every_second_counts_once(zone: str, start: datetime, seconds: int) -> None:
    always = round_the_clock(ZoneInfo(zone))
    assert always.worked_between(start, start + timedelta(seconds=seconds)) == timedelta(seconds=seconds)


def test_zones_differ() -> None:
    assert local("2026-01-05 09:00", MADRID) == utc("2026-01-05 08:00")
    assert local("2026-01-05 09:00", NEW_YORK) == utc("2026-01-05 14:00")
