"""A governance model by HTTP: the starter, what is signed, by whom, and which one is in force."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier
from typing import Any
from uuid import UUID

import rfc8785

from services.governance.app import GOVERNANCE
from shared.log.rebuild import verify
from shared.testing.api import Member
from tests.integration.governance.road import (
    MONDAY,
    NOBODY,
    ROOM,
    Side,
    do,
    drafted,
    formed,
    governed,
    led,
    sign,
    status,
)


def hashed(model: Any) -> str:
    return sha256(rfc8785.dumps(model["content"])).hexdigest()


def rows(content: Any) -> dict[str, tuple[int, str, str]]:
    return {
        r["type"]: (r["sla"]["value"], r["joint"], r["escalates_to"][0]["forum"]) for r in content["decision_rights"]
    }


def test_the_starter_is_shown_before_there_is_any_alliance(stranger: Member) -> None:
    starter = stranger.get(f"{ROOM}/governance-models/starter")
    assert rows(starter["content"]) == {
        "roadmap_change": (10, "yes", "steering"),
        "commercial_terms": (15, "yes", "steering"),
        "data_sharing": (20, "yes", "steering"),
        "delivery_trade_off": (5, "sometimes", "operational_council"),
    }
    assert starter["content_sha256"] == hashed(starter)
    for_two = stranger.get(f"{ROOM}/governance-models/starter", first_party=stranger.org, second_party=str(NOBODY))
    assert [c["side"] for c in for_two["content"]["calendars"]] == [stranger.org, str(NOBODY)]
    assert status(stranger, "governance-models/starter", first_party=str(UUID(int=2))) == 422


def test_the_starter_of_an_alliance_has_its_calendars_and_its_owners(united: Side, hansa: Side) -> None:
    alliance_id = led(united, hansa)
    made = united.manager.post(f"{ROOM}/alliances/{alliance_id}/governance-model-drafts", {"starter": True})
    calendars = {c["side"]: c for c in made["content"]["calendars"]}
    assert calendars[united.org]["time_zone"] == "America/Chicago"
    assert calendars[hansa.org]["time_zone"] == "Europe/Berlin"
    assert calendars[hansa.org]["week"]["mon"] == [{"opens": "09:00", "closes": "17:00"}]
    assert "2026-07-03" in calendars[united.org]["holidays"]  # Independence Day, observed
    assert "2026-06-04" in calendars[hansa.org]["holidays"]  # Corpus Christi, in Hesse
    seats = {f["key"]: [m["person_id"] for m in f["members"]] for f in made["content"]["forums"]}
    assert seats["steering"] == [united.sponsor.person, hansa.sponsor.person]
    assert seats["operational_council"] == [united.manager.person, hansa.manager.person]


def test_signed_by_both_it_is_in_force(united: Side, hansa: Side) -> None:
    alliance_id = led(united, hansa)
    model = drafted(united, alliance_id)
    read = hansa.manager.get(f"{ROOM}/governance-models/{model['id']}")
    assert read == model
    assert read["content_sha256"] == hashed(read)
    assert sign(united, read)["status"] == "proposed"
    done = sign(hansa, read)
    assert (done["status"], done["signed_by"]) == ("in_force", [united.org, hansa.org])
    assert done["in_force_since"] == MONDAY
    listed = hansa.manager.get(f"{ROOM}/alliances/{alliance_id}/governance-models")["items"]
    assert [(m["id"], m["status"]) for m in listed] == [(model["id"], "in_force")]
    assert "content" not in listed[0]


def test_what_is_signed_is_what_was_read_and_once_a_side(united: Side, hansa: Side) -> None:
    model = drafted(united, led(united, hansa))
    thing = f"governance-models/{model['id']}"
    wrong = do(hansa.sponsor, thing, "sign", {"content_sha256": "0" * 64}, expect=409)
    assert wrong["refusal"] == "other-content"
    assert model["content_sha256"] in wrong["detail"]
    sign(united, model)
    assert sign(united, model, expect=409)["refusal"] == "signed-already"
    sign(hansa, model)
    assert sign(hansa, model, expect=409)["refusal"] == "not-proposed"


def test_who_may_sign(united: Side, hansa: Side, stranger: Member, robot: Member) -> None:
    alliance_id = led(united, hansa)
    model = drafted(united, alliance_id)
    path, body = f"governance-models/{model['id']}/sign", {"content_sha256": model["content_sha256"]}
    assert status(united.worker, path, "POST", body) == 403
    assert status(robot, path, "POST", body) == 403
    assert status(stranger, path, "POST", body) == 404
    role = {"person_id": united.worker.person, "role": "executive_sponsor", "starts_on": "2026-01-01"}
    united.sponsor.post(f"/directory/v1/alliances/{alliance_id}/roles", role)
    assert status(united.worker, path, "POST", body) == 200
    legal = {"person_id": hansa.worker.person, "role": "legal", "starts_on": "2026-01-01"}
    hansa.sponsor.post(f"/directory/v1/alliances/{alliance_id}/roles", legal)
    assert status(hansa.worker, path, "POST", body) == 403


def test_countering_makes_signatures_fall_away(united: Side, hansa: Side) -> None:
    model = drafted(united, led(united, hansa))
    sign(united, model)
    thing = f"governance-models/{model['id']}"
    other = {**model["content"], "warning_shares": [50]}
    assert do(united.manager, thing, "counter", {"content": other}, expect=409)["refusal"] == "own-proposal"
    countered = do(hansa.manager, thing, "counter", {"content": other, "reason": "Warn us earlier."})
    assert (countered["signed_by"], countered["author"]) == ([], hansa.org)
    assert countered["content_sha256"] == hashed(countered) != model["content_sha256"]
    assert sign(hansa, model, expect=409)["refusal"] == "content-countered"
    sign(hansa, countered)
    assert sign(united, countered)["status"] == "in_force"


def test_a_newer_model_replaces_the_one_in_force(united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    path = f"{ROOM}/alliances/{alliance_id}/governance-models"
    first = united.manager.get(path)["items"][0]
    second = drafted(hansa, alliance_id)
    sign(hansa, second)
    sign(united, second)
    listed = united.manager.get(path)["items"]
    assert [(m["id"], m["status"], m["superseded_by"]) for m in listed] == [
        (first["id"], "superseded", second["id"]),
        (second["id"], "in_force", None),
    ]


def test_of_two_models_completed_at_once_one_is_in_force(united: Side, hansa: Side) -> None:
    alliance_id = led(united, hansa)
    models = [drafted(united, alliance_id) for _ in range(2)]
    for model in models:
        sign(united, model)
    together = Barrier(2)

    def complete(model: Any) -> Any:
        together.wait()
        return sign(hansa, model)["status"]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(complete, models)) == ["in_force", "in_force"]
    listed = united.manager.get(f"{ROOM}/alliances/{alliance_id}/governance-models")["items"]
    assert sorted(m["status"] for m in listed) == ["in_force", "superseded"]


def test_a_draft_has_content_that_fits_together(united: Side, hansa: Side) -> None:
    alliance_id = led(united, hansa)
    path = f"{ROOM}/alliances/{alliance_id}/governance-model-drafts"
    content = united.manager.post(path, {"starter": True})["content"]
    for change, pointer in (
        ({"warning_shares": [90, 75]}, "/content/warning_shares"),
        ({"calendars": content["calendars"][:1]}, "/content/calendars"),
        ({"forums": []}, "/content/decision_rights/0/forum"),
        (
            {"calendars": [{**c, "time_zone": "Mars/Base"} for c in content["calendars"]]},
            "/content/calendars/0/time_zone",
        ),
        (
            {"forums": [{**f, "cadence": "FREQ=DAILY;INTERVAL=0"} for f in content["forums"]]},
            "/content/forums/0/cadence",
        ),
        ({"forums": [{**f, "cadence": "FREQ=DAILY;BYDAY=XX"} for f in content["forums"]]}, "/content/forums/0/cadence"),
    ):
        answer = united.manager.post(path, {"content": {**content, **change}}, expect=422)
        assert answer["errors"][0]["pointer"] == pointer, answer
    for body in ({}, {"starter": True, "content": content}):
        assert united.manager.post(path, body, expect=422)["errors"][0]["code"] == "content-or-starter"


def test_a_draft_is_its_sides_own_until_it_is_proposed(united: Side, hansa: Side, stranger: Member) -> None:
    alliance_id = formed(united, hansa)
    drafts = f"alliances/{alliance_id}/governance-model-drafts"
    made, other = (united.manager.post(f"{ROOM}/{drafts}", {"starter": True}) for _ in range(2))
    thing = f"governance-model-drafts/{made['id']}"
    assert united.worker.get(f"{ROOM}/{thing}") == made
    for path in (thing, f"governance-models/{made['id']}"):
        assert status(hansa.manager, path) == 404, path
    assert status(stranger, drafts) == 404
    for command in ("propose", "discard"):
        do(hansa.manager, thing, command, {} if command == "discard" else None, expect=404)
    listed = (
        hansa.manager.get(f"{ROOM}/{drafts}"),
        hansa.manager.get(f"{ROOM}/alliances/{alliance_id}/governance-models"),
    )
    assert [one["items"] for one in listed] == [[], []]
    assert made["id"] not in str(hansa.manager.get(f"/ledger/v1/ledgers/{alliance_id}/events"))
    revised = do(united.manager, thing, "revise", {"content": {**made["content"], "warning_shares": [50]}})
    assert revised["content_sha256"] == hashed(revised) != made["content_sha256"]
    proposed = do(united.manager, thing, "propose")
    assert (proposed["id"], proposed["status"], proposed["author"]) == (made["id"], "proposed", united.org)
    assert hansa.manager.get(f"{ROOM}/governance-models/{made['id']}") == proposed
    assert proposed["content_sha256"] == revised["content_sha256"]
    assert do(united.manager, thing, "propose", expect=409)["refusal"] == "no-draft-any-more"
    discarded = do(united.manager, f"governance-model-drafts/{other['id']}", "discard", {"reason": "One is enough."})
    assert discarded["status"] == "discarded"
    own = united.manager.get(f"{ROOM}/{drafts}")["items"]
    assert [one["status"] for one in own] == ["proposed", "discarded"]
    assert list(verify(united.worker.api.runtime.engine, GOVERNANCE.own)) == []


def test_it_takes_an_accepted_alliance(united: Side, hansa: Side) -> None:
    alliance_id = formed(united, hansa)
    assert sign_status(united, drafted(united, alliance_id)) == 403  # nobody is named or has a role yet
    body = {"name": "X", "intent": "co_innovation", "type": "t", "structure": "s", "parties": [hansa.org]}
    asked = united.manager.post(f"{ROOM}/alliances", body)["id"]
    early = united.manager.post(f"{ROOM}/alliances/{asked}/governance-model-drafts", {"starter": True}, expect=409)
    assert early["refusal"] == "alliance-not-accepted"


def sign_status(side: Side, model: Any) -> int:
    body = {"content_sha256": model["content_sha256"]}
    return status(side.sponsor, f"governance-models/{model['id']}/sign", "POST", body)
