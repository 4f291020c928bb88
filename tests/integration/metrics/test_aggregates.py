"""Figures over periods and dimensions, as now and as then, as a naive reader of the whole story puts them together.

The stories are made up at random: late figures, corrections under the same id or another, by day, week and month.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

import pytest

from services.metrics.domain.figure import Figure, Slot
from services.metrics.domain.period import period_of
from shared.events.metrics import Aggregation, Frequency, Unit
from shared.testing.api import Api, Member
from tests.domain.metrics.test_scorecard import naive
from tests.integration.metrics.road import Joint, Rows, ally, everything

FIRST_DAY = date(2015, 12, 20)
"""From here the days run over a week 53, a change of year and a 29 February."""
DAYS = 80
SPECIAL_DAYS = (11, 12, 71)
"""New Year's Eve, New Year and the leap day."""
AGREED, BEGIN = "2015-12-01T12:00:00Z", date(2016, 4, 1)
KPIS = {
    "added": (Aggregation.SUM, Frequency.DAY),
    "meant": (Aggregation.MEAN, Frequency.WEEK),
    "highest": (Aggregation.MAX, Frequency.MONTH),
    "latest": (Aggregation.LAST, Frequency.DAY),
    "rated": (Aggregation.RATIO_OF_SUMS, Frequency.DAY),
}
SPANS = ("period", "month", "quarter", "year")
EXACT_TO = Fraction(1, 10**15)


class Move(NamedTuple):
    """What is said next: of a new id, or in place of what an id said, under that id or a new one."""

    kpi: str
    day: int
    route: str
    above: int
    below: int
    replaces: int | None
    anew: bool


class Said(NamedTuple):
    """A version of a row, and the batch it came in."""

    identity: str
    kpi: str
    slot: Slot
    figure: Figure
    replaces: str
    batch: int


@dataclass
class Story:
    """All that a side has said, in order, and what a naive reader makes of it."""

    said: list[Said] = field(default_factory=list)

    def live(self, upto: int) -> list[Said]:
        """What nothing later replaced, of the batches up to this one."""
        known = [one for one in self.said if one.batch <= upto]
        return [
            one
            for place, one in enumerate(known)
            if not any(later.replaces == one.identity for later in known[place + 1 :])
        ]

    def in_force(self, kpi: str, upto: int) -> dict[Slot, Figure]:
        """Of two ids for one slot the one said later holds."""
        return {one.slot: one.figure for one in self.live(upto) if one.kpi == kpi}

    def row(self, move: Move, batch: int) -> dict[str, Any] | None:
        """The next row; None for a replacement of what has been replaced already."""
        identity, replaces, kpi = f"r-{len(self.said)}", "", move.kpi
        if move.replaces is not None and self.said:
            target = self.said[move.replaces % len(self.said)]
            if target not in self.live(batch):
                return None
            replaces, kpi = target.identity, target.kpi
            if not move.anew and target.batch != batch:  # a batch has an id once
                identity = replaces
        value = round(Decimal(move.above) / move.below, 6)
        period = period_of(FIRST_DAY + timedelta(days=move.day), KPIS[kpi][1])
        slot = Slot(period, (("route", move.route),) if move.route else ())
        given = {"observation_id": identity, "kpi": kpi, "period": str(period), "value": str(value)}
        figure = Figure(value)
        if kpi == "rated":
            figure = Figure(value, Decimal(move.above), Decimal(move.below))
            given |= {"numerator": str(move.above), "denominator": str(move.below)}
        if replaces:
            given |= {"supersedes": replaces, "reason": "Recounted."}
        self.said.append(Said(identity, kpi, slot, figure, replaces, batch))
        return {**given, "dimensions": dict(slot.dimensions)}


