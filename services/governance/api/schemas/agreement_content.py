"""The content of value thesis, value exchange, term sheet and operating annex; the same both ways, for it is signed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from services.governance.domain.agreement_content import OUTCOME_MONTHS
from shared.http.types import Day, DecimalText, Id, KeyText, Name, Schema, Text

ITEMS_MAX = 100
PARTIES_MAX = 50
DAYS_MAX = 3_650
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Items: Any = Field(min_length=1, max_length=ITEMS_MAX)
SomeItems: Any = Field(default_factory=list, max_length=ITEMS_MAX)


class KpiThreshold(Schema):
    """A figure to reach, or not to pass: of the KPI with this key, in the KPI's own unit."""

    kpi: KeyText
    comparison: Literal["at_least", "at_most"]
    value: DecimalText


class ExpectedOutcome(Schema):
    """What the alliance is to bring, and within how many months."""

    outcome: Text
    within_months: int = Field(ge=OUTCOME_MONTHS[0], le=OUTCOME_MONTHS[-1])


class Contribution(Schema):
    """What a side contributes."""

    side: Id
    what: Text


class DealAssumption(Schema):
    """What must turn out true, told by a figure of a KPI on a day. Concord computes the verdict when the day comes."""

    key: KeyText
    statement: Text
    test: KpiThreshold
    due_on: Day


class RiskWithMitigation(Schema):
    """A top risk and what is done about it."""

    risk: Text
    mitigation: Text


class ValueThesisContent(Schema):
    """Why this alliance: what for, why with a partner, and what must turn out true soon."""

    kind: Literal["value_thesis"]
    objective: Text
    why_not_build: Text
    why_not_buy: Text
    outcomes: list[ExpectedOutcome] = Items
    contributions: list[Contribution] = Items
    in_scope: list[Text] = Items
    out_of_scope: list[Text] = SomeItems
    assumptions: list[DealAssumption] = Items
    risks: list[RiskWithMitigation] = Items
    decision_principles: list[Text] = Items


class ExchangedValue(Schema):
    """An exact amount in an ISO 4217 currency."""

    amount: DecimalText
    currency: Currency


class ValueGiven(Schema):
    """What one side gives and which sides get it, valued, and how the value is known."""

    giver: Id
    receivers: list[Id] = Field(min_length=1, max_length=PARTIES_MAX)
    resource: Literal[
        "technology", "distribution", "brand", "data", "capital", "expertise", "people", "market_access", "ip"
    ]
    description: Text
    value: ExchangedValue
    valuation: Literal["measured", "estimated", "judged"]


class SideShare(Schema):
    """A side's part of the whole, in percent."""

    side: Id
    percent: DecimalText


class EconomicTerms(Schema):
    """One way in which value is shared; shares, where given, come to 100 percent."""

    mechanism: Literal[
        "revenue_sharing", "cost_sharing", "joint_investment", "milestone_payment", "referral", "priority_pricing"
    ]
    terms: Text
    shares: list[SideShare] = Field(default_factory=list, max_length=PARTIES_MAX)


class ValueExchangeContent(Schema):
    """What each side gives and gets, and how what comes of it is shared."""

    kind: Literal["value_exchange"]
    exchanges: list[ValueGiven] = Items
    economics: list[EconomicTerms] = Items
    when_value_exceeds: Text
    when_value_misses: Text
    exit_economics: Text


class KpiTrigger(Schema):
    """A figure that gives any side the right to leave while it is met."""

    key: KeyText
    description: Text
    met_when: KpiThreshold


class TermSheetContent(Schema):
    """The deal. The term runs from the start of `starts_on` to the end of `ends_on`; days are calendar days."""

    kind: Literal["term_sheet"]
    operating_model: Text
    economic_model: Text
    governance_model: Text
    ip_made_together: Text
    ip_after_the_end: Text
    exclusivity: Text
    territories: list[Name] = Items
    account_ownership: Text
    non_compete: Text
    starts_on: Day
    ends_on: Day
    renewal: Text
    notice_days: int = Field(ge=0, le=DAYS_MAX, description="Notice of a no-fault exit, in calendar days.")
    material_breach: Text
    cure_days: int = Field(ge=0, le=DAYS_MAX, description="Time to mend a material breach, in calendar days.")
    kpi_triggers: list[KpiTrigger] = SomeItems
    wind_down: Text
    wind_down_days: int = Field(ge=0, le=DAYS_MAX, description="Time to unwind after the last day, in calendar days.")


class OperatingAnnexContent(Schema):
    """How the sides work day to day; `dispute_steps` in the order in which a dispute takes them."""

    kind: Literal["operating_annex"]
    planning_rhythm: Text
    reporting: Text
    change_control: Text
    dispute_steps: list[Text] = Items
    exit_triggers: list[Text] = Items
