"""KPIs that are off target and differences between the sides' figures, as metrics published them in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from services.governance.open_things import COUNCIL, STEERING, Open
from services.governance.standing import up_to
from shared.events import names_of, stored_names
from shared.events.governance_meetings import AgendaItemKind
from shared.events.metrics_truth import (
    CaseOpened,
    CaseOverdue,
    CaseResolved,
    CaseSettled,
    FigurePublished,
    TargetStatus,
)
from shared.http.session import Session

NAMES = stored_names(names_of(FigurePublished, CaseOpened, CaseSettled, CaseResolved, CaseOverdue))


def off_target_and_apart(session: Session, alliance_id: UUID) -> Iterator[Open]:
    """KPIs whose latest published figure missed its target, and cases in which the sides' figures still differ."""
    figures: dict[UUID, FigurePublished] = {}
    cases: dict[UUID, Open] = {}
    for recorded in session.log.read_all(alliance_id, names=NAMES, **up_to(session)):
        event, thing = recorded.event, recorded.id
        match event:
            case FigurePublished():
                if thing not in figures or event.period >= figures[thing].period:
                    figures[thing] = event
            case CaseOpened():
                title = f"{event.key} for {event.period}"
                kind = AgendaItemKind.DISCREPANCY
                cases[thing] = Open(kind, alliance_id, thing, title, "sides differ", event.due_at, layers=(COUNCIL,))
            case CaseSettled() | CaseResolved():
                cases.pop(thing, None)
    for thing, figure in figures.items():
        if figure.status is TargetStatus.OFF_TARGET:
            kind = AgendaItemKind.KPI
            title = f"{figure.key} for {figure.period}: {figure.value}, target {figure.target}"
            yield Open(kind, alliance_id, thing, title, "off target", None, layers=(COUNCIL, STEERING))
    yield from cases.values()
