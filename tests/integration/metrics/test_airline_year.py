"""A year of two airlines: pushed by both sides' systems, twice, corrected, compared and drawn together."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

import pytest

from services.metrics.app import METRICS
from shared.log.rebuild import rebuild, verify
from shared.testing.api import Api, Member
from tests.integration.metrics.road import (
    CSV,
    EXAMPLE,
    JSON,
    NDJSON,
    Joint,
    Rows,
    ally,
    everything,
    example_terms,
    status,
    system,
)

ON_TIME = "regional_on_time_rate"
TOLERANCE = Decimal("0.02")
NEW_YEAR, LATER = "2014-01-02T12:00:00Z", "2014-02-03T12:00:00Z"
COUNTED = {"corrected": 0, "duplicate": 0, "rejected": 0, "withheld": 0}


def content(file: str) -> bytes:
    return (EXAMPLE / file).read_bytes()


def rows_of(file: str) -> Rows:
    with (EXAMPLE / file).open(newline="") as source:
        return list(csv.DictReader(source))


def on_time(file: str) -> dict[str, dict[str, Any]]:
    """The rows of the on-time rate by day."""
    return {one["period"]: one for one in rows_of(file) if one["kpi"] == ON_TIME}


@dataclass(frozen=True)
class Year:
    """The alliance after both sides' systems have pushed their year."""

    joint: Joint
    kpis: dict[str, str]
    ua: Member
    ev: Member


@pytest.fixture(autouse=True)
def morning(api: Api) -> None:
    """Every test begins on the day after the fixture's last push."""
    api.set_clock(NEW_YEAR)


@pytest.fixture(scope="module")
def year(api: Api, united: Member, express: Member) -> Year:
    api.set_clock("2012-12-03T15:00:00Z")
    joint = Joint(api, ally(api, united, express), united, express)
    kpis = {key: joint.agree(terms)["id"] for key, terms in example_terms(united, express).items()}
    ua, ev = (system(side, "metrics:push", alliances=[joint.id]) for side in (united, express))
    api.set_clock(NEW_YEAR)
    for feed, file in ((ua, "ua.csv"), (ev, "ev.csv")):
        assert joint.push(feed, content(file), CSV)["counts"] == {**COUNTED, "accepted": 1_095}
    return Year(joint, kpis, ua, ev)


def reconciliation(year: Year, **query: Any) -> Any:
    return year.joint.express.get(year.joint.path(f"kpis/{year.kpis[ON_TIME]}/reconciliation"), **query)


def test_the_reconciliation_says_what_the_data_say(year: Year) -> None:
    ua, ev = on_time("ua.csv"), on_time("ev.csv")
    differ = {day: Decimal(ua[day]["value"]) - Decimal(ev[day]["value"]) for day in ua}
    summary = reconciliation(year)["summary"]
    furthest = max(differ, key=lambda day: abs(differ[day]))
    finding = summary.pop("finding")
    assert summary == {
        "both_report": 365,
        "matched": sum(abs(one) <= TOLERANCE for one in differ.values()),
        "discrepant": sum(abs(one) > TOLERANCE for one in differ.values()),
        "disputed": 0,
        "agreed": 0,
        "one_sided": 0,
        "waiting": 0,
        "largest_difference": {"period": furthest, "dimensions": {}, "difference": str(differ[furthest])},
    }
    higher, lower = (sum(one > 0 for one in differ.values()), sum(one < 0 for one in differ.values()))
    assert finding["sentence"].startswith(
        f"Neither side is higher throughout: United on {higher} of 365 days, ExpressJet on {lower}, "
        f"equal on {365 - higher - lower}; the median difference is {median(differ.values()).normalize():f}. "
    )
    assert (finding["kind"], finding["compared"]) == ("level", 146)


def test_every_pair_is_listed_with_both_values(year: Year) -> None:
    path = year.joint.path(f"kpis/{year.kpis[ON_TIME]}/reconciliation")
    pairs = everything(year.joint.united, path, limit=100)
    ua, ev = on_time("ua.csv"), on_time("ev.csv")
    assert [one["period"] for one in pairs] == sorted(ua)
    for pair in pairs:
        day = pair["period"]
        assert (pair["first"]["value"], pair["second"]["value"]) == (ua[day]["value"], ev[day]["value"])
        assert (pair["first"]["side"], pair["second"]["side"]) == (year.joint.united.org, year.joint.express.org)
        assert Decimal(pair["difference"]) == Decimal(ua[day]["value"]) - Decimal(ev[day]["value"])
    discrepant = everything(year.joint.united, path, status="discrepant")
    assert discrepant == [one for one in pairs if abs(Decimal(one["difference"])) > TOLERANCE]
    march = reconciliation(year, **{"from": "2013-03", "to": "2013-03"})
    assert march["items"] == [one for one in pairs if one["period"].startswith("2013-03")]
    assert march["summary"]["both_report"] == 31


