"""Who the caller is, and for whom they may act at this moment."""

from __future__ import annotations

from services.directory.api.people import shown
from services.directory.api.schemas.people import AllianceSeat, Me
from services.directory.read_models.organisations import organisation
from shared.http.router import Router
from shared.http.session import Session

router = Router("directory", "me")


@router.read("/me", as_of=False)
def get_me(session: Session) -> Me:
    """You: your details, your roles, and your seats in alliances now, those lent to you by colleagues who are away."""
    organisation_id = session.caller.organisation
    alliances = [(one, session.seats(one)) for one in sorted(session.ledgers("alliance"))]
    return Me(
        person=shown(session, session.caller.person),
        organisation_id=organisation_id,
        organisation_name=session.view(organisation_id).one(organisation(organisation_id)).display_name,
        seats=[
            AllianceSeat(alliance_id=one, person_id=seat.person, roles=sorted(seat.roles), lent=bool(seat.on_behalf_of))
            for one, seats in alliances
            for seat in seats
            if seat.roles or seat.on_behalf_of
        ],
    )
