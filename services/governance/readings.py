"""The latest figures of an alliance's KPIs, as metrics published them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from services.governance.domain.moment import Reading, last_day
from shared.events import names_of, stored_names
from shared.events.metrics_truth import FigurePublished
from shared.log.log import Log

FIGURE_NAMES = stored_names(names_of(FigurePublished))


def latest_readings(log: Log, ledger_id: UUID, until: date, **bounds: int | None) -> dict[str, Reading]:
    """By KPI, the newest figure that metrics published for a period that ended by a day."""
    latest: dict[str, tuple[date, Reading]] = {}
    for recorded in log.read_all(ledger_id, names=FIGURE_NAMES, **bounds):
        figure: FigurePublished = recorded.event
        ended = last_day(figure.period)
        if figure.value is None or ended > until:
            continue
        if figure.key not in latest or ended >= latest[figure.key][0]:
            latest[figure.key] = (ended, Reading(figure.value, figure.period))
    return {key: reading for key, (_, reading) in latest.items()}
