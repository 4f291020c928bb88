"""Gates: what an alliance must have before it enters a stage, and before it is announced in public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.governance.domain.alliance import Alliance, check_running
from shared.domain import Event, Refused
from shared.events.governance import StageEntered
from shared.events.governance_agreement_terms import AgreementKind
from shared.events.governance_terms import OwnerRole, Stage

STAGES = tuple(Stage)
GATED = STAGES[1:]
LAST = frozenset({Stage.EXITING, Stage.ENDED})
"""An alliance that falls apart may have lost its owners and must still be able to end (docs/decisions)."""
NEEDED: Mapping[Stage, tuple[AgreementKind, ...]] = {
    Stage.LAUNCHING: (
        AgreementKind.GOVERNANCE_MODEL,
        AgreementKind.VALUE_THESIS,
        AgreementKind.VALUE_EXCHANGE,
        AgreementKind.TERM_SHEET,
    ),
    Stage.OPERATING: (AgreementKind.OPERATING_PLAN,),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a gate looks at. `exit_final`: an exit of all parties runs, and nothing can be cured any more."""

    in_force: frozenset[AgreementKind] = frozenset()
    kpis_agreed: int = 0
    reviewed: bool = False
    exit_final: bool = False
    exit_completed: bool = False
    names: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AdvanceAlliance:
    """To the next stage (None), or to `exiting` from any stage before it. The facts are those of the moment `at`."""

    at: datetime
    side: UUID
    stage: Stage | None = None
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a gate shut; `side` is None for what both must bring."""

    code: str
    detail: str
    side: UUID | None = None


def advance_alliance(command: AdvanceAlliance, alliance: Alliance) -> list[Event]:
    stage = check_running(command.side, alliance)
    following = STAGES[STAGES.index(stage) + 1]
    wanted = command.stage or following
    leaving = wanted is Stage.EXITING and STAGES.index(stage) < STAGES.index(wanted)
    if wanted is not following and not leaving:
        raise Refused("not-the-next-stage", f"After {stage} comes {following}; you asked for {wanted}.")
    missing = missing_at_gate(wanted, alliance, command.facts)
    if missing and not alliance.gate_waived(wanted):
        listed = "; ".join(one.detail for one in missing)
        raise Refused("gate-shut", f"Before {wanted} this is missing: {listed}.")
    return [StageEntered(stage=wanted)]


def missing_at_gate(stage: Stage, alliance: Alliance, facts: Facts) -> tuple[Missing, ...]:
    """Everything that keeps the gate to the stage shut, in a fixed order; nothing when it opens."""
    missing = [] if stage in LAST else owners_missing(alliance, facts)
    missing += [
        Missing(f"no-{kind.replace('_', '-')}", f"a {kind.replace('_', ' ')} in force")
        for kind in NEEDED.get(stage, ())
        if kind not in facts.in_force
    ]
    if stage is Stage.OPERATING and not facts.kpis_agreed:
        missing.append(Missing("no-kpis", "agreed KPIs"))
    if stage is Stage.EVOLVING and not facts.reviewed:
        missing.append(Missing("no-review", "a concluded review"))
    if stage is Stage.EXITING and not facts.exit_final:
        missing.append(Missing("no-exit", "an exit of all parties whose cure period, if it had one, is over"))
    if stage is Stage.ENDED and not facts.exit_completed:
        missing.append(Missing("exit-not-completed", "the last receipt of a signed unwind plan, after the exit's date"))
    return tuple(missing)


def missing_at_gates(alliance: Alliance, facts: Facts) -> Mapping[Stage, tuple[Missing, ...]]:
    return {stage: missing_at_gate(stage, alliance, facts) for stage in GATED}


def missing_for_announcement(alliance: Alliance, facts: Facts) -> tuple[Missing, ...]:
    """An operating plan is signed only with named owners on each side and a roadmap over 90 days."""
    missing = owners_missing(alliance, facts)
    if AgreementKind.OPERATING_PLAN not in facts.in_force:
        missing.append(Missing("no-operating-plan", "a signed operating plan with named owners"))
        missing.append(Missing("no-roadmap", "a roadmap over 90 days, which the operating plan holds"))
    if not facts.kpis_agreed:
        missing.append(Missing("no-kpis", "agreed KPIs"))
    return tuple(missing)


def check_announcement(missing: tuple[Missing, ...]) -> None:
    if missing:
        listed = "; ".join(one.detail for one in missing)
        raise Refused("announcement-too-early", f"Before an announcement this is missing: {listed}.")


def owners_missing(alliance: Alliance, facts: Facts) -> list[Missing]:
    return [
        Missing("owner-not-named", f"the {role.replace('_', ' ')} of {facts.names.get(side, side)}", side)
        for side in alliance.parties
        for role in OwnerRole
        if (side, role) not in alliance.owners
    ]
