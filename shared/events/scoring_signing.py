"""The events before signing: the tests an alliance must stand, and what is shared of all this with the partner."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.scoring_rules import FiredRule
from shared.events.scoring_terms import Objective, StrategicIntent


class BroughtBy(StrEnum):
    US = "us"
    THEM = "them"


@dataclass(frozen=True, slots=True)
class Contribution:
    """`months_to_match`: how long the other side would take to get the same alone."""

    by: BroughtBy
    what: str
    months_to_match: int


@dataclass(frozen=True, slots=True)
class Commitment:
    """How much each side commits of one thing (people, money, executive time), from 0 (nothing) to 5 (all it takes)."""

    what: str
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one test says, with the rules that fired; the first of them decided."""

    test: str
    outcome: str
    fired: tuple[FiredRule, ...]


@event("scoring.signing-tests-taken.v1", says="took the tests before signing")
class SigningTestsTaken:
    """In a stream by the candidate's own id; taken again, the newest stands.

    `answers` are those given to the questions of the rules, with the intent of the brief; `contribution_asymmetry` and
    `commitment_asymmetry` are two measures from 0 (alike) to 1 (nothing alike), 4 decimal places, never mixed; None
    where nothing was said of it.
    """

    rules_version: int
    answers: dict[str, str]
    contributions: tuple[Contribution, ...]
    commitments: tuple[Commitment, ...]
    contribution_asymmetry: Decimal | None
    commitment_asymmetry: Decimal | None
    verdicts: tuple[Verdict, ...]
    cautions: tuple[FiredRule, ...]


@dataclass(frozen=True, slots=True)
class SharedScore:
    """The result on one criterion, equal `low` and `high` when it was rated."""

    criterion: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class SharedRisk:
    """`likelihood` and `impact` from 1 (low) to 5 (high), as they are before mitigation."""

    title: str
    area: str
    likelihood: int
    impact: int
    mitigation: str


@event("scoring.summary-shared.v1", says="shared the summary {called} of the partner search")
class SummaryShared:
    """In the ledger of an alliance, on purpose: only what its author chose, and no id of the author's own ledger."""

    side: UUID
    title: str
    intent: StrategicIntent | None
    objectives: tuple[Objective, ...]
    scores: tuple[SharedScore, ...]
    recommendations: tuple[Verdict, ...]
    risks: tuple[SharedRisk, ...]
    note: Erasable[str] = None
