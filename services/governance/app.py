"""Governance, put together."""

from __future__ import annotations

from services.governance.api import (
    actions,
    agreement_drafts,
    agreements,
    alliances,
    announcements,
    clocks,
    commitments,
    decisions,
    disputes,
    exit_rehearsals,
    exits,
    feeds,
    governance_model_drafts,
    governance_models,
    inbox,
    issues,
    meetings,
    milestones,
    pilots,
    rehearsals,
    relationships,
    reviews,
    risks,
    signing_keys,
    tracks,
)
from services.governance.differences import DIFFERENCES_FOLLOWER
from services.governance.reactions import RISKS_FOLLOWER
from services.governance.read_models.all import OWN
from services.governance.time_worker import turn
from shared.service import Service, Worker

GOVERNANCE = Service(
    name="governance",
    question="How is it run? Alliances, agreements, decision rights and the clocks of decisions.",
    routers=(
        alliances.router,
        governance_model_drafts.router,
        governance_models.router,
        decisions.router,
        clocks.router,
        meetings.router,
        actions.router,
        issues.router,
        disputes.router,
        inbox.router,
        feeds.router,
        rehearsals.router,
        agreement_drafts.router,
        agreements.router,
        signing_keys.router,
        reviews.router,
        milestones.router,
        tracks.router,
        pilots.router,
        commitments.router,
        risks.router,
        relationships.router,
        announcements.router,
        exits.router,
        exit_rehearsals.router,
    ),
    read_models=OWN,
    followers=(RISKS_FOLLOWER, DIFFERENCES_FOLLOWER),
    workers=(Worker("governance.clock", turn, every_seconds=1.0),),
)
