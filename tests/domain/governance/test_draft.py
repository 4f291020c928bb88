"""Drafts of both sorts: a side's own, revised until they are proposed or discarded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.governance.domain.agreement_draft import AGREEMENT_DRAFTING
from services.governance.domain.draft import BeginDraft, DiscardDraft, Drafting, ProposeDraft, ReviseDraft
from services.governance.domain.model_draft import MODEL_DRAFTING
from services.governance.domain.starter import starter_model
from shared.domain import Invalid
from shared.events.governance import ModelDraftBegun, ModelDraftDiscarded, ModelDraftProposed, ModelDraftRevised
from shared.events.governance_agreement_terms import AgreementKind
from shared.events.governance_agreements import (
    AgreementDraftDiscarded,
    AgreementDrafted,
    AgreementDraftProposed,
    AgreementDraftRevised,
)
from shared.testing.scenario import scenario
from tests.domain.governance import paper
from tests.domain.governance.given import ANA, A, B, utc

AT = utc("2026-03-02 10:00")
ONE, TWO = "1" * 64, "2" * 64
MODEL = starter_model((A, B))
ANNEX = paper.OPERATING_ANNEX
BEGUN_MODEL = ModelDraftBegun(alliance=ANA, content=MODEL, content_sha256=ONE)
BEGUN_ANNEX = AgreementDrafted(alliance=ANA, kind=AgreementKind.OPERATING_ANNEX, content=ANNEX, content_sha256=ONE)
SORTS = [
    pytest.param(MODEL_DRAFTING, MODEL, replace(MODEL, warning_shares=(50, 90)), BEGUN_MODEL, id="model"),
    pytest.param(AGREEMENT_DRAFTING, ANNEX, replace(ANNEX, reporting="Weekly"), BEGUN_ANNEX, id="agreement"),
]
REVISED: dict[Any, Any] = {MODEL_DRAFTING: ModelDraftRevised, AGREEMENT_DRAFTING: AgreementDraftRevised}
PROPOSED: dict[Any, Any] = {MODEL_DRAFTING: ModelDraftProposed, AGREEMENT_DRAFTING: AgreementDraftProposed}
DISCARDED: dict[Any, Any] = {MODEL_DRAFTING: ModelDraftDiscarded, AGREEMENT_DRAFTING: AgreementDraftDiscarded}


@pytest.mark.parametrize(("drafting", "content", "other", "begun"), SORTS)
def test_it_is_begun_revised_and_proposed(drafting: Drafting[Any], content: Any, other: Any, begun: Any) -> None:
    draft = scenario(drafting.aggregate)
    draft.when(drafting.begin, BeginDraft(AT, ANA, (A, B), content, ONE)).then(begun)
    draft.given(begun).when(drafting.begin, BeginDraft(AT, ANA, (A, B), content, ONE)).then_refused("draft-exists")
    draft.given(begun).when(drafting.revise, ReviseDraft(AT, (A, B), content, ONE)).then_nothing()
    revised = REVISED[drafting](content=other, content_sha256=TWO)
    draft.given(begun).when(drafting.revise, ReviseDraft(AT, (A, B), other, TWO)).then(revised)
    proposed = PROPOSED[drafting](content_sha256=TWO)
    draft.given(begun, revised).when(drafting.propose, ProposeDraft(AT)).then(proposed)


@pytest.mark.parametrize(("drafting", "content", "other", "begun"), SORTS)
def test_what_is_proposed_or_discarded_is_no_draft_any_more(
    drafting: Drafting[Any], content: Any, other: Any, begun: Any
) -> None:
    draft = scenario(drafting.aggregate).given(begun)
    discarded = DISCARDED[drafting](reason="Too early")
    draft.when(drafting.discard, DiscardDraft(AT, "Too early")).then(discarded)
    for over in (discarded, PROPOSED[drafting](content_sha256=ONE)):
        draft.given(over).when(drafting.revise, ReviseDraft(AT, (A, B), other, TWO)).then_refused("no-draft-any-more")
        draft.given(over).when(drafting.propose, ProposeDraft(AT)).then_refused("no-draft-any-more")
        draft.given(over).when(drafting.discard, DiscardDraft(AT)).then_refused("no-draft-any-more")


def test_a_draft_of_an_agreement_stays_of_its_kind() -> None:
    another = ReviseDraft(AT, (A, B), paper.TERM_SHEET, TWO)
    scenario(AGREEMENT_DRAFTING.aggregate).given(BEGUN_ANNEX).when(AGREEMENT_DRAFTING.revise, another).then_refused(
        "another-kind"
    )


def test_what_stands_in_it_fits_together() -> None:
    broken = replace(MODEL, forums=MODEL.forums[1:])
    with pytest.raises(Invalid):
        MODEL_DRAFTING.begin(BeginDraft(AT, ANA, (A, B), broken, ONE), MODEL_DRAFTING.aggregate.empty)
    begun = MODEL_DRAFTING.aggregate.replay([BEGUN_MODEL])
    with pytest.raises(Invalid):
        MODEL_DRAFTING.revise(ReviseDraft(AT, (A, B), broken, TWO), begun)
