"""Milestones: those of the signed operating plan, and others that come up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.governance.api.schemas.work import (
    DeliverDeliverable,
    Milestone,
    MoveMilestone,
    PlanMilestone,
    ReportMilestone,
)
from services.governance.domain import milestone as rules
from services.governance.domain.milestone import MILESTONE
from services.governance.members import members
from services.governance.read_models.agreements import agreement
from services.governance.read_models.milestones import milestone, milestones, milestones_of
from services.governance.standing import running
from services.governance.zones import zones
from shared.events.governance_plan_terms import MilestoneArea
from shared.events.governance_work import MilestoneStatus
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "plan")


@router.create("/alliances/{alliance_id}/milestones", scope="governance:write")
def plan_milestone(session: Session, alliance_id: Id, body: PlanMilestone) -> Milestone:
    """Plan a milestone beside those of the operating plan."""
    alliance = running(session, alliance_id)
    command = rules.PlanMilestone(
        at=session.at,
        side=session.caller.organisation,
        parties=alliance.parties,
        key=body.key,
        title=body.title,
        area=MilestoneArea(body.area),
        due_on=body.due_on,
        owners=members(body.owners),
        depends_on=tuple(body.depends_on),
        deliverables=tuple(body.deliverables),
        known=frozenset(row.id for row in session.view(alliance_id).all(milestones_of(alliance_id))),
        zones=zones(session.connection, alliance_id),
    )
    milestone_id = session.new_id()
    session.create(MILESTONE, alliance_id, milestone_id, rules.plan_milestone(command, MILESTONE.empty))
    return shown(session, alliance_id, milestone_id)


@router.read("/alliances/{alliance_id}/milestones", scope="governance:read")
def list_milestones(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Milestone]:
    """The milestones of an alliance, in the order they are due."""
    turned = session.view(alliance_id).page(
        milestones_of(alliance_id), order=[milestones.c.due_on, milestones.c.id], cursor=cursor, limit=limit
    )
    return Page[Milestone](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/milestones/{milestone_id}", scope="governance:read")
def get_milestone(session: Session, milestone_id: Id) -> Milestone:
    """One milestone: its owners, what it depends on, what it delivers, and where it stands."""
    return shown(session, session.home(MILESTONE, milestone_id), milestone_id)


@router.change("/milestones/{milestone_id}/report", scope="governance:write")
def report_milestone(session: Session, milestone_id: Id, body: ReportMilestone) -> Milestone:
    """Report where a milestone stands."""
    held = session.change(MILESTONE, milestone_id)
    running(session, held.ledger_id)
    view = session.view(held.ledger_id)
    needed = view.one(milestone(held.ledger_id, milestone_id)).depends_on
    unreached = milestones_of(held.ledger_id).where(milestones.c.id.in_(needed), milestones.c.status != "reached")
    command = rules.ReportMilestone(
        at=session.at,
        side=session.caller.organisation,
        status=MilestoneStatus(body.status),
        unreached=tuple(row.title for row in view.all(unreached)),
        note=body.note,
    )
    session.append(MILESTONE, held, rules.report_milestone(command, held.state))
    return shown(session, held.ledger_id, milestone_id)


@router.change("/milestones/{milestone_id}/deliverables", scope="governance:write")
def deliver_deliverable(session: Session, milestone_id: Id, body: DeliverDeliverable) -> Milestone:
    """Report one deliverable of a milestone as delivered."""
    held = session.change(MILESTONE, milestone_id)
    running(session, held.ledger_id)
    command = rules.DeliverDeliverable(at=session.at, side=session.caller.organisation, place=body.place)
    session.append(MILESTONE, held, rules.deliver_deliverable(command, held.state))
    return shown(session, held.ledger_id, milestone_id)


@router.change("/milestones/{milestone_id}/move")
def move_milestone(session: Session, milestone_id: Id, body: MoveMilestone) -> Milestone:
    """Move a milestone to another day, by a change request of the roadmap that every side has signed."""
    held = session.change(MILESTONE, milestone_id)
    running(session, held.ledger_id)
    change = session.view(held.ledger_id).first(agreement(held.ledger_id, body.change_request))
    command = rules.MoveMilestone(
        at=session.at,
        side=session.caller.organisation,
        due_on=body.due_on,
        change_request=body.change_request,
        change_in_force=change is not None and is_roadmap_change(change),
        zones=zones(session.connection, held.ledger_id),
    )
    session.append(MILESTONE, held, rules.move_milestone(command, held.state))
    return shown(session, held.ledger_id, milestone_id)


def is_roadmap_change(row: Any) -> bool:
    return (row.kind, row.status, row.content.get("change_of")) == ("change_request", "in_force", "roadmap")


def shown(session: Session, alliance_id: UUID, milestone_id: UUID) -> Milestone:
    return as_shown(session.view(alliance_id).one(milestone(alliance_id, milestone_id)))


def as_shown(row: Any) -> Milestone:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Milestone(alliance_id=values.pop("ledger_id"), **values)
