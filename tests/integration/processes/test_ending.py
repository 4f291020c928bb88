"""Processes end when they are told to, finish what they have begun, and lose nothing when they are killed."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import psycopg
import pytest

from services.rooms import ROOMS
from shared.database.engine import make_engine
from shared.ids import uuid7
from shared.log.rebuild import verify
from shared.testing.api import Member
from tests.integration.processes.program import Server, eventually, serving, working

PEOPLE = "/directory/v1/people"
WRITERS = 4
ACKNOWLEDGED_BEFORE_THE_KILL = 20


def person(name: str) -> dict[str, object]:
    return {"name": name, "email": f"{uuid7()}@example.com", "roles": ["member"]}


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_with_code_0(login_url: str, kind: signal.Signals) -> None:
    with serving(login_url, "directory") as server:
        assert server.client.get("/healthz").is_success
        assert server.end(kind) == 0, server.said
        assert "Traceback" not in server.said


def test_workers_end_with_code_0(login_url: str) -> None:
    with working(login_url) as program:
        assert program.end() == 0, program.said
        assert "Traceback" not in program.said


def test_an_open_request_is_finished_before_the_end(login_url: str, owner_url: str) -> None:
    with serving(login_url, "directory") as server, psycopg.connect(owner_url) as holder:
        member = server.api.organisation("Slow")
        holder.execute("SELECT 1 FROM log.ledgers WHERE ledger_id = %s FOR UPDATE", [member.org])
        with ThreadPoolExecutor() as pool:
            asked = pool.submit(server.client.post, PEOPLE, json=person("Late"), headers=member.headers())
            eventually(lambda: waits_for_a_lock(owner_url))
            server.process.send_signal(signal.SIGTERM)
            eventually(lambda: refuses(str(server.client.base_url)))
            holder.rollback()
            assert asked.result().status_code == 201
        assert server.ended() == 0


def waits_for_a_lock(url: str) -> bool:
    statement = (
        "SELECT 1 FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'concord' AND wait_event_type = 'Lock'"
    )
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone() is not None


def refuses(address: str) -> bool:
    try:
        httpx.get(f"{address}/healthz")
    except httpx.ConnectError:
        return True
    return False


def test_what_was_acknowledged_survives_the_kill_of_the_server(login_url: str, owner_url: str) -> None:
    """Writers go on until the server is killed among them; each answer 201 they got is there afterwards, once."""
    acknowledged: list[str] = []
    enough = Event()
    with serving(login_url, "directory") as server:
        members = [server.api.organisation(f"Writer{n}") for n in range(WRITERS)]
        with ThreadPoolExecutor() as pool:
            writers = [pool.submit(write_on, str(server.client.base_url), m, acknowledged, enough) for m in members]
            assert enough.wait(60)
            server.kill()
            for writer in writers:
                writer.result()
    assert len(acknowledged) >= ACKNOWLEDGED_BEFORE_THE_KILL
    with serving(login_url, "directory") as server:
        found = [i for m in members for i in ids_of_people(server, m)]
    assert len(found) == len(set(found))
    assert set(acknowledged) <= set(found)
    assert_whole(owner_url)


def write_on(address: str, member: Member, acknowledged: list[str], enough: Event) -> None:
    with httpx.Client(base_url=address, headers=member.headers(), timeout=60) as client:
        try:
            while True:
                response = client.post(PEOPLE, json=person("Someone"))
                assert response.status_code == 201, response.text
                acknowledged.append(response.json()["id"])
                if len(acknowledged) >= ACKNOWLEDGED_BEFORE_THE_KILL:
                    enough.set()
        except httpx.TransportError:
            return


def ids_of_people(server: Server, member: Member) -> list[str]:
    again = Member(server.api, member.org, member.person, member.token)
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = again.get(PEOPLE, limit=200, **cursor)
        found += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def assert_whole(url: str) -> None:
    """Each ledger's seq is dense, and every read model says what the events say."""
    with psycopg.connect(url) as connection:
        torn = connection.execute(
            "SELECT l.ledger_id FROM log.ledgers l JOIN log.events e USING (ledger_id)"
            " GROUP BY l.ledger_id, l.size HAVING count(*) <> l.size OR max(e.seq) <> l.size - 1"
        ).fetchall()
    assert torn == []
    engine = make_engine(url, pool_size=1)
    for service in ROOMS:
        assert list(verify(engine, service.own)) == []
    engine.dispose()
