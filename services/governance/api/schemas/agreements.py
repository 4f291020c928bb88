"""What the endpoints of agreements and their drafts take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from services.governance.api.schemas.agreement_content import (
    OperatingAnnexContent,
    TermSheetContent,
    ValueExchangeContent,
    ValueThesisContent,
)
from services.governance.api.schemas.governance_models import Sha256
from services.governance.api.schemas.plan_content import ChangeRequestContent, OperatingPlanContent, UnwindPlanContent
from services.governance.api.schemas.signing_keys import OWN_SIGNATURES, SIGNED, ActSignature, OwnSignature
from shared.events.governance_agreement_terms import AgreementContent as AgreementValue
from shared.http.types import Answer, Count, Day, DecimalText, Id, Schema, Text, Timestamp
from shared.log.codec import adapter

AgreementKind = Literal[
    "value_thesis",
    "value_exchange",
    "term_sheet",
    "operating_annex",
    "operating_plan",
    "change_request",
    "unwind_plan",
]
AgreementStatus = Literal["proposed", "in_force", "superseded", "terminated", "lapsed", "withdrawn"]
AgreementContent = Annotated[
    ValueThesisContent
    | ValueExchangeContent
    | TermSheetContent
    | OperatingAnnexContent
    | OperatingPlanContent
    | ChangeRequestContent
    | UnwindPlanContent,
    Field(discriminator="kind"),
]
CHANGE: dict[str, Any] = {
    "kind": "change_request",
    "title": "Cargo too",
    "change_of": "scope",
    "description": "Carry cargo on the shared flights from summer on.",
    "economics": {"effect": "changed", "how": "Cargo revenue is shared as passenger revenue is."},
    "resources": {"effect": "changed", "how": "One cargo planner on each side."},
    "governance": {"effect": "confirmed_unchanged"},
}


def value_of(content: Schema) -> AgreementValue:
    """The content as the published language has it."""
    value: AgreementValue = adapter(AgreementValue).validate_python(content.model_dump(mode="json"))  # type: ignore[arg-type]
    return value


class DraftAgreement(Schema):
    """A joint document of one kind. It is your side's own until it is proposed."""

    model_config = ConfigDict(json_schema_extra={"example": {"content": CHANGE}})

    content: AgreementContent


class ReviseAgreementDraft(Schema):
    """The whole content as it is from now on, of the same kind."""

    model_config = ConfigDict(json_schema_extra={"example": {"content": CHANGE}})

    content: AgreementContent


class CounterAgreement(Schema):
    """Other content of the same kind in place of that on the table; all signatures fall away."""

    model_config = ConfigDict(json_schema_extra={"example": {"content": CHANGE, "reason": "Economics were left open."}})

    content: AgreementContent
    reason: Text | None = None


class SignAgreement(Schema):
    """The SHA-256 of what you read: of the content on the table as canonical JSON (RFC 8785), in lower-case hex."""

    model_config = ConfigDict(json_schema_extra={"example": {"content_sha256": "0a1b2c3d" * 8}})

    content_sha256: Sha256
    signature: OwnSignature | None = Field(default=None, description=SIGNED)


class TerminateAgreement(Schema):
    """Why, if it is to be kept."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "The routes are flown by others now."}})

    reason: Text | None = None
    signature: OwnSignature | None = Field(default=None, description=SIGNED)


class AgreementDraft(Answer):
    """A draft, which your organisation alone sees. Proposed, it is the agreement with the same id."""

    id: Id
    alliance_id: Id
    kind: AgreementKind
    status: Literal["draft", "proposed", "discarded"]
    content: AgreementContent
    content_sha256: str
    version: Count


class AssumptionVerdict(Answer):
    """What the figures said of an assumption on its day; `value` and `period` are null when there was none."""

    key: str
    due_on: Day
    verdict: Literal["confirmed", "refuted", "no_figures"]
    value: DecimalText | None
    period: str | None
    judged_at: Timestamp


class Agreement(Answer):
    """An agreement. `content_sha256` is the SHA-256 of `content` as canonical JSON (RFC 8785)."""

    id: Id
    alliance_id: Id
    kind: AgreementKind
    status: AgreementStatus
    parties: list[Id]
    author: Id = Field(description="The side whose content is on the table.")
    content: AgreementContent
    content_sha256: str
    signed_by: list[Id]
    termination_asked_by: list[Id]
    signatures: list[ActSignature] = Field(description=OWN_SIGNATURES)
    verdicts: list[AssumptionVerdict] = Field(description="Those on the assumptions of a value thesis.")
    in_force_since: Timestamp | None
    superseded_by: Id | None
    version: Count
