"""People through HTTP: taken out, let in again, and what that does to their token."""

from __future__ import annotations

from shared.testing.api import Api


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