def test_the_scorecard_of_march_is_drawn_from_the_sums(year: Year) -> None:
    card = year.joint.express.get(year.joint.path("scorecard"), month="2013-03")
    lines = {line["kpi"]: line for line in card["lines"]}
    march = {
        file: [one for one in rows_of(file) if one["period"].startswith("2013-03")] for file in ("ua.csv", "ev.csv")
    }

    def total(file: str, kpi: str, field: str) -> Decimal:
        return sum((Decimal(one[field]) for one in march[file] if one["kpi"] == kpi), Decimal(0))

    for file, kpi in (("ua.csv", "mainline"), ("ev.csv", "regional")):
        flights, rate = lines[f"{kpi}_flights_operated"], lines[f"{kpi}_completion_rate"]
        assert Decimal(flights["value"]) == total(file, f"{kpi}_flights_operated", "value")
        counted = [total(file, f"{kpi}_completion_rate", field) for field in ("numerator", "denominator")]
        assert Decimal(rate["value"]) == counted[0] / counted[1]
        assert (flights["coverage"], rate["status"]) == (
            {"reported": 31, "due": 31, "share": "1.0000"},
            {"mainline": "on_target", "regional": "off_target"}[kpi],
        )
    assert lines[ON_TIME]["discrepant"] == 22
    assert lines[ON_TIME]["reported_by"] == sorted([year.joint.united.org, year.joint.express.org])
    # Until it is settled the mean of both counts, of numerators and denominators apart, where they differ.
    standing = [standing_of(on_time("ua.csv")[day], on_time("ev.csv")[day]) for day in days("2013-03")]
    above, below = (sum(parts, Decimal(0)) for parts in zip(*standing, strict=True))
    assert abs(Decimal(lines[ON_TIME]["value"]) - above / below) < Decimal("1e-20")


def days(month: str) -> list[str]:
    return [day for day in on_time("ua.csv") if day.startswith(month)]


def standing_of(ua: dict[str, str], ev: dict[str, str]) -> tuple[Decimal, Decimal]:
    one, other = ([Decimal(side[field]) for field in ("numerator", "denominator")] for side in (ua, ev))
    if abs(Decimal(ua["value"]) - Decimal(ev["value"])) <= TOLERANCE:
        return one[0], one[1]
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def test_a_month_without_figures_says_so(year: Year) -> None:
    lines = year.joint.united.get(year.joint.path("scorecard"), month="2014-01")["lines"]
    assert {(line["value"], line["status"], line["trend"]) for line in lines} == {(None, "no_figure", "unknown")}
    assert status(year.joint.united, year.joint.path("scorecard"), month="2013-13") == 422
    assert status(year.joint.united, year.joint.path("scorecard"), month="1900-01") == 422
    assert status(year.joint.united, year.joint.path("scorecard")) == 422


def test_pushed_again_in_any_format_it_is_all_duplicates(year: Year) -> None:
    as_json, as_lines = (
        [{name: text for name, text in one.items() if text} for one in rows_of(file)] for file in ("ua.csv", "ev.csv")
    )
    before = reconciliation(year)
    for feed, body, kind in (
        (year.ua, content("ua.csv"), CSV),
        (year.ua, as_json, JSON),
        (year.ev, as_lines, JSON),
        (year.ev, "\n".join(map(json.dumps, as_lines)).encode(), NDJSON),
    ):
        assert year.joint.push(feed, body, kind)["counts"] == {**COUNTED, "accepted": 0, "duplicate": 1_095}
    assert reconciliation(year) == before


