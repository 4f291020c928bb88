"""The draft of a governance model."""

from __future__ import annotations

from services.governance.domain.draft import Drafting
from services.governance.domain.matrix import check_content
from shared.events.governance import ModelDraftBegun, ModelDraftDiscarded, ModelDraftProposed, ModelDraftRevised
from shared.events.governance_terms import GovernanceContent

MODEL_DRAFTING: Drafting[GovernanceContent] = Drafting(
    "governance-model-draft",
    begun=ModelDraftBegun,
    revised=ModelDraftRevised,
    proposed=ModelDraftProposed,
    discarded=ModelDraftDiscarded,
    check=check_content,
)
