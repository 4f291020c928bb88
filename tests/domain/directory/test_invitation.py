"""An invitation opens once, until it expires or is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.domain.invitation import (
    DAYS_MAX,
    INVITATION,
    AcceptInvitation,
    InviteOrganisation,
    InvitePerson,
    RevokeInvitation,
    accept,
    invite_organisation,
    invite_person,
    revoke,
)
from shared.domain import Invalid, Refused
from shared.events.directory import OrganisationRole
from shared.events.directory_access import InvitationAccepted, InvitationRevoked, OrganisationInvited, PersonInvited
from shared.testing.scenario import scenario

LEE, UNITED, EXPRESS = (UUID(int=n) for n in range(3))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEEK = NOON + timedelta(days=7)
INVITE = InvitePerson(
    at=NOON, person_id=LEE, name="Lee", email="lee@united.example", roles=(OrganisationRole.MEMBER,),
    prefix="abcd", secret_hash="0" * 64, expires_at=WEEK,
)  # fmt: skip
SENT = PersonInvited(
    person_id=LEE, roles=(OrganisationRole.MEMBER,), prefix="abcd", secret_hash="0" * 64, expires_at=WEEK,
    name="Lee", email="lee@united.example",
)  # fmt: skip
FOUND = InviteOrganisation(
    at=NOON, organisation_id=EXPRESS, person_id=LEE, legal_name="ExpressJet", name="Kim", email="kim@express.example",
    message=None, prefix="abcd", secret_hash="0" * 64, expires_at=WEEK,
)  # fmt: skip
ACCEPT = AcceptInvitation(at=NOON, organisation_id=UNITED, person_id=LEE)
ACCEPTED = InvitationAccepted(organisation_id=UNITED, person_id=LEE)
REVOKE = RevokeInvitation(at=NOON, reason="Somebody else")
REVOKED = InvitationRevoked(reason="Somebody else")


def test_a_person_and_a_company_are_invited() -> None:
    scenario(INVITATION).when(invite_person, INVITE).then(SENT)
    scenario(INVITATION).when(invite_organisation, FOUND).then_includes(OrganisationInvited)


def test_it_is_accepted_once() -> None:
    scenario(INVITATION).given(SENT).when(accept, ACCEPT).then(ACCEPTED)
    scenario(INVITATION).given(SENT, ACCEPTED).when(accept, ACCEPT).then_refused("invitation-accepted")
    scenario(INVITATION).given(SENT, ACCEPTED).when(revoke, REVOKE).then_refused("invitation-accepted")


def test_it_is_taken_back() -> None:
    scenario(INVITATION).given(SENT).when(revoke, REVOKE).then(REVOKED)
    scenario(INVITATION).given(SENT, REVOKED).when(accept, ACCEPT).then_refused("invitation-revoked")


def test_it_expires() -> None:
    late = replace(ACCEPT, at=WEEK)
    scenario(INVITATION).given(SENT).when(accept, late).then_refused("invitation-expired")
    scenario(INVITATION).given(SENT).when(accept, replace(ACCEPT, at=WEEK - timedelta(microseconds=1))).then(ACCEPTED)


def test_what_was_not_sent_opens_nothing() -> None:
    scenario(INVITATION).when(accept, ACCEPT).then_refused("invitation-not-sent")
    scenario(INVITATION).when(revoke, REVOKE).then_refused("invitation-not-sent")
    scenario(INVITATION).given(SENT).when(invite_person, INVITE).then_refused("invitation-sent")
    scenario(INVITATION).when(invite_person, replace(INVITE, email_taken=True)).then_refused("email-taken")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(INVITE, name=" "), "blank"),
        (replace(INVITE, email=" "), "blank"),
        (replace(INVITE, roles=()), "repeated"),
        (replace(INVITE, secret_hash="x"), "malformed"),
        (replace(INVITE, expires_at=NOON), "out-of-range"),
        (replace(INVITE, expires_at=NOON + timedelta(days=DAYS_MAX, seconds=1)), "out-of-range"),
        (replace(FOUND, legal_name=" "), "blank"),
    ],
)
def test_what_cannot_be_an_invitation(command: Any, code: str) -> None:
    decide: Any = invite_person if isinstance(command, InvitePerson) else invite_organisation
    with pytest.raises(Invalid) as raised:
        scenario(INVITATION).when(decide, command)
    assert raised.value.code == code


@given(st.lists(st.tuples(st.sampled_from(["invite", "accept", "revoke"]), st.integers(0, 10)), max_size=12))
def test_it_never_opens_twice(steps: list[tuple[str, int]]) -> None:
    events: list[Any] = []
    for step, days in steps:
        at = NOON + timedelta(days=days)
        acts: dict[str, Any] = {
            "invite": lambda state: invite_person(INVITE, state),
            "accept": lambda state, at=at: accept(replace(ACCEPT, at=at), state),
            "revoke": lambda state, at=at: revoke(replace(REVOKE, at=at), state),
        }
        try:
            events += acts[step](INVITATION.replay(events))
        except Refused:
            continue
    ends = [e for e in events if isinstance(e, InvitationAccepted | InvitationRevoked)]
    assert len(ends) <= 1
