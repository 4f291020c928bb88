"""What has been reported, by HTTP: what holds now, what was known then, and the chain between."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.metrics.app import METRICS
from services.metrics.read_models.observations import observations
from shared.log.envelope import NOW
from shared.log.rebuild import differences
from shared.log.shadow import replay
from tests.integration.metrics.road import Joint, everything, problem, row, size

THEN = "2013-06-03T16:00:00Z"


@pytest.fixture
def corrected(joint: Joint) -> Joint:
    """f-1 corrected under its own id, f-2 under another, f-3 as it came; by ExpressJet one more."""
    joint.agree(joint.terms("flights", dimensions=["route"]))
    joint.agree(joint.terms("visits", frequency="week"))
    first = [row(f"f-{n}", "flights", period=f"2013-03-0{n}", note=f"Note {n}.") for n in (1, 2, 3)]
    joint.push(joint.united, first, source="ops-1")
    joint.push(joint.express, [row("f-1", "flights", value="90"), row("v-1", "visits", period="2013-W10")])
    joint.api.set_clock("2013-06-04T15:00:00Z")
    joint.push(
        joint.united,
        [
            row("f-1", "flights", value="116", supersedes="f-1", reason="Recount."),
            row("f-9", "flights", period="2013-03-02", value="117", supersedes="f-2", reason="Wrong id."),
        ],
    )
    return joint


def listed(joint: Joint, *names: str, **query: Any) -> list[tuple[Any, ...]]:
    return [
        tuple(one[name] for name in names) for one in everything(joint.express, joint.path("observations"), **query)
    ]


def test_what_holds_now(corrected: Joint) -> None:
    united = listed(corrected, "observation_id", "period", "value", "current", side=corrected.united.org)
    assert united == [
        ("f-1", "2013-03-01", "116", True),
        ("f-9", "2013-03-02", "117", True),
        ("f-3", "2013-03-03", "115", True),
    ]


def test_every_version_with_who_restated_what_and_why(corrected: Joint) -> None:
    names = ("observation_id", "value", "supersedes", "reason", "note", "current", "source")
    united = listed(corrected, *names, side=corrected.united.org, versions="all")
    assert united == [
        ("f-1", "115", None, None, "Note 1.", False, "ops-1"),
        ("f-1", "116", "f-1", "Recount.", None, True, None),
        ("f-2", "115", None, None, "Note 2.", False, "ops-1"),
        ("f-9", "117", "f-2", "Wrong id.", None, True, None),
        ("f-3", "115", None, None, "Note 3.", True, "ops-1"),
    ]
    chain = listed(
        corrected, "revision", "recorded_at", versions="all", observation_id="f-1", side=corrected.united.org
    )
    assert [recorded_at for _, recorded_at in chain] == ["2013-06-03T15:00:00Z", "2013-06-04T15:00:00Z"]
    assert [bool(revision) for revision, _ in chain] == [False, True]


def test_what_was_known_then(corrected: Joint) -> None:
    then = {"side": corrected.united.org, "as_of": THEN}
    for versions in ("current", "all"):
        known = listed(corrected, "observation_id", "value", "current", versions=versions, **then)
        assert known == [("f-1", "115", True), ("f-2", "115", True), ("f-3", "115", True)]
    assert listed(corrected, "value", as_of="2013-06-03T14:00:00Z") == []
    assert listed(corrected, "value", "batch_id", as_of="2013-06-04T15:00:00Z") == listed(
        corrected, "value", "batch_id"
    )


def test_filters(corrected: Joint) -> None:
    assert listed(corrected, "observation_id", kpi="visits") == [("v-1",)]
    assert listed(corrected, "period", **{"from": "2013-03-02", "to": "2013-03"}) == [
        ("2013-03-02",),
        ("2013-03-03",),
        ("2013-W10",),
    ]
    assert listed(corrected, "period", to="2013-03-01") == [("2013-03-01",)] * 2
    assert listed(corrected, "period", **{"from": "2013-Q2"}) == []
    path = corrected.path("observations")
    response = corrected.api.client.get(path, params={"from": "March"}, headers=corrected.united.headers())
    assert problem(response) == (422, "query/from", "bad-period")


def test_the_rows_are_what_the_events_say(corrected: Joint) -> None:
    with corrected.api.runtime.engine.connect() as connection:
        until = size(corrected.api, corrected.id) - 1
        assert list(differences(connection, METRICS.own, UUID(corrected.id), until)) == []
        replayed = replay(connection, METRICS.own, UUID(corrected.id), NOW).tables[observations]
    assert len(replayed) == 7


@pytest.mark.parametrize("versions", ["current", "all"])
def test_pages_are_what_the_whole_is(corrected: Joint, versions: str) -> None:
    whole = everything(corrected.united, corrected.path("observations"), versions=versions)
    assert everything(corrected.united, corrected.path("observations"), versions=versions, limit=1) == whole
    assert len(whole) == (5 if versions == "current" else 7)


def test_a_quarter_and_a_week_count_in_the_month_they_end_in(joint: Joint) -> None:
    alone = {"reported_by": [joint.united.org], "until_settled": "reporter"}
    for key, frequency in (("visits", "week"), ("revenue", "quarter"), ("months", "month")):
        joint.agree(joint.terms(key, frequency=frequency, **alone))
    weeks = [row(f"v-{n}", "visits", period=f"2013-W{n:02}", value="10") for n in range(9, 15)]
    quarter = [row("r-1", "revenue", period="2013-Q1", value="700"), row("m-3", "months", period="2013-03", value="7")]
    joint.push(joint.united, weeks + quarter)
    lines = joint.express.get(joint.path("scorecard"), month="2013-03")["lines"]
    assert {line["kpi"]: line["value"] for line in lines} == {"months": "7", "revenue": "700", "visits": "50"}
