"""People: counterpart pairs across the sides, and the graph of who holds the alliance together."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.governance.api.schemas.alliances import Because
from services.governance.api.schemas.duties import (
    Counterparts,
    PairCounterparts,
    PersonInAlliance,
    Relationships,
    SideStrength,
)
from services.governance.domain import counterparts as rules
from services.governance.domain.alliance import ALLIANCE, Alliance
from services.governance.domain.counterparts import COUNTERPARTS
from services.governance.domain.governance_model import GOVERNANCE_MODEL
from services.governance.domain.relationships import (
    THIN,
    Seat,
    breaks_without,
    held_by,
    people,
    seats_of_forums,
)
from services.governance.members import members
from services.governance.read_models.counterparts import pair, pairs_of
from services.governance.read_models.governance_models import in_force
from services.governance.read_models.milestones import milestones_of
from services.governance.read_models.tracks import tracks_of
from services.governance.standing import names, running
from shared.events.governance_duties import Level
from shared.events.governance_terms import Member
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "relationships")


@router.read("/alliances/{alliance_id}/relationships", scope="governance:read")
def get_relationships(session: Session, alliance_id: Id) -> Relationships:
    """Who is what to the alliance, the pairs across its sides, and what breaks if one person leaves."""
    alliance = session.load(ALLIANCE, alliance_id, alliance_id).state
    pairs = session.view(alliance_id).all(pairs_of(alliance_id))
    seats = [seat for seat in seats_of(session, alliance_id, alliance, pairs) if seat.member.side in alliance.parties]
    known = names(session, alliance_id)
    shown_people = [as_person(session, one, seats, known) for one in people(seats)]
    counted = {side: sum(one.active for one in shown_people if one.side == side) for side in alliance.parties}
    return Relationships(
        people=shown_people,
        pairs=[as_shown(row) for row in pairs],
        sides=[SideStrength(side=side, active_people=n, thin=n < THIN) for side, n in counted.items()],
    )


@router.create("/alliances/{alliance_id}/counterparts", scope="governance:write")
def pair_counterparts(session: Session, alliance_id: Id, body: PairCounterparts) -> Counterparts:
    """Pair people of different sides who answer each other for one function on one level."""
    alliance = running(session, alliance_id)
    command = rules.PairCounterparts(
        at=session.at,
        side=session.caller.organisation,
        parties=alliance.parties,
        function=body.function,
        level=Level(body.level),
        people=members(body.people),
    )
    pair_id = session.new_id()
    session.create(COUNTERPARTS, alliance_id, pair_id, rules.pair_counterparts(command, COUNTERPARTS.empty))
    return shown(session, alliance_id, pair_id)


@router.read("/counterparts/{pair_id}", scope="governance:read")
def get_counterparts(session: Session, pair_id: Id) -> Counterparts:
    """One pair of counterparts."""
    return shown(session, session.home(COUNTERPARTS, pair_id), pair_id)


@router.change("/counterparts/{pair_id}/part", scope="governance:write")
def part_counterparts(session: Session, pair_id: Id, body: Because) -> Counterparts:
    """End a pair that a person of your side is in."""
    held = session.change(COUNTERPARTS, pair_id)
    running(session, held.ledger_id)
    command = rules.PartCounterparts(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(COUNTERPARTS, held, rules.part_counterparts(command, held.state))
    return shown(session, held.ledger_id, pair_id)


def seats_of(session: Session, alliance_id: UUID, alliance: Alliance, pairs: Any) -> list[Seat]:
    """Every place that somebody holds in the alliance."""
    view = session.view(alliance_id)
    seats = [
        Seat(Member(side, person), "owner", role.value, role.replace("_", " "))
        for (side, role), person in alliance.owners.items()
    ]
    model = view.first(in_force(alliance_id))
    if model is not None:
        content = session.load(GOVERNANCE_MODEL, alliance_id, model.id).state.content
        seats += seats_of_forums(() if content is None else content.forums)
    seats += [Seat(m, "pair", str(row.id), f"{row.function} ({row.level})") for row in pairs for m in named(row.people)]
    for kind, rows in (("milestone", milestones_of(alliance_id)), ("track", tracks_of(alliance_id))):
        open_ = [row for row in view.all(rows) if not is_over(row)]
        seats += [Seat(member, kind, str(row.id), row.title) for row in open_ for member in named(row.owners)]
    return seats


def is_over(row: Any) -> bool:
    return bool(getattr(row, "closed", False)) or getattr(row, "status", None) in ("reached", "dropped")


def named(told: list[dict[str, str]]) -> tuple[Member, ...]:
    return tuple(Member(UUID(one["side"]), UUID(one["person_id"])) for one in told)


def as_person(session: Session, person: Member, seats: list[Seat], known: dict[UUID, str]) -> PersonInAlliance:
    asked = (person.side, person.person_id)
    standing = session.connection.exec_driver_sql("SELECT access.standing(%s, %s)", asked).scalar_one()
    return PersonInAlliance(
        side=person.side,
        person_id=person.person_id,
        name=known.get(person.person_id),
        active=standing is not None,
        owner_roles=list(held_by(person, seats, "owner")),
        forums=list(held_by(person, seats, "forum")),
        pairs=[UUID(key) for key in held_by(person, seats, "pair")],
        milestones=[UUID(key) for key in held_by(person, seats, "milestone")],
        tracks=[UUID(key) for key in held_by(person, seats, "track")],
        breaks=list(breaks_without(person, seats)),
    )


def shown(session: Session, alliance_id: UUID, pair_id: UUID) -> Counterparts:
    return as_shown(session.view(alliance_id).one(pair(alliance_id, pair_id)))


def as_shown(row: Any) -> Counterparts:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Counterparts(alliance_id=values.pop("ledger_id"), **values)
