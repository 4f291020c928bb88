from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.governance.domain.governance_model import (
    GOVERNANCE_MODEL,
    CounterModel,
    DraftModel,
    ModelStatus,
    ProposeModel,
    SignModel,
    SupersedeModel,
    counter_model,
    draft_model,
    propose_model,
    sign_model,
    supersede_model,
)
from services.governance.domain.matrix import check_content
from services.governance.domain.starter import COUNCIL, STEERING, starter_model
from shared.domain import Invalid, Refused
from shared.events.governance import (
    ModelCountered,
    ModelDrafted,
    ModelProposed,
    ModelRatified,
    ModelSigned,
    ModelSuperseded,
)
from shared.events.governance_terms import DecisionRight, GovernanceContent, Joint, Member, Owner, OwnerRole, Rung
from shared.testing.scenario import scenario
from tests.domain.governance.given import ANA, BEN, STRANGER, A, B, business_days, terms, utc

AT = utc("2026-03-02 10:00")
CONTENT = starter_model((A, B))
OTHER = replace(CONTENT, warning_shares=(50, 90))
HASH, OTHER_HASH, UNKNOWN_HASH = "a" * 64, "b" * 64, "c" * 64
DRAFTED = ModelDrafted(side=A, parties=(A, B), content=CONTENT, content_sha256=HASH)
PROPOSED = ModelProposed(side=A, content_sha256=HASH)
COUNTERED = ModelCountered(side=B, content=OTHER, content_sha256=OTHER_HASH, reason="later warnings")
SIGNED_A, SIGNED_B = (ModelSigned(side=side, content_sha256=HASH) for side in (A, B))
RATIFIED = ModelRatified(content_sha256=HASH)
DRAFT = scenario(GOVERNANCE_MODEL).given(DRAFTED)
TABLE = DRAFT.given(PROPOSED)
IN_FORCE = TABLE.given(SIGNED_A, SIGNED_B, RATIFIED)


def test_the_starter_is_the_shipped_matrix() -> None:
    rows = {row.title: (row.owner, row.joint, row.forum, row.sla, row.escalates_to) for row in CONTENT.decision_rights}
    assert rows == {
        "Roadmap change": (Owner(forum=COUNCIL), Joint.YES, COUNCIL, business_days(10), (Rung(STEERING),)),
        "Commercial terms": (Owner(("commercial_lead",)), Joint.YES, None, business_days(15), (Rung(STEERING),)),
        "Data sharing": (Owner(("security", "legal")), Joint.YES, None, business_days(20), (Rung(STEERING),)),
        "Delivery trade-off": (
            Owner(("delivery_lead",)),
            Joint.SOMETIMES,
            "working_team",
            business_days(5),
            (Rung(COUNCIL),),
        ),
    }
    check_content(CONTENT, (A, B))


def test_the_starter_seats_the_owners_of_the_alliance() -> None:
    owners = {(A, OwnerRole.EXECUTIVE_SPONSOR): ANA, (B, OwnerRole.ALLIANCE_MANAGER): BEN}
    starter = starter_model((A, B), owners=owners)
    seats = {forum.key: forum.members for forum in starter.forums}
    assert seats == {STEERING: (Member(A, ANA),), COUNCIL: (Member(B, BEN),), "working_team": (Member(B, BEN),)}
    check_content(starter, (A, B))


def test_the_starter_takes_the_calendars_it_is_given() -> None:
    assert [one.time_zone for one in starter_model((A, B), [terms(B)]).calendars] == ["UTC", "Europe/Madrid"]


def test_content_survives_writing_and_reading() -> None:
    adapter = TypeAdapter(GovernanceContent)
    assert adapter.validate_json(adapter.dump_json(CONTENT)) == CONTENT


def test_one_side_drafts_and_proposes() -> None:
    command = DraftModel(AT, A, (A, B), CONTENT, HASH)
    scenario(GOVERNANCE_MODEL).when(draft_model, command).then(DRAFTED)
    DRAFT.when(draft_model, command).then_refused("model-exists")
    scenario(GOVERNANCE_MODEL).when(draft_model, replace(command, side=STRANGER)).then_refused("not-a-party")
    DRAFT.when(propose_model, ProposeModel(AT, A)).then(PROPOSED)
    DRAFT.when(propose_model, ProposeModel(AT, B)).then_refused("not-your-draft")
    TABLE.when(propose_model, ProposeModel(AT, A)).then_refused("not-a-draft")


