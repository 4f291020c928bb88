"""Several processes on one database are one Concord: what one has acknowledged, every other knows."""

from __future__ import annotations

import re

import psycopg
import pytest

from services.cli import EXIT_CANNOT_START
from services.rooms import ROOMS
from shared.database.engine import make_engine
from shared.database.migrate import newest_revision
from shared.http.health import readiness
from shared.ids import uuid7
from shared.testing.api import OPERATOR_KEY, Member
from shared.testing.postgres import PostgresServer, fresh_database
from tests.integration.processes.program import LOGIN, Program, Server, as_login, concord, eventually, give_login


@pytest.fixture(scope="module")
def member(directory: Server) -> Member:
    return directory.api.organisation("United")


def at(server: Server, member: Member) -> Member:
    """The same person with the same token, at another process."""
    return Member(server.api, member.org, member.person, member.token)


def test_what_one_process_has_recorded_another_reads_at_once(
    directory: Server, everything: Server, member: Member
) -> None:
    made = member.post("/directory/v1/people", {"name": "Lee", "email": "lee@example.com", "roles": ["member"]})
    assert at(everything, member).get(f"/directory/v1/people/{made['id']}") == made


def test_a_token_is_good_in_every_service(directory: Server, everything: Server, member: Member) -> None:
    paths = everything.client.get("/openapi.json").json()["paths"]
    for service in ROOMS:
        found = next(path for path in paths if path.startswith(f"/{service.name}/") and "get" in paths[path])
        path = re.sub(r"\{\w+\}", str(uuid7()), found)
        assert everything.client.get(path).status_code == 401
        assert everything.client.get(path, headers=member.headers()).status_code in (200, 404)


def test_an_alliance_proposed_in_one_process_has_its_roles_given_in_another(
    directory: Server, everything: Server, member: Member
) -> None:
    partner = directory.api.organisation("ExpressJet")
    proposal = {"name": "Codeshare", "intent": "market_access", "type": "codeshare", "structure": "contractual"}
    alliance = at(everything, member).post("/governance/v1/alliances", {**proposal, "parties": [partner.org]})
    role = {"person_id": partner.person, "role": "alliance_manager", "starts_on": "2026-01-01"}
    partner.post(f"/directory/v1/alliances/{alliance['id']}/roles", role)
    (seen,) = at(everything, member).get(f"/directory/v1/alliances/{alliance['id']}/roles")["items"]
    assert (seen["person_id"], seen["side"]) == (partner.person, partner.org)


def test_a_process_serves_what_it_was_told_to_and_nothing_else(directory: Server, everything: Server) -> None:
    served = {path.split("/")[1] for path in directory.client.get("/openapi.json").json()["paths"]}
    assert served == {"directory"}
    served = {path.split("/")[1] for path in everything.client.get("/openapi.json").json()["paths"]}
    assert served == {service.name for service in ROOMS}


def test_a_key_revoked_in_one_process_is_refused_by_another_on_the_next_request(
    directory: Server, everything: Server, member: Member
) -> None:
    body = {"name": "Feed", "scopes": ["directory:read"], "expires_at": "2100-01-01T00:00:00Z"}
    issued = member.post("/directory/v1/api-keys", body)
    headers = {"Authorization": f"Bearer {issued['key']}"}
    assert everything.client.get("/directory/v1/people", headers=headers).status_code == 200
    member.change(f"/directory/v1/api-keys/{issued['id']}/revoke", {}, issued["version"])
    assert everything.client.get("/directory/v1/people", headers=headers).status_code == 401


def test_a_repeated_request_gets_its_first_answer_from_any_process(
    directory: Server, everything: Server, member: Member
) -> None:
    body = {"name": "Kim", "email": "kim@example.com", "roles": ["member"]}
    headers = member.headers({"Idempotency-Key": "once"})
    first = directory.client.post("/directory/v1/people", json=body, headers=headers)
    again = everything.client.post("/directory/v1/people", json=body, headers=headers)
    assert first.status_code == again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()


def test_a_repeated_request_that_was_refused_is_refused_alike_by_any_process(
    directory: Server, everything: Server, member: Member
) -> None:
    headers = member.headers({"Idempotency-Key": "refused once"})
    body = {"name": "", "scopes": ["directory:read"], "expires_at": "2000-01-01T00:00:00Z"}
    first = directory.client.post("/directory/v1/api-keys", json={**body, "name": "Past"}, headers=headers)
    again = everything.client.post("/directory/v1/api-keys", json={**body, "name": "Past"}, headers=headers)
    assert first.status_code in (409, 422)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()


def test_as_it_was_is_answered_by_any_process(directory: Server, everything: Server, member: Member) -> None:
    before = member.get("/directory/v1/people", as_of="1")
    member.post("/directory/v1/people", {"name": "New", "email": "new@example.com", "roles": ["member"]})
    assert at(everything, member).get("/directory/v1/people", as_of="1") == before
    assert [person["id"] for person in before["items"]] == [member.person]


