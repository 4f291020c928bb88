"""People through HTTP: taken out, let in again, and what that does to their token."""

from __future__ import annotations

from typing import Any

import pytest

from shared.testing.api import OPERATOR_KEY, Api, Member

PEOPLE = "/directory/v1/people"


def test_a_deactivated_person_is_locked_out_at_once_and_let_in_again(api: Api) -> None:
    owner = api.organisation("Doors")
    lee = api.colleague(owner, "Lee")
    path = f"/directory/v1/people/{lee.person}"
    gone = owner.change(f"{path}/deactivate", {"reason": "Left."}, owner.get(path)["version"])
    assert gone["active"] is False
    assert api.client.get(path, headers=lee.headers()).status_code == 401
    back = owner.change(f"{path}/reactivate", None, gone["version"])
    assert (back["active"], back["roles"]) == (True, ["member"])
    assert lee.get(path) == back
    assert owner.change(f"{path}/reactivate", None, back["version"], expect=409)["refusal"] == "person-active"


def test_another_owner_can_be_made_and_then_the_first_may_go(api: Api) -> None:
    first = api.organisation("Handover")
    lee = api.colleague(first, "Lee")
    path = f"/directory/v1/people/{lee.person}"
    granted = first.change(f"{path}/roles", {"role": "owner"}, first.get(path)["version"])
    assert granted["roles"] == ["member", "owner"]
    mine = f"/directory/v1/people/{first.person}"
    gone = lee.change(f"{mine}/roles/withdraw", {"role": "owner"}, lee.get(mine)["version"])
    assert gone["roles"] == []
    last = lee.change(f"{path}/roles/withdraw", {"role": "owner"}, granted["version"], expect=409)
    assert last["refusal"] == "last-owner"


@pytest.fixture
def owner(api: Api) -> Member:
    return api.organisation("Owned")


@pytest.fixture
def admin(api: Api, owner: Member) -> Member:
    made = owner.post(PEOPLE, {"name": "Ada", "email": "ada@owned.example", "roles": ["admin"]})
    return api.sign_in(owner.org, made["id"])


def test_an_admin_makes_no_owner(owner: Member, admin: Member) -> None:
    new = {"name": "Zoe", "email": "zoe@owned.example", "roles": ["member", "owner"]}
    mine = f"{PEOPLE}/{admin.person}"
    assert "an owner" in admin.change(f"{mine}/roles", {"role": "owner"}, 2, expect=403)["detail"]
    assert admin.post(PEOPLE, new, expect=403)
    assert admin.post("/directory/v1/invitations", new, expect=403)
    assert [one["roles"] for one in owner.get(PEOPLE)["items"]] == [["owner"], ["admin"]]
    assert owner.post("/directory/v1/invitations", new)["roles"] == ["member", "owner"]


def test_an_admin_unmakes_no_owner_and_takes_no_owners_sign_in(api: Api, owner: Member, admin: Member) -> None:
    second = api.colleague(owner, "Second")
    path = f"{PEOPLE}/{second.person}"
    owner.change(f"{path}/roles", {"role": "owner"}, 2)
    for verb, body in (
        ("roles/withdraw", {"role": "owner"}),
        ("deactivate", {}),
        ("erasure", {}),
        ("identity/unlink", None),
    ):
        assert admin.change(f"{path}/{verb}", body, 3, expect=403)
    assert admin.change(f"{path}/identity", {"subject": "mine"}, 3, method="PUT", expect=403)
    gone = owner.change(f"{path}/deactivate", {}, 3)
    assert admin.change(f"{path}/reactivate", None, gone["version"], expect=403)
    assert owner.change(f"{path}/reactivate", None, gone["version"])["active"]


def test_an_admin_manages_everybody_else(api: Api, owner: Member, admin: Member) -> None:
    lee = api.colleague(admin, "Lee")
    path = f"{PEOPLE}/{lee.person}"
    granted: Any = admin.change(f"{path}/roles", {"role": "auditor"}, 2)
    assert admin.change(f"{path}/roles/withdraw", {"role": "member"}, granted["version"])["roles"] == ["auditor"]


def test_nobody_gets_a_token_for_one_who_is_gone(api: Api, owner: Member) -> None:
    lee = api.colleague(owner, "Lee")
    owner.change(f"{PEOPLE}/{lee.person}/deactivate", {}, 2)
    who = {"organisation_id": owner.org, "person_id": lee.person}
    operator = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    answer = api.client.post("/directory/v1/development/tokens", json=who, headers=operator)
    assert (answer.status_code, answer.json()["refusal"]) == (409, "person-deactivated")


def test_a_bad_address_is_answered_in_words(owner: Member) -> None:
    refused = owner.post(PEOPLE, {"name": "Zoe", "email": "zoe at owned", "roles": ["member"]}, expect=422)
    (fault,) = refused["errors"]
    assert (fault["pointer"], "such as lee.park@united.example" in fault["detail"]) == ("/email", True)