def test_the_other_side_counters_and_all_signatures_fall_away() -> None:
    counter = CounterModel(AT, B, OTHER, OTHER_HASH, "later warnings")
    TABLE.given(SIGNED_A).when(counter_model, counter).then(COUNTERED)
    assert TABLE.given(SIGNED_A, COUNTERED).state.signed_by == frozenset()
    TABLE.when(counter_model, replace(counter, side=A)).then_refused("own-proposal")
    TABLE.when(counter_model, replace(counter, content_sha256=HASH)).then_refused("same-content")
    DRAFT.when(counter_model, counter).then_refused("not-proposed")


def test_content_that_was_countered_may_return() -> None:
    back = ModelCountered(side=A, content=CONTENT, content_sha256=HASH)
    TABLE.given(COUNTERED, back).when(sign_model, SignModel(AT, B, HASH)).then(SIGNED_B)


def test_the_last_signature_puts_it_in_force() -> None:
    TABLE.when(sign_model, SignModel(AT, A, HASH)).then(SIGNED_A)
    TABLE.given(SIGNED_A).when(sign_model, SignModel(AT, B, HASH)).then(SIGNED_B, RATIFIED)
    assert IN_FORCE.state.status is ModelStatus.IN_FORCE


def test_what_cannot_be_signed() -> None:
    DRAFT.when(sign_model, SignModel(AT, A, HASH)).then_refused("not-proposed")
    IN_FORCE.when(sign_model, SignModel(AT, A, HASH)).then_refused("not-proposed")
    TABLE.given(SIGNED_A).when(sign_model, SignModel(AT, A, HASH)).then_refused("signed-already")
    TABLE.when(sign_model, SignModel(AT, A, UNKNOWN_HASH)).then_refused("other-content")
    TABLE.given(COUNTERED).when(sign_model, SignModel(AT, B, HASH)).then_refused("content-countered")
    TABLE.when(sign_model, SignModel(AT, STRANGER, HASH)).then_refused("not-a-party")


def test_a_newer_model_takes_its_place() -> None:
    newer = STRANGER
    IN_FORCE.when(supersede_model, SupersedeModel(AT, newer)).then(ModelSuperseded(by=newer))
    TABLE.when(supersede_model, SupersedeModel(AT, newer)).then_refused("not-in-force")


def test_a_row_is_found_by_its_type() -> None:
    row = IN_FORCE.state.right("data_sharing")
    assert row is not None
    assert row.title == "Data sharing"
    assert IN_FORCE.state.right("office_party") is None


def with_row(**changes: object) -> GovernanceContent:
    row: DecisionRight = replace(CONTENT.decision_rights[0], **changes)  # type: ignore[arg-type]
    return replace(CONTENT, decision_rights=(row,))


def with_forum(**changes: object) -> GovernanceContent:
    return replace(CONTENT, forums=(replace(CONTENT.forums[0], **changes), *CONTENT.forums[1:]))  # type: ignore[arg-type]


ROW, FORUM = "/content/decision_rights/0", "/content/forums/0"


