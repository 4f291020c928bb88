"""Metrics, put together."""

from __future__ import annotations

from services.metrics import time_worker, watching
from services.metrics.api import (
    batches,
    cases,
    deals,
    exports,
    health,
    kpis,
    months,
    observations,
    portfolio,
    portfolio_reviews,
    pulses,
    reconciliation,
    reports,
    scorecard,
    series,
    signals,
    starters,
    uploads,
)
from services.metrics.reactions import CASES_FOLLOWER
from services.metrics.read_models.all import FOLLOWED, OWN
from shared.log.followers import read_model_follower
from shared.service import Service, Worker

METRICS = Service(
    name="metrics",
    question="How well does it do? KPIs, observations, reconciliation and scorecards.",
    routers=(
        starters.router,
        kpis.router,
        observations.router,
        uploads.router,
        batches.router,
        reconciliation.router,
        cases.router,
        months.router,
        scorecard.router,
        deals.router,
        pulses.router,
        signals.router,
        health.router,
        series.router,
        reports.router,
        exports.router,
        portfolio.router,
        portfolio_reviews.router,
    ),
    read_models=(*OWN, *FOLLOWED),
    followers=(read_model_follower("metrics", FOLLOWED), CASES_FOLLOWER),
    workers=(
        Worker("metrics.time", time_worker.turn, every_seconds=1.0),
        Worker("metrics.signals", watching.turn, every_seconds=5.0),
    ),
)
