"""What directory tells of people and organisations that a request names."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.auth.caller import WRITERS
from shared.domain import Invalid
from shared.http.session import Session

FIRST_STRANGER = """
    SELECT named.place - 1 FROM unnest(%s::uuid[]) WITH ORDINALITY AS named (person, place)
     WHERE NOT coalesce(access.standing(%s, named.person) && %s::text[], false) ORDER BY named.place LIMIT 1
"""


def require_colleagues(session: Session, pointer: str, people: Sequence[UUID]) -> None:
    """Raises Invalid for the first who is no active person of the caller's organisation with a role to act in."""
    asked = (list(people), session.caller.organisation, sorted(WRITERS))
    stranger = session.connection.exec_driver_sql(FIRST_STRANGER, asked).first()
    if stranger is not None:
        raise Invalid(f"{pointer}/{stranger[0]}", "no-colleague", "Name people of your organisation who may act in it.")


def require_organisation(session: Session, pointer: str, organisation_id: UUID | None) -> None:
    """Raises Invalid when an organisation is named that does not use Concord. It is told nothing."""
    if organisation_id is None:
        return
    known = session.connection.exec_driver_sql("SELECT access.organisation_exists(%s)", (organisation_id,)).one()
    if not known[0]:
        raise Invalid(pointer, "unknown-organisation", "No such organisation uses Concord; leave it out.")
