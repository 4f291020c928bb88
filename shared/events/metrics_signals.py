"""The events of what an organisation makes of its alliances: signals and portfolio reviews, in its own ledger.

Thresholds are an organisation's own, and so is what it thinks of a partner: the partner reads none of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event


class SignalRule(StrEnum):
    TOO_FEW_PEOPLE = "too_few_people"
    NO_OWNER_OR_SPONSOR = "no_owner_or_sponsor"
    OWNER_WITHOUT_AUTHORITY = "owner_without_authority"
    SPONSOR_NOT_SEEN = "sponsor_not_seen"
    ONE_PERSON_CARRIES_IT = "one_person_carries_it"
    ONE_SYSTEM_CARRIES_IT = "one_system_carries_it"
    ANNOUNCED_UNPREPARED = "announced_unprepared"
    KPIS_AFTER_LAUNCH = "kpis_after_launch"
    ONLY_REVENUE_MEASURED = "only_revenue_measured"
    KPI_OVERDUE = "kpi_overdue"
    DISCREPANCY_UNRESOLVED = "discrepancy_unresolved"
    COMMITMENT_ASYMMETRY = "commitment_asymmetry"
    VALUE_CAPTURED_BY_ONE = "value_captured_by_one"
    HEADCOUNT_NOT_ALLOCATED = "headcount_not_allocated"
    SCOPE_CHANGED_ALONE = "scope_changed_alone"
    DECISIONS_OUTSIDE_MATRIX = "decisions_outside_matrix"
    DECISIONS_LATE = "decisions_late"
    DECISIONS_ESCALATED = "decisions_escalated"
    MEETINGS_WITHOUT_DECISIONS = "meetings_without_decisions"
    GOVERNANCE_MODEL_OLD = "governance_model_old"
    CONFLICT_SILENCE = "conflict_silence"
    REVIEW_MISSED = "review_missed"
    SILENT_STALL = "silent_stall"
    UNDERPERFORMER = "underperformer"
    NO_EXIT_TERMS = "no_exit_terms"
    OVERLAP_GROWING = "overlap_growing"
    PLANNING_CYCLES_DIFFER = "planning_cycles_differ"
    MIXED_INTENTS = "mixed_intents"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event, by its ledger and seq."""

    ledger: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class RuleThreshold:
    """The limit of one rule, in the unit that the rule says."""

    rule: SignalRule
    limit: Decimal


@event("metrics.signal-thresholds-set.v1", says="set the thresholds of signals")
class SignalThresholdsSet:
    """All that differ from the default; a rule in `muted` is not looked at."""

    limits: tuple[RuleThreshold, ...]
    muted: tuple[SignalRule, ...]


@event("metrics.signal-raised.v1", says="raised a signal: {words}")
class SignalRaised:
    """`words` name no person. `measured` is what was compared with `limit`; `evidence` are at most 20 events."""

    alliance: UUID
    rule: SignalRule
    words: str
    advice: str
    measured: Decimal
    limit: Decimal
    evidence: tuple[Evidence, ...]


@event("metrics.signal-cleared.v1", says="cleared a signal: {rule}")
class SignalCleared:
    alliance: UUID
    rule: SignalRule
    evidence: tuple[Evidence, ...]


# --- The portfolio ---------------------------------------------------------------------------------------------------


class Verdict(StrEnum):
    INVEST = "invest"
    HOLD = "hold"
    RESTRUCTURE = "restructure"
    EXIT = "exit"


class PortfolioRole(StrEnum):
    GROWTH = "growth"
    CAPABILITY = "capability"
    CREDIBILITY = "credibility"
    ECOSYSTEM = "ecosystem"


@event("metrics.portfolio-place-set.v1", says="placed an alliance in the portfolio as {role}")
class PortfolioPlaceSet:
    """What an alliance is for. `gap` is the organisation's own gap that it covers."""

    alliance: UUID
    role: PortfolioRole
    region: str | None
    gap: UUID | None


@event("metrics.investment-recorded.v1", says="recorded what an alliance cost in {month}: {amount} {currency}")
class InvestmentRecorded:
    """The latest record of a month holds."""

    alliance: UUID
    month: str
    amount: Decimal
    currency: str


@event("metrics.concentration-limit-set.v1", says="set the limit of concentration: {share_max}")
class ConcentrationLimitSet:
    """The largest share, 0 to 1, that one partner may have of the portfolio."""

    share_max: Decimal


@event("metrics.portfolio-review-opened.v1", says="opened the portfolio review of {quarter}")
class PortfolioReviewOpened:
    quarter: str


@event("metrics.portfolio-verdict-given.v1", says="decided on an alliance: {verdict}")
class PortfolioVerdictGiven:
    """`proposed` is what Concord proposed and why; a verdict that differs overrules it, with a reason."""

    alliance: UUID
    proposed: Verdict
    grounds: tuple[str, ...]
    verdict: Verdict
    reason: Erasable[str] = None


@event("metrics.portfolio-review-closed.v1", says="closed the portfolio review of {quarter}")
class PortfolioReviewClosed:
    quarter: str
    closed_at: datetime
