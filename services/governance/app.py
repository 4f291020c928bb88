"""Governance, put together."""

from __future__ import annotations

from services.governance.api import alliances, clocks, decisions, governance_models
from services.governance.read_models.alliances import ALLIANCES
from services.governance.read_models.decisions import DECISIONS
from services.governance.read_models.due_steps import DUE_STEPS
from services.governance.read_models.governance_models import GOVERNANCE_MODELS
from services.governance.time_worker import turn
from shared.service import Service, Worker

GOVERNANCE = Service(
    name="governance",
    question="How is it run? Alliances, agreements, decision rights and the clocks of decisions.",
    routers=(alliances.router, governance_models.router, decisions.router, clocks.router),
    read_models=(ALLIANCES, GOVERNANCE_MODELS, DECISIONS, DUE_STEPS),
    workers=(Worker("governance.clock", turn, every_seconds=1.0),),
)
