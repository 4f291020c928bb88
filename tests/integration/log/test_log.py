"""The log itself: order, conflicts, erasable values, attachments, and what the database refuses even its owner."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from shared.auth.authenticate import act_as_system
from shared.events.directory import OrganisationRenamed, PersonAdded
from shared.ids import uuid7
from shared.log.codec import EventTooLarge
from shared.log.entry import encode_entry, leaf_hash
from shared.log.envelope import Actor, Cause
from shared.log.log import Log, Stale

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ORG, SUB = uuid7(), uuid7()


@pytest.fixture
def ledger(engine: Engine) -> UUID:
    ledger_id = uuid7()
    with engine.begin() as connection:
        Log(connection).open_ledger(ledger_id, "organisation", [ORG])
    return ledger_id


def append(connection: Connection, ledger_id: UUID, stream: str, version: int, *events: Any) -> list[Any]:
    actor = Actor(org=ORG, sub=SUB)
    return Log(connection).append(
        ledger_id, stream, version, events, actor=actor, effective_at=AT, cause=Cause(command="c-1")
    )


def renamed(name: str = "A") -> OrganisationRenamed:
    return OrganisationRenamed(legal_name=name, display_name=name)


def test_seq_and_version_are_dense_and_recorded_time_never_runs_backwards(engine: Engine, ledger: UUID) -> None:
    with engine.begin() as connection:
        set_clock(connection, 2_000_000)
        append(connection, ledger, "organisation/a", 0, renamed(), renamed("B"))
        set_clock(connection, 1_000_000)
        append(connection, ledger, "organisation/b", 0, renamed())
        events = Log(connection).read(ledger)
    assert [(e.seq, e.stream, e.version) for e in events] == [
        (0, "organisation/a", 1),
        (1, "organisation/a", 2),
        (2, "organisation/b", 1),
    ]
    assert [e.recorded_us for e in events] == [2_000_000] * 3


def set_clock(connection: Connection, us: int) -> None:
    connection.exec_driver_sql(
        "INSERT INTO log.test_clock (now_us) VALUES (%s) ON CONFLICT (only_row) DO UPDATE SET now_us = excluded.now_us",
        (us,),
    )


def test_a_stream_that_has_moved_on_is_stale_for_the_late(engine: Engine, ledger: UUID) -> None:
    with engine.begin() as connection:
        append(connection, ledger, "organisation/a", 0, renamed())
    for version in (0, 5):
        with engine.connect() as connection, pytest.raises(Stale):
            append(connection, ledger, "organisation/a", version, renamed())


def test_what_is_stored_is_the_documented_entry(engine: Engine, ledger: UUID) -> None:
    """Format, canonical bytes and leaf hash, computed here from the row alone."""
    with engine.begin() as connection:
        append(connection, ledger, "organisation/a", 0, renamed("Ünited"))
        row = connection.exec_driver_sql("SELECT seq, recorded_us, body, leaf FROM log.events").one()
    body = bytes(row.body)
    entry = b"\x01" + row.seq.to_bytes(8, "big") + row.recorded_us.to_bytes(8, "big") + body
    assert entry == encode_entry(row.seq, row.recorded_us, body)
    assert bytes(row.leaf) == hashlib.sha256(b"\x00" + entry).digest() == leaf_hash(entry)
    decoded = json.loads(body)
    assert rfc8785.dumps(decoded) == body
    assert decoded | {"id": ""} == {
        "type": "directory.organisation-renamed.v1",
        "id": "",
        "stream": "organisation/a",
        "version": 1,
        "actor": {"org": str(ORG), "sub": str(SUB)},
        "effective_at": "2026-03-01T09:30:00Z",
        "cause": {"command": "c-1"},
        "data": {"legal_name": "Ünited", "display_name": "Ünited"},
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log.events SET type = 'x'",
        "DELETE FROM log.events",
        "TRUNCATE log.events",
        "UPDATE log.attachments SET media_type = 'x'",
        "TRUNCATE log.attachments",
    ],
)
def test_the_database_refuses_to_change_what_is_recorded_even_to_its_owner(
    engine: Engine, ledger: UUID, statement: str
) -> None:
    with engine.begin() as connection:
        append(connection, ledger, "organisation/a", 0, renamed())
        Log(connection).attach(ledger, b"minutes", "text/plain")
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log.events SET type = 'x'",
        "INSERT INTO log.ledgers VALUES (gen_random_uuid(), 'alliance')",
        "DELETE FROM log.events",
        "SELECT * FROM directory.people",
        "SELECT log.open_ledger(gen_random_uuid(), 'alliance', '{}')",
    ],
)
def test_a_service_role_may_append_and_read_and_nothing_more(engine: Engine, ledger: UUID, statement: str) -> None:
    with engine.connect() as connection:
        act_as_system(connection, "concord_scoring")
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.exec_driver_sql(statement)


def test_row_level_security_alone_hides_a_ledger_from_strangers(engine: Engine, ledger: UUID) -> None:
    with engine.begin() as connection:
        append(connection, ledger, "organisation/a", 0, renamed())
    for org, seen in ((ORG, 1), (uuid7(), 0)):
        with engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT set_config('role', 'concord_directory', true), set_config('concord.org', %s, true)", (str(org),)
            )
            for table in ("events", "ledgers", "readers"):
                assert connection.exec_driver_sql(f"SELECT count(*) FROM log.{table}").scalar_one() == seen


def person() -> PersonAdded:
    return PersonAdded(person_id=SUB, name="Ana Ruiz", email="ana@example.org")


def test_erasable_values_are_digests_in_the_entry_and_come_back_on_reading(engine: Engine, ledger: UUID) -> None:
    with engine.begin() as connection:
        append(connection, ledger, f"person/{SUB}", 0, person())
        body = bytes(connection.exec_driver_sql("SELECT body FROM log.events").scalar_one())
        sealed = connection.exec_driver_sql("SELECT sealed FROM log.disclosures").scalars().all()
        read = Log(connection).read(ledger)[0]
    assert b"Ana" not in body
    assert all(b"Ana" not in bytes(s) for s in sealed)
    assert read.event == person()
    assert read.erased == frozenset()


def test_without_the_key_the_values_are_gone_and_the_entry_stays(engine: Engine, ledger: UUID) -> None:
    with engine.begin() as connection:
        append(connection, ledger, f"person/{SUB}", 0, person())
        before = connection.exec_driver_sql("SELECT body, leaf FROM log.events").all()
        connection.exec_driver_sql("DELETE FROM log.person_keys")
        read = Log(connection).read(ledger)[0]
        after = connection.exec_driver_sql("SELECT body, leaf FROM log.events").all()
    assert read.event == PersonAdded(person_id=SUB)
    assert read.erased == {"name", "email"}
    assert before == after


def test_an_event_too_large_for_an_entry_is_refused_before_it_is_written(engine: Engine, ledger: UUID) -> None:
    with engine.connect() as connection, pytest.raises(EventTooLarge, match=r"65,518"):
        append(connection, ledger, "organisation/a", 0, renamed("x" * 70_000))


def test_an_attachment_is_stored_once_by_its_hash(engine: Engine, ledger: UUID) -> None:
    with engine.begin() as connection:
        first = Log(connection).attach(ledger, b"minutes", "text/plain")
        assert Log(connection).attach(ledger, b"minutes", "text/plain") == first
        assert first.sha256 == hashlib.sha256(b"minutes").hexdigest()
        assert Log(connection).attachment(ledger, first.sha256) == b"minutes"
        assert connection.exec_driver_sql("SELECT count(*) FROM log.attachments").scalar_one() == 1
