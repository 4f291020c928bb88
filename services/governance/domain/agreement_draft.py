"""The draft of an agreement, of one kind from its beginning."""

from __future__ import annotations

from services.governance.domain.agreement_content import check_agreement_content
from services.governance.domain.draft import Drafting
from shared.domain import Refused
from shared.events.governance_agreement_terms import AgreementContent, AgreementKind
from shared.events.governance_agreements import (
    AgreementDraftDiscarded,
    AgreementDrafted,
    AgreementDraftProposed,
    AgreementDraftRevised,
)


def check_kind(content: AgreementContent, before: AgreementContent) -> None:
    if content.kind != before.kind:
        raise Refused("another-kind", f"This is a draft of a {before.kind}; draft another for a {content.kind}.")


AGREEMENT_DRAFTING: Drafting[AgreementContent] = Drafting(
    "agreement-draft",
    begun=AgreementDrafted,
    revised=AgreementDraftRevised,
    proposed=AgreementDraftProposed,
    discarded=AgreementDraftDiscarded,
    check=check_agreement_content,
    check_revision=check_kind,
    facts=lambda content: {"kind": AgreementKind(content.kind)},
)
