"""The rules are data: complete where they must be, each able to fire, and shown with the answers they used."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.api.schemas.signing import SigningAnswers
from services.scoring.domain.opportunity import Thresholds, quadrant
from services.scoring.domain.rules import BOOK, Answer, fired, read_book
from services.scoring.domain.signing_tests import TESTS
from shared.events.scoring_gaps import Route
from shared.events.scoring_terms import StrategicIntent

MEASURED = {"intent", "contribution_asymmetry", "commitment_asymmetry"}
months, costs = st.integers(0, 60), st.decimals(0, 10_000_000, places=2)


@given(
    core=st.booleans(), scarce=st.booleans(), urgency=st.integers(1, 5), times=st.tuples(months, months, months),
    prices=st.tuples(costs, costs, costs),
)  # fmt: skip
def test_a_route_is_recommended_whatever_the_answers(
    *, core: bool, scarce: bool, urgency: int, times: tuple[int, ...], prices: tuple[Decimal, ...]
) -> None:
    answers: dict[str, Answer] = {"core": core, "scarce": scarce, "urgency": urgency}
    for route, time, price in zip(Route, times, prices, strict=True):
        answers |= {f"{route}_months": time, f"{route}_cost": price}
    found = fired("route", answers)
    assert found[0].outcome in set(Route)
    assert all(rule.answers for rule in found)


points = st.decimals(1, 5, places=4)


@given(importance=points, feasibility=points, thresholds=st.builds(Thresholds, points, points))
def test_every_opportunity_is_in_one_quadrant(
    importance: Decimal, feasibility: Decimal, thresholds: Thresholds
) -> None:
    high = importance >= thresholds.importance, feasibility >= thresholds.feasibility
    names = {(True, True): "pursue", (True, False): "build_up", (False, True): "quick_win", (False, False): "leave"}
    assert quadrant(importance, feasibility, thresholds).outcome == names[high]


def test_structure_and_pattern_are_recommended_for_every_intent() -> None:
    for intent, joined, platform in product(StrategicIntent, (True, False), (True, False)):
        answers: dict[str, Answer] = {"intent": str(intent), "integrates_technology": joined}
        answers["many_partners_on_one_platform"] = platform
        assert fired("structure", answers)
        assert fired("pattern", answers)[0].outcome in BOOK.checklists


@given(st.fixed_dictionaries({"shared_equity_or_assets": st.booleans(), "exit_terms_agreed": st.booleans()}))
def test_a_joint_venture_takes_shared_equity_and_exit_terms(answers: dict[str, bool]) -> None:
    others = {
        "one_side_invests_in_the_other": False, "integrates_technology": False, "sells_or_markets_together": False,
    }  # fmt: skip
    outcome = fired("type", {**others, **answers})[0].outcome
    assert (outcome == "joint_venture") is all(answers.values())


def test_no_name_is_given_twice_and_every_test_has_rules() -> None:
    names = [(rule.on, rule.rule) for rule in BOOK.rules]
    assert len(names) == len(set(names))
    assert {rule.on for rule in BOOK.rules} == {*TESTS, "route", "quadrant", "caution"}


def test_the_questions_are_those_that_the_rules_ask() -> None:
    about = {*TESTS, "caution"}
    asked = {name for rule in BOOK.rules if rule.on in about for name, _, _ in rule.when}
    assert asked - MEASURED == set(SigningAnswers.model_fields)


def test_otherwise_fires_only_where_no_other_did() -> None:
    nothing = dict.fromkeys(SigningAnswers.model_fields, False)
    assert [rule.rule for rule in fired("formalise", nothing)] == ["nothing-hangs-on-it"]
    assert [rule.rule for rule in fired("formalise", {**nothing, "shared_investment": True})] == ["shared-investment"]


@pytest.mark.parametrize("test", ["formalise", "type"])
def test_otherwise_shows_the_answers_for_which_no_other_fired(test: str) -> None:
    (rule,) = fired(test, dict.fromkeys(SigningAnswers.model_fields, False))
    asked = {name for each in BOOK.rules if each.on == test for name, _, _ in each.when}
    assert rule.answers == dict.fromkeys(asked, "false")


@given(st.fixed_dictionaries(dict.fromkeys(SigningAnswers.model_fields, st.booleans())))
def test_what_is_owned_together_or_invested_in_is_never_kept_light(answers: dict[str, bool]) -> None:
    verdict, kind = (fired(test, answers)[0].outcome for test in ("formalise", "type"))
    assert not (verdict == "keep_light" and kind in ("joint_venture", "strategic_investment"))


def test_a_rule_shows_the_answers_it_compared_with() -> None:
    book = read_book(
        '{"version": 1, "checklists": {}, "rules": [{"on": "x", "rule": "r", "outcome": "o", "because": "b",'
        ' "when": {"a": {"below": "b"}, "c": {"is": true}}}]}'
    )
    (rule,) = fired("x", {"a": 1, "b": 2, "c": True, "d": 9}, book)
    assert rule.answers == {"a": "1", "c": "true", "b": "2"}
    assert fired("x", {"a": 1, "b": 2}, book) == ()


def test_a_book_that_compares_otherwise_is_refused() -> None:
    with pytest.raises(KeyError, match="like"):
        read_book(
            '{"version": 1, "checklists": {}, "rules": [{"on": "x", "rule": "r", "outcome": "o", "because": "b",'
            ' "when": {"a": {"like": 1}}}]}'
        )
