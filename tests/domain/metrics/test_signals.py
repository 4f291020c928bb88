"""Every rule raised and cleared by events alone; and none of them by events that are not there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import pytest

from services.metrics.domain.signals.picture import Picture
from services.metrics.domain.signals.watch import RULES, Thresholds, Watch, look
from shared.events import (
    directory,
    governance,
    metrics,
    metrics_cycles,
    metrics_deals,
    metrics_pulse,
    metrics_truth,
    scoring_gaps,
    scoring_signing,
)
from shared.events import governance_agreements as agreements
from shared.events import governance_disputes as disputes
from shared.events import governance_duties as duties
from shared.events import governance_meetings as meetings
from shared.events import governance_reviews as reviews
from shared.events.governance_agreement_terms import AgreementKind
from shared.events.governance_plan_terms import ChangeOf, ChangeRequest, Consequence, Effect
from shared.events.governance_terms import OwnerRole, Stage
from shared.events.metrics_signals import RuleThreshold, SignalCleared, SignalRaised, SignalRule
from shared.events.scoring_terms import StrategicIntent
from shared.events.values import Money
from shared.testing.examples import example_of
from tests.domain.metrics.example_terms import ON_TIME, A, B

BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
ALLIANCE, OWN = UUID(int=70), UUID(int=71)
PEOPLE = {side: [uuid5(side, str(n)) for n in range(4)] for side in (A, B)}
BOSS, CLERK = UUID(int=81), UUID(int=82)


@dataclass(frozen=True)
class By:
    org: UUID | None
    sub: UUID | None


@dataclass(frozen=True)
class Event:
    """An event of a test, as the log would tell it."""

    event: Any
    day: int = 0
    side: UUID | None = A
    person: UUID | None = None
    stream: str = "thing/0"
    ledger_id: UUID = ALLIANCE
    seq: int = 0

    @property
    def recorded_at(self) -> datetime:
        return BEGIN + timedelta(days=self.day)

    @property
    def actor(self) -> By:
        return By(self.side, self.person or (PEOPLE[self.side][0] if self.side else None))


def made(kind_: type, **fields: Any) -> Any:
    """An event of this kind, all of it made up but for these fields."""
    return replace(example_of(kind_), **fields)


def day(number: int) -> date:
    return (BEGIN + timedelta(days=number)).date()


def allied() -> list[Event]:
    proposed = made(governance.AllianceProposed, side=A, parties=(A, B))
    return [Event(proposed), Event(made(governance.AllianceAccepted, side=B), side=B)]


def vote(side: UUID, person: int, on: int) -> Event:
    return Event(made(governance.VoteCast, side=side), on, side, PEOPLE[side][person])


def owner(side: UUID, role: OwnerRole, person: UUID, on: int = 0) -> Event:
    return Event(made(governance.OwnerNamed, side=side, role=role, person_id=person), on, side)


def added(person: UUID, level: directory.Level) -> Event:
    return Event(made(directory.PersonAdded, person_id=person, level=level), ledger_id=OWN)


def batch(source: str, on: int, *keys: str) -> Event:
    return Event(made(metrics.BatchIngested, side=A, source=source, kpis=keys), on)


def launched(on: int = 0) -> Event:
    return Event(made(governance.StageEntered, stage=Stage.LAUNCHING), on)


def kpi(key: str, on: int, **terms: Any) -> list[Event]:
    offered = replace(ON_TIME, key=key, reported_by=(A,), **terms)
    stream = f"kpi/{key}"
    return [
        Event(metrics.KpiProposed(side=A, parties=(A, B), terms=offered), on, stream=stream),
        Event(metrics.KpiAgreed(key=key), on, stream=stream),
    ]


def agreement(kind: AgreementKind, on: int) -> Event:
    return Event(made(agreements.AgreementEnteredIntoForce, kind=kind), on, stream=f"agreement/{kind}")


def promised(side: UUID, of: duties.CommitmentOf, ends: int) -> Event:
    terms = replace(example_of(duties.CommitmentTerms), of=of, amount=Decimal(4), starts_on=day(1), ends_on=day(ends))
    return Event(made(duties.CommitmentPromised, side=side, terms=terms), 0, side, stream=f"commitment/{side}")


def confirmed(side: UUID, on: int) -> Event:
    return Event(made(duties.CommitmentConfirmed, amount=Decimal(4)), on, stream=f"commitment/{side}")


def deal(name: str, side: UUID) -> list[Event]:
    won = {"stage": metrics_deals.DealStage.WON, "amount": Money(Decimal(100), "EUR")}
    terms = replace(example_of(metrics_deals.DealTerms), **won)
    claimed = made(metrics_deals.DealClaimed, side=side, terms=terms)
    stream = f"deal/{name}"
    return [Event(claimed, 1, side, stream=stream), Event(made(metrics_deals.DealConfirmed), 2, stream=stream)]


def change_request(effect: Effect) -> ChangeRequest:
    same = Consequence(Effect.CONFIRMED_UNCHANGED)
    return ChangeRequest(
        title="More",
        change_of=ChangeOf.SCOPE,
        description="All of it.",
        economics=Consequence(effect),
        resources=same,
        governance=same,
    )


def raised(name: str, on: int, *, outside: bool = False) -> Event:
    route = replace(example_of(governance.DecisionRaised).route, outside_matrix=outside)
    return Event(made(governance.DecisionRaised, route=route), on, stream=f"decision/{name}")


def settled(name: str, on: int, *, late: bool) -> Event:
    return Event(made(governance.DecisionApproved, late=late), on, stream=f"decision/{name}")


def pulse(trust: str, on: int) -> Event:
    mean = metrics_pulse.PulseMean(metrics_pulse.PulseQuestion.TRUST, Decimal(trust))
    result = metrics_pulse.PulseResult(A, None, 5, (mean,), 10)
    return Event(metrics_pulse.PulseClosed(results=(result,), too_few=()), on)


def published(month: int, attained: str) -> Event:
    figure = made(metrics_truth.FigurePublished, period=f"2026-{month:02}", attained=Decimal(attained))
    return Event(figure, 30 * month, stream="kpi/value")


def overlap(later: int) -> Event:
    return Event(
        made(scoring_gaps.OverlapEstimated, now_percent=Decimal(10), in_three_years_percent=Decimal(later)),
        ledger_id=OWN,
    )


def cycle(side: UUID, month: int) -> Event:
    return Event(metrics_cycles.PlanningCycleTold(side=side, year_begins_month=month), side=side)


def intent(value: Any) -> Event:
    return Event(made(scoring_signing.SummaryShared, side=B, intent=value), side=B)


def many(*groups: list[Event]) -> list[Event]:
    return [one for group in groups for one in group]


R = SignalRule
MANAGER, SPONSOR = OwnerRole.ALLIANCE_MANAGER, OwnerRole.EXECUTIVE_SPONSOR
INTENTS = list(StrategicIntent)
Story = tuple[list[Event], int, list[Event], int]
"""What happened, the day it is seen; what happened then, and the day that is seen."""

STORIES: dict[SignalRule, Story] = {
    R.TOO_FEW_PEOPLE: (allied(), 40, [vote(side, n, 40) for side in (A, B) for n in range(3)], 41),
    R.NO_OWNER_OR_SPONSOR: (
        allied(), 1, [owner(side, role, BOSS) for side in (A, B) for role in OwnerRole], 2,
    ),
    R.OWNER_WITHOUT_AUTHORITY: (
        [added(CLERK, directory.Level.WORKING), owner(A, SPONSOR, CLERK)], 1,
        [added(BOSS, directory.Level.EXECUTIVE), owner(A, SPONSOR, BOSS, 1)], 2,
    ),
    R.SPONSOR_NOT_SEEN: (
        [owner(A, SPONSOR, PEOPLE[A][1])], 100, [vote(A, 1, 100)], 101,
    ),
    R.ONE_PERSON_CARRIES_IT: (
        [*allied(), *(vote(A, 1, n) for n in range(10))], 11, [vote(A, 2, 12) for _ in range(10)], 13,
    ),
    R.ONE_SYSTEM_CARRIES_IT: (
        [batch("warehouse", 1, *"abcdef")], 2, [batch("spreadsheet", 3, "a")], 4,
    ),
    R.ANNOUNCED_UNPREPARED: (
        [Event(made(duties.AllianceAnnounced, kpis=0), 1)], 2,
        [agreement(AgreementKind.OPERATING_PLAN, 3), Event(made(governance.ModelRatified), 3),
         Event(made(duties.AllianceAnnounced, kpis=3), 4)], 5,
    ),
    R.KPIS_AFTER_LAUNCH: (
        many(kpi("early", 0), [launched(1)], kpi("late", 5)), 6,
        [Event(metrics.KpiRetired(key="late"), 7, stream="kpi/late")], 8,
    ),
    R.ONLY_REVENUE_MEASURED: (
        kpi("sales", 0, group=metrics.Group.REVENUE_IMPACT), 1, kpi("trust", 2, group=metrics.Group.HEALTH), 3,
    ),
    R.KPI_OVERDUE: (kpi("rate", 0), 30, [batch("warehouse", 30, "rate")], 30),
    R.DISCREPANCY_UNRESOLVED: (
        [Event(made(metrics_truth.CaseOverdue), 1, stream="case/1")], 2,
        [Event(made(metrics_truth.CaseSettled), 3, stream="case/1")], 4,
    ),
    R.COMMITMENT_ASYMMETRY: (
        [promised(side, duties.CommitmentOf.MONEY, 10) for side in (A, B)] + [confirmed(A, 5)], 20,
        [confirmed(B, 21)], 22,
    ),
    R.VALUE_CAPTURED_BY_ONE: (many(deal("1", A), deal("2", A)), 3, deal("3", B), 4),
    R.HEADCOUNT_NOT_ALLOCATED: (
        [promised(A, duties.CommitmentOf.HEADCOUNT, 200)], 30,
        [Event(made(duties.CommitmentDelivered, amount=Decimal(1)), 31, stream=f"commitment/{A}")], 32,
    ),
    R.SCOPE_CHANGED_ALONE: (
        [Event(made(agreements.AgreementProposed, content=change_request(Effect.UNDETERMINED)), stream="agreement/1")],
        1,
        [Event(made(agreements.AgreementCountered, content=change_request(Effect.CHANGED)), 2, stream="agreement/1")],
        3,
    ),
    R.DECISIONS_OUTSIDE_MATRIX: (
        [raised(str(n), 1, outside=True) for n in range(3)], 2, [raised("in", 95)], 100,
    ),
    R.DECISIONS_LATE: (
        [settled(str(n), n, late=True) for n in range(5)], 6, [settled(f"t{n}", 7, late=False) for n in range(6)], 8,
    ),
    R.DECISIONS_ESCALATED: (
        many([raised(str(n), 1) for n in range(5)],
             [Event(made(governance.DecisionEscalated), 2, stream=f"decision/{n}") for n in range(5)]), 3,
        [raised(f"t{n}", 4) for n in range(6)], 5,
    ),
    R.MEETINGS_WITHOUT_DECISIONS: (
        [Event(made(meetings.MeetingHeld), n) for n in range(6)], 7, [settled("1", 8, late=False)], 9,
    ),
    R.GOVERNANCE_MODEL_OLD: (
        [Event(made(governance.ModelRatified))], 400, [Event(made(agreements.ModelReratified), 401)], 402,
    ),
    R.CONFLICT_SILENCE: (
        [pulse("4.0", 1), pulse("3.0", 40)], 41, [Event(made(disputes.DisputeOpened), 42)], 43,
    ),
    R.REVIEW_MISSED: (
        [Event(made(reviews.ReviewMissed), 1, stream="review/1")], 2,
        [Event(made(reviews.ReviewConcluded), 3, stream="review/1")], 4,
    ),
    R.SILENT_STALL: ([launched()], 200, [vote(A, 1, 200)], 201),
    R.UNDERPERFORMER: (
        many(kpi("value", 0), [published(month, "0.5") for month in range(1, 7)]), 190, [published(7, "0.9")], 220,
    ),
    R.NO_EXIT_TERMS: ([launched()], 1, [agreement(AgreementKind.TERM_SHEET, 2)], 3),
    R.OVERLAP_GROWING: ([overlap(40)], 1, [replace(overlap(12), day=2)], 3),
    R.PLANNING_CYCLES_DIFFER: ([*allied(), cycle(A, 1), cycle(B, 7)], 1, [cycle(B, 12)], 2),
    R.MIXED_INTENTS: (
        [Event(made(governance.AllianceProposed, side=A, intent=INTENTS[0])), intent(INTENTS[1])], 1,
        [intent(INTENTS[0])], 2,
    ),
}  # fmt: skip


def picture(events: list[Event], on: int) -> Picture:
    told = [replace(one, seq=seq) for seq, one in enumerate(events)]
    return Picture(told, at=BEGIN + timedelta(days=on), own=OWN)


def test_there_is_a_story_of_every_rule() -> None:
    assert set(STORIES) == set(SignalRule) == set(RULES)


@pytest.mark.parametrize("rule", SignalRule)
def test_raised_with_its_evidence_and_cleared(rule: SignalRule) -> None:
    before, seen_on, after, cleared_on = STORIES[rule]
    [raised_] = [one for one in look(picture(before, seen_on), Thresholds(), Watch(), ALLIANCE) if one.rule is rule]
    assert isinstance(raised_, SignalRaised)
    assert all(0 <= one.seq < len(before) for one in raised_.evidence)
    watch = Watch(frozenset({rule}))
    assert [one for one in look(picture(before, seen_on), Thresholds(), watch, ALLIANCE) if one.rule is rule] == []
    [cleared] = [
        one for one in look(picture([*before, *after], cleared_on), Thresholds(), watch, ALLIANCE) if one.rule is rule
    ]
    assert isinstance(cleared, SignalCleared)


@pytest.mark.parametrize("rule", SignalRule)
def test_what_is_not_known_raises_nothing_and_clears_nothing(rule: SignalRule) -> None:
    assert look(picture([], 500), Thresholds(), Watch(), ALLIANCE) == []
    assert look(picture([], 500), Thresholds(), Watch(frozenset({rule})), ALLIANCE) == []


@pytest.mark.parametrize("rule", SignalRule)
def test_by_its_own_threshold_and_muted(rule: SignalRule) -> None:
    before, on, _, _ = STORIES[rule]
    limit = Decimal(0) if RULES[rule].below else Decimal(1_000)
    lenient = Thresholds({rule: limit})
    assert rule not in {one.rule for one in look(picture(before, on), lenient, Watch(), ALLIANCE)}
    muted = Thresholds(muted=frozenset({rule}))
    assert rule not in {one.rule for one in look(picture(before, on), muted, Watch(), ALLIANCE)}
    [cleared] = [
        one for one in look(picture(before, on), muted, Watch(frozenset({rule})), ALLIANCE) if one.rule is rule
    ]
    assert isinstance(cleared, SignalCleared)


def test_a_limit_is_a_limit() -> None:
    assert RuleThreshold(R.KPI_OVERDUE, Decimal(3)).limit == RULES[R.KPI_OVERDUE].limit
