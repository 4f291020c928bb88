"""When figures were taken in, look where the two sides now differ: open cases, restate and resolve them.

And where they belong to a closed month, publish what they make of it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from services.metrics.domain.case import CASE, OPEN_CASES_MAX, LookAgain, look_again
from services.metrics.domain.figure import Slot
from services.metrics.domain.kpi import KPI
from services.metrics.domain.period import month_of
from services.metrics.domain.reconciliation import Pair, Status
from services.metrics.publishing import publish
from services.metrics.read_models.all import OWN
from services.metrics.read_models.books import Books, slot_of
from services.metrics.read_models.cases import open_cases_of
from services.metrics.read_models.figures import touched_by
from services.metrics.read_models.months import closed_months
from services.metrics.recording import Recorder
from shared.events import names_of
from shared.events.metrics import BatchIngested, KpiTerms
from shared.events.metrics_truth import CaseOpened
from shared.ids import uuid7
from shared.log.envelope import Actor, Recorded
from shared.log.followers import Follower

ACTOR = Actor(system="metrics.reconciler")
Agreed = dict[str, tuple[UUID, KpiTerms]]


def reconcile_batch(connection: Connection, recorded: Recorded[Any]) -> None:
    event: BatchIngested = recorded.event
    if event.rows is None:
        return
    alliance_id = recorded.ledger_id
    books = Books(connection.execute, alliance_id, recorded.recorded_at.date())
    recorder = Recorder(connection, OWN, ACTOR, recorded.recorded_at)
    agreed = {terms.key: (row.id, terms) for row, terms in books.agreed() if terms.key in event.kpis}
    touched = defaultdict(set)
    for row in connection.execute(touched_by(alliance_id, recorded.seq, event.side)):
        if row.kpi in agreed:
            touched[row.kpi].add(slot_of(row))
    look_at_pairs(books, recorder, agreed, touched, recorded)
    closed = {row.month for row in connection.execute(closed_months(alliance_id))}
    for month in sorted(closed & {month_of(slot.period) for slots in touched.values() for slot in slots}):
        publish(books, recorder.log, lambda kpi, events: recorder.append(KPI, kpi, events, recorded.event_id), month)


def look_at_pairs(
    books: Books, recorder: Recorder, agreed: Agreed, touched: dict[str, set[Slot]], recorded: Recorded[Any]
) -> None:
    both = {key: slots for key, slots in touched.items() if len(agreed[key][1].reported_by) > 1}
    if not both:
        return
    firsts = [slot.period.first for slots in both.values() for slot in slots]
    accounts = books.accounts([agreed[key][1] for key in both], min(firsts), max(firsts))
    open_cases: dict[str, dict[Slot, UUID]] = defaultdict(dict)
    for row in books.execute(open_cases_of(books.alliance_id, list(both))):
        open_cases[row.key][slot_of(row)] = row.id
    for key, slots in both.items():
        pairs = {pair.slot: pair for pair in accounts[key].pairs}
        room = OPEN_CASES_MAX - len(open_cases[key])
        fresh = []
        for slot in sorted(slots):
            pair = pairs.get(slot)
            if slot in open_cases[key]:
                case = recorder.log.load(CASE, books.alliance_id, open_cases[key][slot])
                recorder.append(CASE, case, look_again(seen(pair), case.state), recorded.event_id)
            elif pair is not None and pair.status is Status.DISCREPANT:
                fresh.append(pair)
        for pair in fresh[:room]:
            opened = case_of(*agreed[key], pair, recorded.recorded_at)
            recorder.begin(CASE, books.alliance_id, uuid7(), [opened], recorded.event_id)


def seen(pair: Pair | None) -> LookAgain:
    if pair is None:
        return LookAgain(first=None, second=None, apart=False)
    return LookAgain(first=pair.first, second=pair.second, apart=pair.status not in (Status.MATCHED, Status.AGREED))


def case_of(kpi_id: UUID, terms: KpiTerms, pair: Pair, at: datetime) -> CaseOpened:
    assert pair.first is not None
    assert pair.second is not None
    return CaseOpened(
        kpi=kpi_id,
        key=terms.key,
        period=str(pair.slot.period),
        dimensions=dict(pair.slot.dimensions),
        by=terms.reported_by,
        first=pair.first,
        second=pair.second,
        due_at=at + timedelta(days=terms.settle_days),
    )


CASES_FOLLOWER = Follower("metrics.reconciler", "concord_metrics", reconcile_batch, names_of(BatchIngested))
