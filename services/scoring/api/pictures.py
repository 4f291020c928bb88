"""Pictures as SVG, readable in light and dark; each is of what a GET shows, and takes `?as_of=` as that does."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from starlette.responses import Response

from services.scoring.api import drawings
from services.scoring.api.opportunities import matrix
from services.scoring.api.rankings import found
from services.scoring.api.schemas.rankings import RankingPlace
from services.scoring.domain.assessment import ASSESSMENT
from services.scoring.read_models.candidates import candidates_named
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.pictures import MEDIA_TYPE

router = Router("scoring", "pictures")

NOTHING_BUT_STYLE = "default-src 'none'; style-src 'unsafe-inline'"


@router.read("/briefs/{brief_id}/opportunities.svg", scope="scoring:read", media_type=MEDIA_TYPE)
def draw_opportunity_matrix(session: Session, brief_id: Id) -> Response:
    """The opportunity matrix of a brief as a picture."""
    return picture(drawings.matrix(matrix(session, brief_id)))


@router.read("/rankings/{ranking_id}/scores.svg", scope="scoring:read", media_type=MEDIA_TYPE)
def draw_ranked_scores(session: Session, ranking_id: Id) -> Response:
    """A ranking with the interval of each score, as a picture; its first fifty places."""
    return picture(drawings.scores(*placed(session, ranking_id)))


@router.read("/rankings/{ranking_id}/shares.svg", scope="scoring:read", media_type=MEDIA_TYPE)
def draw_rank_shares(session: Session, ranking_id: Id) -> Response:
    """How often each candidate comes at each place over the weight draws, as a picture of stacked bars."""
    return picture(drawings.shares(*placed(session, ranking_id)))


@router.read("/assessments/{assessment_id}/spread.svg", scope="scoring:read", media_type=MEDIA_TYPE)
def draw_assessor_spread(session: Session, assessment_id: Id) -> Response:
    """How far the assessors are apart on each criterion, as a picture: of the ratings that you may see now."""
    state = session.load(ASSESSMENT, session.caller.organisation, assessment_id).state
    assert state.template is not None
    return picture(drawings.spread(state.template, list(state.visible_to(session.caller.person).values())))


def placed(
    session: Session, ranking_id: UUID, *, limit: int | None = drawings.ROWS_DRAWN_MAX
) -> tuple[Sequence[RankingPlace], list[str]]:
    """The first places of a ranking, best first, and the name of each candidate."""
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    placings = found(view, organisation_id, ranking_id).placings[:limit]
    known = candidates_named(organisation_id, [place.candidate_id for place in placings])
    names = {row.id: row.name for row in view.all(known)}
    return placings, [names[place.candidate_id] for place in placings]


def picture(drawn: bytes) -> Response:
    return Response(drawn, media_type=MEDIA_TYPE, headers={"Content-Security-Policy": NOTHING_BUT_STYLE})
