from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.governance.domain.alliance import (
    ALLIANCE,
    AcceptAlliance,
    Alliance,
    DeclineAlliance,
    LeaveAlliance,
    NameOwner,
    ProposeAlliance,
    WaiveGate,
    accept_alliance,
    decline_alliance,
    leave_alliance,
    name_owner,
    propose_alliance,
    waive_gate,
)
from services.governance.domain.gate import (
    LAST,
    NEEDED,
    AdvanceAlliance,
    Facts,
    advance_alliance,
    missing_at_gate,
    missing_for_announcement,
)
from shared.domain import Invalid, Refused
from shared.events.governance import (
    AllianceAccepted,
    AllianceDeclined,
    AllianceProposed,
    GateWaived,
    OwnerNamed,
    StageEntered,
)
from shared.events.governance_agreement_terms import AgreementKind
from shared.events.governance_exit import PartyLeft
from shared.events.governance_terms import Intent, OwnerRole, Scope, Stage
from shared.testing.scenario import scenario
from tests.domain.governance.given import ANA, BEN, CARL, DINA, STRANGER, A, B, utc

AT = utc("2026-03-02 10:00")
SCOPE = Scope(inside=("Iberia",), outside=("pricing",), not_a_goal=("a merger",))
PROPOSE = ProposeAlliance(AT, A, "Northern Sky", Intent.MARKET_ACCESS, "go_to_market", "contractual", (A, B), SCOPE)
PROPOSED = AllianceProposed(
    side=A,
    name="Northern Sky",
    intent=Intent.MARKET_ACCESS,
    type="go_to_market",
    structure="contractual",
    parties=(A, B),
    scope=SCOPE,
)
FORMING = (PROPOSED, AllianceAccepted(side=B), StageEntered(stage=Stage.FORMING))
OWNERS = (
    OwnerNamed(side=A, person_id=ANA, role=OwnerRole.ALLIANCE_MANAGER),
    OwnerNamed(side=A, person_id=BEN, role=OwnerRole.EXECUTIVE_SPONSOR),
    OwnerNamed(side=B, person_id=CARL, role=OwnerRole.ALLIANCE_MANAGER),
    OwnerNamed(side=B, person_id=DINA, role=OwnerRole.EXECUTIVE_SPONSOR),
)
NEW, ASKED, BEGUN = scenario(ALLIANCE), scenario(ALLIANCE).given(PROPOSED), scenario(ALLIANCE).given(*FORMING)
OWNED = BEGUN.given(*OWNERS)


def test_one_side_proposes() -> None:
    NEW.when(propose_alliance, PROPOSE).then(PROPOSED)


def test_it_is_proposed_once() -> None:
    ASKED.when(propose_alliance, PROPOSE).then_refused("alliance-exists")


@pytest.mark.parametrize(
    ("parties", "code"),
    [((A,), "number-of-parties"), ((A, A), "party-twice"), ((B, STRANGER), "proposer-no-party")],
)
def test_parties_that_make_no_alliance(parties: tuple[UUID, ...], code: str) -> None:
    command = ProposeAlliance(AT, A, "X", Intent.CO_INNOVATION, "t", "s", parties)
    with pytest.raises(Invalid) as invalid:
        NEW.when(propose_alliance, command)
    assert (invalid.value.pointer, invalid.value.code) == ("/parties", code)


@pytest.mark.parametrize("field", ["name", "type", "structure"])
def test_what_it_is_is_said_in_words(field: str) -> None:
    blank: dict[str, Any] = {field: " "}
    with pytest.raises(Invalid, match=f"/{field}"):
        NEW.when(propose_alliance, replace(PROPOSE, **blank))


def test_the_last_acceptance_begins_the_forming() -> None:
    ASKED.when(accept_alliance, AcceptAlliance(AT, B)).then(*FORMING[1:])


def test_every_party_must_accept() -> None:
    three = AllianceProposed(
        side=A, name="X", intent=Intent.CO_INNOVATION, type="t", structure="s", parties=(A, B, STRANGER)
    )
    scenario(ALLIANCE).given(three).when(accept_alliance, AcceptAlliance(AT, B)).then(AllianceAccepted(side=B))


