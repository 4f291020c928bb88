"""Who may read a ledger, at every endpoint: its parties, systems with the scope, a party that left up to there."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from services.ledger.app import LEDGER
from services.ledger.checkpointing import cosigning
from services.ledger.domain.checkpoint import read_checkpoint
from services.ledger.domain.note import read_vkey
from services.ledger.domain.policy import read_policy
from services.ledger.domain.vouched import Trust
from services.ledger.partner.witness import Witness, witness_app
from services.ledger.verification import checked
from shared.auth.authenticate import act_as_system
from shared.ed25519 import verify_ed25519
from shared.events import governance
from shared.log.leaving import end_readership
from shared.testing.api import Member
from tests.integration.ledger.conftest import EFFECTIVE, NOON, TIMES, Joint, Told, World
from tests.signing import answering

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


@pytest.fixture(scope="module")
def gone(world: World, tmp_path_factory: pytest.TempPathFactory) -> Joint:
    """A signed ledger of more than a tile that ben has left; the others went on, signed and changed their witness."""
    joint = many(world)
    joint.sign()
    keys = [read_vkey(one) for one in joint.get("/signing")["log_keys"]]
    witness = Witness(tmp_path_factory.mktemp("w"), "w.example/1", keys)
    with answering(witness_app(witness)) as url:
        named = world.ana.post(f"{joint.path}/witnesses", {"vkey": witness.key.vkey, "url": url})
        joint.sign()
        assert cosigning.turn(world.workers) == 1
        leave_and_go_on(joint)
        assert cosigning.turn(world.workers) == 1
    world.ana.change(f"{joint.path}/witnesses/{named['id']}/withdraw", {}, named["version"])
    return joint


EXIT = 301
"""How many entries there were when ben left: 300 and the naming of a witness."""


def leave_and_go_on(joint: Joint) -> None:
    world = joint.world
    with world.api.runtime.engine.begin() as connection:
        act_as_system(connection, "concord_governance")
        assert end_readership(connection, joint.id, UUID(world.ben.org)) == EXIT - 1
    again = [governance.CourtPassed(sides=(), since=EFFECTIVE) for _ in range(300)]
    joint.record(f"decision/{joint.id}", 300, *again, by=world.ana)
    joint.sign()


@pytest.mark.parametrize("below", BELOW)
def test_a_party_that_left_a_ledger_of_many_tiles_is_answered_everywhere(gone: Joint, below: str) -> None:
    assert ask(gone.world.ben, gone.path, below).status_code == 200


def test_a_party_that_left_proves_and_takes_away_what_it_saw(gone: Joint, tmp_path: Path) -> None:
    ana, ben = gone.world.ana, gone.world.ben
    last = read_checkpoint(gone.bytes_of("/checkpoint", by=ben).decode())
    assert (last.size, b64encode(last.root).decode()) == (EXIT, gone.get("/root", size=EXIT)["root"])
    assert gone.bytes_of("/tlog-proof", by=ben, seq=5) != gone.bytes_of("/tlog-proof", by=ana, seq=5)
    said = gone.get("/signing", by=ben)
    assert (said["signed_size"], said["signed_at"], said["refusal"]) == (EXIT, None, None)
    assert said["log_keys"] == gone.get("/signing")["log_keys"]
    assert said["cosigned"] == [{"side": ana.org, "cosigned_size": EXIT}]
    (item,) = gone.get("/witnesses", by=ben)["items"]
    assert (item["cosigned_size"], item["withdrawn_at"]) == (EXIT, None)
    (witness,) = read_policy(gone.bytes_of("/policy", by=ben)).witnesses.values()
    assert witness.name == "w.example/1"
    assert not read_policy(gone.bytes_of("/policy")).witnesses
    for _ in range(2):  # as what is kept was kept by those who stayed, and as it is not kept yet
        path = tmp_path / "export.zip"
        path.write_bytes(gone.bytes_of("/export", by=ben))
        report = checked(path, [last], Trust(verify_ed25519))
        figures = report.figures
        assert (report.sound, figures.signed_size, figures.cosigned_size) == (True, EXIT, EXIT)
        gone.superuser("DELETE FROM ledger.tile_roots WHERE ledger_id = %(ledger)s")


def test_the_database_shows_a_party_that_left_nothing_signed_later(gone: Joint) -> None:
    gone.get("/root")
    sizes = {
        "checkpoints": "size",
        "tile_roots": "(index + 1) << level",
        "log_keys": "first_size",
        "signers": "signed_size",
    }
    seen = {}
    for who in (gone.world.ana, gone.world.ben):
        for table, size in sizes.items():
            with acting(gone, who) as connection:
                asked = f"SELECT {size} FROM ledger.{table} WHERE ledger_id = %s ORDER BY 1"
                seen[who.org, table] = list(connection.exec_driver_sql(asked, (gone.id,)).scalars())
    assert [seen[gone.world.ana.org, table] for table in sizes] == [[300, EXIT, 601], [256, 512], [300], [601]]
    assert [seen[gone.world.ben.org, table] for table in sizes] == [[300, EXIT], [256], [300], []]


def test_the_database_lets_a_party_that_left_sign_nothing(gone: Joint) -> None:
    forged = "INSERT INTO ledger.checkpoints (ledger_id, size, root) VALUES (%s, 7, '')"
    with acting(gone, gone.world.ben) as connection, pytest.raises(DBAPIError, match="row-level security"):
        connection.exec_driver_sql(forged, (gone.id,))


@contextmanager
def acting(joint: Joint, who: Member) -> Iterator[Connection]:
    """A transaction as the service opens it for an organisation."""
    with joint.world.api.runtime.engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE concord_ledger")
        connection.exec_driver_sql("SELECT set_config('concord.org', %s, true)", (who.org,))
        yield connection


def test_nobody_else_sees_the_kept_tile_roots(world: World) -> None:
    joint = many(world)
    joint.get("/root")
    for who, seen in ((world.ana, 1), (world.eve, 0)):
        with acting(joint, who) as connection:
            rows = connection.exec_driver_sql("SELECT FROM ledger.tile_roots WHERE ledger_id = %s", (joint.id,)).all()
            assert len(rows) == seen


def many(world: World, count: int = 300) -> Joint:
    world.api.set_clock(NOON)
    joint = world.joint_ledger()
    joint.fill(count)
    return joint
