"""How an alliance is: performance and relationship explained, its value curve, and what is fair between the sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from services.metrics.api.figure_schemas import Figure
from services.metrics.api.known import books_of, today
from services.metrics.domain import curve as curves
from services.metrics.domain.health import Part, Score, capped, score
from services.metrics.domain.period import Period, parse_period
from services.metrics.domain.scorecard import attained
from services.metrics.publishing import lines_of
from services.metrics.read_models import portfolio as placed
from services.metrics.read_models.books import Books
from services.metrics.read_models.deals import live_deals
from services.metrics.read_models.happenings import happenings_within
from services.metrics.read_models.pulses import pulses_of
from shared.events import names_of, stored_names
from shared.events.governance_duties import CommitmentConfirmed, CommitmentPromised
from shared.events.metrics import Area
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Answer, Count, Id
from shared.log.envelope import Moment

router = Router("metrics", "health")

PULSE_AGE_MAX = timedelta(days=120)
HALF_A_YEAR = timedelta(days=182)
PULSE_RANGE = Decimal(4)
MONTHS_MAX = 600
ACTS = (
    "SELECT to_char(to_timestamp(recorded_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS acts"
    "  FROM log.events WHERE ledger_id = %s AND type NOT LIKE 'metrics.batch%%' AND type NOT LIKE 'metrics.upload%%'"
    "   AND convert_from(body, 'UTF8')::jsonb #>> '{actor,sub}' IS NOT NULL"
    "   AND (%s::bigint IS NULL OR seq <= %s) AND (%s::bigint IS NULL OR recorded_us <= %s) GROUP BY 1"
)
"""What people did, month by month: not their systems, and not Concord."""
Month = Annotated[str, Query(pattern=r"^(19[1-9][0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])$", examples=["2013-03"])]


class HealthPoint(Answer):
    """What a part gives of what it could give; `points` is null where it is not known."""

    title: str
    points: Figure | None
    of: Figure
    words: str
    source: str = Field(description="The figure or events that it comes from.")


class HealthScore(Answer):
    """0 to 100; null while less than 60 % of its parts are known."""

    score: Figure | None
    coverage: Figure
    points: list[HealthPoint] = Field(max_length=600)


class Health(Answer):
    """Performance and relationship, never added together."""

    month: str
    performance: HealthScore
    relationship: HealthScore


class CurveMonth(Answer):
    """A month since launch, against what is usual."""

    month: str
    since_launch: Count
    attained: Figure | None = Field(description="Mean share of value targets reached; null where none is published.")
    acts: Count = Field(description="What people did in it.")
    usual_low: Figure
    usual_high: Figure


class ValueCurve(Answer):
    """Where it stands against the usual course: early lift, trough, climb."""

    phase: Literal["early_lift", "trough", "climb"] | None
    verdict: Literal["not_launched", "too_little_known", "above", "as_expected", "expected_trough", "below", "stall"]
    words: str
    months: list[CurveMonth] = Field(max_length=MONTHS_MAX)


class SideFairness(Answer):
    """What a side promised and delivered, and what it books of the value of confirmed deals."""

    side: Id
    promised: Count = Field(description="Commitments that were due by now.")
    delivered_share: Figure | None = Field(description="The mean share of them that the others confirmed.")
    delivered_before: Figure | None = Field(description="The same for what was due until half a year ago.")
    captured: dict[str, str] = Field(description="Won, confirmed deals that it books, by currency.")
    captured_share: Figure | None = Field(description="Its share in the currency with most; null with nothing won.")
    captured_before: Figure | None = Field(description="The same for what was won until half a year ago.")


class Fairness(Answer):
    """Promised against delivered and value captured, side by side."""

    sides: list[SideFairness] = Field(max_length=50)
    words: str


@router.read("/alliances/{alliance_id}/health", scope="metrics:read")
def get_health(session: Session, alliance_id: Id, month: Month) -> Health:
    """How healthy the alliance was in a month, every point explained by the figures and events that it came from."""
    books, asked = books_of(session, alliance_id), parse_period(month)
    parts = [
        (line.area, part_of(terms, line)) for _, terms, _, line in lines_of(books, asked) if line.target is not None
    ]
    performance = [part for area, part in parts if area is not Area.RELATIONSHIP]
    relationship = [part for area, part in parts if area is Area.RELATIONSHIP]
    relationship += [*pulse_parts(books, asked), decision_part(books, asked)]
    return Health(month=month, performance=told(score(performance)), relationship=told(score(relationship)))


def part_of(terms: Any, line: Any) -> Part:
    share = capped(attained(terms, line.value, line.target))
    words = "No figure: too few periods are reported." if line.value is None else f"{line.value} of {line.target}"
    return Part(terms.title, share, words, f"kpi/{terms.key}/{line.month}")


def pulse_parts(books: Books, month: Period) -> Iterator[Part]:
    """A part for each side of the latest survey closed by the month's end and not too long before it."""
    closed = [row for row in books.execute(pulses_of(books.alliance_id)) if row.closed_at is not None]
    recent = [row for row in closed if timedelta(0) <= month.last - row.closed_at.date() <= PULSE_AGE_MAX]
    if not recent:
        yield Part("Pulse", None, "No survey was closed in the last four months.", "pulse")
        return
    latest = max(recent, key=lambda row: row.closed_at)
    for result in latest.results:
        if result["level"] is None:
            means = [Decimal(one["mean"]) for one in result["means"]]
            mean = sum(means, Decimal(0)) / len(means)
            words = f"{result['answers']} people of {result['side']} said {round(mean, 2)} of 5."
            yield Part("Pulse", (mean - 1) / PULSE_RANGE, words, f"pulse/{latest.id}")
    for side in latest.too_few:
        yield Part("Pulse", None, f"Too few people of {side} answered.", f"pulse/{latest.id}")