def test_five_percent_corrected_and_the_rest_duplicates(year: Year) -> None:
    rows = rows_of("ua.csv")
    restated = {one["observation_id"] for one in rows if one["kpi"] == "mainline_flights_operated"}
    restated = set(sorted(restated)[:55])  # 5 % of 1,095; the first 31 are those of January
    sent = [
        {**one, "value": str(int(one["value"]) + 1), "supersedes": one["observation_id"], "reason": "Recounted."}
        if one["observation_id"] in restated
        else {name: text for name, text in one.items() if text}
        for one in rows
    ]
    card = {"month": "2013-01"}
    before = year.joint.united.get(year.joint.path("scorecard"), **card)
    year.joint.api.set_clock(LATER)
    batch = year.joint.push(year.ua, sent)
    assert batch["counts"] == {**COUNTED, "accepted": 0, "corrected": 55, "duplicate": 1_040}
    after = {line["kpi"]: line for line in year.joint.united.get(year.joint.path("scorecard"), **card)["lines"]}
    flights = next(line for line in before["lines"] if line["kpi"] == "mainline_flights_operated")
    assert Decimal(after["mainline_flights_operated"]["value"]) == Decimal(flights["value"]) + 31
    then = year.joint.united.get(year.joint.path("scorecard"), **card, as_of=NEW_YEAR)
    assert then["lines"] == before["lines"]
    kpi = {"kpi": "mainline_flights_operated", "side": year.joint.united.org}
    path = year.joint.path("observations")
    assert len(everything(year.joint.express, path, **kpi)) == 365
    versions = everything(year.joint.express, path, **kpi, versions="all")
    assert len(versions) == 365 + 55
    assert {one["reason"] for one in versions if one["supersedes"]} == {"Recounted."}
    assert year.joint.push(year.ua, sent)["counts"]["duplicate"] == 1_095


def test_figures_as_they_were_known(year: Year) -> None:
    nothing = reconciliation(year, as_of="2013-12-31T00:00:00Z")
    assert (nothing["items"], nothing["summary"]["both_report"], nothing["summary"]["finding"]) == ([], 0, None)
    before = {
        "both_report": 0,
        "matched": 0,
        "discrepant": 0,
        "disputed": 0,
        "agreed": 0,
        "largest_difference": None,
        "finding": None,
    }
    # When United alone had reported, ExpressJet was overdue but for the last two days, due on 2 and 3 January.
    alone = reconciliation(year, as_of=str(seq_of_first_batch(year)))["summary"]
    assert alone == {**before, "one_sided": 363, "waiting": 2}
    assert reconciliation(year, as_of=NEW_YEAR) == reconciliation(year)


def seq_of_first_batch(year: Year) -> int:
    statement = "SELECT min(seq) FROM metrics.batches WHERE ledger_id = %s"
    with year.joint.api.runtime.engine.connect() as connection:
        return int(connection.exec_driver_sql(statement, (UUID(year.joint.id),)).scalar_one())


def test_the_cursor_of_another_list_is_none(year: Year) -> None:
    foreign = year.joint.united.get(year.joint.path("kpis"), limit=1)["next_cursor"]
    batch = year.joint.united.get(year.joint.path("batches"), limit=1)["items"][0]
    for path in (batch["outcomes_path"], year.joint.path(f"kpis/{year.kpis[ON_TIME]}/reconciliation")):
        for cursor in (foreign, "made-up"):
            assert status(year.joint.united, path, cursor=cursor) == 422


def test_a_kpi_of_one_side_has_no_pairs(year: Year) -> None:
    path = year.joint.path(f"kpis/{year.kpis['mainline_completion_rate']}/reconciliation")
    alone = year.joint.united.get(path)
    assert (alone["items"], alone["sides"], alone["summary"]["both_report"]) == ([], [year.joint.united.org], 0)


def test_to_a_stranger_nothing_is_there(year: Year, stranger: Member) -> None:
    for path in ("scorecard", f"kpis/{year.kpis[ON_TIME]}/reconciliation"):
        query = {"month": "2013-03"} if path == "scorecard" else {}
        assert status(stranger, year.joint.path(path), **query) == 404
        assert status(stranger, year.joint.path(path), **query, as_of=NEW_YEAR) == 404
        assert status(year.ua, year.joint.path(path), **query) == 403


def test_the_rows_are_what_the_events_say_and_rebuilding_changes_nothing(year: Year) -> None:
    assert list(verify(year.joint.api.runtime.engine, METRICS.own)) == []
    before = [everything(year.joint.united, year.joint.path("observations"), versions="all"), reconciliation(year)]
    rebuild(year.joint.api.runtime.engine, METRICS.own)
    after = [everything(year.joint.united, year.joint.path("observations"), versions="all"), reconciliation(year)]
    assert after == before
