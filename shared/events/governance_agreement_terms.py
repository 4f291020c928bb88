"""What the sides of an alliance agree on beside the governance model: the typed content of each joint document.

Agreed terms are the sides' text, not a person's: they are signed by their hash and therefore not erasable. `kind`
stands in the content, so that what is signed says what it is. Plans are in `governance_plan_terms.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.events.governance_plan_terms import ChangeRequest, OperatingPlan, UnwindPlan
from shared.events.values import Money


class AgreementKind(StrEnum):
    """The joint documents, in the order in which an alliance usually needs them."""

    VALUE_THESIS = "value_thesis"
    VALUE_EXCHANGE = "value_exchange"
    TERM_SHEET = "term_sheet"
    OPERATING_ANNEX = "operating_annex"
    GOVERNANCE_MODEL = "governance_model"
    OPERATING_PLAN = "operating_plan"
    CHANGE_REQUEST = "change_request"
    UNWIND_PLAN = "unwind_plan"


class Comparison(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A figure to reach, or not to pass: of the KPI with this key, in the KPI's own unit."""

    kpi: str
    comparison: Comparison
    value: Decimal


# --- Value thesis ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExpectedOutcome:
    """What the alliance is to bring, and within how many months of its start."""

    outcome: str
    within_months: int


@dataclass(frozen=True, slots=True)
class Contribution:
    side: UUID
    what: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A part of the deal logic: what must turn out true, told by a figure on a day."""

    key: str
    statement: str
    test: Threshold
    due_on: date


@dataclass(frozen=True, slots=True)
class RiskWithMitigation:
    risk: str
    mitigation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueThesis:
    """Why this alliance: what for, why with a partner, and what must turn out true soon."""

    kind: Literal["value_thesis"] = "value_thesis"
    objective: str
    why_not_build: str
    why_not_buy: str
    outcomes: tuple[ExpectedOutcome, ...]
    contributions: tuple[Contribution, ...]
    in_scope: tuple[str, ...]
    out_of_scope: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...]
    risks: tuple[RiskWithMitigation, ...]
    decision_principles: tuple[str, ...]


# --- Value exchange --------------------------------------------------------------------------------------------------


class Resource(StrEnum):
    TECHNOLOGY = "technology"
    DISTRIBUTION = "distribution"
    BRAND = "brand"
    DATA = "data"
    CAPITAL = "capital"
    EXPERTISE = "expertise"
    PEOPLE = "people"
    MARKET_ACCESS = "market_access"
    IP = "ip"


class Valuation(StrEnum):
    """How a value is known."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one side gives and which sides get it."""

    giver: UUID
    receivers: tuple[UUID, ...]
    resource: Resource
    description: str
    value: Money
    valuation: Valuation


class EconomicMechanism(StrEnum):
    REVENUE_SHARING = "revenue_sharing"
    COST_SHARING = "cost_sharing"
    JOINT_INVESTMENT = "joint_investment"
    MILESTONE_PAYMENT = "milestone_payment"
    REFERRAL = "referral"
    PRIORITY_PRICING = "priority_pricing"


@dataclass(frozen=True, slots=True)
class Share:
    """A side's part of the whole, in percent."""

    side: UUID
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Economics:
    """One way in which value is shared; `shares`, where given, come to 100 percent."""

    mechanism: EconomicMechanism
    terms: str
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueExchange:
    """What each side gives and gets, and how what comes of it is shared."""

    kind: Literal["value_exchange"] = "value_exchange"
    exchanges: tuple[Exchange, ...]
    economics: tuple[Economics, ...]
    when_value_exceeds: str
    when_value_misses: str
    exit_economics: str


# --- Term sheet and operating annex ----------------------------------------------------------------------------------


class ExitGround(StrEnum):
    MATERIAL_BREACH = "material_breach"
    NO_FAULT = "no_fault"
    END_OF_TERM = "end_of_term"
    KPI_CONDITION = "kpi_condition"


@dataclass(frozen=True, slots=True)
class KpiTrigger:
    """A figure that gives any side the right to leave while it is met."""

    key: str
    description: str
    met_when: Threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class TermSheet:
    """The deal. The term runs from the start of `starts_on` to the end of `ends_on`; days are calendar days.

    `notice_days` are those of a no-fault exit and of a KPI condition, `cure_days` those in which a material breach can
    still be mended, `wind_down_days` those for unwinding after the alliance's last day.
    """

    kind: Literal["term_sheet"] = "term_sheet"
    operating_model: str
    economic_model: str
    governance_model: str
    ip_made_together: str
    ip_after_the_end: str
    exclusivity: str
    territories: tuple[str, ...]
    account_ownership: str
    non_compete: str
    starts_on: date
    ends_on: date
    renewal: str
    notice_days: int
    material_breach: str
    cure_days: int
    kpi_triggers: tuple[KpiTrigger, ...] = ()
    wind_down: str
    wind_down_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingAnnex:
    """How the sides work day to day; `dispute_steps` in the order in which a dispute takes them."""

    kind: Literal["operating_annex"] = "operating_annex"
    planning_rhythm: str
    reporting: str
    change_control: str
    dispute_steps: tuple[str, ...]
    exit_triggers: tuple[str, ...]


AgreementContent = ValueThesis | ValueExchange | TermSheet | OperatingAnnex | OperatingPlan | ChangeRequest | UnwindPlan
"""The governance model is `GovernanceContent`, which has its own events."""
