"""What the endpoints of assessments take and give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.scoring.api.schemas.templates import ScorecardTemplate, ScoringKey, Severity, TemplateVersion
from services.scoring.domain.assessment import ASSESSORS_MAX
from services.scoring.domain.template import CRITERIA_MAX, RED_FLAGS_MAX, SCALE_MAX
from shared.events import scoring_terms as terms
from shared.events.values import Attachment
from shared.http.types import Answer, Count, DecimalText, Id, Schema, Text, Timestamp

Confidence = Literal["low", "medium", "high"]
ConcernKind = Literal["blocker", "under_floor", "may_be_under_floor"]
Link = Annotated[str, StringConstraints(pattern="^https?://[!-~]+$", max_length=2_000)]
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
LINKS_MAX = FILES_MAX = 20


class OpenAssessment(Schema):
    """A round of rating by colleagues; the newest version of the template unless one is named."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"template": "star", "assessors": ["0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"]},
        }
    )

    template: ScoringKey
    template_version: TemplateVersion | None = None
    assessors: list[Id] = Field(min_length=1, max_length=ASSESSORS_MAX)


class SeenRedFlag(Schema):
    """A red flag of the criterion that the assessor saw, and how bad it is."""

    key: ScoringKey
    severity: Severity


class RatingEvidence(Schema):
    """What the score rests on."""

    text: Text
    links: list[Link] = Field(default_factory=list, max_length=LINKS_MAX)
    files: list[Sha256] = Field(default_factory=list, max_length=FILES_MAX, description="By the SHA-256 of each.")

    def value(self, kept: Mapping[str, Attachment]) -> terms.Evidence:
        """`kept`: the files that it names."""
        return terms.Evidence(self.text, tuple(self.links), tuple(kept[digest] for digest in self.files))

    @classmethod
    def of(cls, evidence: terms.Evidence) -> RatingEvidence:
        digests = [attachment.sha256 for attachment in evidence.attachments]
        return cls(text=evidence.text, links=list(evidence.links), files=digests)


class EvidenceFile(Answer):
    """A file that evidence may name."""

    sha256: str
    bytes: Count
    media_type: str


class Rating(Schema):
    """What one assessor says on one criterion; `score` on the template's scale."""

    criterion: ScoringKey
    score: Annotated[int, Field(ge=0, le=SCALE_MAX)]
    confidence: Confidence
    red_flags: list[SeenRedFlag] = Field(default_factory=list, max_length=RED_FLAGS_MAX)
    evidence: RatingEvidence | None = None

    def value(self, kept: Mapping[str, Attachment]) -> terms.Rating:
        seen = tuple(terms.SeenRedFlag(f.key, terms.Severity(f.severity)) for f in self.red_flags)
        evidence = None if self.evidence is None else self.evidence.value(kept)
        return terms.Rating(self.criterion, self.score, terms.Confidence(self.confidence), seen, evidence)

    @classmethod
    def of(cls, rating: terms.Rating) -> Rating:
        return cls(
            criterion=rating.criterion,
            score=rating.score,
            confidence=rating.confidence.value,
            red_flags=[SeenRedFlag(key=seen.key, severity=seen.severity.value) for seen in rating.red_flags],
            evidence=None if rating.evidence is None else RatingEvidence.of(rating.evidence),
        )


class SubmitRatings(Schema):
    """All your ratings at once; a criterion left out is not rated. Nothing can be changed afterwards."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "ratings": [
                    {
                        "criterion": "strategic_fit",
                        "score": 4,
                        "confidence": "high",
                        "red_flags": [],
                        "evidence": {"text": "Their plan for 2027 says so.", "links": ["https://example.com/plan"]},
                    }
                ]
            }
        }
    )

    ratings: list[Rating] = Field(min_length=1, max_length=CRITERIA_MAX)


class ExcuseAssessor(Schema):
    """Somebody who cannot rate after all."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"assessor": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d", "reason": "On leave."}}
    )

    assessor: Id
    reason: Text | None = None


class WaiveConcern(Schema):
    """A concern that you answer for, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"criterion": "strategic_fit", "kind": "blocker", "reason": "They sold that business in May."}
        }
    )

    criterion: ScoringKey
    kind: ConcernKind
    reason: Text


class AssessorRatings(Answer):
    """What one assessor submitted; empty once erased."""

    assessor: Id
    ratings: list[Rating]


class AssessedCriterion(Answer):
    """`low` = `high` = the mean score where every assessor rated; who left it out counts as anything on the scale.

    `spread`: between those who rated.
    """

    criterion: str
    low: DecimalText
    high: DecimalText
    spread: Count | None
    confidence: Confidence | None


class Concern(Answer):
    """What makes the candidate not recommended, until a named person waives it."""

    criterion: str
    kind: ConcernKind
    waived_by: Id | None


class AssessmentResult(Answer):
    """The weighted score on the template's scale: an interval where something was not rated."""

    low: DecimalText
    high: DecimalText
    criteria: list[AssessedCriterion]
    concerns: list[Concern]
    not_recommended: bool


class Assessment(Answer):
    """A round of rating: what you may see of it now."""

    id: Id
    candidate_id: Id
    round: Count
    template: ScorecardTemplate
    assessors: list[Id]
    submitted: list[Id]
    complete: bool
    ratings: list[AssessorRatings] = Field(
        description="None until you have submitted your own; if you are no assessor, until the round is complete."
    )
    result: AssessmentResult | None = Field(description="Null until each assessor has submitted or is excused.")
    version: Count


class AssessmentSummary(Answer):
    """A round of rating in a list; the figures are null until it is complete."""

    id: Id
    candidate_id: Id
    template: str
    template_version: Count
    round: Count
    assessors: list[Id]
    submitted: list[Id]
    complete: bool
    low: DecimalText | None
    high: DecimalText | None
    not_recommended: bool | None
    completed_at: Timestamp | None
    version: Count
