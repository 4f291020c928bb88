"""The partners selected for a brief."""

from __future__ import annotations

from uuid import UUID

from services.scoring.api.schemas.rankings import PartnerSelection, SelectionWarning, SelectPartners
from services.scoring.domain import selection as rules
from services.scoring.domain.brief import BRIEF
from services.scoring.domain.candidate import CANDIDATE, SettleSelected, settle_selected, skipped
from services.scoring.domain.ranking import RANKING
from services.scoring.domain.selection import SELECTION
from services.scoring.read_models.assessments import newest_of_every_template
from services.scoring.read_models.candidates import candidates_of, steps_of
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
    """Select a primary and a backup partner, citing the ranking they come from. Selecting anew takes a reason.

    Both go to the stage `selected`, from wherever they are in the funnel; the answer says which stages they skipped.
    What stands against them is asked of the newest complete round under each template, in whichever version.
    """
    organisation_id = session.caller.organisation
    session.load(BRIEF, organisation_id, brief_id)
    view = session.view(organisation_id)
    cited = view.first(ranking(organisation_id, body.ranking_id))
    if cited is None:
        raise Invalid("/ranking_id", "unknown-ranking", "Cite a ranking of your organisation.")
    chosen = [each for each in (body.primary, body.backup) if each is not None]
    now = view.all(newest_of_every_template(organisation_id, chosen))
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
    for each in chosen:
        settle(session, each, body.reason)
    return shown(session, brief_id)


@router.read("/briefs/{brief_id}/selection", scope="scoring:read")
def get_partner_selection(session: Session, brief_id: Id) -> PartnerSelection:
    """The partners selected for a brief; not found until they are."""
    return shown(session, brief_id)


def settle(session: Session, candidate_id: UUID, reason: str | None) -> None:
    held = session.load(CANDIDATE, session.caller.organisation, candidate_id)
    command = SettleSelected(by=session.caller.person, at=session.at, reason=reason)
    session.append(CANDIDATE, held, settle_selected(command, held.state))


def shown(session: Session, brief_id: Id) -> PartnerSelection:
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    row = view.one(selection(organisation_id, brief_id))
    chosen = [each for each in (row.primary, row.backup) if each is not None]
    taken: dict[UUID, set[Stage]] = {each: set() for each in chosen}
    for step in view.all(steps_of(organisation_id, chosen)):
        taken[step.candidate_id].add(Stage(step.stage))
    warnings = [
        SelectionWarning(candidate_id=each, skipped=[stage.value for stage in missed])
        for each in chosen
        if (missed := skipped(taken[each]))
    ]
    return PartnerSelection.model_validate({**row._asdict(), "warnings": warnings})