def made_up(seed: int) -> list[list[Move]]:
    """A story of two to four batches, the same for the same seed."""
    chance = Random(seed)

    def move() -> Move:
        day = chance.choice([*SPECIAL_DAYS, chance.randrange(DAYS), chance.randrange(DAYS)])
        return Move(
            kpi=chance.choice(sorted(KPIS)),
            day=day,
            route=chance.choice(["", "x", "y"]),
            above=chance.randint(-9_999, 9_999),
            below=chance.randint(1, 999),
            replaces=chance.choice([None, chance.randrange(50)]),
            anew=chance.random() < 0.5,
        )

    return [[move() for _ in range(chance.randint(1, 25))] for _ in range(chance.randint(2, 4))]


def series(joint: Joint, kpi_id: str, **query: Any) -> dict[tuple[str, str | None], Fraction]:
    points = joint.express.get(joint.path(f"kpis/{kpi_id}/series"), **query)["points"]
    return {(one["span"], one["dimension_value"]): Fraction(Decimal(one["value"])) for one in points}


def expected(
    figures: dict[Slot, Figure], how: Aggregation, every: str, *, by_route: bool
) -> dict[tuple[str, str | None], Fraction]:
    groups: dict[tuple[str, str | None], dict[Slot, Figure]] = {}
    for slot, figure in figures.items():
        last = slot.period.last
        quarter = f"{last.year}-Q{(last.month - 1) // 3 + 1}"
        span = {"period": str(slot.period), "month": f"{last:%Y-%m}", "quarter": quarter, "year": f"{last.year}"}
        place = dict(slot.dimensions).get("route") if by_route else None
        groups.setdefault((span[every], place), {})[slot] = figure
    return {group: naive(given, how, Unit.COUNT, None) for group, given in groups.items()}


def tell(joint: Joint, story: Story, batches: list[list[Move]]) -> list[str]:
    """Push the story a day apart; where the ledger stood after each batch."""
    moments = []
    for number, batch in enumerate(batches):
        joint.api.set_clock(f"{BEGIN + timedelta(days=number)}T12:00:00Z")
        rows: Rows = [row for move in batch if (row := story.row(move, number)) is not None]
        if rows:
            counts = joint.push(joint.united, rows)["counts"]
            corrections = sum("supersedes" in row for row in rows)
            assert (counts["accepted"], counts["corrected"]) == (len(rows) - corrections, corrections), counts
        moments.append(f"{BEGIN + timedelta(days=number)}T12:00:00Z")
    return moments


def puts_together_as_a_naive_reader(api: Api, united: Member, express: Member, batches: list[list[Move]]) -> None:
    api.set_clock(AGREED)
    joint, story = Joint(api, ally(api, united, express), united, express), Story()
    kpis = {}
    for key, (how, frequency) in KPIS.items():
        terms = joint.terms(
            key,
            unit="count",
            aggregation=how.value,
            frequency=frequency.value,
            dimensions=["route"],
            reported_by=[united.org],
            until_settled="reporter",
            targets=[],
        )
        kpis[key] = joint.agree(terms)["id"]
    moments = tell(joint, story, batches)
    now: list[tuple[int, dict[str, str]]] = [(len(batches) - 1, {})]
    for upto, asked in [*now, *((number, {"as_of": moment}) for number, moment in enumerate(moments))]:
        for key, (how, _) in KPIS.items():
            figures = story.in_force(key, upto)
            for place, every in enumerate(SPANS if not asked else SPANS[upto % 4 :: 4]):
                by_route = bool((upto + place) % 2)
                query = {"every": every, **asked, **({"dimension": "route"} if by_route else {})}
                told, wanted = series(joint, kpis[key], **query), expected(figures, how, every, by_route=by_route)
                assert told.keys() == wanted.keys(), (key, query)
                assert all(abs(told[span] - wanted[span]) < EXACT_TO for span in wanted), (key, query)
    assert len(everything(joint.express, joint.path("observations"), versions="all")) == len(story.said)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.faults) for seed in range(2, 40))])
def test_a_story_made_up_at_random(api: Api, united: Member, express: Member, seed: int) -> None:
    puts_together_as_a_naive_reader(api, united, express, made_up(seed))
