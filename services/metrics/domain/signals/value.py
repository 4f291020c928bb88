"""Signals about what it is worth: what is measured, promised, delivered, captured and moving."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.metrics.domain.period import period_of
from services.metrics.domain.signals.picture import Picture, Rule, Seen, Told, percent, seen
from shared.events.governance_duties import (
    CommitmentConfirmed,
    CommitmentDelivered,
    CommitmentOf,
    CommitmentPromised,
)
from shared.events.metrics import (
    Area,
    BatchIngested,
    Group,
    KpiAgreed,
    KpiCountered,
    KpiProposed,
    KpiRetired,
    KpiRevisionProposed,
    KpiTerms,
)
from shared.events.metrics_deals import DealClaimed, DealConfirmed, DealStage, DealUpdated, DealWithdrawn
from shared.events.metrics_signals import SignalRule
from shared.events.metrics_truth import CaseOverdue, CaseResolved, CaseSettled, FigurePublished
from shared.events.scoring_gaps import OverlapEstimated

STALL_AGE = timedelta(days=150)
MONTHS_OF_TROUBLE = 6
DEALS_MIN = 2


def agreed_terms(picture: Picture) -> dict[str, tuple[KpiTerms, Told]]:
    """The KPIs in force by stream: their terms, and the event that put them in force."""
    offered: dict[str, KpiTerms] = {}
    found: dict[str, tuple[KpiTerms, Told]] = {}
    kinds = (KpiProposed, KpiCountered, KpiRevisionProposed, KpiAgreed, KpiRetired)
    for one in sorted(picture.all(*kinds), key=lambda one: one.seq):
        if isinstance(one.event, KpiAgreed):
            first = found[one.stream][1] if one.stream in found else one
            found[one.stream] = offered[one.stream], first
        elif isinstance(one.event, KpiRetired):
            found.pop(one.stream, None)
        else:
            offered[one.stream] = one.event.terms
    return found


def kpis_after_launch(picture: Picture) -> Seen | None:
    kpis, launched = agreed_terms(picture), picture.launched_at
    if launched is None or not kpis:
        return None
    late = [agreed for _, agreed in kpis.values() if agreed.recorded_at > launched]
    share = Decimal(len(late)) / len(kpis)
    return seen(share, f"{len(late)} of {len(kpis)} KPIs were agreed after the launch.", late)


def only_revenue_measured(picture: Picture) -> Seen | None:
    kpis = agreed_terms(picture)
    if not kpis:
        return None
    revenue = [agreed for terms, agreed in kpis.values() if terms.group is Group.REVENUE_IMPACT]
    share = Decimal(len(revenue)) / len(kpis)
    return seen(share, "Every KPI measures revenue: nothing tells of adoption, strategy or health.", revenue)


def kpi_overdue(picture: Picture) -> Seen | None:
    """How many days the first figure that is missing is overdue; a batch is taken to bring all that was due."""
    reported: dict[tuple[str, UUID], datetime] = {}
    for one in picture.all(BatchIngested):
        for key in one.event.kpis:
            reported[key, one.event.side] = one.recorded_at
    worst, late = 0, dict[str, Told]()
    reporting = [(terms, agreed) for terms, agreed in agreed_terms(picture).values() if terms.reported_by]
    for terms, agreed in reporting:
        for side in terms.reported_by:
            missing = period_of(reported.get((terms.key, side), agreed.recorded_at).date(), terms.frequency)
            days = (picture.at.date() - missing.last).days - terms.due_days
            if days > 0:
                worst, late[terms.key] = max(worst, days), agreed
    return seen(worst, f"Figures are overdue by {worst} days.", late.values()) if reporting else None


def discrepancy_unresolved(picture: Picture) -> Seen | None:
    overdue = picture.open(CaseOverdue, CaseSettled, CaseResolved)
    if not picture.all(CaseOverdue):
        return None
    return seen(len(overdue), f"{len(overdue)} differences between the sides are past their time.", overdue)


def commitment_asymmetry(picture: Picture) -> Seen | None:
    """The largest difference between two sides in the share delivered of what was due by now."""
    confirmed = {one.stream: one.event.amount for one in picture.all(CommitmentConfirmed)}
    due = [one for one in picture.all(CommitmentPromised) if one.event.terms.ends_on < picture.at.date()]
    shares: dict[UUID, list[Decimal]] = defaultdict(list)
    for one in due:
        promised = one.event.terms.amount
        if promised > 0:
            shares[one.event.side].append(min(Decimal(1), confirmed.get(one.stream, Decimal(0)) / promised))
    if len(shares) < 2:  # noqa: PLR2004 - it takes two sides
        return None
    kept = [sum(of_side, Decimal(0)) / len(of_side) for of_side in shares.values()]
    words = f"One side delivered {percent(max(kept))} of what it promised, another {percent(min(kept))}."
    return seen(max(kept) - min(kept), words, due)


def value_captured_by_one(picture: Picture) -> Seen | None:
    """The largest share of confirmed, won deals that one side booked, in the currency with most of them."""
    confirmed = {one.stream for one in picture.all(DealConfirmed)} - {one.stream for one in picture.all(DealWithdrawn)}
    deals = {}
    for one in sorted(picture.all(DealClaimed, DealUpdated), key=lambda one: one.seq):
        if one.stream in confirmed:
            deals[one.stream] = one
    won = [one for one in deals.values() if one.event.terms.stage is DealStage.WON]
    by_currency: dict[str, list[Told]] = defaultdict(list)
    for one in won:
        by_currency[one.event.terms.amount.currency].append(one)
    most = max(by_currency.values(), key=len, default=[])
    total = sum((one.event.terms.amount.amount for one in most), Decimal(0))
    if len(most) < DEALS_MIN or total <= 0:
        return None
    booked: dict[UUID, Decimal] = defaultdict(Decimal)
    for one in most:
        booked[one.event.side] += one.event.terms.amount.amount
    share = max(booked.values()) / total
    return seen(share, f"One side books {percent(share)} of the value of all confirmed deals.", most)


def headcount_not_allocated(picture: Picture) -> Seen | None:
    people = (CommitmentOf.HEADCOUNT, CommitmentOf.PEOPLE)
    promised = [one for one in picture.all(CommitmentPromised) if one.event.terms.of in people]
    begun = [one for one in promised if one.event.terms.starts_on <= picture.at.date()]
    if not begun:
        return None
    delivered = {one.stream for one in picture.all(CommitmentDelivered) if one.event.amount > 0}
    waiting = [one for one in begun if one.stream not in delivered]
    days = max(((picture.at.date() - one.event.terms.starts_on).days for one in waiting), default=0)
    return seen(days, f"People promised {days} days ago are not there.", waiting)


def silent_stall(picture: Picture) -> Seen | None:
    launched = picture.launched_at
    if launched is None or picture.at - launched < STALL_AGE:
        return None
    latest = max(picture.acts(within=picture.at - launched), key=lambda one: one.recorded_at, default=None)
    days = (picture.at - (latest.recorded_at if latest else launched)).days
    return seen(days, f"Nobody has done anything for {days} days.", [latest] if latest else [])


def underperformer(picture: Picture) -> Seen | None:
    """The mean share of targets reached by value KPIs in the better of the last six published months."""
    value = {stream for stream, (terms, _) in agreed_terms(picture).items() if terms.area is Area.VALUE}
    latest = {(one.stream, one.event.period): one for one in picture.all(FigurePublished) if one.stream in value}
    months: dict[str, list[Decimal]] = defaultdict(list)
    for (_, period), one in latest.items():
        if one.event.attained is not None:
            months[period].append(one.event.attained)
    recent = sorted(months)[-MONTHS_OF_TROUBLE:]
    if len(recent) < MONTHS_OF_TROUBLE:
        return None
    best = max(sum(months[month], Decimal(0)) / len(months[month]) for month in recent)
    evidence = [one for (_, period), one in latest.items() if period in recent]
    return seen(best, f"In none of six months was more than {percent(best)} of the targets reached.", evidence)


def overlap_growing(picture: Picture) -> Seen | None:
    estimated = picture.last(OverlapEstimated)
    if estimated is None:
        return None
    growth = estimated.event.in_three_years_percent - estimated.event.now_percent
    return seen(growth, f"Their overlap with our business grows by {growth} points in three years.", [estimated])


RULES = (
    Rule(
        rule=SignalRule.KPIS_AFTER_LAUNCH, unit="share of KPIs", limit=Decimal(0), look=kpis_after_launch,
        advice="Agree on a baseline for each of them, so that success is not defined by what came.",
    ),
    Rule(
        rule=SignalRule.ONLY_REVENUE_MEASURED, unit="share of KPIs", limit=Decimal("0.99"), look=only_revenue_measured,
        advice="Add KPIs of adoption, relationship and capability.",
    ),
    Rule(
        rule=SignalRule.KPI_OVERDUE, unit="days", limit=Decimal(3), look=kpi_overdue,
        advice="Ask the KPI's owner on that side; if nobody needs the figure, retire it.",
    ),
    Rule(
        rule=SignalRule.DISCREPANCY_UNRESOLVED, unit="cases", limit=Decimal(0), look=discrepancy_unresolved,
        advice="Raise it as a decision under the governance model.",
    ),
    Rule(
        rule=SignalRule.COMMITMENT_ASYMMETRY, unit="difference of shares", limit=Decimal("0.3"),
        look=commitment_asymmetry, advice="Put promised against delivered on the next agenda, side by side.",
    ),
    Rule(
        rule=SignalRule.VALUE_CAPTURED_BY_ONE, unit="share of value", limit=Decimal("0.8"), look=value_captured_by_one,
        advice="Look at the value exchange again before the other side does.",
    ),
    Rule(
        rule=SignalRule.HEADCOUNT_NOT_ALLOCATED, unit="days", limit=Decimal(14), look=headcount_not_allocated,
        advice="Ask for names, or cut the plan to the people there are.",
    ),
    Rule(
        rule=SignalRule.SILENT_STALL, unit="days", limit=Decimal(45), look=silent_stall,
        advice="Ask both owners whether this alliance still has a reason, and end it if not.",
    ),
    Rule(
        rule=SignalRule.UNDERPERFORMER, unit="share of targets", limit=Decimal("0.7"), below=True, look=underperformer,
        advice="Restructure it or leave: six months say the same.",
    ),
    Rule(
        rule=SignalRule.OVERLAP_GROWING, unit="points", limit=Decimal(10), look=overlap_growing,
        advice="Agree on fields of use now, while they still differ.",
    ),
)  # fmt: skip
