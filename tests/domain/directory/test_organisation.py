"""An organisation registers with a calendar that clocks can run on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.domain.organisation import (
    ORGANISATION,
    ChangeWorkingCalendar,
    CloseOrganisation,
    RegisterOrganisation,
    RenameOrganisation,
    change_calendar,
    close,
    register,
    rename,
)
from services.directory.domain.working_calendar import CLOSING_DAYS_MAX, INTERVALS_A_DAY_MAX, Gazetteer
from shared.domain import Invalid, Refused
from shared.events.directory import (
    WEEKDAYS,
    OrganisationClosed,
    OrganisationRegistered,
    OrganisationRenamed,
    WorkingCalendar,
    WorkingCalendarChanged,
    WorkingInterval,
)
from shared.testing.scenario import scenario

ANA = UUID(int=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WORLD = Gazetteer(frozenset({"Europe/Madrid"}), {"ES": frozenset({"MD", "CT"})})
DAY = (WorkingInterval("09:00", "13:00"), WorkingInterval("14:00", "18:00"))
OFFICE = WorkingCalendar("Europe/Madrid", {"mon": DAY, "tue": DAY}, "ES", "MD", (date(2026, 12, 24),))
ROUND_THE_CLOCK = replace(OFFICE, week=dict.fromkeys(WEEKDAYS, (WorkingInterval("00:00", "24:00"),)))

REGISTER = RegisterOrganisation(
    by=ANA, at=NOON, legal_name="Iberia SA", display_name="Iberia", country="ES", calendar=OFFICE, gazetteer=WORLD
)
REGISTERED = OrganisationRegistered(legal_name="Iberia SA", display_name="Iberia", country="ES", calendar=OFFICE)
CHANGE = ChangeWorkingCalendar(by=ANA, at=NOON, calendar=ROUND_THE_CLOCK, gazetteer=WORLD)
RENAME = RenameOrganisation(by=ANA, at=NOON, legal_name="Iberia Express SA", display_name="Express")
CLOSE = CloseOrganisation(by=ANA, at=NOON, reason="merged")


def test_registers_with_its_calendar() -> None:
    scenario(ORGANISATION).when(register, REGISTER).then(REGISTERED)


def test_registers_once() -> None:
    scenario(ORGANISATION).given(REGISTERED).when(register, REGISTER).then_refused("organisation-registered")


def test_takes_a_new_name() -> None:
    renamed = OrganisationRenamed(legal_name="Iberia Express SA", display_name="Express")
    scenario(ORGANISATION).given(REGISTERED).when(rename, RENAME).then(renamed)
    scenario(ORGANISATION).given(REGISTERED, renamed).when(rename, RENAME).then_nothing()


def test_changes_the_whole_calendar() -> None:
    changed = WorkingCalendarChanged(calendar=ROUND_THE_CLOCK)
    scenario(ORGANISATION).given(REGISTERED).when(change_calendar, CHANGE).then(changed)
    scenario(ORGANISATION).given(REGISTERED, changed).when(change_calendar, CHANGE).then_nothing()


def test_nothing_changes_before_it_is_registered() -> None:
    scenario(ORGANISATION).when(change_calendar, CHANGE).then_refused("organisation-not-registered")


def test_nothing_changes_after_it_closed() -> None:
    closed = OrganisationClosed(reason="merged")
    scenario(ORGANISATION).given(REGISTERED).when(close, CLOSE).then(closed)
    for decide, command in ((close, CLOSE), (rename, RENAME), (change_calendar, CHANGE)):
        scenario(ORGANISATION).given(REGISTERED, closed).when(decide, command).then_refused("organisation-closed")


@pytest.mark.parametrize(
    ("part", "pointer", "code"),
    [
        ({"legal_name": " "}, "/legal_name", "blank"),
        ({"display_name": ""}, "/display_name", "missing"),
        ({"country": "Spain"}, "/country", "unknown-country"),
    ],
)
def test_who_it_is_must_make_sense(part: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        register(replace(REGISTER, **part), ORGANISATION.empty)
    assert (invalid.value.pointer, invalid.value.code) == (pointer, code)


def week(*intervals: tuple[str, str]) -> WorkingCalendar:
    return replace(OFFICE, week={"mon": tuple(WorkingInterval(*i) for i in intervals)})


@pytest.mark.parametrize(
    ("calendar", "pointer", "code"),
    [
        (replace(OFFICE, time_zone="Europe/Atlantis"), "/calendar/time_zone", "unknown-time-zone"),
        (replace(OFFICE, week={}), "/calendar/week", "no-working-time"),
        (replace(OFFICE, week={"mon": (), "sun": ()}), "/calendar/week", "no-working-time"),
        (replace(OFFICE, week={"monday": DAY}), "/calendar/week/monday", "unknown-weekday"),
        (week(("9:00", "17:00")), "/calendar/week/mon/0/start", "no-clock-time"),
        (week(("24:00", "24:00")), "/calendar/week/mon/0/start", "no-clock-time"),
        (week(("09:00", "25:00")), "/calendar/week/mon/0/end", "no-clock-time"),
        (week(("09:00", "09:00")), "/calendar/week/mon/0/end", "ends-before-start"),
        (week(("09:00", "13:00"), ("12:59", "17:00")), "/calendar/week/mon/1/start", "overlapping"),
        (week(*[("09:00", "10:00")] * (INTERVALS_A_DAY_MAX + 1)), "/calendar/week/mon", "too-many"),
        (replace(OFFICE, holiday_country="XX"), "/calendar/holiday_country", "unknown-holidays"),
        (replace(OFFICE, holiday_region="XX"), "/calendar/holiday_region", "unknown-holidays"),
        (replace(OFFICE, holiday_country=None), "/calendar/holiday_region", "region-without-country"),
        (replace(OFFICE, closing_days=(date(2026, 1, 2),) * 2), "/calendar/closing_days", "repeated"),
        (
            replace(OFFICE, closing_days=tuple(date.fromordinal(n + 1) for n in range(CLOSING_DAYS_MAX + 1))),
            "/calendar/closing_days",
            "too-many",
        ),
    ],
)
def test_a_calendar_that_cannot_be_is_invalid(calendar: WorkingCalendar, pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        register(replace(REGISTER, calendar=calendar), ORGANISATION.empty)
    assert (invalid.value.pointer, invalid.value.code) == (pointer, code)


def test_all_that_is_wrong_with_a_calendar_is_said_at_once() -> None:
    wrong = replace(OFFICE, time_zone="Mars", week={"mon": (WorkingInterval("9", "25"),)}, holiday_country="XX")
    with pytest.raises(Invalid) as invalid:
        change_calendar(replace(CHANGE, calendar=wrong), ORGANISATION.replay([REGISTERED]))
    places = [one.pointer for one in (invalid.value, *invalid.value.also)]
    assert places == ["/time_zone", "/week/mon/0/start", "/week/mon/0/end", "/holiday_country"]


def test_intervals_may_touch() -> None:
    calendar = week(("09:00", "13:00"), ("13:00", "24:00"))
    scenario(ORGANISATION).when(register, replace(REGISTER, calendar=calendar)).then_includes(OrganisationRegistered)


clock_times = st.builds("{:02}:{:02}".format, st.integers(0, 24), st.integers(0, 60))
calendars = st.builds(
    WorkingCalendar,
    st.sampled_from(["Europe/Madrid", "Nowhere"]),
    st.dictionaries(
        st.sampled_from(WEEKDAYS), st.lists(st.builds(WorkingInterval, clock_times, clock_times), max_size=2).map(tuple)
    ),
    st.none(),
    st.none(),
    st.just(()),
)
acts = st.one_of(
    calendars.map(lambda calendar: (register, replace(REGISTER, calendar=calendar))),
    calendars.map(lambda calendar: (change_calendar, replace(CHANGE, calendar=calendar))),
    st.sampled_from([(register, REGISTER), (rename, RENAME), (close, CLOSE)]),
)


@settings(max_examples=50)
@given(st.lists(acts, max_size=12))
def test_a_registered_organisation_always_has_working_time(acts: list[tuple[Any, Any]]) -> None:
    history: list[Any] = []
    for decide, command in acts:
        before = ORGANISATION.replay(history)
        try:
            history += decide(command, before)
        except (Refused, Invalid):
            continue
        after = ORGANISATION.replay(history)
        assert after.calendar is not None
        minutes = [i.end > i.start for intervals in after.calendar.week.values() for i in intervals]
        assert minutes
        assert all(minutes)
        assert not before.closed