def decision_part(books: Books, month: Period) -> Part:
    rows = books.execute(happenings_within(books.alliance_id)).all()
    settled = [
        row
        for row in rows
        if row.kind == "decision" and row.ended_at and row.due_at and month.first <= row.ended_at.date() <= month.last
    ]
    source = f"decisions/{month}"
    if not settled:
        return Part("Decisions in time", None, "No decision with a time was settled.", source)
    good = sum(bool(row.good) for row in settled)
    words = f"{good} of {len(settled)} decisions were in time."
    return Part("Decisions in time", Decimal(good) / len(settled), words, source)


def told(found: Score) -> HealthScore:
    points = [HealthPoint.model_validate(point) for point in found.points]
    return HealthScore(score=found.score, coverage=found.coverage, points=points)


@router.read("/alliances/{alliance_id}/value-curve", scope="metrics:read")
def get_value_curve(session: Session, alliance_id: Id) -> ValueCurve:
    """Where the alliance stands against the usual course of alliances: an expected trough, or a stall, and why."""
    points = curve_points(session, alliance_id)
    found = curves.judge_curve(points)
    months = [shown(point) for point in points[-MONTHS_MAX:]]
    phase = None if found.phase is None else found.phase.value
    return ValueCurve(phase=phase, verdict=found.verdict.value, words=found.words, months=months)


def curve_points(session: Session, alliance_id: UUID) -> list[curves.CurvePoint]:
    """The months from launch to the last that is over."""
    view, moment = session.view(alliance_id), session.moment or Moment()
    launched = [row.launched_at for row in view.all(placed.of_ledgers(placed.partnerships, [alliance_id]))]
    if not launched or launched[0] is None:
        return []
    reached: dict[str, list[Decimal]] = defaultdict(list)
    figures: dict[str, int] = defaultdict(int)
    for row in view.all(placed.value_by_month([alliance_id])):
        for told in map(placed.ValueOfMonth._make, row.months):
            if told.reached is not None:
                reached[told.period].append(Decimal(told.reached))
                figures[told.period] += told.figures
    bounds = (moment.seq, moment.seq, moment.us, moment.us)
    acts = {row.month: row.acts for row in session.connection.exec_driver_sql(ACTS, (alliance_id, *bounds))}
    first, now = parse_period(f"{launched[0]:%Y-%m}"), parse_period(f"{today(session, alliance_id):%Y-%m}")
    found, month = [], first
    while month.ordinal < now.ordinal:
        name = str(month)
        share = sum(reached[name], Decimal(0)) / figures[name] if figures.get(name) else None
        found.append(curves.CurvePoint(name, month.ordinal - first.ordinal, share, acts.get(name, 0)))
        month = month.next()
    return found


