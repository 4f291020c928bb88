"""The quarterly review in a real browser where there is one, and the exports in the tools that read them."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any, get_args
from unicodedata import normalize
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from matplotlib.image import imread
from pypdf import PdfReader

from services.metrics.api.charts import ChartPoint, trend_chart
from services.metrics.api.exports import ListName, OwnListName
from shared.testing.api import Api, Member
from tests.integration.metrics.road import CSV, Joint, ally, everything, example_terms, settle, system
from tests.integration.metrics.test_airline_year import content

A4_POINTS = (595, 842)
LINE_COLOUR = (0x0B, 0x5C, 0xAD)
BETWEEN_PIXELS, LINE_PIXELS = 20, 100
"""What is further apart is not of one line, and a line that moves at all is taller than that."""
NEW_YEAR = "2014-01-02T12:00:00Z"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(autouse=True)
def morning(api: Api) -> None:
    api.set_clock(NEW_YEAR)


@pytest.fixture(scope="module")
def year(api: Api, united: Member, express: Member) -> Joint:
    api.set_clock("2012-12-03T15:00:00Z")
    joint = Joint(api, ally(api, united, express), united, express)
    for terms in example_terms(united, express).values():
        joint.agree(terms)
    api.set_clock(NEW_YEAR)
    for side, file in ((united, "ua.csv"), (express, "ev.csv")):
        joint.push(system(side, "metrics:push", alliances=[joint.id]), content(file), CSV)
    settle(api)
    joint.close("2013-06")
    return joint


def page(joint: Joint, **query: Any) -> str:
    path = joint.path("reports/quarterly-review")
    response = joint.api.client.get(path, params={"quarter": "2013-Q2", **query}, headers=joint.united.headers())
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    return response.text


def test_the_review_has_figures_charts_and_where_they_come_from(year: Joint) -> None:
    html = page(year)
    charts = re.findall(r"<svg .*?</svg>", html, flags=re.DOTALL)
    assert len(charts) == 5
    for chart in charts:
        drawn = ET.fromstring(chart)
        words = " ".join(drawn.itertext())
        assert "measured" in words
        assert "2013-06" in words
    for said in ("Regional on-time rate", "30 of 30", "2013-06: closed on", "on target", f"joint ledger {year.id}"):
        assert said in html, said
    assert "<script" not in html
    assert "No KPI is agreed" in page(year, as_of="1")


def test_a_chart_leaves_a_gap_and_says_so() -> None:
    points = [ChartPoint("2013-01", None, None, "0 of 31")]
    drawn = trend_chart("A <b>title</b>", "ratio", "judged", points).decode()
    assert "2013-01: no figure (reported 0 of 31)" in drawn
    assert "<b>" not in drawn


@pytest.mark.skipif(BROWSER is None, reason="NO BROWSER HERE: the report was not opened or printed (Debian: chromium)")
def test_the_review_opens_and_prints(year: Joint, tmp_path: Path) -> None:
    source, pdf, png = tmp_path / "review.html", tmp_path / "review.pdf", tmp_path / "review.png"
    source.write_text(page(year))
    assert BROWSER is not None
    quiet = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    for how in (f"--print-to-pdf={pdf}", f"--screenshot={png}"):
        done = subprocess.run(
            [*quiet, how, "--window-size=1000,4000", source.as_uri()], capture_output=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-1_000:]
    printed = PdfReader(pdf)
    sheets = [" ".join(normalize("NFKC", sheet.extract_text()).split()) for sheet in printed.pages]
    assert 2 <= len(sheets) <= 6
    assert {tuple(round(float(side)) for side in sheet.mediabox[2:]) for sheet in printed.pages} == {A4_POINTS}
    for said in (
        "Regional on-time rate",
        "ratio, measured",
        "30 of 30",
        "0.6462",
        "closed on",
        f"joint ledger {year.id}",
    ):
        assert said in " ".join(sheets), said
    trends = " ".join(sheets).count("how many of its figures were reported")
    assert trends == 5, "Every chart is printed with its coverage."
    drawn = imread(png)[..., :3]
    assert drawn.shape[:2] == (4_000, 1_000)
    assert lines_of(drawn, LINE_COLOUR) == 5, "Five lines are drawn, one below the other."


def lines_of(picture: Any, colour: tuple[int, int, int]) -> int:
    """How many tall stretches of this colour there are down the picture; the mark in a legend is none."""
    rows = np.flatnonzero((np.abs(picture * 255 - colour).max(axis=2) < 2).any(axis=1))
    stretches = np.split(rows, np.flatnonzero(np.diff(rows) > BETWEEN_PIXELS) + 1)
    return sum(bool(len(stretch) > LINE_PIXELS) for stretch in stretches)


def places(year: Joint) -> dict[str, tuple[str, dict[str, str]]]:
    """Where each list is had as a file, and what it is asked with."""
    kpi = {one["key"]: one["id"] for one in everything(year.united, year.path("kpis"))}["regional_on_time_rate"]
    batch = everything(year.united, year.path("batches"))[0]["id"]
    return {
        **{name: (year.path(f"exports/{name}"), {}) for name in get_args(ListName)},
        **{name: (f"/metrics/v1/exports/{name}", {}) for name in get_args(OwnListName)},
        "outcomes": (year.path(f"batches/{batch}/outcomes/export"), {}),
        "scorecard": (year.path("scorecard/export"), {"month": "2013-03"}),
        "reconciliation": (year.path(f"kpis/{kpi}/reconciliation/export"), {"from": "2013-03", "to": "2013-03"}),
        "series": (year.path(f"kpis/{kpi}/series/export"), {}),
    }


EMPTY_IN_THE_EXAMPLE = {"uploads", "deals", "attribution", "pulses", "planning-cycles", "portfolio-reviews"}


def test_every_list_is_the_same_in_every_file(year: Joint) -> None:
    counted = {}
    for name, (path, query) in places(year).items():
        tables = {kind: exported(year, path, query, kind) for kind in ("csv", "parquet", "arrow")}
        assert tables["parquet"].equals(tables["arrow"]), name
        assert tables["csv"].num_rows == tables["arrow"].num_rows, name
        assert tables["csv"].column_names == tables["arrow"].column_names, name
        counted[name] = tables["arrow"].num_rows
    assert {name for name, rows in counted.items() if not rows} == EMPTY_IN_THE_EXAMPLE
    assert counted["observations"] == len(everything(year.united, year.path("observations"), versions="all"))
    assert (counted["outcomes"], counted["reconciliation"], counted["series"]) == (1_095, 31, 12)


def exported(joint: Joint, path: str, query: dict[str, str], kind: str) -> pa.Table:
    response = joint.api.client.get(path, params={**query, "format": kind}, headers=joint.united.headers())
    assert response.status_code == 200, response.text
    source = BytesIO(response.content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        match kind:
            case "csv":
                options = pacsv.ParseOptions(newlines_in_values=True)
                return pacsv.read_csv(source, parse_options=options)
            case "parquet":
                return pq.read_table(source)
            case _:
                return pa.ipc.open_stream(source).read_all()


def test_a_series_is_put_together_from_sums(year: Joint) -> None:
    kpis = {one["key"]: one["id"] for one in everything(year.united, year.path("kpis"))}
    path = year.path(f"kpis/{kpis['mainline_flights_operated']}/series")
    months = year.united.get(path)["points"]
    quarters = year.united.get(path, every="quarter")["points"]
    days = year.united.get(path, every="period")["points"]
    assert (len(months), len(quarters), len(days)) == (12, 4, 365)
    total = sum(int(one["value"]) for one in days)
    assert total == sum(int(one["value"]) for one in months) == sum(int(one["value"]) for one in quarters)
    card = year.united.get(year.path("scorecard"), month="2013-03")["lines"]
    for line in card:
        series = year.united.get(year.path(f"kpis/{kpis[line['kpi']]}/series"), **{"from": "2013-03", "to": "2013-03"})
        assert [one["value"] for one in series["points"]] == [line["value"]]
