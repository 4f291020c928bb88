from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.governance.domain.agreement import (
    AGREEMENT,
    Agreement,
    AgreementStatus,
    AskTermination,
    CounterAgreement,
    LapseAgreement,
    ProposeAgreement,
    SignAgreement,
    Standing,
    SupersedeAgreement,
    WithdrawAgreement,
    ask_termination,
    counter_agreement,
    lapse_agreement,
    propose_agreement,
    sign_agreement,
    supersede_agreement,
    withdraw_agreement,
)
from services.governance.domain.agreement_content import check_agreement_content, check_complete
from services.governance.domain.agreement_time import ahead, fire_agreement
from services.governance.domain.moment import Due, Reading
from shared.domain import Invalid, Refused
from shared.events.governance_agreement_terms import AgreementKind, Exchange, ExpectedOutcome, Resource, Valuation
from shared.events.governance_agreements import (
    AgreementCountered,
    AgreementEnteredIntoForce,
    AgreementLapsed,
    AgreementProposed,
    AgreementSigned,
    AgreementSuperseded,
    AgreementTerminated,
    AgreementTerminationAsked,
    AgreementWithdrawn,
    AssumptionJudged,
    LapseCause,
    Verdict,
)
from shared.events.governance_plan_terms import Consequence, Effect, UnwindPlan
from shared.events.governance_terms import Moment
from shared.events.values import Money
from shared.testing.scenario import Scenario, scenario
from tests.domain.governance import paper
from tests.domain.governance.given import ANA, MADRID, NEW_YORK, STRANGER, A, B, utc

AT = utc("2026-03-02 10:00")
ONE, TWO = "1" * 64, "2" * 64
EXCHANGED = Standing(frozenset({AgreementKind.VALUE_EXCHANGE}), exit_running=True)


def proposed(content: Any = paper.OPERATING_ANNEX, sha: str = ONE) -> Scenario[Agreement]:
    event = AgreementProposed(
        side=A, parties=(A, B), kind=AgreementKind(content.kind), content=content, content_sha256=sha
    )
    return scenario(AGREEMENT).given(event)


def signed(side: UUID, sha: str = ONE) -> AgreementSigned:
    return AgreementSigned(side=side, content_sha256=sha)


def in_force(content: Any, *moments: Moment) -> Scenario[Agreement]:
    kind = AgreementKind(content.kind)
    entered = AgreementEnteredIntoForce(kind=kind, content_sha256=ONE, moments=moments)
    return proposed(content).given(signed(A), signed(B), entered)


@pytest.mark.parametrize("content", paper.EVERY_KIND, ids=lambda content: content.kind)
def test_each_kind_is_proposed_and_signed_by_every_party(content: Any) -> None:
    command = ProposeAgreement(AT, A, (A, B), content, ONE, EXCHANGED)
    scenario(AGREEMENT).when(propose_agreement, command).then(*proposed(content).events)
    on_the_table = proposed(content)
    on_the_table.when(sign_agreement, SignAgreement(AT, A, ONE, EXCHANGED)).then(signed(A))
    last = on_the_table.given(signed(A)).when(sign_agreement, SignAgreement(AT, B, ONE, EXCHANGED))
    last.then_includes(signed(B), AgreementEnteredIntoForce)


def test_who_may_propose_and_once() -> None:
    command = ProposeAgreement(AT, STRANGER, (A, B), paper.OPERATING_ANNEX, ONE)
    scenario(AGREEMENT).when(propose_agreement, command).then_refused("not-a-party")
    proposed().when(propose_agreement, replace(command, side=A)).then_refused("agreement-exists")


@pytest.mark.parametrize(("content", "code"), [(paper.TERM_SHEET, "no-value-exchange"), (paper.UNWIND_PLAN, "no-exit")])
def test_what_must_stand_before(content: Any, code: str) -> None:
    scenario(AGREEMENT).when(propose_agreement, ProposeAgreement(AT, A, (A, B), content, ONE)).then_refused(code)
    proposed(content).when(sign_agreement, SignAgreement(AT, A, ONE)).then_refused(code)


def test_a_counter_makes_signatures_fall_away() -> None:
    other = replace(paper.OPERATING_ANNEX, reporting="Weekly")
    command = CounterAgreement(AT, B, other, TWO, "daily is too much")
    countered = AgreementCountered(side=B, content=other, content_sha256=TWO, reason="daily is too much")
    proposed().given(signed(A)).when(counter_agreement, command).then(countered)
    after = proposed().given(signed(A), countered)
    assert after.state.signed_by == frozenset()
    after.when(sign_agreement, SignAgreement(AT, A, ONE)).then_refused("content-countered")
    after.when(sign_agreement, SignAgreement(AT, A, "3" * 64)).then_refused("other-content")
    after.given(signed(A, TWO)).when(sign_agreement, SignAgreement(AT, A, TWO)).then_refused("signed-already")
    after.when(counter_agreement, command).then_refused("own-proposal")


