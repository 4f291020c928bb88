"""Metrics, put together."""

from __future__ import annotations

from services.metrics.api import batches, cases, kpis, months, observations, reconciliation, scorecard, uploads
from services.metrics.reactions import CASES_FOLLOWER
from services.metrics.read_models.all import FOLLOWED, OWN
from services.metrics.time_worker import turn
from shared.log.followers import read_model_follower
from shared.service import Service, Worker

METRICS = Service(
    name="metrics",
    question="How well does it do? KPIs, observations, reconciliation and scorecards.",
    routers=(
        kpis.router,
        observations.router,
        uploads.router,
        batches.router,
        reconciliation.router,
        cases.router,
        months.router,
        scorecard.router,
    ),
    read_models=(*OWN, *FOLLOWED),
    followers=(read_model_follower("metrics", FOLLOWED), CASES_FOLLOWER),
    workers=(Worker("metrics.time", turn, every_seconds=1.0),),
)
