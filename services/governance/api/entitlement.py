"""What the caller is to an alliance beyond being of a party, and whom a request may name."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.governance.domain.alliance import Alliance
from services.governance.members import Named
from shared.domain import Invalid
from shared.events.governance_terms import OwnerRole
from shared.http.problems import problem
from shared.http.session import Session

SIGNATORIES = frozenset(OwnerRole)


def is_named_owner(session: Session, alliance: Alliance, person_id: UUID | None = None) -> bool:
    """Whether the caller's side has named this person, or the caller, as an owner of the alliance."""
    seats = [(session.caller.organisation, role) for role in OwnerRole]
    return (person_id or session.caller.person) in [alliance.owners.get(seat) for seat in seats]


def require_signatory(session: Session, alliance_id: UUID, alliance: Alliance) -> UUID | None:
    """On whose behalf the caller signs for their side; None in a seat of their own. Otherwise a forbidden problem.

    A delegate signs in the seat that was lent, and the history names both.
    """
    for seat in session.seats(alliance_id):
        if not SIGNATORIES.isdisjoint(seat.roles) or is_named_owner(session, alliance, seat.person):
            return seat.on_behalf_of
    raise problem(
        "forbidden",
        "Executive sponsors and alliance managers sign, by their role in the alliance or named as its owners, and"
        " whom they delegated.",
    )


def require_colleague(session: Session, pointer: str, person_id: UUID) -> None:
    """Raises Invalid when this is no active person of the caller's organisation."""
    asked = (session.caller.organisation, person_id)
    if session.connection.exec_driver_sql("SELECT access.standing(%s, %s)", asked).scalar_one() is None:
        raise Invalid(pointer, "no-colleague", "Name an active person of your own organisation.")


def require_people(session: Session, pointer: str, named: Sequence[Named], *, one: bool = False) -> None:
    """Raises Invalid for the first that is no active person of the side named; `one`: the pointer is that person's."""
    for place, member in enumerate(named):
        asked = (member.side, member.person_id)
        if session.connection.exec_driver_sql("SELECT access.standing(%s, %s)", asked).scalar_one() is None:
            where = pointer if one else f"{pointer}/{place}"
            raise Invalid(f"{where}/person_id", "unknown-person", "Name an active person of that side.")


def require_organisations(session: Session, pointer: str, organisations: list[UUID]) -> None:
    """Raises Invalid for the first that is no organisation of Concord."""
    for place, organisation_id in enumerate(organisations):
        asked = (organisation_id,)
        if not session.connection.exec_driver_sql("SELECT access.organisation_exists(%s)", asked).scalar_one():
            raise Invalid(f"{pointer}/{place}", "unknown-organisation", "No such organisation uses Concord.")
