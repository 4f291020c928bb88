"""A candidate: goes through the funnel one stage at a time and leaves it selected or rejected, with the reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.scoring.domain.wording import require_words
from shared.domain import Aggregate, Event, Refused
from shared.events.scoring import CandidateListed, CandidateMoved
from shared.events.scoring_terms import Stage

NEXT = {
    Stage.LONG_LIST: Stage.SCREENING,
    Stage.SCREENING: Stage.OUTREACH,
    Stage.OUTREACH: Stage.DILIGENCE,
    Stage.DILIGENCE: Stage.SELECTED,
}
GUIDANCE = {Stage.LONG_LIST: (15, 25), Stage.OUTREACH: (1, 5), Stage.DILIGENCE: (2, 3)}
"""How many candidates are usual in a stage: fewest and most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCandidate:
    """`organisation` when the candidate uses Concord itself."""

    by: UUID
    at: datetime
    brief: UUID
    name: str
    organisation: UUID | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCandidate:
    by: UUID
    at: datetime
    stage: Stage
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleSelected:
    """The selection of partners for the brief names this candidate. `reason`: that of the selection, if it has one."""

    by: UUID
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """`brief` and `stage` are None until the candidate is listed."""

    brief: UUID | None = None
    name: str = ""
    organisation: UUID | None = None
    stage: Stage | None = None


def evolve(state: Candidate, event: Event) -> Candidate:
    match event:
        case CandidateListed(brief=brief, name=name, organisation=organisation):
            return Candidate(brief, name, organisation, Stage.LONG_LIST)
        case CandidateMoved(stage=stage):
            return replace(state, stage=stage)
    return state


CANDIDATE = Aggregate("candidate", Candidate(), evolve)


def enlist(command: ListCandidate, candidate: Candidate) -> list[Event]:
    if candidate.stage is not None:
        raise Refused("candidate-listed", f"{candidate.name} was listed before.")
    require_words("/name", command.name)
    return [
        CandidateListed(
            brief=command.brief, name=command.name, organisation=command.organisation, reason=command.reason
        )
    ]


def move(command: MoveCandidate, candidate: Candidate) -> list[Event]:
    if candidate.stage is None:
        raise Refused("candidate-not-listed", "Put the candidate on the long list first.")
    if candidate.stage not in NEXT:
        raise Refused("candidate-settled", f"{candidate.name} is {candidate.stage}; list it anew to look again.")
    if command.stage is Stage.REJECTED:
        require_words("/reason", command.reason or "")
    elif command.stage is not NEXT[candidate.stage]:
        onward = NEXT[candidate.stage].replace("_", " ")
        raise Refused("stage-not-next", f"{candidate.name} goes on to {onward}, or is rejected.")
    return [CandidateMoved(stage=command.stage, reason=command.reason)]


def settle_selected(command: SettleSelected, candidate: Candidate) -> list[Event]:
    """From any stage, for guidance is soft; what was skipped is warned of, see `skipped`."""
    if candidate.stage is None:
        raise Refused("candidate-not-listed", "Put the candidate on the long list first.")
    if candidate.stage is Stage.REJECTED:
        raise Refused("candidate-rejected", f"{candidate.name} was rejected; select from those still in the funnel.")
    return [] if candidate.stage is Stage.SELECTED else [CandidateMoved(stage=Stage.SELECTED, reason=command.reason)]


def skipped(taken: Collection[Stage]) -> tuple[Stage, ...]:
    """The stages before its selection that a candidate never came to, in their order."""
    return tuple(stage for stage in NEXT if stage not in taken)


def guidance(counts: Mapping[Stage, int]) -> dict[Stage, str]:
    """A sentence for each stage whose number of candidates is not the usual; nothing is refused for it."""
    return {
        stage: f"{fewest}–{most} candidates are usual in {stage.replace('_', ' ')}; there are {counts[stage]}."
        for stage, (fewest, most) in GUIDANCE.items()
        if stage in counts and not fewest <= counts[stage] <= most
    }