@pytest.mark.parametrize(
    ("side", "given_events", "code"),
    [
        (A, (PROPOSED,), "accepted-already"),
        (STRANGER, (PROPOSED,), "not-a-party"),
        (B, FORMING, "alliance-answered"),
        (B, (PROPOSED, AllianceDeclined(side=B)), "alliance-answered"),
    ],
)
def test_who_cannot_accept(side: UUID, given_events: tuple[object, ...], code: str) -> None:
    command = AcceptAlliance(AT, side)
    scenario(ALLIANCE).given(*given_events).when(accept_alliance, command).then_refused(code)


def test_the_other_side_may_decline() -> None:
    ASKED.when(decline_alliance, DeclineAlliance(AT, B, "not now")).then(AllianceDeclined(side=B, reason="not now"))


def test_a_side_names_its_owners() -> None:
    BEGUN.when(name_owner, NameOwner(AT, A, ANA, OwnerRole.ALLIANCE_MANAGER)).then(OWNERS[0])
    OWNED.when(name_owner, NameOwner(AT, A, ANA, OwnerRole.ALLIANCE_MANAGER)).then_nothing()
    ASKED.when(name_owner, NameOwner(AT, A, ANA, OwnerRole.ALLIANCE_MANAGER)).then_refused("alliance-not-accepted")


def test_a_gate_lists_everything_that_is_missing() -> None:
    command = AdvanceAlliance(AT, A, Stage.LAUNCHING, Facts(frozenset({AgreementKind.VALUE_EXCHANGE})))
    state = BEGUN.given(OWNERS[0], StageEntered(stage=Stage.DESIGNING)).state
    assert [(one.code, one.side) for one in missing_at_gate(Stage.LAUNCHING, state, command.facts)] == [
        ("owner-not-named", A),
        ("owner-not-named", B),
        ("owner-not-named", B),
        ("no-governance-model", None),
        ("no-value-thesis", None),
        ("no-term-sheet", None),
    ]
    with pytest.raises(Refused, match=f"executive sponsor of {B}; a governance model in force") as refused:
        advance_alliance(command, state)
    assert refused.value.code == "gate-shut"
    with pytest.raises(Refused, match="executive sponsor of Lufthansa; "):
        advance_alliance(replace(command, stage=None, facts=Facts(names={B: "Lufthansa"})), state)


def test_named_owners_open_the_first_gate() -> None:
    BEGUN.given(*OWNERS[:3]).when(advance_alliance, AdvanceAlliance(AT, A, Stage.DESIGNING)).then_refused("gate-shut")
    OWNED.when(advance_alliance, AdvanceAlliance(AT, A, Stage.DESIGNING)).then(StageEntered(stage=Stage.DESIGNING))


LAUNCH = frozenset(NEEDED[Stage.LAUNCHING])
PLANNED = frozenset({AgreementKind.OPERATING_PLAN})


@pytest.mark.parametrize(
    ("reached", "wanted", "facts"),
    [
        (Stage.FORMING, Stage.DESIGNING, Facts()),
        (Stage.DESIGNING, Stage.LAUNCHING, Facts(LAUNCH)),
        (Stage.LAUNCHING, Stage.OPERATING, Facts(PLANNED, kpis_agreed=1)),
        (Stage.OPERATING, Stage.EVOLVING, Facts(reviewed=True)),
        (Stage.EVOLVING, Stage.EXITING, Facts(exit_final=True)),
        (Stage.EXITING, Stage.ENDED, Facts(exit_completed=True)),
    ],
)
def test_each_gate_opens_for_what_it_asks_and_nothing_less(reached: Stage, wanted: Stage, facts: Facts) -> None:
    at_gate = OWNED.given(StageEntered(stage=reached))
    at_gate.when(advance_alliance, AdvanceAlliance(AT, A, wanted, facts)).then(StageEntered(stage=wanted))
    if facts != Facts():
        at_gate.when(advance_alliance, AdvanceAlliance(AT, A, wanted)).then_refused("gate-shut")
    for kind in facts.in_force:
        less = replace(facts, in_force=facts.in_force - {kind})
        at_gate.when(advance_alliance, AdvanceAlliance(AT, A, wanted, less)).then_refused("gate-shut")


