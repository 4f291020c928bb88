"""A side's own keys by HTTP: who registers and withdraws them, and that what binds the side is then signed."""

from __future__ import annotations

import json
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from examples.airline_codeshare import papers
from services.governance.app import GOVERNANCE
from services.governance.domain.signing_key import SIGNING_KEY
from shared.events.governance_signatures import SigningKeyRegistered
from shared.http.session import Session
from shared.ids import uuid7
from shared.log.rebuild import verify
from shared.testing.api import Api, Member
from tests.integration.governance.own_keys import (
    REAFFIRM,
    SIGN,
    SIGN_MODEL,
    TERMINATE,
    public,
    register,
    signed_paper,
    signed_vote,
    withdraw,
)
from tests.integration.governance.road import (
    MONDAY,
    NOBODY,
    ROOM,
    Side,
    do,
    drafted,
    events,
    governed,
    led,
    proposed_paper,
    raised,
    shown,
    sign,
    sign_paper,
    status,
    vote,
)

COMPANY, OTHER, ANAS = 1, 2, 3
WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def alliance_id(united: Side, hansa: Side, monday: None) -> str:
    return governed(united, hansa)


def listed(member: Member, alliance_id: str, **query: Any) -> list[Any]:
    found: list[Any] = member.get(f"{ROOM}/alliances/{alliance_id}/signing-keys", **query)["items"]
    return found


def test_both_sides_see_a_key_from_its_registration_to_its_withdrawal(
    api: Api, united: Side, hansa: Side, alliance_id: str, stranger: Member
) -> None:
    made = register(united.sponsor, alliance_id, COMPANY)
    assert (made["side"], made["key"], made["person_id"]) == (united.org, public(COMPANY), None)
    assert (made["alliance_id"], made["registered_at"], made["withdrawn_seq"]) == (alliance_id, MONDAY, None)
    theirs = register(hansa.manager, alliance_id, OTHER, person_id=hansa.worker.person)
    assert listed(hansa.worker, alliance_id) == listed(united.worker, alliance_id) == [made, theirs]
    assert hansa.worker.get(f"{ROOM}/signing-keys/{made['id']}") == made
    assert status(stranger, f"signing-keys/{made['id']}") == 404
    withdraw(hansa.sponsor, made, expect=409)
    gone = withdraw(united.manager, made)
    assert gone["withdrawn_at"] == MONDAY
    assert gone["registered_seq"] < theirs["registered_seq"] < gone["withdrawn_seq"]
    assert listed(united.worker, alliance_id) == [gone, theirs]
    assert listed(united.worker, alliance_id, as_of=gone["withdrawn_seq"] - 1) == [made, theirs]
    assert withdraw(united.manager, gone, expect=409)["refusal"] == "withdrawn-already"
    assert register(united.sponsor, alliance_id, COMPANY, expect=409)["refusal"] == "key-withdrawn"
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


