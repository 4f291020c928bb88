"""What if: a ranking with scores that are only supposed. Nothing here is ever recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from services.scoring.domain.ranking import Contender, Interval, MakeRanking, exactly, in_order
from services.scoring.domain.template import weights_by
from shared.domain import Invalid
from shared.events.scoring_terms import Scale, Template

SUPPOSED_MAX = 500


@dataclass(frozen=True, slots=True)
class Supposed:
    candidate: UUID
    criterion: str
    score: Decimal


def supposing(contenders: Sequence[Contender], scores: Sequence[Supposed], scale: Scale) -> tuple[Contender, ...]:
    """The contenders with these scores in place of their own; raises Invalid for one that cannot be."""
    changed = {contender.candidate: contender for contender in contenders}
    for place, supposed in enumerate(scores):
        contender = changed.get(supposed.candidate)
        if contender is None:
            raise Invalid(
                f"/scores/{place}/candidate_id", "not-ranked", "Suppose scores of candidates that are ranked."
            )
        if supposed.criterion not in contender.scores:
            raise Invalid(f"/scores/{place}/criterion", "unknown-criterion", "The template has no such criterion.")
        if not scale.lowest <= supposed.score <= scale.highest:
            raise Invalid(f"/scores/{place}/score", "out-of-range", f"From {scale.lowest} to {scale.highest}.")
        known = {**contender.scores, supposed.criterion: Interval(supposed.score, supposed.score)}
        changed[supposed.candidate] = replace(contender, scores=known)
    return tuple(changed.values())


def places_now(command: MakeRanking, template: Template) -> dict[UUID, int]:
    """By candidate the place it has by the template's own weights and the assessments as they are, from 1."""
    order = in_order(command.contenders, exactly(weights_by(template, None)))
    return {contender.candidate: place for place, contender in enumerate(order, start=1)}
