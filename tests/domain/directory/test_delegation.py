"""Who acts for whom on one side of an alliance, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.domain.delegation import (
    DAYS_MAX,
    DELEGATIONS,
    EndDelegation,
    NameDelegate,
    end_delegation,
    name_delegate,
)
from shared.domain import Invalid, Refused
from shared.events.directory import DelegationEnded, DelegationNamed
from shared.testing.scenario import scenario

FIRST, SECOND, ANA, LEE, KIM, UNITED, ACME = (UUID(int=n) for n in range(7))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY, TENTH, TWENTIETH = date(2026, 3, 2), date(2026, 3, 10), date(2026, 3, 20)

NAME = NameDelegate(
    by=ANA, at=NOON, delegation_id=FIRST, person_id=ANA, delegate_id=LEE, side=UNITED, starts_on=TENTH, until=TWENTIETH
)
NAMED = DelegationNamed(
    delegation_id=FIRST, person_id=ANA, delegate_id=LEE, side=UNITED, starts_on=TENTH, until=TWENTIETH
)
END = EndDelegation(by=ANA, at=NOON, delegation_id=FIRST, side=UNITED, until=date(2026, 3, 15))
ENDED = DelegationEnded(delegation_id=FIRST, person_id=ANA, until=date(2026, 3, 15))
AGAIN = replace(NAME, delegation_id=SECOND, delegate_id=KIM)


def test_a_delegate_is_named() -> None:
    scenario(DELEGATIONS).when(name_delegate, NAME).then(NAMED)


def test_acts_from_the_first_day_until_the_person_is_back() -> None:
    held = scenario(DELEGATIONS).given(NAMED).state
    acting = {day: held.persons_for(LEE, day) for day in (TENTH - timedelta(1), TENTH, date(2026, 3, 19), TWENTIETH)}
    assert list(acting.values()) == [set(), {ANA}, {ANA}, set()]
    assert held.persons_for(KIM, TENTH) == set()


def test_is_ended_early_and_somebody_else_is_named() -> None:
    scenario(DELEGATIONS).given(NAMED).when(end_delegation, END).then(ENDED)
    later = replace(AGAIN, starts_on=date(2026, 3, 15))
    scenario(DELEGATIONS).given(NAMED, ENDED).when(name_delegate, later).then_includes(DelegationNamed)


def test_before_it_began_it_can_be_taken_back() -> None:
    back = replace(END, until=TENTH)
    scenario(DELEGATIONS).given(NAMED).when(end_delegation, back).then_includes(DelegationEnded)
    state = scenario(DELEGATIONS).given(NAMED, replace(ENDED, until=TENTH)).state
    assert state.persons_for(LEE, TENTH) == set()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(NAME, delegate_id=ANA), "own-delegate"),
        (replace(NAME, starts_on=TODAY - timedelta(1)), "past"),
        (replace(NAME, until=TENTH), "ends-before-start"),
        (replace(NAME, until=TENTH + timedelta(DAYS_MAX + 1)), "too-long"),
    ],
)
def test_what_cannot_be_a_delegation(command: NameDelegate, code: str) -> None:
    with pytest.raises(Invalid) as raised:
        scenario(DELEGATIONS).when(name_delegate, command)
    assert raised.value.code == code


def test_one_delegate_at_a_time() -> None:
    scenario(DELEGATIONS).given(NAMED).when(name_delegate, AGAIN).then_refused("delegate-named")
    scenario(DELEGATIONS).given(NAMED).when(name_delegate, NAME).then_refused("delegation-named")
    of_another = replace(AGAIN, person_id=KIM, delegate_id=LEE)
    scenario(DELEGATIONS).given(NAMED).when(name_delegate, of_another).then_includes(DelegationNamed)


def test_what_was_not_named_is_not_ended() -> None:
    scenario(DELEGATIONS).when(end_delegation, END).then_refused("delegation-not-named")
    theirs = replace(END, side=ACME)
    scenario(DELEGATIONS).given(NAMED).when(end_delegation, theirs).then_refused("delegation-not-named")
    later = replace(END, until=TWENTIETH)
    scenario(DELEGATIONS).given(NAMED).when(end_delegation, later).then_refused("delegation-ended")


def test_what_the_delegate_did_is_not_undone() -> None:
    running = replace(END, at=NOON + timedelta(12), until=date(2026, 3, 11))
    with pytest.raises(Invalid) as raised:
        scenario(DELEGATIONS).given(NAMED).when(end_delegation, running)
    assert raised.value.code == "past"


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12), st.sampled_from([ANA, KIM]), st.booleans())))
def test_nobody_ever_has_two_delegates_on_one_day(steps: list[tuple[int, int, UUID, bool]]) -> None:
    events: list[Any] = []
    for number, (start, days, person, ends) in enumerate(steps):
        state = DELEGATIONS.replay(events)
        starts_on = TODAY + timedelta(start)
        command = replace(
            NAME,
            delegation_id=UUID(int=number),
            person_id=person,
            starts_on=starts_on,
            until=starts_on + timedelta(days),
        )
        end = replace(END, delegation_id=UUID(int=max(0, number - 1)), until=starts_on)
        try:
            events += end_delegation(end, state) if ends else name_delegate(command, state)
        except (Refused, Invalid):
            continue
    held = DELEGATIONS.replay(events).named.values()
    for day in range(45):
        for person in (ANA, KIM):
            assert sum(d.person_id == person and d.covers(TODAY + timedelta(day)) for d in held) <= 1
