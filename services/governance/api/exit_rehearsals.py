"""The rehearsal of an exit: dates, duties and dispositions, and nothing is recorded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.governance.api.exits import asked_by
from services.governance.api.schemas.exits import ExitDates, ExitDuty, ExitRehearsal, TriggerExit
from services.governance.domain.alliance import ALLIANCE
from services.governance.domain.exit_dates import ExitAsked, exit_dates
from services.governance.domain.exit_dates import ExitDates as Computed
from services.governance.domain.moment import day_of
from services.governance.read_models.agreements import agreements_of
from services.governance.read_models.commitments import commitments_of
from services.governance.read_models.decisions import decisions_of
from services.governance.read_models.milestones import milestones_of
from services.governance.standing import term_sheet_of
from shared.domain import Refused
from shared.events.governance_plan_terms import UnwindArea
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "exits")


@router.create("/alliances/{alliance_id}/exit-rehearsal", status=200)
def rehearse_exit(session: Session, alliance_id: Id, body: TriggerExit) -> ExitRehearsal:
    """What would come of an exit at this moment: dates, duties, dispositions. Nothing is recorded."""
    if session.caller.organisation not in session.load(ALLIANCE, alliance_id, alliance_id).state.parties:
        raise not_found()  # who has left has no exit before it
    asked = asked_by(session, alliance_id, body)
    plan = unwind_plan(session, alliance_id)
    dispositions = [] if plan is None else plan.content["dispositions"]
    spoken_of = {one["area"] for one in dispositions}
    refused, computed = dates_or_refusal(session, alliance_id, asked)
    duties = open_duties(session, alliance_id)
    if computed is not None:
        duties = [*duties_of(computed, asked, plan, dispositions), *duties]
    return ExitRehearsal(
        refusal=None if refused is None else refused.code,
        detail=None if refused is None else refused.detail,
        dates=None if computed is None else dates_shown(computed, asked),
        duties=duties,
        dispositions=dispositions,
        areas_open=[area.value for area in UnwindArea if area not in spoken_of],
    )


def dates_or_refusal(session: Session, alliance_id: UUID, asked: ExitAsked) -> tuple[Refused | None, Computed | None]:
    term_sheet, terms = term_sheet_of(session, alliance_id)
    try:
        return None, exit_dates(asked, terms, term_sheet)
    except Refused as refused:
        return refused, None


def unwind_plan(session: Session, alliance_id: UUID) -> Any | None:
    """The unwind plan in force, else one on the table."""
    rows = session.view(alliance_id).all(agreements_of(alliance_id, kind="unwind_plan"))
    for status in ("in_force", "proposed"):
        for row in rows:
            if row.status == status:
                return row
    return None


def dates_shown(computed: Computed, asked: ExitAsked) -> ExitDates:
    return ExitDates(
        ground=asked.ground.value,
        leaving=list(computed.leaving),
        alliance_ends=set(computed.leaving) == set(asked.parties),
        term_sheet=computed.term_sheet,
        condition=computed.condition,
        cure_ends_at=computed.cure_ends_at,
        effective_at=computed.effective_at,
        unwound_by=computed.unwound_by,
    )


def duties_of(computed: Computed, asked: ExitAsked, plan: Any | None, dispositions: list[Any]) -> list[ExitDuty]:
    """What the exit itself brings to be done, in the order of its dates."""
    duties = [ExitDuty(code="give-notice", detail="Trigger the exit; every party reads it.", by=day_of(asked.at))]
    if computed.cure_ends_at is not None:
        last = day_of(computed.cure_ends_at)
        duties.append(
            ExitDuty(code="cure", detail="Until then the breach can be mended, which ends the exit.", by=last)
        )
    if plan is None or plan.status != "in_force":
        signed_by = day_of(computed.effective_at)
        duties.append(ExitDuty(code="sign-unwind-plan", detail="Every side signs an unwind plan.", by=signed_by))
    return duties + [
        ExitDuty(
            code="receipt", detail=f"A receipt of every side: {one['what']}: {one['disposition']}", by=one["due_on"]
        )
        for one in dispositions
    ]


def open_duties(session: Session, alliance_id: UUID) -> list[ExitDuty]:
    """What is open in the alliance at this moment and would have to be settled, kept or given up."""
    view = session.view(alliance_id)
    promised = [row for row in view.all(commitments_of(alliance_id)) if row.status != "kept"]
    planned = [row for row in view.all(milestones_of(alliance_id)) if row.status not in ("reached", "dropped")]
    open_ = view.all(decisions_of(alliance_id, "open"))
    return [
        *(ExitDuty(code="commitment", detail=f"Promised: {row.title}", by=row.ends_on) for row in promised),
        *(ExitDuty(code="milestone", detail=f"Planned: {row.title}", by=row.due_on) for row in planned),
        *(ExitDuty(code="decision", detail=f"Open: {row.title}", by=None) for row in open_),
    ]
