"""Organisations through HTTP: renamed, with another calendar, known to their partners, and closed for good."""

from __future__ import annotations

from typing import Any

from shared.testing.api import WEEK, Api, Member

ALLIANCE = {"intent": "capability_extension", "type": "codeshare", "structure": "contractual", "name": "Known"}


def path_of(member: Member) -> str:
    return f"/directory/v1/organisations/{member.org}"


def version(member: Member) -> int:
    return int(member.get(path_of(member))["version"])


def test_an_organisation_is_renamed_and_works_other_hours(api: Api) -> None:
    owner = api.organisation("Hours")
    before = owner.get(path_of(owner))
    named = {"legal_name": "Hours Holding Inc.", "display_name": "Hours and Days"}
    renamed = owner.change(f"{path_of(owner)}/rename", named, before["version"])
    assert {name: renamed[name] for name in named} == named
    calendar: dict[str, Any] = {
        "time_zone": "Europe/Madrid",
        "week": {**WEEK, "sat": [{"start": "10:00", "end": "14:00"}]},
        "holiday_country": "ES",
        "holiday_region": "MD",
        "closing_days": ["2026-12-24"],
    }
    changed = owner.change(f"{path_of(owner)}/calendar", calendar, renamed["version"], method="PUT")
    assert changed["calendar"] == calendar
    idle = {**calendar, "week": {}}
    refused = owner.change(f"{path_of(owner)}/calendar", idle, changed["version"], method="PUT", expect=422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/week", "no-working-time")]
    idle = {**calendar, "week": {"funday": []}}
    refused = owner.change(f"{path_of(owner)}/calendar", idle, changed["version"], method="PUT", expect=422)
    assert [one["pointer"] for one in refused["errors"]] == ["/week/funday"]
    for zone in ("localtime", "Factory", "Mars/Base"):
        nowhere = {**calendar, "time_zone": zone}
        refused = owner.change(f"{path_of(owner)}/calendar", nowhere, changed["version"], method="PUT", expect=422)
        assert refused["errors"][0]["code"] == "unknown-time-zone"
    lee = api.colleague(owner, "Lee")
    lee.change(f"{path_of(owner)}/rename", named, changed["version"], expect=403)
    assert owner.get(path_of(owner), as_of="0")["display_name"] == "Hours"


def test_partners_know_each_other_and_nobody_else(api: Api) -> None:
    one, two, stranger = (api.organisation(name) for name in ("Knowing", "Known", "Unknown"))
    one.post("/governance/v1/alliances", {**ALLIANCE, "parties": [two.org]})
    listed = one.get("/directory/v1/organisations")["items"]
    assert sorted(o["display_name"] for o in listed) == ["Knowing", "Known"]
    assert next(o for o in listed if o["id"] == two.org) == two.get(path_of(two))
    two_now = version(two)
    named = {"legal_name": "Taken over", "display_name": "Taken over"}
    one.change(f"{path_of(two)}/rename", named, two_now, expect=404)
    hidden = api.client.get(path_of(stranger), headers=one.headers())
    none = api.client.get("/directory/v1/organisations/00000000-0000-7000-8000-000000000000", headers=one.headers())
    assert (hidden.status_code, none.status_code) == (404, 404)
    assert hidden.json()["detail"] == none.json()["detail"]


def test_a_closed_organisation_opens_nothing_any_more(api: Api) -> None:
    owner = api.organisation("Closing")
    wanted = {"name": "Feed", "scopes": ["directory:read"], "expires_at": "2099-01-01T00:00:00Z"}
    key = owner.post("/directory/v1/api-keys", wanted)
    headers = {"Authorization": f"Bearer {key['key']}"}
    assert api.client.get("/directory/v1/people", headers=headers).status_code == 200
    closed = owner.change(f"{path_of(owner)}/close", {"reason": "Merged."}, version(owner))
    assert closed["closed"] is True
    for credential in (owner.headers(), headers):
        assert api.client.get("/directory/v1/people", headers=credential).status_code == 401


def test_two_people_never_share_an_address(api: Api) -> None:
    owner = api.organisation("Post")
    body = {"name": "Lee", "email": "Lee@post.example", "roles": ["member"]}
    lee = owner.post("/directory/v1/people", body)
    again = owner.post("/directory/v1/people", {**body, "email": "lee@POST.example"}, expect=409)
    assert again["refusal"] == "email-taken"
    kim = owner.post("/directory/v1/people", {**body, "email": "kim@post.example"})
    path = f"/directory/v1/people/{kim['id']}"
    details = {"name": "Kim", "email": "lee@post.example"}
    assert owner.change(path, details, kim["version"], method="PUT", expect=409)["refusal"] == "email-taken"
    lee_now = {"name": "Lee Park", "email": "LEE@post.example", "level": "leadership"}
    changed = owner.change(f"/directory/v1/people/{lee['id']}", lee_now, lee["version"], method="PUT")
    assert changed["email"] == "LEE@post.example"
    api.organisation("Elsewhere").post("/directory/v1/people", body)
