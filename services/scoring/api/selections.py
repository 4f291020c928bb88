"""The partners selected for a brief."""

from __future__ import annotations

from services.scoring.api.schemas.rankings import PartnerSelection, SelectPartners
from services.scoring.domain import selection as rules
from services.scoring.domain.brief import BRIEF
from services.scoring.domain.ranking import CANDIDATES_MAX, RANKING
from services.scoring.domain.selection import SELECTION
from services.scoring.read_models.assessments import newest_complete
from services.scoring.read_models.candidates import candidates_of
from services.scoring.read_models.rankings import ranking
from services.scoring.read_models.selections import selection
from shared.domain import Invalid
from shared.events.scoring_terms import Stage
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("scoring", "selections")


@router.create("/briefs/{brief_id}/selection", scope="scoring:write")
def select_partners(session: Session, brief_id: Id, body: SelectPartners) -> PartnerSelection:
    """Select a primary and a backup partner, citing the ranking they come from. Selecting anew takes a reason."""
    organisation_id = session.caller.organisation
    session.load(BRIEF, organisation_id, brief_id)
    view = session.view(organisation_id)
    cited = view.first(ranking(organisation_id, body.ranking_id))
    if cited is None:
        raise Invalid("/ranking_id", "unknown-ranking", "Cite a ranking of your organisation.")
    now = view.all(
        newest_complete(organisation_id, brief_id, cited.template, cited.template_version, CANDIDATES_MAX + 1)
    )
    command = rules.SelectPartners(
        by=session.caller.person,
        at=session.at,
        brief=brief_id,
        ranking_id=cited.id,
        ranking_seq=cited.seq,
        ranking=session.load(RANKING, organisation_id, cited.id).state,
        not_recommended={row.candidate_id for row in now if row.not_recommended},
        rejected={row.id for row in view.all(candidates_of(organisation_id, brief_id, str(Stage.REJECTED)))},
        primary=body.primary,
        backup=body.backup,
        reason=body.reason,
    )
    held = session.log.load(SELECTION, organisation_id, brief_id)
    session.append(SELECTION, held, rules.select(command, held.state))
    return shown(session, brief_id)


@router.read("/briefs/{brief_id}/selection", scope="scoring:read")
def get_partner_selection(session: Session, brief_id: Id) -> PartnerSelection:
    """The partners selected for a brief; not found until they are."""
    return shown(session, brief_id)


def shown(session: Session, brief_id: Id) -> PartnerSelection:
    organisation_id = session.caller.organisation
    return PartnerSelection.model_validate(session.view(organisation_id).one(selection(organisation_id, brief_id)))
