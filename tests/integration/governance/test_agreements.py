"""Agreements behind real HTTP: drafted in private, proposed, countered, signed by hash, in force, and at their end."""

from __future__ import annotations

from hashlib import sha256

import pytest
import rfc8785

from examples.airline_codeshare import papers
from shared.testing.api import Api, Member
from tests.integration.governance.road import (
    ROOM,
    Side,
    agreed,
    do,
    drafted,
    events,
    governed,
    led,
    status,
)
from tests.integration.governance.road import drafted_paper as draft
from tests.integration.governance.road import proposed_paper as proposed
from tests.integration.governance.road import sign_paper as sign


@pytest.fixture
def alliance(united: Side, hansa: Side, monday: None) -> str:
    return led(united, hansa)


def test_a_draft_is_its_sides_own_business(united: Side, hansa: Side, alliance: str) -> None:
    made = draft(united, alliance, papers.value_exchange(united.org, hansa.org))
    path = f"agreement-drafts/{made['id']}"
    assert status(hansa.manager, path) == 404
    assert united.worker.get(f"{ROOM}/{path}")["content"] == made["content"]
    theirs = hansa.manager.get(f"{ROOM}/alliances/{alliance}/agreement-drafts")
    assert theirs["items"] == []
    assert hansa.manager.get(f"{ROOM}/alliances/{alliance}/agreements")["items"] == []
    revised = do(united.worker, path, "revise", {"content": {**made["content"], "exit_economics": "None."}})
    assert revised["content_sha256"] != made["content_sha256"]
    another = do(united.worker, path, "revise", {"content": papers.operating_annex()}, expect=409)
    assert another["refusal"] == "another-kind"
    assert do(united.worker, path, "discard", {})["status"] == "discarded"
    assert do(united.worker, path, "propose", expect=409)["refusal"] == "no-draft-any-more"
    assert status(united.worker, f"agreements/{made['id']}") == 404


def test_proposed_countered_signed_by_its_hash_and_in_force(united: Side, hansa: Side, alliance: str) -> None:
    content = papers.value_exchange(united.org, hansa.org)
    first = proposed(united, alliance, content)
    assert first["content_sha256"] == sha256(rfc8785.dumps(first["content"])).hexdigest()
    path = f"agreements/{first['id']}"
    assert do(united.manager, path, "counter", {"content": content}, expect=409)["refusal"] == "own-proposal"
    assert do(hansa.manager, path, "counter", {"content": content}, expect=409)["refusal"] == "same-content"
    sign(united, first)
    better = {**content, "when_value_misses": "The steering looks at prices within 10 days."}
    countered = do(hansa.manager, path, "counter", {"content": better, "reason": "30 days are too long."})
    assert countered["signed_by"] == []
    assert sign(united, first, expect=409)["refusal"] == "content-countered"
    assert do(united.worker, path, "sign", {"content_sha256": countered["content_sha256"]}, expect=403)
    sign(hansa, countered)
    in_force = sign(united, countered)
    assert (in_force["status"], in_force["content"]) == ("in_force", countered["content"])
    assert in_force["in_force_since"] is not None


def test_a_delegate_signs_in_the_seat_that_was_lent(united: Side, hansa: Side, alliance: str) -> None:
    body = {"person_id": united.sponsor.person, "delegate_id": united.worker.person}
    united.sponsor.post(
        f"/directory/v1/alliances/{alliance}/delegations", {**body, "starts_on": "2026-03-02", "until": "2026-03-20"}
    )
    made = proposed(united, alliance, papers.operating_annex())
    model = drafted(united, alliance)
    for thing, content in ((f"agreements/{made['id']}", made), (f"governance-models/{model['id']}", model)):
        signature = {"content_sha256": content["content_sha256"]}
        assert do(hansa.worker, thing, "sign", signature, expect=403)
        assert do(united.worker, thing, "sign", signature)["signed_by"] == [united.org]
        assert do(hansa.sponsor, thing, "sign", signature)["status"] == "in_force"
    do(united.worker, f"agreements/{made['id']}", "terminate", {})
    do(united.worker, f"governance-models/{model['id']}", "reaffirm", {"content_sha256": model["content_sha256"]})
    streams = (f"agreement/{made['id']}", f"governance-model/{model['id']}")
    recorded = [one for stream in streams for one in events(united.worker.api, alliance, stream)]
    lent = [one.name for one in recorded if str(one.actor.on_behalf_of) == united.sponsor.person]
    assert lent == [
        "governance.agreement-signed.v1",
        "governance.agreement-termination-asked.v1",
        "governance.model-signed.v1",
        "governance.model-reaffirmed.v1",
    ]
    assert {str(one.actor.sub) for one in recorded if one.actor.on_behalf_of} == {united.worker.person}