def test_counters_that_are_none() -> None:
    counter = CounterAgreement(AT, B, paper.OPERATING_ANNEX, ONE)
    proposed().when(counter_agreement, counter).then_refused("same-content")
    proposed().when(counter_agreement, replace(counter, content=paper.TERM_SHEET)).then_refused("another-kind")
    in_force(paper.OPERATING_ANNEX).when(counter_agreement, counter).then_refused("not-proposed")
    proposed().when(counter_agreement, replace(counter, side=STRANGER)).then_refused("not-a-party")


def test_who_put_it_on_the_table_takes_it_off() -> None:
    proposed().when(withdraw_agreement, WithdrawAgreement(AT, A, "late")).then(
        AgreementWithdrawn(side=A, reason="late")
    )
    proposed().when(withdraw_agreement, WithdrawAgreement(AT, B)).then_refused("not-your-proposal")


def test_it_ends_early_when_every_party_asks() -> None:
    annex = in_force(paper.OPERATING_ANNEX)
    asked = AgreementTerminationAsked(side=A)
    annex.when(ask_termination, AskTermination(AT, A)).then(asked)
    annex.given(asked).when(ask_termination, AskTermination(AT, A)).then_refused("asked-already")
    annex.given(asked).when(ask_termination, AskTermination(AT, B)).then(
        AgreementTerminationAsked(side=B), AgreementTerminated(kind=AgreementKind.OPERATING_ANNEX)
    )
    proposed().when(ask_termination, AskTermination(AT, A)).then_refused("not-in-force")


def test_a_newer_one_takes_its_place() -> None:
    by = SupersedeAgreement(AT, ANA)
    in_force(paper.OPERATING_ANNEX).when(supersede_agreement, by).then(AgreementSuperseded(by=ANA))
    proposed().when(supersede_agreement, by).then_refused("not-in-force")


def test_what_is_over_does_not_lapse() -> None:
    lapse = LapseAgreement(AT, LapseCause.ALLIANCE_ENDED)
    lapsed = AgreementLapsed(kind=AgreementKind.OPERATING_ANNEX, cause=LapseCause.ALLIANCE_ENDED)
    proposed().when(lapse_agreement, lapse).then(lapsed)
    proposed().given(lapsed).when(lapse_agreement, lapse).then_nothing()


# What time brings


def test_a_term_ends_when_its_last_day_is_over_for_every_side() -> None:
    command = SignAgreement(AT, B, ONE, EXCHANGED, zones=(MADRID, NEW_YORK))
    ends = Moment("term_ends", utc("2028-03-01 05:00"))
    entered = AgreementEnteredIntoForce(kind=AgreementKind.TERM_SHEET, content_sha256=ONE, moments=(ends,))
    proposed(paper.TERM_SHEET).given(signed(A)).when(sign_agreement, command).then(signed(B), entered)
    sheet = in_force(paper.TERM_SHEET, ends)
    assert ahead(sheet.state) == (ends,)
    lapsed = AgreementLapsed(kind=AgreementKind.TERM_SHEET, cause=LapseCause.TERM_ENDED)
    sheet.when(fire_agreement, Due(ends.at, "term_ends")).then(lapsed)
    sheet.given(lapsed).when(fire_agreement, Due(ends.at, "term_ends")).then_nothing()


@pytest.mark.parametrize(
    ("value", "verdict"), [("0.70", Verdict.CONFIRMED), ("0.69", Verdict.REFUTED), (None, Verdict.NO_FIGURES)]
)
def test_an_assumption_is_judged_by_the_figure_of_its_day(value: str | None, verdict: Verdict) -> None:
    day = Moment("assumption/punctual", utc("2026-06-01 04:00"))
    thesis = in_force(paper.VALUE_THESIS, day)
    reading = None if value is None else Reading(Decimal(value), "2026-05")
    judged = AssumptionJudged(
        key="punctual",
        test=paper.ON_TIME,
        due_on=date(2026, 5, 31),
        verdict=verdict,
        value=None if value is None else Decimal(value),
        period=None if value is None else "2026-05",
    )
    thesis.when(fire_agreement, Due(day.at, day.step, reading)).then(judged)
    thesis.given(judged).when(fire_agreement, Due(day.at, day.step, reading)).then_nothing()
    assert ahead(thesis.given(judged).state) == ()


# Content


