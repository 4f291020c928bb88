"""Scoring, put together."""

from __future__ import annotations

from services.scoring.api import assessments, briefs, candidates, rankings, selections, templates
from services.scoring.read_models.assessments import ASSESSMENTS
from services.scoring.read_models.briefs import BRIEFS
from services.scoring.read_models.candidates import CANDIDATES
from services.scoring.read_models.rankings import RANKINGS
from services.scoring.read_models.selections import SELECTIONS
from services.scoring.read_models.templates import TEMPLATES
from shared.service import Service

SCORING = Service(
    name="scoring",
    question="With whom? Briefs, candidates, scorecards, rankings and selections.",
    routers=(
        briefs.router,
        candidates.router,
        templates.router,
        assessments.router,
        rankings.router,
        selections.router,
    ),
    read_models=(BRIEFS, CANDIDATES, TEMPLATES, ASSESSMENTS, RANKINGS, SELECTIONS),
)
