"""What is known already, as the domain takes it: agreed terms, what is held under an id, figures in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.metrics.domain.observation import Held
from services.metrics.domain.period import BadPeriod, Period, parse_period
from services.metrics.read_models import figures as asked
from services.metrics.read_models.books import Books
from services.metrics.read_models.kpis import agreed_kpis, terms_of
from services.metrics.read_models.months import closed_months
from shared.domain import Invalid
from shared.events.metrics import KpiTerms
from shared.events.observations import ObservationRow, ObservationRows, dimensions_of
from shared.http.session import Session
from shared.http.view import View
from shared.log.envelope import from_us


def agreed_terms(view: View, alliance_id: UUID) -> dict[str, KpiTerms]:
    """The terms of the alliance's agreed KPIs, by key."""
    return {row.key: terms_of(row) for row in view.all(agreed_kpis(alliance_id))}


def months_closed(view: View, alliance_id: UUID) -> frozenset[str]:
    """The alliance's closed months, as `2013-06`."""
    return frozenset(row.month for row in view.all(closed_months(alliance_id)))


def held_by(view: View, alliance_id: UUID, side: UUID, rows: ObservationRows) -> dict[str, Held]:
    """What a side has reported before under the ids that these rows bear or supersede."""
    ids, superseded = (rows.columns[ObservationRow._fields.index(name)] for name in ("observation_id", "supersedes"))
    asked_for = storable([*ids, *filter(None, superseded)])
    # Most ids come in some order, so that those of new rows lie all beyond what is held.
    if not asked_for or not view.first(asked.held_between(alliance_id, side, min(asked_for), max(asked_for))):
        return {}
    versions: dict[str, list[ObservationRow]] = defaultdict(list)
    replaced = set()
    for identity, kpi, period, value, numerator, denominator, dimensions, occurred_at, supersedes, gone in view.all(
        asked.held_under(alliance_id, side, asked_for)
    ):
        pairs = dimensions_of(dimensions)
        row = ObservationRow(identity, kpi, period, value, numerator, denominator, pairs, occurred_at, supersedes)
        versions[identity].append(row)
        if gone:
            replaced.add(identity)
    return {identity: Held(tuple(known), identity in replaced) for identity, known in versions.items()}


def storable(ids: Sequence[str]) -> Sequence[str]:
    """Those of these ids under which anything can be held."""
    if "".join(ids).isprintable():
        return ids
    return [identity for identity in ids if identity.isprintable()]


def period_asked(text: str | None, parameter: str) -> Period | None:
    """The period in a query parameter; Invalid when it is none."""
    try:
        return None if text is None else parse_period(text)
    except BadPeriod as bad:
        raise Invalid(f"query/{parameter}", "bad-period", str(bad)) from bad


def books_of(session: Session, alliance_id: UUID) -> Books:
    """The alliance's books, as of the moment that is asked for."""
    return Books(session.view(alliance_id).execute, alliance_id, today(session, alliance_id))


def today(session: Session, ledger_id: UUID) -> date:
    """The day (UTC) of this request, or of the moment that it asks for: what is overdue depends on it."""
    moment = session.moment
    if moment is None:
        return session.at.date()
    if moment.us is not None:
        return min(session.at, from_us(moment.us)).date()
    last = session.log.read(ledger_id, after=(moment.seq or 0) - 1, limit=1)
    return last[0].recorded_at.date() if last else session.at.date()
