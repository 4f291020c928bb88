"""A KPI is in force once every party has accepted the same terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.metrics.domain.kpi import KPI, AcceptKpi, CounterKpi, Kpi, ProposeKpi, accept, counter, propose
from services.metrics.domain.terms import target_on
from shared.domain import Event, Invalid, Refused
from shared.events.metrics import (
    Direction,
    KpiAccepted,
    KpiAgreed,
    KpiCountered,
    KpiProposed,
    KpiTerms,
    Owner,
    Target,
    Tolerance,
    ToleranceKind,
    Unit,
    UntilSettled,
)
from shared.testing.scenario import scenario
from tests.domain.metrics.example_terms import AT, ON_TIME, OUTSIDER, PERSON, A, B, C

PARTIES = (A, B, C)
OTHER_TERMS = replace(ON_TIME, due_days=5)
PROPOSED = KpiProposed(side=A, parties=PARTIES, terms=ON_TIME)
ACCEPTED_BY_B = KpiAccepted(side=B, key="on_time")
ACCEPTED_BY_C = KpiAccepted(side=C, key="on_time")
AGREED = (PROPOSED, ACCEPTED_BY_B, ACCEPTED_BY_C, KpiAgreed(key="on_time"))
kpi = scenario(KPI)


def proposal(**changes: Any) -> ProposeKpi:
    command = ProposeKpi(by=PERSON, side=A, parties=PARTIES, terms=ON_TIME, keys_taken=frozenset(), at=AT)
    return replace(command, **changes)


def countering(side: Any = B, terms: KpiTerms = OTHER_TERMS) -> CounterKpi:
    return CounterKpi(by=PERSON, side=side, terms=terms, note="Five days.", at=AT)


def accepting(side: Any = B) -> AcceptKpi:
    return AcceptKpi(by=PERSON, side=side, at=AT)


def test_a_party_proposes() -> None:
    kpi.when(propose, proposal()).then(PROPOSED)


def test_a_party_counters() -> None:
    kpi.given(PROPOSED).when(counter, countering()).then(KpiCountered(side=B, terms=OTHER_TERMS, note="Five days."))


def test_the_last_acceptance_agrees() -> None:
    kpi.given(PROPOSED).when(accept, accepting(B)).then(ACCEPTED_BY_B)
    kpi.given(PROPOSED, ACCEPTED_BY_B).when(accept, accepting(C)).then(ACCEPTED_BY_C, KpiAgreed(key="on_time"))


def test_a_counter_undoes_acceptances() -> None:
    countered = KpiCountered(side=C, terms=OTHER_TERMS)
    kpi.given(PROPOSED, ACCEPTED_BY_B, countered).when(accept, accepting(B)).then(ACCEPTED_BY_B)


@pytest.mark.parametrize(
    ("history", "decide", "command", "code"),
    [
        ((PROPOSED,), propose, proposal(), "already-proposed"),
        ((), propose, proposal(side=OUTSIDER), "not-a-party"),
        ((), propose, proposal(keys_taken=frozenset({"on_time"})), "key-taken"),
        ((), propose, proposal(keys_taken=frozenset(f"k_{n}" for n in range(500))), "too-many-kpis"),
        ((), counter, countering(), "not-proposed"),
        ((PROPOSED,), counter, countering(OUTSIDER), "not-a-party"),
        (AGREED, counter, countering(), "kpi-agreed"),
        ((PROPOSED,), counter, countering(terms=replace(ON_TIME, key="other")), "key-fixed"),
        ((PROPOSED,), counter, countering(terms=ON_TIME), "nothing-changed"),
        ((), accept, accepting(), "not-proposed"),
        ((PROPOSED,), accept, accepting(OUTSIDER), "not-a-party"),
        (AGREED, accept, accepting(), "kpi-agreed"),
        ((PROPOSED,), accept, accepting(A), "already-accepted"),
    ],
)
def test_refusals(history: tuple[Event, ...], decide: Any, command: Any, code: str) -> None:
    kpi.given(*history).when(decide, command).then_refused(code)


NAN = Decimal("NaN")
TARGET = Target(date(2013, 1, 1), Decimal(1))


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"key": "On Time"}, "/key", "bad-key"),
        ({"key": "a"}, "/key", "bad-key"),
        ({"key": "a" * 64}, "/key", "bad-key"),
        ({"title": " "}, "/title", "bad-title"),
        ({"definition": ""}, "/definition", "bad-definition"),
        ({"dimensions": tuple(f"d{n}" for n in range(17))}, "/dimensions", "too-many-dimensions"),
        ({"dimensions": ("route", "route")}, "/dimensions/1", "bad-dimension"),
        ({"reported_by": ()}, "/reported_by", "no-reporter"),
        ({"reported_by": (A, B, C)}, "/reported_by", "too-many-reporters"),
        ({"reported_by": (OUTSIDER,)}, "/reported_by/0", "bad-reporter"),
        ({"reported_by": (A, A)}, "/reported_by/1", "bad-reporter"),
        ({"owners": (Owner(A, PERSON), Owner(A, PERSON))}, "/owners/1/side", "bad-owner"),
        ({"currency": "EUR"}, "/currency", "currency-mismatch"),
        ({"unit": Unit.CURRENCY}, "/currency", "currency-mismatch"),
        ({"unit": Unit.CURRENCY, "currency": "eur"}, "/currency", "bad-currency"),
        ({"tolerance": Tolerance(ToleranceKind.RELATIVE, Decimal(-1))}, "/tolerance/amount", "bad-tolerance"),
        ({"baseline": NAN}, "/baseline", "bad-baseline"),
        ({"due_days": -1}, "/due_days", "bad-due-days"),
        ({"direction": Direction.TO_TARGET, "targets": ()}, "/targets", "no-target"),
        ({"targets": tuple(Target(date(1000 + n, 1, 1), NAN) for n in range(201))}, "/targets", "too-many-targets"),
        ({"targets": (TARGET, TARGET)}, "/targets/1", "bad-target"),
        ({"until_settled": UntilSettled.MEAN, "reported_by": (A,)}, "/until_settled", "one-reporter"),
    ],
)
def test_terms_that_mean_nothing(changes: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        propose(proposal(terms=replace(ON_TIME, **changes)), Kpi())
    assert (invalid.value.pointer, invalid.value.code) == (f"/terms{pointer}", code)


def test_an_alliance_has_two_parties_or_more() -> None:
    with pytest.raises(Invalid, match="parties"):
        propose(proposal(parties=(A,)), Kpi())


def test_the_target_in_force_is_the_latest_begun() -> None:
    terms = replace(ON_TIME, targets=(Target(date(2014, 1, 1), Decimal(9)), TARGET))
    days = (date(2012, 12, 31), date(2013, 12, 31), date(2014, 1, 1))
    assert [target_on(terms, day) for day in days] == [None, 1, 9]


step = st.tuples(st.sampled_from("pca"), st.sampled_from((*PARTIES, OUTSIDER)), st.integers(0, 2))


@for_all(st.lists(step, max_size=20))
def test_no_sequence_of_commands_binds_a_party_that_did_not_consent(steps: list[tuple[str, Any, int]]) -> None:
    """Who consented to what is noted beside; the KPI is agreed exactly when all consented to the same."""
    history: list[Event] = []
    consent: dict[Any, KpiTerms] = {}
    for verb, side, days in steps:
        terms = replace(ON_TIME, due_days=days)
        state = KPI.replay(history)
        try:
            match verb:
                case "p":
                    history += propose(proposal(side=side, terms=terms), state)
                    consent[side] = terms
                case "c":
                    history += counter(countering(side, terms), state)
                    consent = {side: terms}
                case _:
                    history += accept(accepting(side), state)
                    assert state.offer is not None
                    consent[side] = state.offer
        except Refused:
            continue
        after = KPI.replay(history)
        unanimous = set(consent) == set(PARTIES) and len({terms.due_days for terms in consent.values()}) == 1
        assert (after.terms is not None) == unanimous
        assert after == KPI.replay(history[3:], KPI.replay(history[:3]))
