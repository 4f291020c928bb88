"""All read models of governance; it writes each of them in the transaction of the append."""

from __future__ import annotations

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
from services.governance.read_models.model_drafts import MODEL_DRAFTS
from services.governance.read_models.pilots import PILOTS
from services.governance.read_models.reviews import REVIEWS
from services.governance.read_models.risks import RISKS
from services.governance.read_models.signing_keys import SIGNING_KEYS
from services.governance.read_models.tracks import TRACKS

WAITING = (due_moments, due_rhythm)
"""What things wait for: each adds its branches to DUE_STEPS."""

OWN = (
    ALLIANCES,
    GOVERNANCE_MODELS,
    MODEL_DRAFTS,
    DECISIONS,
    DUE_STEPS,
    MEETINGS,
    ACTIONS,
    ISSUES,
    DISPUTES,
    FEEDS,
    AGREEMENTS,
    AGREEMENT_DRAFTS,
    SIGNING_KEYS,
    REVIEWS,
    MILESTONES,
    TRACKS,
    PILOTS,
    COMMITMENTS,
    RISKS,
    COUNTERPARTS_SHOWN,
    ANNOUNCEMENTS,
    EXITS,
)