def shown(point: curves.CurvePoint) -> CurveMonth:
    usual = curves.band(point.since_launch)
    return CurveMonth(
        month=point.month,
        since_launch=point.since_launch,
        attained=None if point.attained is None else round(point.attained, 4),
        acts=point.acts,
        usual_low=usual.low,
        usual_high=usual.high,
    )


@router.read("/alliances/{alliance_id}/fairness", scope="metrics:read")
def get_fairness(session: Session, alliance_id: Id) -> Fairness:
    """What each side promised and delivered, and what it gets out of it."""
    view, day = session.view(alliance_id), today(session, alliance_id)
    moment = session.moment or Moment()
    names = stored_names(names_of(CommitmentPromised, CommitmentConfirmed))
    events = list(session.log.read_all(alliance_id, until_seq=moment.seq, until_us=moment.us, names=names))
    confirmed = {one.stream: one.event.amount for one in events if isinstance(one.event, CommitmentConfirmed)}
    promised = [one for one in events if isinstance(one.event, CommitmentPromised)]
    then = day - HALF_A_YEAR
    won = [row for row in view.all(live_deals(alliance_id)) if row.status == "confirmed" and row.stage == "won"]
    captured, earlier = captured_of(won), captured_of([row for row in won if row.closed_on < then])
    parties = [
        party for row in view.all(placed.of_ledgers(placed.partnerships, [alliance_id])) for party in row.parties
    ]
    code = main_currency(captured)
    shares, shares_before = captured_shares(captured, code), captured_shares(earlier, code)
    sides = []
    for side in parties:
        due = [one for one in promised if one.event.side == side and one.event.terms.ends_on < day]
        before = [one for one in due if one.event.terms.ends_on < then]
        sides.append(
            SideFairness(
                side=side,
                promised=len(due),
                delivered_share=delivered(due, confirmed),
                delivered_before=delivered(before, confirmed),
                captured={code: format(amount, "f") for code, amount in captured[side].items()},
                captured_share=shares.get(side),
                captured_before=shares_before.get(side),
            )
        )
    return Fairness(sides=sides, words=in_words(sides))


def delivered(due: Sequence[Any], confirmed: dict[str, Decimal]) -> Decimal | None:
    shares = [
        min(Decimal(1), confirmed.get(one.stream, Decimal(0)) / one.event.terms.amount)
        for one in due
        if one.event.terms.amount > 0
    ]
    return round(sum(shares, Decimal(0)) / len(shares), 4) if shares else None


def captured_of(won: Sequence[Any]) -> dict[UUID, dict[str, Decimal]]:
    """By side and currency."""
    captured: dict[UUID, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in won:
        captured[row.side][row.currency] += Decimal(row.amount)
    return captured


def captured_shares(captured: dict[UUID, dict[str, Decimal]], code: str) -> dict[UUID, Decimal]:
    """Each side's share of what was won in a currency."""
    total = sum((amounts.get(code, Decimal(0)) for amounts in captured.values()), Decimal(0))
    if total <= 0:
        return {}
    return {side: round(amounts.get(code, Decimal(0)) / total, 4) for side, amounts in captured.items()}


def main_currency(captured: dict[UUID, dict[str, Decimal]]) -> str:
    """The one in which most is won; empty when nothing is."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for amounts in captured.values():
        for code, amount in amounts.items():
            totals[code] += amount
    return max(totals, key=lambda one: totals[one], default="")


def in_words(sides: list[SideFairness]) -> str:
    kept = [one.delivered_share for one in sides if one.delivered_share is not None]
    if len(kept) < len(sides) or not kept:
        return "Not every side has had anything due; there is nothing to compare yet."
    apart = max(kept) - min(kept)
    return f"The sides delivered between {round(min(kept) * 100)} and {round(max(kept) * 100)} % of what was due: " + (
        "about alike." if apart <= Decimal("0.1") else f"{round(apart * 100)} points apart."
    )
