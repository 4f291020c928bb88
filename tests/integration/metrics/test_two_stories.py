"""The airline year as it really comes: twice, interleaved, corrected, with bad rows, from two systems of each side.

What is there in the end is what is there when each side pushes once and in order. Then June is closed and restated.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from shared.testing.api import Api, Member
from tests.integration.metrics.road import Joint, Rows, ally, everything, example_terms, settle, system
from tests.integration.metrics.test_airline_year import ON_TIME, rows_of

BEFORE, NEW_YEAR = "2012-12-03T15:00:00Z", "2014-01-02T12:00:00Z"
CLOSED, RESTATED = "2014-01-10T12:00:00Z", "2014-02-03T12:00:00Z"
PARTS = 12


@pytest.fixture(autouse=True)
def morning(api: Api) -> None:
    """The clock moves as the story goes."""


def told(file: str) -> tuple[Rows, Rows]:
    """A side's rows, and the corrections of 5 % of them."""
    rows = [{name: text for name, text in one.items() if text} for one in rows_of(file)]
    counts = [one for one in rows if one["kpi"].endswith("flights_operated")]
    corrections = [
        {
            **one,
            "value": str(int(one["value"]) + 3),
            "supersedes": one["observation_id"],
            "reason": "Recounted.",
        }
        for one in Random(file).sample(counts, len(rows) // 20)
    ]
    return rows, corrections


def bad(rows: Rows) -> Rows:
    """1 % more rows, none of which means anything."""
    some = Random("bad").sample(rows, len(rows) // 100)
    return [{**one, "observation_id": f"bad-{place}", "value": "twelve"} for place, one in enumerate(some)]


def allied(api: Api, united: Member, express: Member) -> tuple[Joint, dict[str, str]]:
    api.set_clock(BEFORE)
    joint = Joint(api, ally(api, united, express), united, express)
    kpis = {key: joint.agree(terms)["id"] for key, terms in example_terms(united, express).items()}
    api.set_clock(NEW_YEAR)
    return joint, kpis


def push_in_order(joint: Joint) -> None:
    for side, file in ((joint.united, "ua.csv"), (joint.express, "ev.csv")):
        feed = system(side, "metrics:push", alliances=[joint.id])
        rows, corrections = told(file)
        joint.push(feed, rows)
        joint.push(feed, corrections)


def push_as_it_comes(joint: Joint) -> int:
    """Four systems at once, each with every row of its side in an order of its own; how many rows were rejected."""

    def feed_all(side: Member, file: str, name: str) -> int:
        feed = system(side, "metrics:push", alliances=[joint.id])
        chance = Random(f"{file}{name}")
        rows, corrections = told(file)
        rows = [*rows, *bad(rows)]
        chance.shuffle(rows)
        rejected = 0
        for part in (rows[place::PARTS] for place in range(PARTS)):
            here = {one["observation_id"] for one in part}
            again = [one for one in corrections if one["observation_id"] in here]
            # A correction may come after its figure or, again, long after; between, the figure itself comes once more.
            for batch in (part, again, part):
                if batch:
                    rejected += joint.push(feed, batch, source=name)["counts"]["rejected"]
        return rejected

    work = [(joint.united, "ua.csv"), (joint.express, "ev.csv")]
    with ThreadPoolExecutor(4) as threads:
        feeds = [threads.submit(feed_all, *one, name) for one in work for name in ("warehouse", "spreadsheet")]
        return sum(feed.result() for feed in feeds)


def state(joint: Joint, kpis: dict[str, str]) -> dict[str, Any]:
    """All that can be asked of the figures, whoever's alliance it is in and whenever it came."""
    names = ("side", "observation_id", "kpi", "period", "value", "numerator", "denominator", "supersedes", "reason")
    path = joint.path("observations")
    versions = everything(joint.united, path, versions="all")
    reconciled = joint.united.get(joint.path(f"kpis/{kpis[ON_TIME]}/reconciliation"))
    months = [f"2013-{month:02}" for month in range(1, 13)]
    cards = [joint.united.get(joint.path("scorecard"), month=month)["lines"] for month in months]
    return {
        "versions": sorted([str(one[name]) for name in (*names, "current")] for one in versions),
        "summary": reconciled["summary"],
        "cards": [{**line, "kpi_id": None} for card in cards for line in card],
    }


def test_in_any_order_it_comes_to_the_same_and_june_is_closed_and_restated(
    api: Api, united: Member, express: Member
) -> None:
    orderly, kpis_there = allied(api, united, express)
    push_in_order(orderly)
    joint, kpis = allied(api, united, express)
    rejected = push_as_it_comes(joint)
    assert rejected == 4 * 2 * 10  # both systems of both sides send each bad row twice
    there = state(joint, kpis)
    assert there == state(orderly, kpis_there)
    print(f"{len(there['versions'])} versions either way, {rejected} rows rejected; {there['summary']}")  # noqa: T201
    settle(api)
    close_and_restate(joint, kpis)


def close_and_restate(joint: Joint, kpis: dict[str, str]) -> None:
    api, june = joint.api, {"month": "2013-06"}
    key = "mainline_flights_operated"
    api.set_clock(CLOSED)
    joint.close("2013-06")
    assert joint.united.get(joint.path("months/2013-06"))["status"] == "closed"
    before = card(joint, **june)
    assert figure(joint, kpis[key])["value"] == before[key]["value"]

    api.set_clock(RESTATED)
    feed = system(joint.united, "metrics:push", alliances=[joint.id])
    held = next(one for one in rows_of("ua.csv") if one["kpi"] == key and one["period"] == "2013-06-11")
    held = {name: text for name, text in held.items() if text}
    late = joint.push(feed, [{**held, "observation_id": "late"}, held])
    assert [one["code"] or one["outcome"] for one in late["outcomes"]] == ["period-closed", "duplicate"]
    [current] = everything(joint.united, joint.path("observations"), observation_id=held["observation_id"])
    restatement = {
        **held,
        "observation_id": "restated",
        "value": str(int(current["value"]) + 100),
        "supersedes": held["observation_id"],
        "reason": "A diverted bank was counted at its alternate.",
    }
    assert joint.push(feed, [restatement])["counts"]["corrected"] == 1
    after = card(joint, **june)
    assert Decimal(after[key]["value"]) == Decimal(before[key]["value"]) + 100
    assert {name: line for name, line in after.items() if name != key} == {
        name: line for name, line in before.items() if name != key
    }
    assert card(joint, **june, as_of=CLOSED) == before
    print(f"{key} in June: {before[key]['value']} as closed, {after[key]['value']} restated")  # noqa: T201
    settle(api)
    restated = figure(joint, kpis[key])
    assert (restated["value"], restated["restates"]) == (after[key]["value"], True)
    assert figure(joint, kpis[key], as_of=CLOSED)["value"] == before[key]["value"]


def card(joint: Joint, **query: Any) -> dict[str, Any]:
    return {line["kpi"]: line for line in joint.express.get(joint.path("scorecard"), **query)["lines"]}


def figure(joint: Joint, kpi_id: str, **query: Any) -> dict[str, Any]:
    found = everything(joint.express, joint.path("published-figures"), **query)
    [one] = [one for one in found if one["kpi_id"] == kpi_id]
    return dict(one)
