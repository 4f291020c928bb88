"""What a side shares of its diligence enters the joint register, by an event of scoring's that governance follows."""

from __future__ import annotations

from services.governance.app import GOVERNANCE
from services.governance.reactions import RISKS_FOLLOWER
from shared.log.followers import Following
from shared.log.rebuild import verify
from shared.testing.api import Api
from tests.integration.governance.road import ROOM, Side, do, events, formed
from tests.integration.scoring.road import brief, candidate, looked_into


def test_risks_of_a_shared_diligence_are_registered_once(united: Side, hansa: Side, api: Api) -> None:
    alliance = formed(united, hansa)
    found = candidate(united.sponsor, brief(united.sponsor)["id"])["id"]
    looked = looked_into(united.sponsor, found)
    share = {"title": "What we found", "candidate_id": found, "risk_ids": [looked["risk_id"]]}
    share["confirm_other_company"] = True
    first, _ = (united.sponsor.post(f"/scoring/v1/alliances/{alliance}/summaries", share) for _ in range(2))
    follow(api)
    [risk] = hansa.manager.get(f"{ROOM}/alliances/{alliance}/risks")["items"]
    assert (risk["title"], risk["side"], risk["status"]) == ("Loses its largest client", None, "open")
    [shared] = events(api, alliance, f"summary/{first['id']}")
    assert risk["source"] == str(shared.event_id)
    do(hansa.manager, f"risks/{risk['id']}", "close", {"occurred": False})
    united.sponsor.post(f"/scoring/v1/alliances/{alliance}/summaries", share)
    follow(api)
    both = hansa.manager.get(f"{ROOM}/alliances/{alliance}/risks")["items"]
    assert sorted(one["status"] for one in both) == ["closed", "open"]
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


def follow(api: Api) -> None:
    following = Following(api.runtime.engine, RISKS_FOLLOWER)
    while following.turn():
        pass
