"""How an alliance stands at this moment: what gates, signatures and exits look at."""

from __future__ import annotations

from uuid import UUID

from services.governance.domain.agreement import AGREEMENT, Standing
from services.governance.domain.alliance import ALLIANCE, Alliance, check_running
from services.governance.domain.gate import Facts
from services.governance.read_models.agreements import in_force_of
from services.governance.read_models.exits import exits_of, running_exit
from services.governance.read_models.governance_models import in_force
from services.governance.read_models.reviews import reviews_of
from shared.events import names_of, stored_names
from shared.events.governance_agreement_terms import AgreementKind, TermSheet
from shared.events.metrics import KpiAgreed, KpiRetired
from shared.http.session import Session

KPI_NAMES = stored_names(names_of(KpiAgreed, KpiRetired))


def running(session: Session, alliance_id: UUID) -> Alliance:
    """An alliance of the caller's that every party has accepted and that has not ended; Refused for any other."""
    alliance = session.load(ALLIANCE, alliance_id, alliance_id).state
    check_running(session.caller.organisation, alliance)
    return alliance


def names(session: Session, alliance_id: UUID) -> dict[UUID, str]:
    rows = session.connection.exec_driver_sql("SELECT id, name FROM access.names(%s)", (alliance_id,))
    return {row.id: row.name for row in rows}


def kinds_in_force(session: Session, alliance_id: UUID) -> frozenset[AgreementKind]:
    view = session.view(alliance_id)
    kinds = {AgreementKind(row.kind) for row in view.all(in_force_of(alliance_id))}
    if view.first(in_force(alliance_id)) is not None:
        kinds.add(AgreementKind.GOVERNANCE_MODEL)
    return frozenset(kinds)


def standing_of(session: Session, alliance_id: UUID) -> Standing:
    exit_running = session.view(alliance_id).first(running_exit(alliance_id)) is not None
    return Standing(kinds_in_force(session, alliance_id), exit_running)


def facts_of(session: Session, alliance_id: UUID, alliance: Alliance) -> Facts:
    view = session.view(alliance_id)
    whole = [row for row in view.all(exits_of(alliance_id)) if set(row.leaving) >= set(alliance.parties)]
    return Facts(
        in_force=kinds_in_force(session, alliance_id),
        kpis_agreed=len(kpis_agreed(session, alliance_id)),
        reviewed=view.first(reviews_of(alliance_id, "concluded")) is not None,
        exit_final=any(row.status in ("notice", "effective", "completed") for row in whole),
        exit_completed=any(row.status == "completed" for row in whole),
        names=names(session, alliance_id),
    )


def kpis_agreed(session: Session, alliance_id: UUID) -> frozenset[str]:
    """The keys of the KPIs that all parties agreed on and have not retired."""
    agreed: set[str] = set()
    for recorded in session.log.read_all(alliance_id, names=KPI_NAMES, **up_to(session)):
        (agreed.add if isinstance(recorded.event, KpiAgreed) else agreed.discard)(recorded.event.key)
    return frozenset(agreed)


def up_to(session: Session) -> dict[str, int | None]:
    """The bounds of a read of the log that `?as_of=` asks for."""
    moment = session.moment
    return {} if moment is None else {"until_seq": moment.seq, "until_us": moment.us}


def term_sheet_of(session: Session, alliance_id: UUID) -> tuple[UUID | None, TermSheet | None]:
    """The term sheet in force."""
    for row in session.view(alliance_id).all(in_force_of(alliance_id)):
        if row.kind == AgreementKind.TERM_SHEET:
            content = session.load(AGREEMENT, alliance_id, row.id).state.content
            assert isinstance(content, TermSheet), "what is signed as a term sheet is one"
            return row.id, content
    return None, None
