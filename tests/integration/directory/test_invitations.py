"""Invitations through HTTP: a person comes in, a company opens its account, and no token opens anything twice."""

from __future__ import annotations

from typing import Any

import pytest

from shared.testing.api import WEEK, Api, Member

INVITATIONS = "/directory/v1/invitations"
LEE = {"name": "Lee Park", "email": "lee@inviting.example", "roles": ["member"]}
COMPANY = {"legal_name": "ExpressJet Airlines, Inc.", "name": "Kim Berg", "email": "kim@express.example"}
ACCOUNT = {
    "legal_name": "ExpressJet Airlines, Inc.",
    "display_name": "ExpressJet",
    "country": "US",
    "calendar": {"time_zone": "America/New_York", "week": WEEK},
    "owner": {"name": "Kim Berg", "email": "kim@express.example", "level": "executive"},
}
ALLIANCE = {"name": "A", "intent": "capability_extension", "type": "codeshare", "structure": "contractual"}


@pytest.fixture
def ana(api: Api) -> Member:
    api.set_clock("2026-03-02T12:00:00Z")
    return api.organisation("Inviting")


def ask(api: Api, token: str, method: str = "GET", path: str = "", body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return api.client.request(method, f"/directory/v1/invitation{path}", json=body, headers=headers)


def test_an_invited_person_sees_what_it_is_and_comes_in(api: Api, ana: Member) -> None:
    sent = ana.post(INVITATIONS, LEE)
    shown = ask(api, sent["token"]).json()
    assert (shown["invited_by"], shown["email"], shown["roles"]) == ("Inviting", LEE["email"], ["member"])
    (own,) = shown["sees"]
    assert own == {"ledger_id": ana.org, "kind": "organisation", "entries": 4}
    assert len(ana.get("/directory/v1/people")["items"]) == 1
    made = ask(api, sent["token"], "POST", "/accept", {"function": "Planning", "level": "leadership"})
    assert made.status_code == 201
    lee = made.json()
    assert (lee["id"], lee["name"], lee["roles"]) == (sent["person_id"], "Lee Park", ["member"])
    assert api.sign_in(ana.org, lee["id"]).get("/directory/v1/me")["person"] == lee
    assert ask(api, sent["token"], "POST", "/accept", {}).status_code == 401
    told = ana.get(f"/ledger/v1/ledgers/{ana.org}/events", type="directory.invitation-accepted.v1")["items"][0]
    assert told["words"] == "Lee Park of Inviting accepted the invitation."
    assert ana.get(f"{INVITATIONS}/{sent['id']}")["status"] == "accepted"


def test_a_token_opens_the_invitation_and_nothing_else(api: Api, ana: Member) -> None:
    sent = ana.post(INVITATIONS, LEE)
    headers = {"Authorization": f"Bearer {sent['token']}"}
    for path in ("/directory/v1/people", "/directory/v1/me", f"/ledger/v1/ledgers/{ana.org}/events"):
        assert api.client.get(path, headers=headers).status_code == 403, path
    assert ask(api, sent["token"], "POST", "/organisation", ACCOUNT).status_code == 404
    assert ask(api, ana.token).status_code == 403
    known = sent["token"].split("_")[1]
    for wrong in (f"ci_{known}_x", f"{sent['token']}x", "ci_", "ci__"):
        assert ask(api, wrong).status_code == 401
    assert "token" not in ana.get(f"{INVITATIONS}/{sent['id']}")


def test_it_expires_is_taken_back_and_is_not_sent_to_a_colleague(api: Api, ana: Member) -> None:
    first, second = (ana.post(INVITATIONS, {**LEE, "expires_in_days": 1}) for _ in range(2))
    gone = ana.change(f"{INVITATIONS}/{first['id']}/revoke", {"reason": "A mistake."}, first["version"])
    assert (gone["status"], ask(api, first["token"]).status_code) == ("revoked", 401)
    again = ana.change(f"{INVITATIONS}/{first['id']}/revoke", {}, gone["version"], expect=409)
    assert again["refusal"] == "invitation-revoked"
    assert ask(api, second["token"]).status_code == 200
    api.set_clock("2026-03-03T12:00:00Z")
    assert ask(api, second["token"]).status_code == 401
    taken = ana.post(INVITATIONS, {**LEE, "email": "OWNER@inviting.example"}, expect=409)
    assert taken["refusal"] == "email-taken"
    third = ana.post(INVITATIONS, LEE)
    ana.post("/directory/v1/people", LEE)
    late = ask(api, third["token"], "POST", "/accept", {})
    assert (late.status_code, late.json()["refusal"]) == (409, "email-taken")


def test_a_company_that_is_not_here_opens_its_account(api: Api, ana: Member) -> None:
    sent = ana.post("/directory/v1/organisation-invitations", COMPANY)
    shown = ask(api, sent["token"]).json()
    assert (shown["kind"], shown["invited_by"], shown["sees"]) == ("organisation", "Inviting", [])
    assert ask(api, sent["token"], "POST", "/accept", {}).status_code == 404
    idle = {**ACCOUNT, "calendar": {"time_zone": "America/New_York", "week": {}}}
    assert ask(api, sent["token"], "POST", "/organisation", idle).status_code == 422
    made = ask(api, sent["token"], "POST", "/organisation", ACCOUNT)
    assert made.status_code == 201, made.text
    assert (made.json()["id"], made.json()["owner_id"]) == (sent["organisation_id"], sent["person_id"])
    assert ask(api, sent["token"], "POST", "/organisation", ACCOUNT).status_code == 401
    kim = api.sign_in(made.json()["id"], made.json()["owner_id"])
    assert kim.get("/directory/v1/me")["organisation_name"] == "ExpressJet"
    first = kim.get(f"/ledger/v1/ledgers/{kim.org}/events")["items"][0]
    assert (first["actor"]["org"], first["actor"]["sub"]) == (kim.org, kim.person)
    told = ana.get(f"/ledger/v1/ledgers/{ana.org}/events")["items"][-1]
    assert (told["type"], told["data"]["organisation_id"]) == ("directory.invitation-accepted.v1", kim.org)
    proposed = ana.post("/governance/v1/alliances", {**ALLIANCE, "parties": [kim.org]})
    assert kim.change(f"/governance/v1/alliances/{proposed['id']}/accept", None, proposed["version"])["id"]


def test_an_erased_person_leaves_no_trace_in_who_invited_them(api: Api, ana: Member) -> None:
    sent = ana.post("/directory/v1/organisation-invitations", {**COMPANY, "message": "Dear Kim Berg, come."})
    made = ask(api, sent["token"], "POST", "/organisation", ACCOUNT).json()
    kim = api.sign_in(made["id"], made["owner_id"])
    lee = api.colleague(kim, "Lee")
    path = f"/directory/v1/people/{lee.person}/roles"
    kim.change(path, {"role": "owner"}, kim.get(f"/directory/v1/people/{lee.person}")["version"])
    version = kim.get(f"/directory/v1/people/{kim.person}")["version"]
    erased = lee.change(f"/directory/v1/people/{kim.person}/erasure", {}, version)
    assert {one["ledger_id"] for one in erased["ledgers"]} == {kim.org, ana.org}
    left = ana.get(f"{INVITATIONS}/{sent['id']}")
    assert (left["name"], left["email"], left["legal_name"]) == (None, None, COMPANY["legal_name"])
