"""Metrics, put together."""

from __future__ import annotations

from services.metrics.api import batches, kpis, observations, reconciliation, scorecard
from services.metrics.read_models.batches import BATCHES
from services.metrics.read_models.kpis import KPIS
from services.metrics.read_models.observations import OBSERVATIONS
from shared.service import Service

METRICS = Service(
    name="metrics",
    question="How well does it do? KPIs, observations, reconciliation and scorecards.",
    routers=(kpis.router, observations.router, batches.router, reconciliation.router, scorecard.router),
    read_models=(KPIS, BATCHES, OBSERVATIONS),
)
