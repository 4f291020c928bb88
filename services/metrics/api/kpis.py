"""KPIs: proposed by one party, countered at will, agreed when every other party accepts."""

from __future__ import annotations

from services.metrics.api.kpi_schemas import (
    CounterKpi,
    Kpi,
    KpiStatus,
    NoteDefinition,
    ProposeKpi,
    RetireKpi,
    ReviseKpi,
)
from services.metrics.api.turn import KPI_KEYS
from services.metrics.domain import kpi as rules
from services.metrics.domain.alliance import ALLIANCE
from services.metrics.domain.kpi import KPI
from services.metrics.read_models import kpis as asked
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("metrics", "kpis")


@router.create("/alliances/{alliance_id}/kpis")
def propose_kpi(session: Session, alliance_id: Id, body: ProposeKpi) -> Kpi:
    """Propose a KPI to the other parties of an alliance."""
    alliance = session.load(ALLIANCE, alliance_id, alliance_id)
    session.take_turn(KPI_KEYS, alliance_id)
    view = session.view(alliance_id)
    command = rules.ProposeKpi(
        by=session.caller.person,
        side=session.caller.organisation,
        parties=alliance.state.parties,
        terms=body.terms.value(),
        keys_taken=frozenset(row.key for row in view.all(asked.keys_of(alliance_id))),
        at=session.at,
    )
    kpi_id = session.new_id()
    session.create(KPI, alliance_id, kpi_id, rules.propose(command, KPI.empty))
    return Kpi.model_validate(view.one(asked.kpi(alliance_id, kpi_id)))


@router.read("/alliances/{alliance_id}/kpis", scope="metrics:read")
def list_kpis(
    session: Session,
    alliance_id: Id,
    status: KpiStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[Kpi]:
    """The KPIs of an alliance, agreed and under negotiation."""
    found = asked.kpis_of(alliance_id)
    if status is not None:
        found = found.where(asked.kpis.c.status == status)
    turned = session.view(alliance_id).page(found, order=[asked.kpis.c.id], cursor=cursor, limit=limit)
    return Page[Kpi](items=[Kpi.model_validate(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/alliances/{alliance_id}/kpis/{kpi_id}", scope="metrics:read")
def get_kpi(session: Session, alliance_id: Id, kpi_id: Id) -> Kpi:
    """One KPI with its terms."""
    return shown(session, alliance_id, kpi_id)


@router.change("/alliances/{alliance_id}/kpis/{kpi_id}/counter")
def counter_kpi(session: Session, alliance_id: Id, kpi_id: Id, body: CounterKpi) -> Kpi:
    """Offer other terms for a KPI that is not agreed yet; the other parties answer anew."""
    held = session.change(KPI, kpi_id, alliance_id)
    command = rules.CounterKpi(
        by=session.caller.person,
        side=session.caller.organisation,
        terms=body.terms.value(),
        note=body.note,
        at=session.at,
    )
    session.append(KPI, held, rules.counter(command, held.state))
    return shown(session, alliance_id, kpi_id)


@router.change("/alliances/{alliance_id}/kpis/{kpi_id}/accept")
def accept_kpi(session: Session, alliance_id: Id, kpi_id: Id) -> Kpi:
    """Accept the terms on the table for your side. Accepted by all parties, the KPI is agreed and can be reported."""
    held = session.change(KPI, kpi_id, alliance_id)
    command = rules.AcceptKpi(by=session.caller.person, side=session.caller.organisation, at=session.at)
    session.append(KPI, held, rules.accept(command, held.state))
    return shown(session, alliance_id, kpi_id)


@router.change("/alliances/{alliance_id}/kpis/{kpi_id}/revise")
def revise_kpi(session: Session, alliance_id: Id, kpi_id: Id, body: ReviseKpi) -> Kpi:
    """Propose other terms for an agreed KPI. Those in force stand until every party has accepted the new ones."""
    held = session.change(KPI, kpi_id, alliance_id)
    command = rules.ReviseKpi(
        by=session.caller.person,
        side=session.caller.organisation,
        terms=body.terms.value(),
        note=body.note,
        at=session.at,
    )
    session.append(KPI, held, rules.revise(command, held.state))
    return shown(session, alliance_id, kpi_id)


@router.change("/alliances/{alliance_id}/kpis/{kpi_id}/withdraw")
def withdraw_kpi_offer(session: Session, alliance_id: Id, kpi_id: Id) -> Kpi:
    """Take the terms on the table off it; a KPI in force keeps its terms, a first proposal ends."""
    held = session.change(KPI, kpi_id, alliance_id)
    command = rules.WithdrawOffer(by=session.caller.person, side=session.caller.organisation, at=session.at)
    session.append(KPI, held, rules.withdraw(command, held.state))
    return shown(session, alliance_id, kpi_id)


@router.change("/alliances/{alliance_id}/kpis/{kpi_id}/retire")
def retire_kpi(session: Session, alliance_id: Id, kpi_id: Id, body: RetireKpi) -> Kpi:
    """Ask to retire an agreed KPI. Once every party has asked, nothing more is reported; its figures stay."""
    held = session.change(KPI, kpi_id, alliance_id)
    command = rules.RetireKpi(
        by=session.caller.person, side=session.caller.organisation, reason=body.reason, at=session.at
    )
    session.append(KPI, held, rules.retire(command, held.state))
    return shown(session, alliance_id, kpi_id)


@router.change("/alliances/{alliance_id}/kpis/{kpi_id}/definition-note", method="PUT")
def note_definition(session: Session, alliance_id: Id, kpi_id: Id, body: NoteDefinition) -> Kpi:
    """Say how your side counts what it reports."""
    held = session.change(KPI, kpi_id, alliance_id)
    command = rules.NoteDefinition(
        by=session.caller.person, side=session.caller.organisation, note=body.note, at=session.at
    )
    session.append(KPI, held, rules.note_definition(command, held.state))
    return shown(session, alliance_id, kpi_id)


def shown(session: Session, alliance_id: Id, kpi_id: Id) -> Kpi:
    return Kpi.model_validate(session.view(alliance_id).one(asked.kpi(alliance_id, kpi_id)))