def test_the_terms_of_any_moment_can_be_read(united: Side, hansa: Side, api: Api, alliance: str) -> None:
    content = papers.operating_annex()
    first = agreed(alliance, content, united, hansa)
    api.set_clock("2026-04-01T15:00:00Z")
    second = agreed(alliance, {**content, "reporting": "Each side reports its figures weekly."}, hansa, united)
    path = f"{ROOM}/alliances/{alliance}/agreements"
    now = united.manager.get(path, kind="operating_annex", status="in_force")["items"]
    then = united.manager.get(path, kind="operating_annex", status="in_force", as_of="2026-03-15T00:00:00Z")["items"]
    assert [one["id"] for one in now] == [second["id"]]
    assert [one["id"] for one in then] == [first["id"]]
    older = united.manager.get(f"{ROOM}/agreements/{first['id']}")
    assert (older["status"], older["superseded_by"]) == ("superseded", second["id"])


def test_a_term_sheet_waits_for_the_value_exchange(united: Side, hansa: Side) -> None:
    alliance = led(united, hansa)
    made = draft(united, alliance, papers.term_sheet("2026-04-01", "2028-03-31"))
    refused = do(united.manager, f"agreement-drafts/{made['id']}", "propose", expect=409)
    assert refused["refusal"] == "no-value-exchange"
    agreed(alliance, papers.value_exchange(united.org, hansa.org), united, hansa)
    term_sheet = do(united.manager, f"agreement-drafts/{made['id']}", "propose")
    sign(united, term_sheet)
    assert sign(hansa, term_sheet)["status"] == "in_force"
    [renewal] = united.manager.get(f"{ROOM}/alliances/{alliance}/reviews")["items"]
    assert (renewal["kind"], renewal["opens_at"], renewal["status"]) == ("renewal", "2027-03-31T05:00:00Z", "scheduled")


def test_a_change_of_scope_says_what_it_does_to_the_rest(united: Side, hansa: Side, alliance: str) -> None:
    change = proposed(united, alliance, papers.change_request(complete=False))
    refused = sign(united, change, expect=409)
    assert refused["refusal"] == "change-incomplete"
    assert "economics" in refused["detail"]
    complete = do(hansa.manager, f"agreements/{change['id']}", "counter", {"content": papers.change_request()})
    sign(hansa, complete)
    assert sign(united, complete)["status"] == "in_force"


def test_an_agreement_ends_early_when_every_party_asks(united: Side, hansa: Side, alliance: str) -> None:
    change = agreed(alliance, {**papers.change_request(), "title": "Mail too"}, united, hansa)
    path = f"agreements/{change['id']}"
    assert do(united.manager, path, "terminate", {"reason": "Nobody wants it."})["status"] == "in_force"
    assert do(united.manager, path, "terminate", {}, expect=409)["refusal"] == "asked-already"
    assert do(hansa.manager, path, "terminate", {})["status"] == "terminated"


def test_what_does_not_fit_is_named_by_its_place(united: Side, hansa: Side, stranger: Member, alliance: str) -> None:
    content = papers.value_exchange(united.org, stranger.org)
    refused = draft(united, alliance, content, expect=422)
    assert refused["errors"][0]["pointer"] == "/content/exchanges/1/giver"
    unknown = draft(united, alliance, {**papers.operating_annex(), "wish": "more"}, expect=422)
    assert "wish" in unknown["errors"][0]["pointer"]
    assert status(stranger, f"alliances/{alliance}/agreements") == 404


def test_a_signed_plan_brings_its_milestones(united: Side, hansa: Side) -> None:
    alliance = governed(united, hansa)
    owners = tuple({"side": side.org, "person_id": side.manager.person} for side in (united, hansa))
    plan = papers.operating_plan(owners, "2026-03-02")
    one_sided = {**plan, "milestones": [{**m, "owners": list(owners[:1])} for m in plan["milestones"]]}
    made = proposed(united, alliance, one_sided)
    assert sign(united, made, expect=409)["refusal"] == "milestone-without-owner"
    whole = do(hansa.manager, f"agreements/{made['id']}", "counter", {"content": plan})
    for side in (united, hansa):
        whole = sign(side, whole)
    assert whole["status"] == "in_force"
    milestones = hansa.manager.get(f"{ROOM}/alliances/{alliance}/milestones")["items"]
    assert [(m["key"], m["due_on"], m["quick_win"]) for m in milestones if m["area"] == "quick_win"] == [
        ("win", "2026-05-01", True)
    ]
    assert len(milestones) == 6


def test_the_governance_model_is_ratified_anew_every_year(united: Side, hansa: Side) -> None:
    alliance = governed(united, hansa)
    [model] = united.manager.get(f"{ROOM}/alliances/{alliance}/governance-models")["items"]
    thing, body = f"governance-models/{model['id']}", {"content_sha256": model["content_sha256"]}
    wrong = do(united.sponsor, thing, "reaffirm", {"content_sha256": "0" * 64}, expect=409)
    assert wrong["refusal"] == "other-content"
    assert do(united.worker, thing, "reaffirm", body, expect=403)
    first = do(united.sponsor, thing, "reaffirm", body)
    assert (first["reaffirmed_by"], first["reratified_at"]) == ([united.org], None)
    assert do(united.sponsor, thing, "reaffirm", body, expect=409)["refusal"] == "signed-already"
    whole = do(hansa.sponsor, thing, "reaffirm", body)
    assert (whole["reaffirmed_by"], whole["status"]) == ([], "in_force")
    assert whole["reratified_at"] is not None
