"""The story of `make demo`, played on the real figures through the HTTP API, and what must come of it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from examples.airline_codeshare.report import show
from examples.airline_codeshare.story import Story, play
from services.demonstration import concord
from services.rooms import ROOMS
from shared.log.rebuild import verify
from shared.testing.postgres import open_folder

DATA = Path(__file__).parents[2] / "examples" / "airline_codeshare"


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def story(told: list[str]) -> Iterator[Story]:
    with open_folder() as folder, concord(folder, ROOMS) as (address, key, runtime):
        with httpx.Client(base_url=address, timeout=60) as http:
            yield play(http, key, folder, told.append)
        for service in ROOMS:
            assert list(verify(runtime.engine, service.own)) == [], f"{service.name} is not what the events say"


def on_time(file: str) -> dict[str, float]:
    with (DATA / file).open(newline="") as rows:
        return {r["period"]: float(r["value"]) for r in csv.DictReader(rows) if r["kpi"] == "regional_on_time_rate"}


def test_three_candidates_are_scored_and_two_selected(story: Story) -> None:
    assert len(story.choice.ranking["placings"]) == 3
    assert story.choice.primary == "ExpressJet"
    assert story.choice.selection["backup"] != story.choice.selection["primary"]


def test_the_reconciliation_says_what_the_files_say(story: Story) -> None:
    united, express = on_time("ua.csv"), on_time("ev.csv")
    differences = {day: united[day] - express[day] for day in united}
    widest = max(differences, key=lambda day: abs(differences[day]))
    figures = story.figures
    assert figures.days_both_report == len(differences) == 365
    assert figures.days_within_a_point == sum(abs(d) <= 0.01 for d in differences.values())
    assert figures.summary["largest_difference"]["period"] == widest
    assert float(figures.summary["largest_difference"]["difference"]) == pytest.approx(differences[widest], abs=1e-6)


def test_the_sides_differ_systematically_and_it_is_said_in_words(story: Story) -> None:
    finding = story.figures.summary["finding"]
    assert finding["kind"] == "level"
    assert "United" in finding["sentence"]
    assert "ExpressJet" in finding["sentence"]


def test_the_decision_breached_escalated_and_was_decided_late(story: Story) -> None:
    decision, clock = story.outcome.decision, story.outcome.clock
    assert (decision["outcome"], decision["late"], decision["rung"]) == ("approved", True, 1)
    assert clock["breaches"][0]["due_at"] == decision["original_due_at"] == "2013-03-18T22:00:00Z"
    assert [e["forum"] for e in clock["escalations"]] == ["steering"]


def test_the_first_of_march_is_shown_as_it_was_known_then(story: Story) -> None:
    assert story.figures.summary_then["both_report"] == 31 + 28
    then, now = (
        {one["kind"]: one["things"] for one in state["counts"]} for state in (story.memory.then, story.memory.now)
    )
    assert now.keys() - then.keys() <= {"decision"}
    assert now["decision"] > then.get("decision", 0), "the one of March, beside what time had brought by then"


def test_the_history_reads_in_words(story: Story) -> None:
    assert story.memory.sentences[0] == "Ana Ruiz of United proposed the alliance United Express in New York."
    assert story.memory.size_now == len(story.memory.sentences)
    assert not any("[erased]" in words for words in story.memory.sentences)


def test_the_export_verifies_and_one_changed_byte_is_named(story: Story) -> None:
    assert story.memory.sound.exit_code == 0
    assert story.memory.tampered.exit_code == 1
    assert {f["seq"] for f in story.memory.tampered.report["findings"]} == {7}


def test_it_says_what_it_does_and_reports_what_it_found(story: Story, told: list[str]) -> None:
    assert len(told) > 15
    out = Console(record=True, width=120, file=None, quiet=False)
    with out.capture() as captured:
        show(story, out)
    assert "365" in captured.get()
