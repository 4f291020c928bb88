"""Who is what to an alliance, for which side and period."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.domain.alliance_role import ALLIANCE_ROLES, AssignAllianceRole, EndAllianceRole, assign, end
from shared.domain import Invalid, Refused
from shared.events.directory import AllianceRole, AllianceRoleAssigned, AllianceRoleEnded
from shared.testing.scenario import scenario

FIRST, SECOND, ANA, BEN, UNITED, ACME = (UUID(int=n) for n in range(6))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MARCH, JUNE, SEPTEMBER = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)
LEGAL = AllianceRole.LEGAL

ASSIGN = AssignAllianceRole(
    by=BEN, at=NOON, assignment_id=FIRST, person_id=ANA, side=UNITED, role=LEGAL, starts_on=MARCH, until=None
)
AGAIN = replace(ASSIGN, assignment_id=SECOND)
END = EndAllianceRole(by=BEN, at=NOON, assignment_id=FIRST, until=JUNE, reason="moved on")
ASSIGNED = AllianceRoleAssigned(
    assignment_id=FIRST, person_id=ANA, side=UNITED, role=LEGAL, starts_on=MARCH, until=None
)
ENDED = AllianceRoleEnded(assignment_id=FIRST, person_id=ANA, until=JUNE, reason="moved on")


def test_is_assigned() -> None:
    scenario(ALLIANCE_ROLES).when(assign, ASSIGN).then(ASSIGNED)


def test_is_held_from_its_first_day_until_the_day_it_ends() -> None:
    held = scenario(ALLIANCE_ROLES).given(ASSIGNED, ENDED).state
    assert held.of(ANA, MARCH - timedelta(days=1)) == set()
    assert held.of(ANA, MARCH) == {LEGAL}
    assert held.of(ANA, JUNE - timedelta(days=1)) == {LEGAL}
    assert held.of(ANA, JUNE) == set()


def test_is_held_for_a_side() -> None:
    held = scenario(ALLIANCE_ROLES).given(ASSIGNED).state
    assert held.holders(LEGAL, UNITED, MARCH) == {ANA}
    assert held.holders(LEGAL, ACME, MARCH) == set()


def test_one_person_may_hold_several() -> None:
    security = replace(AGAIN, role=AllianceRole.SECURITY)
    scenario(ALLIANCE_ROLES).given(ASSIGNED).when(assign, security).then_includes(AllianceRoleAssigned)


def test_the_same_is_not_held_twice_at_once() -> None:
    scenario(ALLIANCE_ROLES).given(ASSIGNED).when(assign, AGAIN).then_refused("role-held")
    earlier = replace(AGAIN, starts_on=date(2026, 1, 1), until=MARCH + timedelta(days=1))
    scenario(ALLIANCE_ROLES).given(ASSIGNED).when(assign, earlier).then_refused("role-held")


def test_the_same_may_be_held_before_and_after() -> None:
    history = scenario(ALLIANCE_ROLES).given(ASSIGNED, ENDED)
    history.when(assign, replace(AGAIN, starts_on=date(2026, 1, 1), until=MARCH)).then_includes(AllianceRoleAssigned)
    history.when(assign, replace(AGAIN, starts_on=JUNE)).then_includes(AllianceRoleAssigned)


def test_an_assignment_is_made_once() -> None:
    scenario(ALLIANCE_ROLES).given(ASSIGNED).when(assign, ASSIGN).then_refused("assignment-made")


def test_a_person_stands_for_one_side() -> None:
    other_side = replace(AGAIN, side=ACME)
    scenario(ALLIANCE_ROLES).given(ASSIGNED).when(assign, other_side).then_refused("other-side")
    taken_back = replace(ENDED, until=MARCH)
    scenario(ALLIANCE_ROLES).given(ASSIGNED, taken_back).when(assign, other_side).then_includes(AllianceRoleAssigned)


def test_lasts_at_least_a_day() -> None:
    with pytest.raises(Invalid) as invalid:
        assign(replace(ASSIGN, until=MARCH), ALLIANCE_ROLES.empty)
    assert invalid.value.code == "ends-before-start"


def test_ends() -> None:
    scenario(ALLIANCE_ROLES).given(ASSIGNED).when(end, END).then(ENDED)


def test_may_end_earlier_than_was_said_but_not_later() -> None:
    history = scenario(ALLIANCE_ROLES).given(ASSIGNED, ENDED)
    history.when(end, replace(END, until=MARCH)).then_includes(replace(ENDED, until=MARCH))
    history.when(end, END).then_refused("role-ended")
    history.when(end, replace(END, until=SEPTEMBER)).then_refused("role-ended")


def test_what_was_never_assigned_does_not_end() -> None:
    scenario(ALLIANCE_ROLES).when(end, END).then_refused("role-not-assigned")


days = st.integers(0, 12).map(lambda n: MARCH + timedelta(days=n))
ids = st.integers(1, 8).map(lambda n: UUID(int=n))
acts = st.one_of(
    st.builds(
        lambda i, p, s, d, u: (assign, replace(ASSIGN, assignment_id=i, person_id=p, side=s, starts_on=d, until=u)),
        ids,
        st.sampled_from([ANA, BEN]),
        st.sampled_from([UNITED, ACME]),
        days,
        st.none() | days,
    ),
    st.builds(lambda i, d: (end, replace(END, assignment_id=i, until=d)), ids, days),
)


@settings(max_examples=100)
@given(st.lists(acts, max_size=20))
def test_nobody_ever_holds_the_same_role_twice_on_a_day_or_for_two_sides(acts: list[tuple[Any, Any]]) -> None:
    history: list[Any] = []
    for decide, command in acts:
        try:
            history += decide(command, ALLIANCE_ROLES.replay(history))
        except (Refused, Invalid):
            continue
    for day in (MARCH + timedelta(days=n) for n in range(14)):
        held = [a for a in ALLIANCE_ROLES.replay(history).assignments.values() if a.held_on(day)]
        assert len({a.person_id for a in held}) == len(held)
