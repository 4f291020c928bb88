"""What the endpoints of due diligence and risks take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from services.scoring.api.schemas.assessments import RatingEvidence
from services.scoring.api.schemas.gaps import Points
from services.scoring.api.schemas.templates import ScoringKey
from services.scoring.domain.diligence import ITEMS_MAX
from shared.events import scoring_diligence as terms
from shared.http.types import Answer, Count, Day, Id, Name, Schema, Text, Timestamp

DiligenceArea = Literal[
    "finance",
    "capability_reality",
    "trajectory",
    "references",
    "decision_process",
    "success",
    "relationship_owner",
    "exit_triggers",
    "data_sharing",
    "intellectual_property",
    "security_and_compliance",
    "delivery_capacity",
    "single_points_of_failure",
    "future_competitor",
    "pilot",
]
ItemStatus = Literal["open", "asked", "clear", "concern", "not_applicable"]
PartnerRiskStatus = Literal["open", "mitigating", "accepted", "closed"]


class AddDiligenceItem(Schema):
    """A question of your own on one area."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"key": "audit_2026", "area": "finance", "question": "What does the audit of 2026 say?"}
        }
    )

    key: ScoringKey
    area: DiligenceArea
    question: Name

    def value(self) -> terms.DiligenceItem:
        return terms.DiligenceItem(self.key, self.area, self.question)


class AnswerDiligenceItem(Schema):
    """The whole answer to one item: `clear` takes an answer, `concern` an answer and a finding."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "concern",
                "answer": "One client is 60 % of their revenue.",
                "evidence": {"text": "Their annual report, page 40.", "links": ["https://example.com/report"]},
                "finding": "If that client leaves, they cannot deliver.",
            }
        }
    )

    status: ItemStatus
    answer: Text | None = None
    evidence: RatingEvidence | None = None
    finding: Text | None = None


class DiligenceItem(Answer):
    """One question with its newest answer; what was said is null until then, and once erased."""

    key: str
    area: DiligenceArea
    question: str
    status: ItemStatus
    answer: str | None
    evidence: RatingEvidence | None
    finding: str | None
    answered_at: Timestamp | None


class Diligence(Answer):
    """The due diligence on a candidate, and how many items are in which status."""

    candidate_id: Id
    items: list[DiligenceItem] = Field(max_length=ITEMS_MAX)
    by_status: dict[str, Count]
    version: Count


class ResidualRisk(Schema):
    """What is left of a risk once its mitigation works."""

    likelihood: Points
    impact: Points


class RevisePartnerRisk(Schema):
    """The whole risk; `mitigating` takes a mitigation, `accepted` and `closed` take a reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "Loses its largest client",
                "likelihood": 3,
                "impact": 4,
                "owner": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d",
                "due_on": "2026-06-30",
                "status": "mitigating",
                "mitigation": "A second supplier stands ready.",
                "residual": {"likelihood": 3, "impact": 2},
            }
        }
    )

    title: Name
    likelihood: Points
    impact: Points
    owner: Id = Field(description="A person of your organisation.")
    due_on: Day
    status: PartnerRiskStatus = "open"
    mitigation: Text | None = None
    residual: ResidualRisk | None = None
    reason: Text | None = None

    def terms(self) -> terms.RiskTerms:
        residual = None if self.residual is None else terms.Residual(self.residual.likelihood, self.residual.impact)
        status = terms.RiskStatus(self.status)
        return terms.RiskTerms(self.title, self.likelihood, self.impact, self.owner, self.due_on, status, residual)


class OpenPartnerRisk(Schema):
    """A risk that a finding of the due diligence opens."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "item": "finance",
                "title": "Loses its largest client",
                "likelihood": 3,
                "impact": 4,
                "owner": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d",
                "due_on": "2026-06-30",
            }
        }
    )

    item: ScoringKey = Field(description="The item of the candidate's due diligence with the finding.")
    title: Name
    likelihood: Points
    impact: Points
    owner: Id = Field(description="A person of your organisation.")
    due_on: Day
    mitigation: Text | None = None

    def terms(self) -> terms.RiskTerms:
        status = terms.RiskStatus.OPEN
        return terms.RiskTerms(self.title, self.likelihood, self.impact, self.owner, self.due_on, status, None)


class PartnerRisk(Answer):
    """A risk of allying with a candidate."""

    id: Id
    candidate_id: Id
    item: str | None
    area: str
    title: str
    likelihood: Count
    impact: Count
    exposure: Count = Field(description="Likelihood × impact, 1 to 25.")
    owner: Id
    due_on: Day
    status: PartnerRiskStatus
    mitigation: str | None
    residual: ResidualRisk | None
    residual_exposure: Count | None
    reason: str | None
    version: Count
