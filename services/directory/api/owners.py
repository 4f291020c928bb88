"""Owners: they alone make and unmake owners, and an organisation always has one."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from services.directory.read_models.people import other_owners
from shared.auth.caller import OWNERS
from shared.events.directory import OrganisationRole
from shared.http.problems import problem
from shared.http.session import Session


def leave_owners_to_owners(session: Session, roles: Collection[str]) -> None:
    """Forbidden to all but owners, when the role of owner is among these: nobody becomes one by their own hand."""
    if OrganisationRole.OWNER in roles and session.caller.roles.isdisjoint(OWNERS):
        raise problem("forbidden", "Only an owner makes, changes or takes away an owner; ask one of your owners.")


def owners_beside(session: Session, person_id: UUID) -> int:
    """How many other active people own the organisation."""
    organisation_id = session.caller.organisation
    return int(session.view(organisation_id).one(other_owners(organisation_id, person_id))[0])