def test_who_signs_for_the_side_registers_its_keys_and_each_once(
    united: Side, hansa: Side, alliance_id: str, robot: Member
) -> None:
    register(united.worker, alliance_id, COMPANY, expect=403)
    register(robot, alliance_id, COMPANY, expect=403)
    made = register(united.sponsor, alliance_id, COMPANY)
    assert register(united.manager, alliance_id, COMPANY, expect=409)["refusal"] == "key-in-force"
    withdraw(united.worker, made, expect=403)
    register(hansa.sponsor, alliance_id, COMPANY)  # whose key it is on the other side is the other side's affair
    stale = {**made, "version": 9}
    withdraw(united.sponsor, stale, expect=412)


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"key": "AQ" + "A" * 41 + "="}, "/key", "no-public-key"),
        ({"key": "Ag" + "A" * 41 + "="}, "/key", "no-public-key"),
        ({"key": "A" * 43}, "/key", "string-pattern-mismatch"),
        ({"key": "A" * 42 + "B="}, "/key", "string-pattern-mismatch"),
        ({"key": public(COMPANY), "person_id": str(NOBODY)}, "/person_id", "no-colleague"),
    ],
    ids=["small order", "no point", "31 bytes", "bits that count for nothing", "nobody"],
)
def test_what_is_no_key_or_no_colleague(
    united: Side, alliance_id: str, body: dict[str, str], pointer: str, code: str
) -> None:
    refused = united.sponsor.post(f"{ROOM}/alliances/{alliance_id}/signing-keys", body, expect=422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [(pointer, code)]


def test_a_vote_is_signed_once_the_side_has_a_key_and_not_after_its_last_is_withdrawn(
    api: Api, united: Side, hansa: Side, alliance_id: str
) -> None:
    key = register(united.sponsor, alliance_id, COMPANY)
    made = raised(united, alliance_id)
    right = signed_vote(COMPANY, united.manager, made)
    assert vote(united.manager, made, expect=409)["refusal"] == "signature-required"
    unknown = vote(united.manager, made, signature=signed_vote(OTHER, united.manager, made), expect=409)
    assert unknown["refusal"] == "signature-of-unknown-key"
    assert public(COMPANY) in unknown["detail"]
    wrong = {**right, "value": signed_vote(OTHER, united.manager, made)["value"]}
    assert vote(united.manager, made, signature=wrong, expect=409)["refusal"] == "signature-wrong"
    assert shown(united.manager, made) == made, "nothing of what was refused is recorded"
    first = vote(united.manager, made, signature=right, reason="The date holds.")
    assert [one["signature"] for one in first["votes"]] == [right]
    done = vote(hansa.manager, made)  # the other side has no key, and no duty
    assert [one["signature"] for one in done["votes"]] == [right, None]
    withdraw(united.sponsor, key)
    other = raised(united, alliance_id)
    late = vote(united.manager, other, signature=signed_vote(COMPANY, united.manager, other), expect=409)
    assert late["refusal"] == "signature-of-unknown-key"
    assert [one["signature"] for one in vote(united.manager, other)["votes"]] == [None]
    recorded = [e for e in events(api, alliance_id, f"decision/{made['id']}") if e.name.endswith("vote-cast.v1")]
    assert recorded[0].version - 1 == made["version"]
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


@pytest.mark.parametrize(
    "differs", [{"choice": "reject"}, {"version": 7}, {"member": "hansa"}, {"decision": "another"}], ids=str
)
def test_a_signature_is_of_this_act_of_this_version_of_this_thing(
    united: Side, hansa: Side, alliance_id: str, differs: dict[str, Any]
) -> None:
    register(united.sponsor, alliance_id, COMPANY)
    made = raised(united, alliance_id)
    on = raised(united, alliance_id) if differs.get("decision") else made
    member = hansa.manager if differs.get("member") else united.manager
    signature = signed_vote(COMPANY, member, on, differs.get("choice", "approve"), differs.get("version"))
    refused = vote(united.manager, made, signature=signature, expect=409)
    assert refused["refusal"] == "signature-wrong"
    expected = json.loads(refused["detail"].partition("statement: ")[2])
    assert expected == {
        "context": "concord/act/v1",
        "data": {"choice": "approve", "side": united.org},
        "ledger": alliance_id,
        "stream": f"decision/{made['id']}",
        "type": "governance.vote-cast.v1",
        "version": made["version"],
    }


def test_a_vote_that_is_changed_is_signed_anew(united: Side, alliance_id: str) -> None:
    register(united.sponsor, alliance_id, COMPANY)
    made = raised(united, alliance_id)
    right = signed_vote(COMPANY, united.manager, made)
    now = vote(united.manager, made, signature=right)
    asked = signed_vote(COMPANY, united.manager, now, "abstain")
    now = vote(united.manager, now, "abstain", signature=asked)
    assert vote(united.manager, now, signature=right, expect=409)["refusal"] == "signature-wrong"
    assert [one["signature"] for one in now["votes"]] == [asked]


def test_a_persons_key_is_for_that_person_alone(united: Side, alliance_id: str) -> None:
    register(united.sponsor, alliance_id, ANAS, person_id=united.manager.person)
    made = raised(united, alliance_id)
    borrowed = vote(united.sponsor, made, signature=signed_vote(ANAS, united.sponsor, made), expect=409)
    assert borrowed["refusal"] == "signature-of-unknown-key"
    alone = vote(united.sponsor, made, expect=409)
    assert (alone["refusal"], "belong to others" in alone["detail"]) == ("signature-required", True)
    vote(united.manager, made, signature=signed_vote(ANAS, united.manager, made))


def test_a_delegate_signs_by_a_key_that_the_delegate_may_use(api: Api, united: Side, alliance_id: str) -> None:
    away = {"delegate_id": united.worker.person, "starts_on": "2026-03-02", "until": "2026-03-03"}
    role = {"person_id": united.manager.person, "role": "alliance_manager", "starts_on": "2026-01-01"}
    united.sponsor.post(f"/directory/v1/alliances/{alliance_id}/roles", role)
    united.manager.post(f"/directory/v1/alliances/{alliance_id}/delegations", away)
    register(united.sponsor, alliance_id, ANAS, person_id=united.manager.person)
    made = raised(united, alliance_id)
    lent = vote(united.worker, made, signature=signed_vote(ANAS, united.worker, made), expect=409)
    assert lent["refusal"] == "signature-of-unknown-key"
    own = register(united.worker, alliance_id, OTHER, person_id=united.worker.person)
    vote(united.worker, made, signature=signed_vote(OTHER, united.worker, made))
    recorded = events(api, alliance_id, f"signing-key/{own['id']}")
    assert str(recorded[0].actor.on_behalf_of) == united.manager.person


def test_signing_and_terminating_an_agreement(united: Side, hansa: Side, monday: None) -> None:
    alliance_id = led(united, hansa)
    register(united.sponsor, alliance_id, COMPANY)
    made = proposed_paper(hansa, alliance_id, papers.change_request())
    assert sign_paper(united, made, expect=409)["refusal"] == "signature-required"
    signature = signed_paper(COMPANY, united.sponsor, made)
    body = {"content_sha256": made["content_sha256"], "signature": signature}
    now = do(united.sponsor, f"agreements/{made['id']}", "sign", body)
    own = {"side": united.org, "act": "signed", **signature}
    assert now["signatures"] == [own]
    now = sign_paper(hansa, now)
    assert (now["status"], now["signatures"]) == ("in_force", [own])
    do(hansa.sponsor, f"agreements/{made['id']}", "terminate", {"reason": "It is over."})
    now = united.sponsor.get(f"{ROOM}/agreements/{made['id']}")
    refused = do(united.sponsor, f"agreements/{made['id']}", "terminate", {}, expect=409)
    assert refused["refusal"] == "signature-required"
    signature = signed_paper(COMPANY, united.sponsor, now, TERMINATE)
    ended = do(united.sponsor, f"agreements/{made['id']}", "terminate", {"signature": signature})
    assert (ended["status"], ended["signatures"][1:]) == (
        "terminated",
        [{"side": united.org, "act": "termination_asked", **signature}],
    )


def test_signing_and_reaffirming_a_governance_model(united: Side, hansa: Side, monday: None) -> None:
    alliance_id = led(united, hansa)
    register(united.sponsor, alliance_id, COMPANY)
    model = {**drafted(hansa, alliance_id), "alliance_id": alliance_id}
    assert sign(united, model, expect=409)["refusal"] == "signature-required"
    path = f"governance-models/{model['id']}"
    body = {"content_sha256": model["content_sha256"], "signature": signed_paper(COMPANY, united.sponsor, model, SIGN)}
    assert do(united.sponsor, path, "sign", body, expect=409)["refusal"] == "signature-wrong"
    body["signature"] = signed_paper(COMPANY, united.sponsor, model, SIGN_MODEL)
    do(united.sponsor, path, "sign", body)
    now = {**sign(hansa, model), "alliance_id": alliance_id}
    assert now["status"] == "in_force"
    body["signature"] = signed_paper(COMPANY, united.sponsor, now, REAFFIRM)
    again = do(united.sponsor, path, "reaffirm", body)
    assert again["reaffirmed_by"] == [united.org]
    acts = [(one["side"], one["act"], one["key"]) for one in again["signatures"]]
    assert acts == [(united.org, act, public(COMPANY)) for act in ("signed", "reaffirmed")]


def test_a_key_that_is_just_being_registered_is_looked_at_too(
    api: Api, united: Side, hansa: Side, alliance_id: str
) -> None:
    """A vote that was begun before the key was there, and is recorded after it, is refused."""
    made = raised(united, alliance_id)
    answers: list[Any] = []
    voting = Thread(target=lambda: answers.append(vote(united.manager, made, expect=409)))
    with api.runtime.engine.connect() as connection, api.runtime.engine.connect() as watching:
        caller, at = api.runtime.authenticator.begin(connection, GOVERNANCE.role, f"Bearer {united.sponsor.token}")
        session = Session(connection, api.runtime, GOVERNANCE, caller, at, str(uuid7()))
        session.enter(UUID(alliance_id))
        registered = SigningKeyRegistered(side=UUID(united.org), key=public(COMPANY))
        session.create(SIGNING_KEY, UUID(alliance_id), uuid7(), [registered])
        voting.start()
        while not watching.exec_driver_sql(WAITING).all():
            watching.rollback()
        connection.commit()
    voting.join()
    assert [one["refusal"] for one in answers] == ["signature-required"]
    assert shown(united.manager, made) == made
