"""Before signing: the tests an alliance must stand, and what is shared of the partner search with the partner."""

from __future__ import annotations

from uuid import UUID

from services.scoring.api.schemas.signing import (
    AllianceContribution,
    CommitmentOfBoth,
    SharedSummary,
    ShareSummary,
    SigningTests,
    TakeSigningTests,
)
from services.scoring.domain import signing_tests as rules
from services.scoring.domain import summary as sharing
from services.scoring.domain.alliance import ALLIANCE, Alliance
from services.scoring.domain.assessment import ASSESSMENT
from services.scoring.domain.assessment_result import Result
from services.scoring.domain.brief import BRIEF
from services.scoring.domain.candidate import CANDIDATE
from services.scoring.domain.risk import RISK, Risk
from services.scoring.domain.rules import BOOK
from services.scoring.domain.signing_tests import SIGNING_TESTS
from services.scoring.domain.summary import SUMMARY
from services.scoring.read_models.signing import shared_summaries, summaries_of, summary, tests_of
from shared.auth.caller import ADMINS
from shared.domain import Invalid, Refused
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found, problem
from shared.http.router import Router
from shared.http.session import OBSERVER, Session
from shared.http.types import Id

router = Router("scoring", "signing")


@router.create("/candidates/{candidate_id}/signing-tests", scope="scoring:write")
def take_signing_tests(session: Session, candidate_id: Id, body: TakeSigningTests) -> SigningTests:
    """Put an alliance with a candidate to the tests before signing. Each verdict says which rules made it."""
    organisation_id = session.caller.organisation
    chosen = session.load(CANDIDATE, organisation_id, candidate_id).state
    assert chosen.brief is not None
    intent = session.load(BRIEF, organisation_id, chosen.brief).state.intent
    assert intent is not None
    held = session.log.load(SIGNING_TESTS, organisation_id, candidate_id)
    command = rules.TakeSigningTests(
        by=session.caller.person,
        at=session.at,
        intent=intent,
        answers=body.answers.model_dump(),
        contributions=tuple(each.value() for each in body.contributions),
        commitments=tuple(each.value() for each in body.commitments),
    )
    session.append(SIGNING_TESTS, held, rules.take(command, held.state))
    return shown(session, candidate_id)


@router.read("/candidates/{candidate_id}/signing-tests", scope="scoring:read")
def get_signing_tests(session: Session, candidate_id: Id) -> SigningTests:
    """The tests before signing as last taken; not found until they are."""
    return shown(session, candidate_id)


@router.create("/alliances/{alliance_id}/summaries")
def share_summary(session: Session, alliance_id: Id, body: ShareSummary) -> SharedSummary:
    """Copy what you name of your partner search into an alliance's ledger, where each party reads it for ever.

    It takes a seat in the alliance, one's own or a colleague's that was lent, or an owner or admin of the organisation.
    """
    alliance = session.load(ALLIANCE, enter_alliance(session, alliance_id), alliance_id).state
    seat = require_seat(session, alliance_id, alliance)
    organisation_id = session.caller.organisation
    candidate = session.load(CANDIDATE, organisation_id, body.candidate_id).state
    assert candidate.brief is not None
    tests = session.log.load(SIGNING_TESTS, organisation_id, body.candidate_id).state
    if "recommendations" in body.include and tests.taken is None:
        raise Refused("tests-not-taken", "Take the tests before signing first, or leave the recommendations out.")
    command = sharing.ShareSummary(
        by=session.caller.person,
        at=session.at,
        side=organisation_id,
        about=candidate.organisation,
        others=set(alliance.parties) - {organisation_id},
        title=body.title,
        brief=session.load(BRIEF, organisation_id, candidate.brief).state if "objectives" in body.include else None,
        result=None if body.assessment_id is None else result_of(session, body.candidate_id, body.assessment_id),
        tests=tests if "recommendations" in body.include else None,
        risks=[risk_of(session, body.candidate_id, place, each) for place, each in enumerate(body.risk_ids)],
        note=body.note,
        confirmed=body.confirm_other_company,
    )
    summary_id = session.new_id()
    session.create(SUMMARY, alliance_id, summary_id, sharing.share(command, SUMMARY.empty), on_behalf_of=seat)
    return summary_shown(session, alliance_id, summary_id)


@router.read("/alliances/{alliance_id}/summaries", scope="scoring:read")
def list_shared_summaries(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[SharedSummary]:
    """What the sides of an alliance shared of how they chose each other."""
    view = session.view(enter_alliance(session, alliance_id))
    turned = view.page(summaries_of(alliance_id), order=[shared_summaries.c.id], cursor=cursor, limit=limit)
    items = [SharedSummary.model_validate(row) for row in turned.rows]
    return Page[SharedSummary](items=items, next_cursor=turned.next_cursor)


@router.read("/alliances/{alliance_id}/summaries/{summary_id}", scope="scoring:read")
def get_shared_summary(session: Session, alliance_id: Id, summary_id: Id) -> SharedSummary:
    """One shared summary."""
    return summary_shown(session, enter_alliance(session, alliance_id), summary_id)


def enter_alliance(session: Session, alliance_id: UUID) -> UUID:
    """The same id, once it is sure that it is an alliance the caller may read; an organisation is none."""
    if alliance_id == session.caller.organisation:
        raise not_found()
    return session.enter(alliance_id)


def require_seat(session: Session, alliance_id: UUID, alliance: Alliance) -> UUID | None:
    """On whose behalf the caller speaks for their side; None for themselves. Otherwise a forbidden problem."""
    if not session.caller.roles.isdisjoint(ADMINS):
        return None
    for seat in session.seats(alliance_id):
        if seat.roles - OBSERVER or alliance.owned_by(session.caller.organisation, seat.person):
            return seat.on_behalf_of
    raise problem(
        "forbidden",
        "What an alliance is told of your partner search is told by those with a role in it, and by owners and admins"
        " of your organisation.",
    )


def result_of(session: Session, candidate_id: UUID, assessment_id: UUID) -> Result:
    found = session.log.load(ASSESSMENT, session.caller.organisation, assessment_id).state
    if found.candidate != candidate_id:
        raise Invalid("/assessment_id", "unknown-assessment", "Name an assessment of this candidate.")
    if found.result is None:
        raise Refused("ratings-outstanding", "Wait until each assessor has submitted or is excused.")
    return found.result


def risk_of(session: Session, candidate_id: UUID, place: int, risk_id: UUID) -> Risk:
    found = session.log.load(RISK, session.caller.organisation, risk_id).state
    if found.candidate != candidate_id:
        raise Invalid(f"/risk_ids/{place}", "unknown-risk", "Name risks of this candidate.")
    return found


def shown(session: Session, candidate_id: UUID) -> SigningTests:
    organisation_id = session.caller.organisation
    row = session.view(organisation_id).one(tests_of(organisation_id, candidate_id))
    pattern = next((each["outcome"] for each in row.verdicts if each["test"] == "pattern"), "")
    parts = {
        **row._asdict(),
        "contributions": [AllianceContribution.model_validate(each) for each in row.contributions],
        "commitments": [CommitmentOfBoth.model_validate(each) for each in row.commitments],
        "checklist": list(BOOK.checklists.get(pattern, ())),
    }
    return SigningTests.model_validate(parts)


def summary_shown(session: Session, alliance_id: UUID, summary_id: UUID) -> SharedSummary:
    return SharedSummary.model_validate(session.view(alliance_id).one(summary(alliance_id, summary_id)))
