"""Announcements in public: refused until the plan, its owners and the KPIs are agreed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.governance.api.schemas.duties import AnnounceAlliance, Announcement
from services.governance.domain.gate import check_announcement, missing_for_announcement
from services.governance.read_models.agreements import in_force_of
from services.governance.read_models.counterparts import announcement, announcements, announcements_of
from services.governance.standing import facts_of, running
from shared.domain import Aggregate, Event
from shared.events.governance_agreement_terms import AgreementKind
from shared.events.governance_duties import AllianceAnnounced
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "announcements")

ANNOUNCEMENT: Aggregate[tuple[Event, ...]] = Aggregate("announcement", (), lambda state, event: (*state, event))


@router.create("/alliances/{alliance_id}/announcements")
def announce_alliance(session: Session, alliance_id: Id, body: AnnounceAlliance) -> Announcement:
    """Put on record that the alliance is announced in public. Until it is ready for that, what is missing is listed."""
    alliance = running(session, alliance_id)
    facts = facts_of(session, alliance_id, alliance)
    check_announcement(missing_for_announcement(alliance, facts))
    plans = session.view(alliance_id).all(in_force_of(alliance_id))
    announced = AllianceAnnounced(
        side=session.caller.organisation,
        on=body.on,
        plan=next(row.id for row in plans if row.kind == AgreementKind.OPERATING_PLAN),
        kpis=facts.kpis_agreed,
        text=body.text,
    )
    announcement_id = session.new_id()
    session.create(ANNOUNCEMENT, alliance_id, announcement_id, [announced])
    return shown(session, alliance_id, announcement_id)


@router.read("/alliances/{alliance_id}/announcements", scope="governance:read")
def list_announcements(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Announcement]:
    """The announcements of an alliance, in the order they were made."""
    turned = session.view(alliance_id).page(
        announcements_of(alliance_id), order=[announcements.c.id], cursor=cursor, limit=limit
    )
    return Page[Announcement](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


def shown(session: Session, alliance_id: UUID, announcement_id: UUID) -> Announcement:
    return as_shown(session.view(alliance_id).one(announcement(alliance_id, announcement_id)))


def as_shown(row: Any) -> Announcement:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Announcement(alliance_id=values.pop("ledger_id"), **values)
