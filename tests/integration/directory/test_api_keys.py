"""API keys through HTTP: rotated with an overlap, revoked at once, kept to their alliances, and seen when used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.rooms import ROOMS
from shared.auth.caller import Caller
from shared.auth.uses import NOTED_EVERY_SECONDS, UNKNOWN, KeyUses, place_of
from shared.testing.api import Api, Member, serve

KEYS = "/directory/v1/api-keys"
BRIEF = {
    "title": "Into Iberia",
    "intent": "market_access",
    "objectives": [{"metric": "New customers", "target": "200", "unit": "customers", "by": "2027-06-30"}],
    "timeline": {"starts_on": "2026-04-01", "ends_on": "2027-06-30"},
    "budget": {"amount": "250000", "currency": "EUR"},
}
WANTED = {"name": "Feed", "scopes": ["directory:read", "governance:read"], "expires_at": "2027-01-01T00:00:00Z"}


@pytest.fixture
def owner(api: Api) -> Member:
    api.set_clock("2026-03-02T12:00:00Z")
    return api.organisation("Systems")


def reads(api: Api, key: str, path: str = "/directory/v1/people") -> int:
    return int(api.client.get(path, headers={"Authorization": f"Bearer {key}"}).status_code)


def test_a_key_is_rotated_with_an_overlap(api: Api, owner: Member) -> None:
    first = owner.post(KEYS, WANTED)
    path = f"{KEYS}/{first['id']}"
    body = {"expires_at": "2028-01-01T00:00:00Z", "overlap_hours": 2}
    second = owner.change(f"{path}/rotate", body, first["version"])
    assert second["prefix"] != first["prefix"]
    assert (reads(api, first["key"]), reads(api, second["key"])) == (200, 200)
    again = owner.change(f"{path}/rotate", body, second["version"], expect=409)
    assert again["refusal"] == "rotation-under-way"
    api.set_clock("2026-03-02T14:00:00Z")
    assert (reads(api, first["key"]), reads(api, second["key"])) == (401, 200)
    third = owner.change(f"{path}/rotate", {**body, "overlap_hours": 0}, second["version"])
    assert (reads(api, second["key"]), reads(api, third["key"])) == (401, 200)
    gone = owner.change(f"{path}/revoke", {"reason": "Replaced."}, third["version"])
    assert (gone["revoked"], reads(api, third["key"])) == (True, 401)
    assert owner.change(f"{path}/rotate", body, gone["version"], expect=409)["refusal"] == "key-revoked"


def test_a_key_expires(api: Api, owner: Member) -> None:
    key = owner.post(KEYS, {**WANTED, "expires_at": "2026-03-02T12:00:10Z"})["key"]
    assert reads(api, key) == 200
    api.set_clock("2026-03-02T12:00:10Z")
    assert reads(api, key) == 401


@pytest.mark.parametrize("wrong", ["x", "_", "ck_", "ck__", "ck_a", "ck_\u00e9_x"])
def test_what_is_no_key_opens_nothing(api: Api, owner: Member, wrong: str) -> None:
    issued = owner.post(KEYS, WANTED)
    prefix = issued["key"].rsplit("_", 1)[0]
    for key in (wrong, f"ck_{issued['prefix']}", f"ck_{issued['prefix']}_", f"{issued['key']}x", f"{prefix}_{wrong}"):
        raw = b"Bearer " + key.encode()
        assert api.client.get("/directory/v1/people", headers={b"Authorization": raw}).status_code == 401


def test_a_key_is_kept_to_its_alliances(api: Api, owner: Member) -> None:
    partner = api.organisation("Partner")
    wish = {"name": "A", "intent": "capability_extension", "type": "codeshare", "structure": "contractual"}
    one, two = (owner.post("/governance/v1/alliances", {**wish, "parties": [partner.org]})["id"] for _ in range(2))
    key = owner.post(KEYS, {**WANTED, "alliances": [one]})["key"]
    assert reads(api, key, f"/governance/v1/alliances/{one}") == 200
    assert reads(api, key, f"/governance/v1/alliances/{two}") == 404
    assert owner.post(KEYS, {**WANTED, "alliances": [str(UUID(int=5))]}, expect=404)


def test_a_key_of_an_alliance_opens_nothing_private_of_its_organisation(api: Api, owner: Member) -> None:
    partner = api.organisation("Partner")
    wish = {"name": "A", "intent": "capability_extension", "type": "codeshare", "structure": "contractual"}
    one = owner.post("/governance/v1/alliances", {**wish, "parties": [partner.org]})["id"]
    scopes = ["directory:read", "ledger:read", "scoring:read", "scoring:write"]
    key = owner.post(KEYS, {**WANTED, "scopes": scopes, "alliances": [one]})["key"]
    assert reads(api, key, f"/ledger/v1/ledgers/{one}/events") == 200
    own = f"/directory/v1/organisations/{owner.org}"
    assert [reads(api, key, path) for path in ("/directory/v1/people", own, "/scoring/v1/gaps")] == [403, 403, 403]
    assert reads(api, key, f"/ledger/v1/ledgers/{owner.org}/events") == 404
    bearer = {"Authorization": f"Bearer {key}"}
    assert api.client.post("/scoring/v1/briefs", json=BRIEF, headers=bearer).status_code == 403
    listed = api.client.get("/ledger/v1/ledgers", headers=bearer).json()["items"]
    assert [ledger["id"] for ledger in listed] == [one]


def test_the_first_use_from_an_address_is_an_event_and_the_last_use_is_known(api: Api, owner: Member) -> None:
    issued = owner.post(KEYS, WANTED)
    path = f"{KEYS}/{issued['id']}"
    assert owner.get(path)["last_used_at"] is None
    assert [reads(api, issued["key"]) for _ in range(3)] == [200, 200, 200]
    used = owner.get(path)
    assert (used["last_used_at"], used["version"]) == ("2026-03-02T12:00:00Z", issued["version"])
    assert used["last_used_at"] == owner.get(KEYS)["items"][0]["last_used_at"]
    assert owner.get(path, as_of="2026-03-02T12:00:00Z")["last_used_at"] is None
    (use,) = owner.get(f"{path}/uses")["items"]
    assert use["address"] == "127.0.0.1"
    assert [one["data"] for one in seen(owner)] == [{"address": "127.0.0.1"}]
    assert seen(owner)[0]["actor"]["sub"] == issued["id"]


def seen(owner: Member) -> list[Any]:
    path = f"/ledger/v1/ledgers/{owner.org}/events"
    return list(owner.get(path, type="directory.api-key-seen.v1")["items"])


def test_uses_are_noted_once_a_minute_and_each_address_is_recorded_once(api: Api, owner: Member) -> None:
    issued = owner.post(KEYS, WANTED)
    caller = Caller("system", UUID(owner.org), UUID(issued["id"]))
    now = [0.0]
    uses = KeyUses(api.runtime.engine, clock=lambda: now[0])
    another_process = KeyUses(api.runtime.engine, clock=lambda: now[0])
    last = f"{KEYS}/{issued['id']}"

    def use(by: KeyUses, host: str, at: str) -> str:
        api.set_clock(at)
        by.note(caller, host, "request")
        return str(owner.get(last)["last_used_at"])

    assert use(uses, "192.0.2.1", "2026-03-02T12:00:00Z") == "2026-03-02T12:00:00Z"
    assert use(uses, "192.0.2.1", "2026-03-02T12:00:30Z") == "2026-03-02T12:00:00Z"
    assert use(another_process, "192.0.2.1", "2026-03-02T12:00:30Z") == "2026-03-02T12:00:30Z"
    now[0] += NOTED_EVERY_SECONDS
    assert use(uses, "192.0.2.1", "2026-03-02T12:01:00Z") == "2026-03-02T12:01:00Z"
    assert use(uses, "2001:db8::1", "2026-03-02T12:02:00Z") == "2026-03-02T12:02:00Z"
    assert use(uses, "2001:db8::2", "2026-03-02T12:03:00Z") == "2026-03-02T12:02:00Z"
    assert [one["data"]["address"] for one in seen(owner)] == ["192.0.2.1", "2001:db8::/64"]
    assert [place_of(host) for host in (None, "testclient", "::ffff:192.0.2.9")] == [UNKNOWN, UNKNOWN, "192.0.2.9"]


def test_of_one_key_a_hundred_addresses_are_recorded(api: Api, owner: Member) -> None:
    issued = owner.post(KEYS, WANTED)
    caller = Caller("system", UUID(owner.org), UUID(issued["id"]))
    uses = KeyUses(api.runtime.engine)
    for n in range(103):
        uses.note(caller, f"198.51.100.{n}", "request")
    addresses = [one["address"] for one in owner.get(f"{KEYS}/{issued['id']}/uses", limit=200)["items"]]
    assert (len(addresses), "others" in addresses) == (101, True)
    path = f"/ledger/v1/ledgers/{owner.org}/events"
    assert len(owner.get(path, type="directory.api-key-seen.v1", limit=200)["items"]) == 100


def test_the_key_is_shown_once_though_its_request_is_repeated(api: Api, owner: Member) -> None:
    once = owner.headers({"Idempotency-Key": "a key"})
    first, again = (api.client.post(KEYS, json=WANTED, headers=once).json() for _ in range(2))
    assert (again["id"], again["key"]) == (first["id"], None)
    secret = first["key"].split("_", 2)[2]
    with api.runtime.engine.begin() as connection:
        kept = connection.exec_driver_sql("SELECT answer FROM log.idempotency").scalars().all()
    assert not any(secret.encode() in bytes(answer) for answer in kept)


def test_a_key_revoked_in_one_process_is_refused_by_another(api: Api, module_url: str, owner: Member) -> None:
    issued = owner.post(KEYS, WANTED)
    with serve(module_url, ROOMS) as other:
        assert reads(other, issued["key"]) == 200
        owner.change(f"{KEYS}/{issued['id']}/revoke", {}, issued["version"])
        assert reads(other, issued["key"]) == 401