BAD: list[tuple[Any, str]] = [
    (replace(paper.VALUE_THESIS, outcomes=(ExpectedOutcome("Soon", 6),)), "outcome-months"),
    (replace(paper.VALUE_THESIS, contributions=paper.VALUE_THESIS.contributions[:1]), "not-every-side"),
    (replace(paper.VALUE_THESIS, assumptions=paper.VALUE_THESIS.assumptions * 2), "twice"),
    (replace(paper.VALUE_EXCHANGE, exchanges=paper.VALUE_EXCHANGE.exchanges[:1]), "not-every-side"),
    (
        replace(
            paper.VALUE_EXCHANGE,
            exchanges=(Exchange(A, (A,), Resource.IP, "?", Money(Decimal(1), "USD"), Valuation.JUDGED),),
        ),
        "gives-itself",
    ),
    (
        replace(
            paper.VALUE_EXCHANGE,
            economics=(
                replace(paper.VALUE_EXCHANGE.economics[0], shares=paper.VALUE_EXCHANGE.economics[0].shares[:1]),
            ),
        ),
        "shares-not-whole",
    ),
    (replace(paper.TERM_SHEET, ends_on=date(2026, 3, 1)), "ends-before-it-starts"),
    (replace(paper.TERM_SHEET, kpi_triggers=paper.TERM_SHEET.kpi_triggers * 2), "twice"),
    (
        replace(paper.OPERATING_PLAN, milestones=(replace(paper.OPERATING_PLAN.milestones[0], due_day=45),)),
        "milestone-day",
    ),
    (
        replace(paper.OPERATING_PLAN, milestones=(replace(paper.OPERATING_PLAN.milestones[0], depends_on=("no",)),)),
        "no-such-milestone",
    ),
    (
        replace(
            paper.OPERATING_PLAN,
            milestones=(
                replace(paper.OPERATING_PLAN.milestones[0], depends_on=("win",)),
                *paper.OPERATING_PLAN.milestones[1:],
            ),
        ),
        "depends-on-itself",
    ),
    (replace(paper.CHANGE_REQUEST, economics=Consequence(Effect.CHANGED)), "changed-how"),
    (replace(paper.CHANGE_REQUEST, economics=Consequence(Effect.CONFIRMED_UNCHANGED, "but")), "changed-how"),
    (UnwindPlan(dispositions=paper.UNWIND_PLAN.dispositions * 2), "twice"),
]


@pytest.mark.parametrize(("content", "code"), BAD, ids=lambda one: getattr(one, "kind", one))
def test_what_does_not_fit_together(content: Any, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        check_agreement_content(content, (A, B))
    assert invalid.value.code == code


def test_a_side_that_is_no_party() -> None:
    with pytest.raises(Invalid, match="/content/contributions/1/side"):
        check_agreement_content(paper.VALUE_THESIS, (A, STRANGER))


@pytest.mark.parametrize("part", ["economics", "resources", "governance"])
def test_a_change_says_what_it_does_to_each_part_before_it_is_signed(part: str) -> None:
    undetermined: dict[str, Any] = {part: Consequence(Effect.UNDETERMINED)}
    content = replace(paper.CHANGE_REQUEST, **undetermined)
    check_agreement_content(content, (A, B))
    with pytest.raises(Refused, match=part) as refused:
        check_complete(content, (A, B))
    assert refused.value.code == "change-incomplete"
    proposed(content).when(sign_agreement, SignAgreement(AT, A, ONE)).then_refused("change-incomplete")


def test_plans_are_whole_before_they_are_signed() -> None:
    def code(content: Any) -> str:
        with pytest.raises(Refused) as refused:
            check_complete(content, (A, B))
        return refused.value.code

    first, *others = paper.OPERATING_PLAN.milestones
    one_sided = replace(first, owners=first.owners[:1])
    assert code(replace(paper.OPERATING_PLAN, milestones=(one_sided, *others))) == "milestone-without-owner"
    assert code(replace(paper.OPERATING_PLAN, milestones=(first,))) == "roadmap-incomplete"
    assert code(UnwindPlan(dispositions=paper.UNWIND_PLAN.dispositions[1:])) == "unwind-plan-incomplete"


# Any history


SIDES = st.sampled_from([A, B, STRANGER])
SHAS = st.sampled_from([ONE, TWO])
MOVES = st.lists(
    st.one_of(
        st.builds(lambda s: (propose_agreement, ProposeAgreement(AT, s, (A, B), paper.OPERATING_ANNEX, ONE)), SIDES),
        st.builds(
            lambda s, h: (counter_agreement, CounterAgreement(AT, s, replace(paper.OPERATING_ANNEX, reporting=h), h)),
            SIDES,
            SHAS,
        ),
        st.builds(lambda s, h: (sign_agreement, SignAgreement(AT, s, h)), SIDES, SHAS),
        st.builds(lambda s: (withdraw_agreement, WithdrawAgreement(AT, s)), SIDES),
        st.builds(lambda s: (ask_termination, AskTermination(AT, s)), SIDES),
        st.just((lapse_agreement, LapseAgreement(AT, LapseCause.PARTY_LEFT))),
    ),
    max_size=30,
)


@given(MOVES)
def test_in_force_is_only_what_every_party_signed_as_it_stands(moves: list[Any]) -> None:
    state, signed_contents = AGREEMENT.empty, dict[UUID, str]()
    for decide, command in moves:
        try:
            events = decide(command, state)
        except (Refused, Invalid):
            continue
        for event in events:
            if isinstance(event, AgreementSigned):
                signed_contents[event.side] = event.content_sha256
        before, state = state.status, AGREEMENT.replay(events, state)
        if state.status is AgreementStatus.IN_FORCE and before is not AgreementStatus.IN_FORCE:
            assert {signed_contents[A], signed_contents[B]} == {state.content_sha256}
