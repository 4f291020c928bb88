"""The scripted year of examples/alliance_year, played through HTTP with the workers running; what it leaves behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from examples.alliance_year.year import Year, play
from services.demonstration import concord
from services.rooms import ROOMS
from shared.log.rebuild import verify
from shared.testing.postgres import open_folder


@pytest.fixture(scope="module")
def differing() -> list[object]:
    return []


@pytest.fixture(scope="module")
def year(differing: list[object]) -> Iterator[Year]:
    with open_folder() as folder, concord(folder, ROOMS) as (address, key, runtime):
        with httpx.Client(base_url=address, timeout=60) as http:
            played = play(http, key, lambda _: None)
        for service in ROOMS:
            differing.extend(verify(runtime.engine, service.own))
        yield played


def test_an_announcement_waits_for_plan_owners_and_kpis(year: Year) -> None:
    assert "announcement-too-early" in year.too_early
    for missing in ("a signed operating plan", "a roadmap over 90 days", "agreed KPIs"):
        assert missing in year.too_early


def test_forty_decisions_of_four_types_with_breaches_and_escalations(year: Year) -> None:
    assert Counter(one["type"] for one in year.decisions) == dict.fromkeys(
        ("roadmap_change", "commercial_terms", "data_sharing", "delivery_trade_off"), 10
    )
    assert Counter(one["status"] for one in year.decisions) == {"approved": 32, "rejected": 4, "withdrawn": 4}
    late = [one for one in year.decisions if one["late"]]
    assert len(late) == 8
    assert all(one["breached"] and one["rung"] > 0 and one["status"] == "approved" for one in late)
    assert {one["joint"] for one in year.decisions if one["type"] == "delivery_trade_off"} == {True, False}


def test_a_change_of_scope_is_refused_until_it_is_complete(year: Year) -> None:
    assert "change-incomplete" in year.incomplete
    assert "economics" in year.incomplete
    countered = [words for words in year.history if words.startswith("Lee Park of ExpressJet countered")]
    assert any("other content" in words for words in countered)


def test_reviews_after_six_and_twelve_months_and_the_renewal_a_year_before_the_end(year: Year) -> None:
    done = {(one["kind"], one["number"]): one for one in year.reviews if one["status"] == "concluded"}
    assert done["checkpoint", 1]["due_at"].startswith("2026-07-13")
    assert done["checkpoint", 2]["due_at"].startswith("2027-01-13")
    assert done["renewal", 1]["opens_at"].startswith("2026-06-30")
    assert (done["deal_logic", 1]["outcome"], done["renewal", 1]["outcome"]) == ("continue", "exit")
    assert not any(one["missed"] for one in year.reviews)
    assert "Concord judged an assumption of the value thesis (on time): confirmed." in year.history


def test_the_exit_goes_as_rehearsed_to_the_last_receipt(year: Year) -> None:
    dates = ("effective_at", "unwound_by", "leaving", "alliance_ends")
    assert {name: year.exit[name] for name in dates} == {name: year.rehearsal["dates"][name] for name in dates}
    assert year.exit["effective_at"].startswith("2027-01-31")
    assert year.exit["status"] == "completed"
    assert all(len(one["receipted_by"]) == 2 for one in year.exit["dispositions"])


def test_its_history_reads_in_words_from_the_proposal_to_the_end(year: Year) -> None:
    assert year.history[0] == "Ana Ruiz of United proposed the alliance United Express in New York."
    end = "Lee Park of ExpressJet took the alliance into the stage ended"
    assert any(words.startswith(end) and words.endswith("→ ended).") for words in year.history)
    assert not any("{" in words or "[erased]" in words for words in year.history)


def test_its_replay_gives_the_same_state(year: Year, differing: list[object]) -> None:
    assert len(year.history) > 400
    assert differing == []


def test_forums_met_in_their_cadence(year: Year) -> None:
    held = [one for one in year.meetings if one["status"] == "held"]
    assert {one["forum"] for one in held} == {"steering", "operational_council"}
    assert all(one["quorate"] for one in held)


def test_a_dispute_took_one_step_up_and_was_settled(year: Year) -> None:
    [dispute] = year.disputes
    assert (dispute["status"], dispute["step"]) == ("resolved", 1)
    assert len(dispute["positions"]) == 2
