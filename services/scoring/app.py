"""Scoring, put together."""

from __future__ import annotations

from services.scoring.api import (
    assessments,
    briefs,
    candidates,
    diligence,
    evidence,
    gaps,
    opportunities,
    pictures,
    rankings,
    selections,
    signing,
    tables,
    templates,
)
from services.scoring.read_models.assessments import ASSESSMENTS
from services.scoring.read_models.briefs import BRIEFS
from services.scoring.read_models.candidates import CANDIDATES
from services.scoring.read_models.diligence import DILIGENCE_ITEMS
from services.scoring.read_models.gaps import GAPS
from services.scoring.read_models.opportunity_thresholds import OPPORTUNITY_THRESHOLDS
from services.scoring.read_models.rankings import RANKINGS
from services.scoring.read_models.risks import RISKS
from services.scoring.read_models.selections import SELECTIONS
from services.scoring.read_models.signing import SIGNING
from services.scoring.read_models.templates import TEMPLATES
from shared.service import Service

SCORING = Service(
    name="scoring",
    question="With whom? Gaps, briefs, candidates, scorecards, rankings, due diligence and selections.",
    routers=(
        gaps.router,
        briefs.router,
        candidates.router,
        opportunities.router,
        templates.router,
        assessments.router,
        rankings.router,
        selections.router,
        diligence.router,
        signing.router,
        pictures.router,
        tables.router,
        evidence.router,
    ),
    read_models=(
        GAPS,
        BRIEFS,
        CANDIDATES,
        OPPORTUNITY_THRESHOLDS,
        TEMPLATES,
        ASSESSMENTS,
        RANKINGS,
        SELECTIONS,
        DILIGENCE_ITEMS,
        RISKS,
        SIGNING,
    ),
)
