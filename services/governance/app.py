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
    tracks,
)
from services.governance.read_models import due_moments, due_rhythm
from services.governance.read_models.actions import ACTIONS
from services.governance.read_models.agreements import AGREEMENT_DRAFTS, AGREEMENTS
from services.governance.read_models.alliances import ALLIANCES
from services.governance.read_models.commitments import COMMITMENTS
from services.governance.read_models.counterparts import ANNOUNCEMENTS, COUNTERPARTS_SHOWN
from services.governance.read_models.decisions import DECISIONS
from services.governance.read_models.disputes import DISPUTES
from services.governance.read_models.due_steps import DUE_STEPS
from services.governance.read_models.exits import EXITS
from services.governance.read_models.feeds import FEEDS
from services.governance.read_models.governance_models import GOVERNANCE_MODELS
from services.governance.read_models.issues import ISSUES
from services.governance.read_models.meetings import MEETINGS
from services.governance.read_models.milestones import MILESTONES
from services.governance.read_models.pilots import PILOTS
from services.governance.read_models.reviews import REVIEWS
from services.governance.read_models.risks import RISKS
from services.governance.read_models.tracks import TRACKS
from services.governance.time_worker import turn
from shared.service import Service, Worker

WAITING = (due_moments, due_rhythm)
"""What things wait for: each adds its branches to DUE_STEPS."""

GOVERNANCE = Service(
    name="governance",
    question="How is it run? Alliances, agreements, decision rights and the clocks of decisions.",
    routers=(
        alliances.router,
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
    read_models=(
        ALLIANCES,
        GOVERNANCE_MODELS,
        DECISIONS,
        DUE_STEPS,
        MEETINGS,
        ACTIONS,
        ISSUES,
        DISPUTES,
        FEEDS,
        AGREEMENTS,
        AGREEMENT_DRAFTS,
        REVIEWS,
        MILESTONES,
        TRACKS,
        PILOTS,
        COMMITMENTS,
        RISKS,
        COUNTERPARTS_SHOWN,
        ANNOUNCEMENTS,
        EXITS,
    ),
    workers=(Worker("governance.clock", turn, every_seconds=1.0),),
)
