"""A partner brief has exactly one strategic intent and objectives that can be measured."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.brief import (
    BRIEF,
    GAPS_MAX,
    OBJECTIVES_MAX,
    ReviewBrief,
    ReviseBrief,
    WriteBrief,
    review,
    revise,
    write,
)
from shared.domain import Invalid, Refused
from shared.events.declare import type_of
from shared.events.scoring import BriefRevised, BriefWritten
from shared.events.scoring_gaps import BriefReviewed
from shared.events.scoring_terms import (
    NonNegotiable,
    NonNegotiableTopic,
    Objective,
    StrategicIntent,
    Timeline,
)
from shared.events.values import Money
from shared.testing.scenario import scenario

ANA, GAP = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OBJECTIVE = Objective("New customers in Spain", Decimal(200), "customers", date(2027, 6, 30))
KEEP_IP = NonNegotiable(NonNegotiableTopic.IP, "What we bring stays ours.")
PARTS: dict[str, Any] = {
    "title": "Into Iberia",
    "objectives": (OBJECTIVE,),
    "timeline": Timeline(date(2026, 4, 1), date(2027, 6, 30)),
    "budget": Money(Decimal(250_000), "EUR"),
    "gaps": (GAP,),
    "non_negotiables": (KEEP_IP,),
}
MARKET_ACCESS, CO_INNOVATION = StrategicIntent.MARKET_ACCESS, StrategicIntent.CO_INNOVATION

WRITE = WriteBrief(by=ANA, at=NOON, intents=(MARKET_ACCESS,), **PARTS)
REVISE = ReviseBrief(by=ANA, at=NOON, intents=(MARKET_ACCESS,), **{**PARTS, "title": "Into Portugal"})
WRITTEN = BriefWritten(intent=MARKET_ACCESS, **PARTS)
REVISED = BriefRevised(intent=MARKET_ACCESS, **{**PARTS, "title": "Into Portugal"})


def test_is_written() -> None:
    scenario(BRIEF).when(write, WRITE).then(WRITTEN)


def test_is_written_once() -> None:
    scenario(BRIEF).given(WRITTEN).when(write, WRITE).then_refused("brief-written")


def test_is_revised_as_a_whole() -> None:
    scenario(BRIEF).given(WRITTEN).when(revise, REVISE).then(REVISED)
    scenario(BRIEF).given(WRITTEN, REVISED).when(revise, REVISE).then_nothing()


def test_is_not_revised_before_it_is_written() -> None:
    scenario(BRIEF).when(revise, REVISE).then_refused("brief-not-written")


def test_says_when_it_answers_no_gap() -> None:
    assert not BRIEF.empty.no_gap
    assert not scenario(BRIEF).given(WRITTEN).state.no_gap
    assert scenario(BRIEF).given(replace(WRITTEN, gaps=())).state.no_gap


def test_only_the_non_negotiables_are_erasable_and_the_brief_survives_it() -> None:
    assert type_of(BriefWritten).erasable == {"non_negotiables"}
    scenario(BRIEF).given(replace(WRITTEN, non_negotiables=None)).when(revise, REVISE).then(REVISED)


@pytest.mark.parametrize(
    ("part", "pointer", "code"),
    [
        ({"intents": ()}, "/intents", "one-intent"),
        ({"intents": (MARKET_ACCESS, CO_INNOVATION)}, "/intents", "one-intent"),
        ({"title": " "}, "/title", "blank"),
        ({"objectives": ()}, "/objectives", "out-of-range"),
        ({"objectives": (OBJECTIVE,) * (OBJECTIVES_MAX + 1)}, "/objectives", "out-of-range"),
        ({"objectives": (replace(OBJECTIVE, metric=""),)}, "/objectives/0/metric", "blank"),
        ({"objectives": (OBJECTIVE, replace(OBJECTIVE, unit=""))}, "/objectives/1/unit", "blank"),
        ({"non_negotiables": (replace(KEEP_IP, text=""),)}, "/non_negotiables/0/text", "blank"),
        ({"timeline": Timeline(date(2026, 4, 2), date(2026, 4, 1))}, "/timeline/ends_on", "ends-before-start"),
        ({"budget": Money(Decimal(-1), "EUR")}, "/budget/amount", "negative"),
        ({"gaps": (GAP, GAP)}, "/gaps", "repeated"),
        ({"gaps": tuple(UUID(int=n) for n in range(GAPS_MAX + 1))}, "/gaps", "too-many"),
    ],
)
def test_a_brief_that_cannot_be_is_invalid(part: dict[str, Any], pointer: str, code: str) -> None:
    for decide, command, history in ((write, WRITE, ()), (revise, REVISE, (WRITTEN,))):
        with pytest.raises(Invalid) as invalid:
            decide(replace(command, **part), BRIEF.replay(history))  # type: ignore[arg-type]
        assert (invalid.value.pointer, invalid.value.code) == (pointer, code)


intents = st.lists(st.sampled_from(StrategicIntent), max_size=2).map(tuple)
titles = st.sampled_from(["", "Into Iberia", "Into Portugal"])
acts = st.one_of(
    st.builds(lambda i, t: (write, replace(WRITE, intents=i, title=t)), intents, titles),
    st.builds(lambda i, t: (revise, replace(REVISE, intents=i, title=t)), intents, titles),
)


@settings(max_examples=50)
@given(st.lists(acts, max_size=10))
def test_a_brief_always_says_what_was_last_accepted(acts: list[tuple[Any, Any]]) -> None:
    history: list[Any] = []
    for decide, command in acts:
        try:
            history += decide(command, BRIEF.replay(history))
        except (Refused, Invalid):
            continue
        brief = BRIEF.replay(history)
        assert (brief.intent,) == command.intents
        assert asdict(brief)["title"] == command.title != ""


def test_is_reviewed_within_a_year() -> None:
    review_ = ReviewBrief(by=ANA, at=NOON, next_review_on=NOON.date() + timedelta(days=365), finding="As it was.")
    reviewed = BriefReviewed(next_review_on=review_.next_review_on, finding="As it was.")
    scenario(BRIEF).given(WRITTEN).when(review, review_).then(reviewed)
    scenario(BRIEF).when(review, review_).then_refused("brief-not-written")
    for days in (0, 367):
        with pytest.raises(Invalid) as invalid:
            review(replace(review_, next_review_on=NOON.date() + timedelta(days=days)), BRIEF.replay([WRITTEN]))
        assert invalid.value.pointer == "/next_review_on"
