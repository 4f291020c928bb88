"""Who may read a ledger, at every endpoint: its parties, systems with the scope, a party that left up to there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute

from services.ledger.app import LEDGER
from shared.testing.api import Member
from tests.integration.ledger.conftest import NOON, TIMES, Joint, Told, World

QUERY = {"/diff": {"from": "0"}, "/proof/inclusion": {"seq": "0"}, "/proof/consistency": {"from": "1"}}
QUERY |= {"/tlog-proof": {"seq": "0"}, "/tlog-consistency": {"from": "1"}}
PLACES = {"{seq}": "0", "{level}": "0", "{index:path}": "000.p/1"}
BELOW = [
    route.path.removeprefix("/ledger/v1/ledgers/{ledger_id}")
    for router in LEDGER.routers
    for route in router.routes
    if isinstance(route, APIRoute)
    and "{ledger_id}" in route.path
    and not {"{witness_id}", "{sha256}"} & set(route.path.split("/"))
]


def ask(who: Member, path: str, below: str, **headers: str) -> Any:
    for name, value in PLACES.items():
        below = below.replace(name, value)
    return who.api.client.get(f"{path}{below}", params=QUERY.get(below, {}), headers=who.headers() | headers)


def test_every_endpoint_is_walked() -> None:
    assert {"", "/events", "/events/{seq}", "/state", "/diff", "/root", "/checkpoint", "/export"} < set(BELOW)
    assert set(QUERY) < set(BELOW)


@pytest.mark.parametrize("below", BELOW)
def test_parties_read_and_a_stranger_finds_nothing(told: Told, below: str) -> None:
    world, path = told.joint.world, told.joint.path
    assert ask(world.ana, path, below).status_code == 200
    assert ask(world.ben, path, below).status_code == 200
    stranger = ask(world.eve, path, below)
    missing = ask(world.eve, f"/ledger/v1/ledgers/{UUID(int=0)}", below)
    assert stranger.status_code == missing.status_code == 404
    assert stranger.json() | {"instance": ""} == missing.json() | {"instance": ""}
    assert ask(world.eve, path, below, Authorization="").status_code == 401


@pytest.mark.parametrize("below", BELOW)
def test_a_system_reads_with_its_scope_and_in_its_alliances_alone(told: Told, below: str) -> None:
    joint, other = told.joint, told.joint.world.joint_ledger()
    reading = key(joint.world.ana, "ledger:read", str(joint.id))
    assert ask(joint.world.ana, joint.path, below, Authorization=reading).status_code == 200
    assert ask(joint.world.ana, other.path, below, Authorization=reading).status_code == 404
    pushing = key(joint.world.ana, "metrics:push", str(joint.id))
    assert ask(joint.world.ana, joint.path, below, Authorization=pushing).status_code == 403


def key(who: Member, scope: str, *alliances: str) -> str:
    body = {"name": "A system", "scopes": [scope], "alliances": alliances, "expires_at": "2014-01-01T00:00:00Z"}
    return f"Bearer {who.post('/directory/v1/api-keys', body)['key']}"


def test_ones_own_ledgers_are_listed(told: Told) -> None:
    world, joint = told.joint.world, told.joint
    mine = {item["id"]: item for item in everything(world.ana, "/ledger/v1/ledgers")}
    assert mine[str(joint.id)] == {
        "id": str(joint.id),
        "kind": "alliance",
        "size": 5,
        "last_recorded_at": TIMES[4],
        "parties": [{"id": world.ben.org, "name": "Lufthansa"}, {"id": world.ana.org, "name": "United"}],
    }
    assert mine[world.ana.org]["kind"] == "organisation"
    assert [party["name"] for party in mine[world.ana.org]["parties"]] == ["United"]
    assert world.ben.org not in mine
    assert joint.get() == mine[str(joint.id)]
    alliances = everything(world.ana, "/ledger/v1/ledgers", kind="alliance")
    assert {item["id"] for item in alliances} == mine.keys() - {world.ana.org}
    assert [item["id"] for item in everything(world.eve, "/ledger/v1/ledgers")] == [world.eve.org]
    first = world.ana.get("/ledger/v1/ledgers", limit=1)
    second = world.ana.get("/ledger/v1/ledgers", limit=1, cursor=first["next_cursor"])
    assert first["items"][0]["id"] < second["items"][0]["id"]


def everything(who: Member, path: str, **query: str) -> list[Any]:
    items, cursor = [], None
    while True:
        page = who.get(path, limit=20, **query, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def test_ledgers_as_of(told: Told) -> None:
    world, joint = told.joint.world, told.joint
    then = {item["id"]: item for item in everything(world.ana, "/ledger/v1/ledgers", as_of=TIMES[1])}
    assert then[str(joint.id)]["size"] == 2
    assert then[str(joint.id)]["last_recorded_at"] == TIMES[1]
    empty = joint.get(as_of="2012-01-01T00:00:00Z")
    assert (empty["size"], empty["last_recorded_at"]) == (0, None)
    assert joint.get(as_of="2")["size"] == 3
    refused = world.api.client.get("/ledger/v1/ledgers", params={"as_of": "2"}, headers=world.ana.headers())
    assert refused.status_code == 422


def test_a_party_that_left_reads_up_to_where_it_left(told: Told) -> None:
    joint, ben = told.joint, told.joint.world.ben
    whole = joint.get("/root", size=3)
    joint.superuser(f"UPDATE log.readers SET until_seq = 2 WHERE ledger_id = %(ledger)s AND org_id = '{ben.org}'")
    assert joint.get(by=ben)["size"] == 3
    assert joint.get(by=ben)["last_recorded_at"] == TIMES[2]
    assert len(joint.get("/events", by=ben)["items"]) == 3
    assert joint.get("/root", by=ben) == whole
    for path, query in (
        ("/events/3", {}),
        ("/root", {"size": 4}),
        ("/proof/inclusion", {"seq": 3}),
        ("/proof/inclusion", {"seq": 0, "size": 4}),
        ("/proof/consistency", {"from": 1, "to": 4}),
        ("/export", {"size": 4}),
    ):
        response = ben.api.client.get(f"{joint.path}{path}", params=query, headers=ben.headers())
        assert response.status_code == 404, path
    assert joint.get()["size"] == 5


def test_nobody_else_sees_the_kept_tile_roots(world: World) -> None:
    joint = many(world)
    joint.get("/root")
    with world.api.runtime.engine.begin() as connection:
        for org, seen in ((world.ana.org, 1), (world.eve.org, 0)):
            connection.exec_driver_sql("SET LOCAL ROLE concord_ledger")
            connection.exec_driver_sql("SELECT set_config('concord.org', %s, true)", (org,))
            rows = connection.exec_driver_sql("SELECT FROM ledger.tile_roots WHERE ledger_id = %s", (joint.id,)).all()
            assert len(rows) == seen


def many(world: World, count: int = 300) -> Joint:
    world.api.set_clock(NOON)
    joint = world.joint_ledger()
    joint.fill(count)
    return joint
