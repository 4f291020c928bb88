"""Chapter 3. Five KPIs are agreed, each side's system pushes its real year, and the stories are compared."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from examples.airline_codeshare.governing import Side
from examples.airline_codeshare.partner import Operator, Partner

HERE = Path(__file__).parent
ON_TIME = "regional_on_time_rate"
MARCH = "2013-03-01T12:00:00Z"
POINT = 0.01
"""One percentage point."""


@dataclass(frozen=True)
class Figures:
    """What both sides read at the end: the reconciliation of the on-time rate, and a monthly scorecard."""

    summary: dict[str, Any]
    summary_then: dict[str, Any]
    days_both_report: int
    days_within_a_point: int
    scorecard: list[dict[str, Any]]


def agree_kpis(alliance: str, united: Side, express: Side) -> dict[str, str]:
    """United proposes the five KPIs of the example, ExpressJet accepts each; their ids by key."""
    sides = {"united": united.owner.org, "expressjet": express.owner.org}
    agreed = {}
    for terms in json.loads((HERE / "kpis.json").read_text()):
        body = {"terms": {**terms, "reported_by": [sides[name] for name in terms["reported_by"]]}}
        path = f"/metrics/v1/alliances/{alliance}/kpis"
        made = united.manager.post(path, body)
        express.manager.change(f"{path}/{made['id']}/accept", of=f"{path}/{made['id']}")
        agreed[terms["key"]] = made["id"]
    return agreed


def push_year(operator: Operator, alliance: str, united: Side, express: Side) -> Iterator[str]:
    """Month by month, on the first day of the next: both systems push what they measured. Yields the month's name."""
    systems = {"ua.csv": feed(united, alliance), "ev.csv": feed(express, alliance)}
    for month in range(1, 13):
        after = date(2013 + month // 12, month % 12 + 1, 1)
        operator.set_clock(f"{after}T06:00:00Z")
        for file, system in systems.items():
            source = {"ua.csv": "united-ops", "ev.csv": "expressjet-ops"}[file]
            path = f"/metrics/v1/alliances/{alliance}/observations?source={source}"
            answer = system.send(path, rows_of(HERE / file, f"2013-{month:02}"), "text/csv")
            if answer["counts"]["rejected"]:
                raise ValueError(f"{answer['counts']} of {file}: {answer['outcomes'][:3]}")
        yield f"{date(2013, month, 1):%B}"


def feed(side: Side, alliance: str) -> Partner:
    """A key for the side's own system, good for pushing figures into this alliance and for nothing else."""
    body = {
        "name": f"{side.name} KPI feed",
        "scopes": ["metrics:push"],
        "alliances": [alliance],
        "expires_at": "2015-01-01T00:00:00Z",
    }
    return Partner(side.owner.http, side.owner.post("/directory/v1/api-keys", body)["key"], side.owner.org)


def rows_of(file: Path, month: str) -> bytes:
    """The rows of one month, as CSV."""
    with file.open(newline="") as source:
        reader = csv.DictReader(source)
        out = io.StringIO()
        writer = csv.DictWriter(out, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(row for row in reader if row["period"].startswith(month))
    return out.getvalue().encode()


def read_figures(reader: Partner, alliance: str, kpis: dict[str, str]) -> Figures:
    path = f"/metrics/v1/alliances/{alliance}/kpis/{kpis[ON_TIME]}/reconciliation"
    pairs = reader.all(path)
    both = [p for p in pairs if p["first"] and p["second"]]
    return Figures(
        summary=reader.get(path)["summary"],
        summary_then=reader.get(path, as_of=MARCH)["summary"],
        days_both_report=len(both),
        days_within_a_point=sum(abs(float(p["difference"])) <= POINT for p in both),
        scorecard=reader.get(f"/metrics/v1/alliances/{alliance}/scorecard", month="2013-07")["lines"],
    )