def test_every_process_is_ready_once_the_workers_have_come_level(
    directory: Server, everything: Server, workers: Program, member: Member
) -> None:
    eventually(lambda: all(f["events_behind"] == 0 for f in directory.client.get("/readyz").json()["followers"]))
    for server in (directory, everything):
        assert server.client.get("/healthz").text == "alive\n"
        ready = server.client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["migrations"] == {"at": newest_revision(), "wanted": newest_revision()}
        assert {f["follower"] for f in ready.json()["followers"]} == {f.name for s in ROOMS for f in s.followers}


def test_readiness_counts_what_a_follower_has_not_seen_though_row_security_hides_it(
    login_url: str, owner_url: str, member: Member
) -> None:
    with psycopg.connect(owner_url) as connection:
        (events,) = connection.execute("SELECT count(*) FROM log.events").fetchone() or (0,)
    engine = make_engine(login_url, pool_size=1)
    with engine.connect() as connection:
        told = readiness(connection, ["one that has not begun"])
    engine.dispose()
    assert events > 0
    assert told["followers"] == [{"follower": "one that has not begun", "events_behind": events, "ledgers_stopped": 0}]


def test_processes_are_connected_as_the_login_that_owns_nothing(
    directory: Server, everything: Server, owner_url: str, member: Member
) -> None:
    with psycopg.connect(owner_url) as connection:
        users = connection.execute(
            "SELECT DISTINCT usename FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'concord'"
        ).fetchall()
        assert users == [(LOGIN,)]
        held = connection.execute(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolinherit"
            " FROM pg_roles WHERE rolname = %s",
            [LOGIN],
        ).fetchone()
        assert held == (False,)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT FROM log.events",
        "SELECT FROM log.person_keys",
        "SELECT FROM directory.people",
        "INSERT INTO log.test_clock (now_us) VALUES (0)",
        "UPDATE log.ledgers SET size = 0",
        "DELETE FROM log.idempotency",
        "CREATE TABLE log.mine ()",
        "SET LOCAL ROLE concord_directory; UPDATE log.events SET body = ''",
        "SET LOCAL ROLE concord_directory; DELETE FROM log.events",
        "SET LOCAL ROLE concord_directory; TRUNCATE log.events",
        "SET LOCAL ROLE concord_directory; SELECT FROM scoring.briefs",
        "SET LOCAL ROLE concord_scoring; SELECT FROM directory.people",
    ],
)
def test_the_login_may_not(login_url: str, statement: str) -> None:
    with psycopg.connect(login_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_outside_of_a_callers_transaction_the_login_sees_no_ledger(login_url: str, member: Member) -> None:
    with psycopg.connect(login_url) as connection:
        assert connection.execute("SELECT count(*) FROM log.ledgers").fetchone() == (0,)


def test_a_new_database_is_made_ready_by_migrate_and_roles_as_often_as_wanted(server: PostgresServer) -> None:
    with fresh_database(server) as url:
        for _ in range(2):
            with concord("migrate", CONCORD_DATABASE_URL=url) as program:
                assert program.ended() == 0
                assert f"Schema at revision {newest_revision()}." in program.said
            give_login(url)
        with psycopg.connect(as_login(url)) as connection:
            assert revision(connection) == newest_revision()


def revision(connection: psycopg.Connection) -> str:
    (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    return str(found)


def test_replay_is_the_owners_and_finds_what_the_processes_wrote_level(
    owner_url: str, login_url: str, directory: Server, member: Member
) -> None:
    with concord("replay", "--verify", CONCORD_DATABASE_URL=owner_url) as program:
        assert program.ended() == 0, program.said
        assert "level with the events" in program.said
    with concord("replay", "--verify", CONCORD_DATABASE_URL=login_url) as program:
        assert program.ended() == EXIT_CANNOT_START
        assert "replay as the owner of the database" in program.said


def test_stopped_followers_go_on_by_name_or_all_of_them(owner_url: str) -> None:
    with concord("resume", CONCORD_DATABASE_URL=owner_url) as program:
        assert program.ended() == 0, program.said
        assert "webhooks.deliveries: goes on in 0 ledgers." in program.said
    with concord("resume", "nobody", CONCORD_DATABASE_URL=owner_url) as program:
        assert program.ended() == EXIT_CANNOT_START
        assert "There is no follower nobody; there are " in program.said


def test_the_log_of_a_process_tells_each_request_and_no_secret(directory: Server, member: Member) -> None:
    made = member.post("/directory/v1/people", {"name": "Zoe Q", "email": "zoe@example.com", "roles": ["member"]})
    asked = directory.client.get(f"/directory/v1/people/{made['id']}", headers=member.headers())
    eventually(lambda: asked.headers["Concord-Request-Id"] in directory.said)
    for secret in (OPERATOR_KEY, member.token, "Zoe Q", "zoe@example.com"):
        assert secret not in directory.said