@pytest.mark.parametrize(
    ("make", "pointer", "code"),
    [
        (lambda: with_row(forum="choir"), f"{ROW}/forum", "unknown-forum"),
        (lambda: with_row(escalates_to=(Rung("choir"),)), f"{ROW}/escalates_to/0/forum", "unknown-forum"),
        (lambda: with_row(escalates_to=(Rung(STEERING),) * 2), f"{ROW}/escalates_to/1/forum", "key-twice"),
        (lambda: with_row(escalates_to=(Rung(STEERING),) * 11), f"{ROW}/escalates_to", "ladder-too-long"),
        (lambda: with_row(owner=Owner(forum="choir")), f"{ROW}/owner/forum", "unknown-forum"),
        (lambda: with_row(owner=Owner()), f"{ROW}/owner", "owner"),
        (lambda: with_row(owner=Owner(("legal",), side=STRANGER)), f"{ROW}/owner/side", "not-a-party"),
        (lambda: with_row(joint=Joint.SOMETIMES), f"{ROW}/condition", "condition"),
        (lambda: with_row(condition="always"), f"{ROW}/condition", "condition"),
        (lambda: with_row(sla=business_days(0)), f"{ROW}/sla/value", "sla-length"),
        (lambda: with_row(sla=business_days(731)), f"{ROW}/sla/value", "sla-length"),
        (
            lambda: with_row(escalates_to=(Rung(STEERING, business_days(0)),)),
            f"{ROW}/escalates_to/0/sla/value",
            "sla-length",
        ),
        (lambda: with_forum(members=(Member(STRANGER, ANA),)), f"{FORUM}/members/0/side", "not-a-party"),
        (lambda: with_forum(chair=ANA), f"{FORUM}/chair", "chair-no-member"),
        (lambda: with_forum(quorum=1), f"{FORUM}/quorum", "quorum-too-small"),
        (lambda: with_forum(key=""), f"{FORUM}/key", "key-missing"),
        (
            lambda: replace(CONTENT, decision_rights=CONTENT.decision_rights[:1] * 2),
            "/content/decision_rights/1/type",
            "key-twice",
        ),
        (lambda: replace(CONTENT, forums=CONTENT.forums * 40), "/content", "model-too-large"),
        (lambda: replace(CONTENT, calendars=CONTENT.calendars[:1]), "/content/calendars", "calendar-a-side"),
        (
            lambda: replace(CONTENT, calendars=(terms(A), terms(B, week={}))),
            "/content/calendars",
            "no-working-time",
        ),
        (
            lambda: replace(CONTENT, calendars=(terms(A), terms(B, zone="Mars"))),
            "/content/calendars/1/time_zone",
            "unknown-time-zone",
        ),
        (lambda: replace(CONTENT, warning_shares=(90, 75)), "/content/warning_shares", "warning-shares"),
        (lambda: replace(CONTENT, warning_shares=(0, 75)), "/content/warning_shares", "warning-shares"),
        (lambda: replace(CONTENT, warning_shares=(100,)), "/content/warning_shares", "warning-shares"),
    ],
)
def test_content_that_does_not_fit_together(make: Callable[[], GovernanceContent], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        draft_model(DraftModel(AT, A, (A, B), make(), HASH), GOVERNANCE_MODEL.empty)
    assert (invalid.value.pointer, invalid.value.code) == (pointer, code)


@pytest.mark.parametrize("sha256", ["", "A" * 64, "a" * 63, "g" * 64])
def test_what_is_no_hash(sha256: str) -> None:
    with pytest.raises(Invalid, match="/content_sha256"):
        draft_model(DraftModel(AT, A, (A, B), CONTENT, sha256), GOVERNANCE_MODEL.empty)


SIDES = st.sampled_from([A, B, STRANGER])
HASHES = st.sampled_from([HASH, OTHER_HASH, UNKNOWN_HASH])
MOVES = st.lists(
    st.one_of(
        st.just((draft_model, DraftModel(AT, A, (A, B), CONTENT, HASH))),
        SIDES.map(lambda side: (propose_model, ProposeModel(AT, side))),
        st.builds(lambda side, sha: (counter_model, CounterModel(AT, side, OTHER, sha)), SIDES, HASHES),
        st.builds(lambda side, sha: (sign_model, SignModel(AT, side, sha)), SIDES, HASHES),
        st.just((supersede_model, SupersedeModel(AT, STRANGER))),
    ),
    max_size=40,
)


@given(MOVES)
def test_whatever_is_tried_in_force_means_that_all_signed_the_same(moves: list[tuple]) -> None:  # type: ignore[type-arg]
    state, signed = GOVERNANCE_MODEL.empty, dict[object, str]()
    for decide, command in moves:
        try:
            events = decide(command, state)
        except Refused:
            continue
        signed |= {event.side: event.content_sha256 for event in events if isinstance(event, ModelSigned)}
        if any(isinstance(event, ModelRatified) for event in events):
            assert signed[A] == signed[B] == state.content_sha256
        state = GOVERNANCE_MODEL.replay(events, state)


@given(st.permutations([DRAFTED, PROPOSED, COUNTERED, SIGNED_A, RATIFIED, ModelSuperseded(by=STRANGER)]))
def test_any_history_replays(history: list[object]) -> None:
    assert GOVERNANCE_MODEL.replay(history).status is not ModelStatus.NONE
