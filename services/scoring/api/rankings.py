"""Rankings of a brief's candidates, and how much each can be trusted."""

from __future__ import annotations

import secrets
from dataclasses import replace
from decimal import Decimal
from typing import Any

from services.scoring.api.schemas.rankings import (
    MakeRanking,
    Ranking,
    RankingPlace,
    RankingSummary,
    TriedRanking,
    TryRanking,
)
from services.scoring.api.templates import named
from services.scoring.domain import ranking as rules
from services.scoring.domain.brief import BRIEF
from services.scoring.domain.ranking import CANDIDATES_MAX, RANKING, SEED_MAX, Contender, Interval
from services.scoring.domain.supposition import Supposed, places_now, supposing
from services.scoring.domain.template import weights_by
from services.scoring.read_models.assessments import newest_complete
from services.scoring.read_models.briefs import brief
from services.scoring.read_models.rankings import placings_of, ranking, rankings, rankings_of
from shared.auth.caller import READERS
from shared.domain import Refused
from shared.events import scoring_terms as terms
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.http.view import View

router = Router("scoring", "rankings")


@router.create("/briefs/{brief_id}/rankings", scope="scoring:write")
def make_ranking(session: Session, brief_id: Id, body: MakeRanking) -> Ranking:
    """Rank a brief's candidates, each by its newest complete assessment under one template.

    Rejected candidates and those not assessed under this version of the template are left out.
    """
    session.load(BRIEF, session.caller.organisation, brief_id)
    template = named(session, body.template, body.template_version)
    command = command_of(session, brief_id, template, body)
    ranking_id = session.new_id()
    session.create(RANKING, session.caller.organisation, ranking_id, rules.make_ranking(command, RANKING.empty))
    return shown(session, ranking_id)


@router.create("/briefs/{brief_id}/rankings/what-if", scope="scoring:read", roles=READERS, status=200)
def try_ranking(session: Session, brief_id: Id, body: TryRanking) -> TriedRanking:
    """Rank with other weights or scores, to see what would change. Nothing is recorded."""
    session.load(BRIEF, session.caller.organisation, brief_id)
    template = named(session, body.template, body.template_version)
    now = command_of(session, brief_id, template, body)
    supposed = tuple(Supposed(each.candidate_id, each.criterion, each.score) for each in body.scores)
    tried = replace(now, contenders=supposing(now.contenders, supposed, template.scale))
    events = rules.make_ranking(tried, RANKING.empty)
    return TriedRanking.of(events[0], RANKING.replay(events).placings, places_now(now, template))


@router.read("/briefs/{brief_id}/rankings", scope="scoring:read")
def list_rankings(
    session: Session, brief_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[RankingSummary]:
    """The rankings made for a brief, in that order."""
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    view.one(brief(organisation_id, brief_id))
    found = rankings_of(organisation_id, brief_id)
    turned = view.page(found, order=[rankings.c.id], cursor=cursor, limit=limit)
    items = [RankingSummary.model_validate(row) for row in turned.rows]
    return Page[RankingSummary](items=items, next_cursor=turned.next_cursor)


@router.read("/rankings/{ranking_id}", scope="scoring:read")
def get_ranking(session: Session, ranking_id: Id) -> Ranking:
    """A ranking with all its places, and what its order hangs on."""
    return shown(session, ranking_id)


def command_of(
    session: Session, brief_id: Id, template: terms.Template, body: MakeRanking | TryRanking
) -> rules.MakeRanking:
    """With each candidate's newest complete assessment under the template; refused where there is none."""
    organisation_id = session.caller.organisation
    assessed = newest_complete(organisation_id, brief_id, template.key, template.version, CANDIDATES_MAX + 1)
    contenders = tuple(contender(row) for row in session.view(organisation_id).all(assessed))
    if not contenders:
        raise Refused("nobody-assessed", f"Complete an assessment of a candidate under {template.key} first.")
    return rules.MakeRanking(
        by=session.caller.person,
        at=session.at,
        brief=brief_id,
        template=template.key,
        template_version=template.version,
        weights=weights_by(template, body.weights),
        contenders=contenders,
        seed=secrets.randbelow(SEED_MAX + 1) if body.seed is None else body.seed,
        concentration=body.concentration,
    )


def shown(session: Session, ranking_id: Id) -> Ranking:
    return found(session.view(session.caller.organisation), session.caller.organisation, ranking_id)


def found(view: View, organisation_id: Id, ranking_id: Id) -> Ranking:
    row = view.one(ranking(organisation_id, ranking_id))
    places = [RankingPlace.model_validate(place) for place in view.all(placings_of(organisation_id, ranking_id))]
    best = rules.recommended(places, too_close=row.too_close_to_call)
    recommended = None if best is None else best.candidate_id
    return Ranking.model_validate({**row._asdict(), "recommended": recommended, "placings": places})


def contender(row: Any) -> Contender:
    scores = {each["criterion"]: Interval(Decimal(each["low"]), Decimal(each["high"])) for each in row.criteria}
    return Contender(row.candidate_id, row.id, scores, not_recommended=row.not_recommended)
