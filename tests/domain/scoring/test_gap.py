"""A gap goes from being identified to a route, which another than the recommended one takes a reason for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.gap import (
    GAP,
    ChooseRoute,
    CloseGap,
    IdentifyGap,
    ReviseGap,
    choose_route,
    close,
    identify,
    revise,
)
from shared.domain import Invalid, Refused
from shared.events.scoring_gaps import (
    GapClosed,
    GapIdentified,
    GapRevised,
    GapTerms,
    JourneyMoment,
    Missing,
    Route,
    RouteChosen,
    RouteOption,
)
from shared.events.values import Money
from shared.testing.scenario import scenario

ANA = UUID(int=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TERMS = GapTerms("No sales force", "Sales", Missing.MARKET_ACCESS, "Comparing offers", JourneyMoment.BEFORE, 4, 4)
IDENTIFY = IdentifyGap(by=ANA, at=NOON, terms=TERMS)
REVISE = ReviseGap(by=ANA, at=NOON, terms=replace(TERMS, impact=5))
IDENTIFIED = GapIdentified(terms=TERMS)
CLOSE = CloseGap(by=ANA, at=NOON, reason="Filled.")


def option(route: Route, months: int, cost: int, currency: str = "EUR") -> RouteOption:
    return RouteOption(route, months, Money(Decimal(cost), currency))


OPTIONS = (option(Route.BUILD, 24, 900), option(Route.BUY, 12, 4_000), option(Route.PARTNER, 5, 250))
CHOOSE = ChooseRoute(by=ANA, at=NOON, options=OPTIONS, core=False, scarce=True, chosen=None)


def test_is_identified_once_and_revised() -> None:
    scenario(GAP).when(identify, IDENTIFY).then(IDENTIFIED)
    scenario(GAP).given(IDENTIFIED).when(identify, IDENTIFY).then_refused("gap-identified")
    scenario(GAP).given(IDENTIFIED).when(revise, REVISE).then(GapRevised(terms=REVISE.terms))
    scenario(GAP).given(IDENTIFIED).when(revise, replace(REVISE, terms=TERMS)).then_nothing()
    scenario(GAP).when(revise, REVISE).then_refused("gap-not-identified")


@pytest.mark.parametrize(
    ("core", "scarce", "options", "route"),
    [
        (True, False, OPTIONS, Route.BUILD),
        (True, True, OPTIONS, Route.BUY),
        (True, True, (option(Route.BUILD, 6, 1), *OPTIONS[1:]), Route.BUILD),
        (False, True, OPTIONS, Route.PARTNER),
        (False, False, OPTIONS, Route.PARTNER),
        (False, False, (OPTIONS[0], option(Route.BUY, 1, 1), OPTIONS[2]), Route.BUY),
        (False, False, (option(Route.BUILD, 1, 1), *OPTIONS[1:]), Route.BUILD),
        (False, True, (option(Route.BUILD, 1, 1), *OPTIONS[1:]), Route.BUILD),
        (False, True, (option(Route.BUILD, 5, 1), *OPTIONS[1:]), Route.PARTNER),
        (False, True, (option(Route.BUILD, 1, 250), *OPTIONS[1:]), Route.PARTNER),
    ],
)
def test_the_recommendation_follows_the_rules(
    *, core: bool, scarce: bool, options: tuple[RouteOption, ...], route: Route
) -> None:
    command = replace(CHOOSE, core=core, scarce=scarce, options=options)
    (chosen,) = choose_route(command, GAP.replay([IDENTIFIED]))
    assert (chosen.recommended, chosen.chosen, chosen.fired[0].outcome) == (route, route, route)


def test_another_route_takes_a_reason() -> None:
    given_ = scenario(GAP).given(IDENTIFIED)
    given_.when(choose_route, replace(CHOOSE, chosen=Route.BUILD)).then_refused("reason-missing")
    given_.when(choose_route, replace(CHOOSE, chosen=Route.BUILD, reason="To learn.")).then_includes(RouteChosen)


def test_is_closed_with_a_reason_and_stays_so() -> None:
    scenario(GAP).given(IDENTIFIED).when(close, CLOSE).then(GapClosed(reason="Filled."))
    closed = scenario(GAP).given(IDENTIFIED, GapClosed(reason="Filled."))
    for decide, command in ((revise, REVISE), (choose_route, CHOOSE), (close, CLOSE)):
        closed.when(decide, command).then_refused("gap-closed")


@pytest.mark.parametrize(
    ("decide", "command", "pointer"),
    [
        (identify, replace(IDENTIFY, terms=replace(TERMS, title=" ")), "/title"),
        (identify, replace(IDENTIFY, terms=replace(TERMS, value_chain="")), "/value_chain"),
        (identify, replace(IDENTIFY, terms=replace(TERMS, journey_step="")), "/journey_step"),
        (identify, replace(IDENTIFY, terms=replace(TERMS, impact=6)), "/impact"),
        (identify, replace(IDENTIFY, terms=replace(TERMS, urgency=0)), "/urgency"),
        (choose_route, replace(CHOOSE, options=OPTIONS[:2]), "/options"),
        (choose_route, replace(CHOOSE, options=(*OPTIONS[:2], OPTIONS[0])), "/options"),
        (choose_route, replace(CHOOSE, options=(*OPTIONS[:2], option(Route.PARTNER, 5, 1, "USD"))), "/options"),
        (choose_route, replace(CHOOSE, options=(*OPTIONS[:2], option(Route.PARTNER, 241, 1))), "/options/2/months"),
        (choose_route, replace(CHOOSE, options=(*OPTIONS[:2], option(Route.PARTNER, 5, -1))), "/options/2/cost/amount"),
        (close, replace(CLOSE, reason=" "), "/reason"),
    ],
)
def test_what_cannot_be_is_invalid(decide: Any, command: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        decide(command, GAP.empty if decide is identify else GAP.replay([IDENTIFIED]))
    assert invalid.value.pointer == pointer


acts = st.sampled_from(
    [
        (identify, IDENTIFY),
        (revise, REVISE),
        (choose_route, CHOOSE),
        (close, CLOSE),
        (revise, replace(REVISE, terms=TERMS)),
    ]
)


@given(st.lists(acts, max_size=12))
def test_any_history_replays_and_ends_with_its_closing(acts: list[tuple[Any, Any]]) -> None:
    history: list[Any] = []
    for decide, command in acts:
        try:
            history += decide(command, GAP.replay(history))
        except Refused:
            continue
    closings = [place for place, event in enumerate(history) if isinstance(event, GapClosed)]
    assert closings in ([], [len(history) - 1])
    assert GAP.replay(history).closed is bool(closings)
