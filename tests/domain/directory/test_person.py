"""A person acts in the organisation by the roles that were granted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.domain.person import (
    PERSON,
    AddPerson,
    ChangePersonDetails,
    DeactivatePerson,
    Details,
    GrantOrganisationRole,
    ReactivatePerson,
    WithdrawOrganisationRole,
    add,
    change_details,
    deactivate,
    grant_role,
    reactivate,
    withdraw_role,
)
from shared.domain import Invalid, Refused
from shared.events.declare import type_of
from shared.events.directory import (
    Level,
    OrganisationRole,
    OrganisationRoleGranted,
    OrganisationRoleWithdrawn,
    PersonAdded,
    PersonDeactivated,
    PersonDetailsChanged,
    PersonReactivated,
)
from shared.testing.scenario import scenario

ADMIN, ANA = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DETAILS = Details("Ana Ruiz", "ana@example.com", "Alliances", "Director", Level.LEADERSHIP)
OWNER, MEMBER = OrganisationRole.OWNER, OrganisationRole.MEMBER

ADD = AddPerson(by=ADMIN, at=NOON, person_id=ANA, details=DETAILS, roles=(MEMBER, MEMBER))
ADDED = PersonAdded(
    person_id=ANA,
    name="Ana Ruiz",
    email="ana@example.com",
    function="Alliances",
    seniority="Director",
    level=Level.LEADERSHIP,
)
PROMOTED = PersonDetailsChanged(person_id=ANA, name="Ana Ruiz", email="ana@example.com", level=Level.EXECUTIVE)
CHANGE = ChangePersonDetails(by=ADMIN, at=NOON, details=Details("Ana Ruiz", "ana@example.com", level=Level.EXECUTIVE))
GRANT_OWNER = GrantOrganisationRole(by=ADMIN, at=NOON, role=OWNER)
WITHDRAW_OWNER = WithdrawOrganisationRole(by=ADMIN, at=NOON, role=OWNER, other_owners=1)
DEACTIVATE = DeactivatePerson(by=ADMIN, at=NOON, other_owners=1, reason="left")
REACTIVATE = ReactivatePerson(by=ADMIN, at=NOON)
IS_OWNER = OrganisationRoleGranted(person_id=ANA, role=OWNER)
IS_MEMBER = OrganisationRoleGranted(person_id=ANA, role=MEMBER)
GONE = PersonDeactivated(person_id=ANA, reason="left")


def test_is_added_with_each_role_once() -> None:
    scenario(PERSON).when(add, ADD).then(ADDED, IS_MEMBER)


def test_is_added_once() -> None:
    scenario(PERSON).given(ADDED).when(add, ADD).then_refused("person-added")


def test_what_is_known_of_a_person_can_be_erased_and_is_sealed_with_the_persons_own_key() -> None:
    declared = type_of(PersonAdded)
    assert declared.erasable == {"name", "email", "function", "seniority", "level"}
    assert declared.person == "person_id"


def test_survives_erasure() -> None:
    erased = scenario(PERSON).given(PersonAdded(person_id=ANA), IS_OWNER)
    assert erased.state.details == Details()
    erased.when(withdraw_role, WITHDRAW_OWNER).then(OrganisationRoleWithdrawn(person_id=ANA, role=OWNER))


@pytest.mark.parametrize(
    ("details", "pointer"),
    [
        (replace(DETAILS, name=None), "/name"),
        (replace(DETAILS, email=" "), "/email"),
        (replace(DETAILS, level=None), "/level"),
    ],
)
def test_needs_a_name_an_address_and_a_level(details: Details, pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        add(replace(ADD, details=details), PERSON.empty)
    assert invalid.value.pointer == pointer


def test_changes_details() -> None:
    scenario(PERSON).given(ADDED).when(change_details, CHANGE).then(PROMOTED)
    scenario(PERSON).given(ADDED, PROMOTED).when(change_details, CHANGE).then_nothing()


def test_is_granted_and_loses_a_role() -> None:
    scenario(PERSON).given(ADDED).when(grant_role, GRANT_OWNER).then(IS_OWNER)
    lost = OrganisationRoleWithdrawn(person_id=ANA, role=OWNER)
    scenario(PERSON).given(ADDED, IS_OWNER).when(withdraw_role, WITHDRAW_OWNER).then(lost)
    assert scenario(PERSON).given(ADDED, IS_OWNER, IS_MEMBER, lost).state.roles == {MEMBER}


def test_holds_a_role_once() -> None:
    scenario(PERSON).given(ADDED, IS_OWNER).when(grant_role, GRANT_OWNER).then_refused("role-held")


def test_loses_no_role_it_has_not() -> None:
    scenario(PERSON).given(ADDED).when(withdraw_role, WITHDRAW_OWNER).then_refused("role-not-held")


def test_the_last_owner_stays() -> None:
    owner = scenario(PERSON).given(ADDED, IS_OWNER)
    owner.when(withdraw_role, replace(WITHDRAW_OWNER, other_owners=0)).then_refused("last-owner")
    owner.when(deactivate, replace(DEACTIVATE, other_owners=0)).then_refused("last-owner")
    scenario(PERSON).given(ADDED, IS_MEMBER).when(deactivate, replace(DEACTIVATE, other_owners=0)).then(GONE)


def test_nobody_changes_before_being_added() -> None:
    scenario(PERSON).when(grant_role, GRANT_OWNER).then_refused("person-not-added")


def test_nobody_changes_after_being_deactivated() -> None:
    scenario(PERSON).given(ADDED).when(deactivate, DEACTIVATE).then(GONE)
    for decide, command in (
        (change_details, CHANGE),
        (grant_role, GRANT_OWNER),
        (withdraw_role, WITHDRAW_OWNER),
        (deactivate, DEACTIVATE),
    ):
        scenario(PERSON).given(ADDED, GONE).when(decide, command).then_refused("person-deactivated")


def test_a_person_comes_back_with_the_roles_they_had() -> None:
    back = scenario(PERSON).given(ADDED, IS_MEMBER, GONE)
    back.when(reactivate, REACTIVATE).then(PersonReactivated(person_id=ANA))
    assert back.given(PersonReactivated(person_id=ANA)).state.roles == {MEMBER}
    scenario(PERSON).given(ADDED).when(reactivate, REACTIVATE).then_refused("person-active")
    scenario(PERSON).when(reactivate, REACTIVATE).then_refused("person-not-added")


roles = st.sampled_from(OrganisationRole)
owners = st.integers(0, 1)
acts = st.one_of(
    st.sampled_from([(add, ADD), (change_details, CHANGE)]),
    roles.map(lambda role: (grant_role, replace(GRANT_OWNER, role=role))),
    st.builds(lambda r, n: (withdraw_role, replace(WITHDRAW_OWNER, role=r, other_owners=n)), roles, owners),
    owners.map(lambda n: (deactivate, replace(DEACTIVATE, other_owners=n))),
    st.just((reactivate, REACTIVATE)),
)


@settings(max_examples=50)
@given(st.lists(acts, max_size=20))
def test_an_organisation_never_loses_its_last_owner(acts: list[tuple[Any, Any]]) -> None:
    history: list[Any] = []
    for decide, command in acts:
        before = PERSON.replay(history)
        try:
            history += decide(command, before)
        except Refused:
            continue
        after = PERSON.replay(history)
        assert after.person_id == ANA
        if before.active and OWNER in before.roles and not (after.active and OWNER in after.roles):
            assert getattr(command, "other_owners", 0) > 0
