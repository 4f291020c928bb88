"""One joint document of each kind, of the sides A and B."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from shared.events.governance_agreement_terms import (
    Assumption,
    Comparison,
    Contribution,
    EconomicMechanism,
    Economics,
    Exchange,
    ExpectedOutcome,
    KpiTrigger,
    OperatingAnnex,
    Resource,
    RiskWithMitigation,
    Share,
    TermSheet,
    Threshold,
    Valuation,
    ValueExchange,
    ValueThesis,
)
from shared.events.governance_plan_terms import (
    ChangeOf,
    ChangeRequest,
    Consequence,
    Disposition,
    Effect,
    MilestoneArea,
    OperatingPlan,
    PlannedMilestone,
    UnwindArea,
    UnwindPlan,
)
from shared.events.governance_terms import Member
from shared.events.values import Money
from tests.domain.governance.given import ANA, BEN, A, B

OWNERS = (Member(A, ANA), Member(B, BEN))
ON_TIME = Threshold("on_time", Comparison.AT_LEAST, Decimal("0.7"))
LATE = Threshold("on_time", Comparison.AT_MOST, Decimal("0.5"))

VALUE_THESIS = ValueThesis(
    objective="Fly on time",
    why_not_build="Too slow",
    why_not_buy="Too dear",
    outcomes=(ExpectedOutcome("Two more routes", 12),),
    contributions=(Contribution(A, "Slots"), Contribution(B, "Crews")),
    in_scope=("New York",),
    assumptions=(Assumption("punctual", "Seven of ten are on time", ON_TIME, date(2026, 5, 31)),),
    risks=(RiskWithMitigation("Pilots become scarce", "A course"),),
    decision_principles=("The passenger first",),
)
VALUE_EXCHANGE = ValueExchange(
    exchanges=(
        Exchange(A, (B,), Resource.MARKET_ACCESS, "Passengers", Money(Decimal(40), "USD"), Valuation.ESTIMATED),
        Exchange(B, (A,), Resource.PEOPLE, "Crews", Money(Decimal(31), "USD"), Valuation.MEASURED),
    ),
    economics=(
        Economics(
            EconomicMechanism.REVENUE_SHARING, "By distance", (Share(A, Decimal("62.5")), Share(B, Decimal("37.5")))
        ),
    ),
    when_value_exceeds="Half and half",
    when_value_misses="Steering",
    exit_economics="Each keeps its own",
)
TERM_SHEET = TermSheet(
    operating_model="B flies, A sells",
    economic_model="As exchanged",
    governance_model="As ratified",
    ip_made_together="Both",
    ip_after_the_end="Both",
    exclusivity="None",
    territories=("New York",),
    account_ownership="A's",
    non_compete="Ten routes",
    starts_on=date(2026, 3, 1),
    ends_on=date(2028, 2, 29),
    renewal="By a year",
    notice_days=60,
    material_breach="Two unpaid invoices",
    cure_days=30,
    kpi_triggers=(KpiTrigger("unpunctual", "Below one half", LATE),),
    wind_down="Sold flights are flown",
    wind_down_days=45,
)
OPERATING_ANNEX = OperatingAnnex(
    planning_rhythm="Quarterly",
    reporting="Daily",
    change_control="By request",
    dispute_steps=("Team", "Council"),
    exit_triggers=("Breach",),
)
OPERATING_PLAN = OperatingPlan(
    starts_on=date(2026, 3, 2),
    milestones=(
        PlannedMilestone("teams", "Joint teams", MilestoneArea.JOINT_TEAMS, 30, OWNERS),
        PlannedMilestone("win", "First rotation", MilestoneArea.QUICK_WIN, 60, OWNERS, depends_on=("teams",)),
        PlannedMilestone("baseline", "KPI baseline", MilestoneArea.KPI_BASELINE, 90, OWNERS, deliverables=("Report",)),
    ),
    resources=(),
)
CHANGE_REQUEST = ChangeRequest(
    title="Cargo too",
    change_of=ChangeOf.SCOPE,
    description="From summer on",
    economics=Consequence(Effect.CHANGED, "Shared alike"),
    resources=Consequence(Effect.CHANGED, "A planner each"),
    governance=Consequence(Effect.CONFIRMED_UNCHANGED),
)
UNWIND_PLAN = UnwindPlan(
    dispositions=tuple(
        Disposition(area.value, area, "What there is", "Back to its owner", date(2026, 6, 30)) for area in UnwindArea
    )
)
EVERY_KIND = (
    VALUE_THESIS,
    VALUE_EXCHANGE,
    TERM_SHEET,
    OPERATING_ANNEX,
    OPERATING_PLAN,
    CHANGE_REQUEST,
    UNWIND_PLAN,
)