def test_stages_are_not_skipped_but_the_exit_is_open_without_owners() -> None:
    OWNED.when(advance_alliance, AdvanceAlliance(AT, A, Stage.OPERATING)).then_refused("not-the-next-stage")
    leave = AdvanceAlliance(AT, A, Stage.EXITING, Facts(exit_final=True))
    BEGUN.when(advance_alliance, leave).then(StageEntered(stage=Stage.EXITING))
    exiting = BEGUN.given(StageEntered(stage=Stage.EXITING))
    exiting.when(advance_alliance, leave).then_refused("not-the-next-stage")
    ended = exiting.given(StageEntered(stage=Stage.ENDED))
    ended.when(advance_alliance, AdvanceAlliance(AT, A, Stage.FORMING)).then_refused("alliance-ended")


def test_an_announcement_says_what_it_misses() -> None:
    def missing(state: Alliance, facts: Facts) -> list[str]:
        return [one.code for one in missing_for_announcement(state, facts)]

    assert missing(OWNED.state, Facts()) == ["no-operating-plan", "no-roadmap", "no-kpis"]
    assert missing(BEGUN.state, Facts(PLANNED, kpis_agreed=3)) == ["owner-not-named"] * 4
    assert missing(OWNED.state, Facts(PLANNED, kpis_agreed=3)) == []


def test_of_three_parties_one_leaves_and_of_two_none() -> None:
    three = scenario(ALLIANCE).given(replace(PROPOSED, parties=(A, B, STRANGER)))
    leave = LeaveAlliance(AT, STRANGER, ANA)
    three.when(leave_alliance, leave).then(PartyLeft(party=STRANGER, exit=ANA))
    assert three.given(PartyLeft(party=STRANGER, exit=ANA)).state.parties == (A, B)
    OWNED.when(leave_alliance, LeaveAlliance(AT, B, ANA)).then_nothing()


def test_a_gate_opens_when_all_sides_waive_it() -> None:
    advance = AdvanceAlliance(AT, A, Stage.DESIGNING)
    by_a, by_b = (GateWaived(side=side, stage=Stage.DESIGNING, reason="pilot") for side in (A, B))
    waive = WaiveGate(AT, A, Stage.DESIGNING, "pilot")
    BEGUN.when(waive_gate, waive).then(by_a)
    BEGUN.given(by_a).when(waive_gate, waive).then_refused("waived-already")
    BEGUN.given(by_a).when(advance_alliance, advance).then_refused("gate-shut")
    BEGUN.given(by_a, by_b).when(advance_alliance, advance).then(StageEntered(stage=Stage.DESIGNING))
    with pytest.raises(Invalid, match="/reason"):
        BEGUN.when(waive_gate, WaiveGate(AT, A, Stage.DESIGNING, " "))


SIDES = st.sampled_from([A, B, STRANGER])
MOVES = st.lists(
    st.one_of(
        st.just((propose_alliance, PROPOSE)),
        SIDES.map(lambda side: (accept_alliance, AcceptAlliance(AT, side))),
        SIDES.map(lambda side: (decline_alliance, DeclineAlliance(AT, side))),
        st.builds(lambda s, r: (name_owner, NameOwner(AT, s, ANA, r)), SIDES, st.sampled_from(OwnerRole)),
        st.builds(lambda s, g: (waive_gate, WaiveGate(AT, s, g, "why")), SIDES, st.sampled_from(Stage)),
        st.builds(
            lambda s, g, facts: (advance_alliance, AdvanceAlliance(AT, s, g, facts)),
            SIDES,
            st.sampled_from(Stage),
            st.builds(Facts, st.frozensets(st.sampled_from(AgreementKind)), st.integers(0, 2), *[st.booleans()] * 3),
        ),
    ),
    max_size=40,
)


@given(MOVES)
def test_whatever_is_tried_stages_only_go_forward_and_owners_are_named_first(moves: list[tuple]) -> None:  # type: ignore[type-arg]
    state, stages = ALLIANCE.empty, list(Stage)
    for decide, command in moves:
        try:
            events = decide(command, state)
        except Refused:
            continue
        after = ALLIANCE.replay(events, state)
        if after.stage != state.stage and state.stage is not None:
            assert after.stage is not None
            assert stages.index(after.stage) > stages.index(state.stage)
            assert len(state.owners) == 4 or state.gate_waived(after.stage) or after.stage in LAST
        state = after


@given(st.permutations([*FORMING, *OWNERS, GateWaived(side=A, stage=Stage.EVOLVING)]))
def test_any_history_replays(history: list[object]) -> None:
    assert len(ALLIANCE.replay(history).owners) == 4
