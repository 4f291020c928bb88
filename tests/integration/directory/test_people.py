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
