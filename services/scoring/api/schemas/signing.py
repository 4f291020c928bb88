"""What the endpoints of the tests before signing and of sharing take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.scoring.api.schemas.briefs import BriefObjective, Intent
from services.scoring.api.schemas.rules import FiredRule, TestVerdict
from services.scoring.domain.signing_tests import MONTHS_MAX, PARTS_MAX
from services.scoring.domain.wording import POINTS_MAX
from shared.events import scoring_signing as terms
from shared.http.types import Answer, Count, DecimalText, Id, Name, Schema, Text, Timestamp

CommitmentPoints = Annotated[int, Field(ge=0, le=POINTS_MAX)]
RISKS_SHARED_MAX = 50


class SigningAnswers(Schema):
    """The questions that the rules ask; each takes yes or no."""

    we_could_alone_within_twelve_months: bool
    they_could_alone_within_twelve_months: bool
    shared_investment: bool
    decisions_rely_on_it: bool
    commitments_to_clients: bool
    would_act_differently_if_it_ended: bool
    shared_equity_or_assets: bool
    exit_terms_agreed: bool
    one_side_invests_in_the_other: bool
    integrates_technology: bool
    sells_or_markets_together: bool
    many_partners_on_one_platform: bool
    needs_deep_integration: bool
    both_will_change_how_they_work: bool
    unresolved_competition: bool
    our_sponsor_has_authority: bool
    their_sponsor_has_authority: bool


class AllianceContribution(Schema):
    """What a side brings, and how long the other would take to get the same alone."""

    by: Literal["us", "them"]
    what: Name
    months_to_match: Annotated[int, Field(ge=0, le=MONTHS_MAX)]

    def value(self) -> terms.Contribution:
        return terms.Contribution(terms.BroughtBy(self.by), self.what, self.months_to_match)


class CommitmentOfBoth(Schema):
    """How much each side commits of one thing, from 0 (nothing) to 5 (all it takes)."""

    what: Name
    ours: CommitmentPoints
    theirs: CommitmentPoints

    def value(self) -> terms.Commitment:
        return terms.Commitment(self.what, self.ours, self.theirs)


class TakeSigningTests(Schema):
    """The answers to all tests at once; taken again, the newest stand."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "answers": {
                    "we_could_alone_within_twelve_months": False,
                    "they_could_alone_within_twelve_months": False,
                    "shared_investment": True,
                    "decisions_rely_on_it": True,
                    "commitments_to_clients": False,
                    "would_act_differently_if_it_ended": True,
                    "shared_equity_or_assets": False,
                    "exit_terms_agreed": False,
                    "one_side_invests_in_the_other": False,
                    "integrates_technology": True,
                    "sells_or_markets_together": True,
                    "many_partners_on_one_platform": False,
                    "needs_deep_integration": True,
                    "both_will_change_how_they_work": True,
                    "unresolved_competition": False,
                    "our_sponsor_has_authority": True,
                    "their_sponsor_has_authority": True,
                },
                "contributions": [
                    {"by": "us", "what": "The product", "months_to_match": 36},
                    {"by": "them", "what": "Two hundred sales people in Iberia", "months_to_match": 24},
                ],
                "commitments": [{"what": "Executive time", "ours": 3, "theirs": 3}],
            }
        }
    )

    answers: SigningAnswers
    contributions: list[AllianceContribution] = Field(default_factory=list, max_length=PARTS_MAX)
    commitments: list[CommitmentOfBoth] = Field(default_factory=list, max_length=PARTS_MAX)


class SigningTests(Answer):
    """What the tests say: each verdict with the rules that fired and the answers they used.

    The two asymmetries are two measures: contributions should differ, commitment should not. Null where nothing was
    said of it.
    """

    candidate_id: Id
    rules_version: Count
    answers: dict[str, str]
    contributions: list[AllianceContribution]
    commitments: list[CommitmentOfBoth]
    contribution_asymmetry: DecimalText | None
    commitment_asymmetry: DecimalText | None
    verdicts: list[TestVerdict]
    cautions: list[FiredRule]
    checklist: list[str] = Field(description="The components of the recommended pattern.")
    taken_at: Timestamp
    version: Count


class ShareSummary(Schema):
    """What to copy into the alliance's ledger, where its parties read it for ever. Only what is named goes."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "Why we ally",
                "candidate_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d",
                "include": ["objectives", "recommendations"],
                "note": "As presented on 2 March.",
                "confirm_other_company": True,
            }
        }
    )

    title: Name
    candidate_id: Id
    include: list[Literal["objectives", "recommendations"]] = Field(default_factory=list, max_length=2)
    assessment_id: Id | None = Field(default=None, description="Shares its scores by criterion.")
    risk_ids: list[Id] = Field(default_factory=list, max_length=RISKS_SHARED_MAX, description="Shares these risks.")
    note: Text | None = None
    confirm_other_company: bool = Field(
        default=False,
        description="Needed where the candidate's organisation is no party of the alliance, or has none in Concord.",
    )


class SharedScore(Answer):
    """The result on one criterion."""

    criterion: str
    low: DecimalText
    high: DecimalText


class SharedRisk(Answer):
    """A risk as it stood when it was shared."""

    title: str
    area: str
    likelihood: Count
    impact: Count
    mitigation: str


class SharedSummary(Answer):
    """What one side shared of its partner search with the alliance. It is a copy, and stays as it is."""

    id: Id
    side: Id
    title: str
    intent: Intent | None
    objectives: list[BriefObjective]
    scores: list[SharedScore]
    recommendations: list[TestVerdict]
    risks: list[SharedRisk]
    note: str | None
    shared_at: Timestamp
    version: Count
