"""Row-level security, table by table: on everywhere, owned and bypassed by no service, and enough alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from services.rooms import ROOMS
from shared.testing.api import Api
from tests.integration.governance.road import Side, governed, raised

WITHOUT_TENANTS = {
    "log.allowances": "counts of requests; no service has a right on it, only the function log.lease",
    "log.places": "how far followers are; no tenant data",
    "log.test_clock": "one moment; empty in production",
}
SERVICES = [service.name for service in ROOMS]
TABLES = (
    "SELECT n.nspname || '.' || c.relname AS name, n.nspname AS schema, c.relrowsecurity AS secured,"
    " pg_get_userbyid(c.relowner) AS owner,"
    " EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'ledger_id' AND NOT a.attisdropped)"
    "   AS of_ledgers,"
    " (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(%s) ORDER BY 1"
)


@pytest.fixture(scope="module")
def tables(api: Api) -> list[Any]:
    with api.runtime.engine.connect() as connection:
        return list(connection.exec_driver_sql(TABLES, ([*SERVICES, "log"],)))


@contextmanager
def acting(api: Api, service: str, org: str) -> Iterator[Connection]:
    """A transaction as a service opens it for an organisation; empty: for none."""
    with api.runtime.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT set_config('role', %s, true), set_config('concord.org', %s, true)", (f"concord_{service}", org)
        )
        yield connection


def test_every_table_of_tenants_has_a_policy_and_is_owned_by_no_service(tables: list[Any]) -> None:
    assert len(tables) > 20
    exempt = {t.name for t in tables if not t.secured}
    assert exempt == set(WITHOUT_TENANTS), "Protect the table (migrations/tenancy.py), or say why it needs no wall."
    for table in tables:
        assert table.owner not in {f"concord_{name}" for name in SERVICES}, table.name
        if table.secured:
            assert table.policies >= 1, table.name


def test_no_service_bypasses_the_policies_or_may_become_one_that_does(api: Api) -> None:
    with api.runtime.engine.connect() as connection:
        roles = connection.exec_driver_sql(
            "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin AS mighty,"
            " ARRAY(SELECT pg_get_userbyid(m.roleid) FROM pg_auth_members m WHERE m.member = r.oid) AS is_in"
            " FROM pg_roles r WHERE rolname LIKE 'concord\\_%%' AND rolname <> 'concord_app'"
        ).all()
    assert {f"concord_{name}" for name in SERVICES} <= {role.rolname for role in roles}
    for role in roles:
        assert not role.mighty, role.rolname
        assert set(role.is_in) <= {"concord_service"}, role.rolname


def test_a_service_has_no_right_on_another_services_tables(api: Api, tables: list[Any]) -> None:
    may = "SELECT has_table_privilege(%s, %s, 'SELECT, INSERT, UPDATE, DELETE')"
    with api.runtime.engine.connect() as connection:
        for service in SERVICES:
            for table in (t for t in tables if t.schema not in (service, "log")):
                asked = (f"concord_{service}", table.name)
                assert not connection.exec_driver_sql(may, asked).scalar_one(), asked


@pytest.fixture(scope="module")
def sides(api: Api) -> tuple[Side, Side, Side, str]:
    """United and Hansa with an alliance and a decision; and a stranger."""
    api.set_clock("2026-03-02T15:00:00Z")
    united, hansa, stranger = (
        Side(api.colleague(owner, f"Sponsor {name}"), owner, api.colleague(owner, f"Worker {name}"))
        for name in ("United", "Hansa", "Stranger")
        for owner in [api.organisation(name)]
    )
    alliance = governed(united, hansa)
    raised(united, alliance)
    return united, hansa, stranger, alliance


def test_a_query_without_any_filter_shows_each_only_their_own(
    api: Api, tables: list[Any], sides: tuple[Side, Side, Side, str]
) -> None:
    """What a service forgot to filter, and no route checked: the whole table, asked for as a stranger and as nobody."""
    united, _, stranger, alliance = sides
    shown = 0
    for service in SERVICES:
        for table in (t for t in tables if t.schema == service and t.of_ledgers):
            with acting(api, service, united.org) as connection:
                ours = set(connection.exec_driver_sql(f"SELECT ledger_id FROM {table.name}").scalars())
            with acting(api, service, stranger.org) as connection:
                theirs = set(connection.exec_driver_sql(f"SELECT ledger_id FROM {table.name}").scalars())
            with acting(api, service, "") as connection:
                nobodys = connection.exec_driver_sql(f"SELECT FROM {table.name}").first()
            shown += bool(ours)
            assert theirs <= {UUID(stranger.org)}, table.name
            assert ours <= {UUID(united.org), UUID(alliance)}, table.name
            assert nobodys is None, table.name
    assert shown >= 6, "the tables that have something to show are too few to prove anything"


def test_the_log_shows_each_only_their_own(api: Api, sides: tuple[Side, Side, Side, str]) -> None:
    _, _, stranger, alliance = sides
    for service in SERVICES:
        with acting(api, service, stranger.org) as connection:
            for table in ("ledgers", "readers", "events", "disclosures", "attachments", "person_keys"):
                found = connection.exec_driver_sql(f"SELECT DISTINCT ledger_id FROM log.{table}").scalars()
                assert set(found) <= {UUID(stranger.org)}, (service, table)
            for table in ("ledgers", "events"):
                found = connection.exec_driver_sql(f"SELECT ledger_id FROM log.{table}").scalars()
                assert UUID(alliance) not in set(found)


def test_nobody_writes_to_a_ledger_they_do_not_read(api: Api, sides: tuple[Side, Side, Side, str]) -> None:
    """Not even a service that calls the append itself, for a stranger, for nobody, and for a party that has left."""
    united, hansa, stranger, alliance = sides
    append = (
        "SELECT * FROM log.append(%s, ARRAY[%s]::uuid[], ARRAY['decision/x'], ARRAY[1]::bigint[],"
        " ARRAY['governance.vote-cast.v1'], ARRAY['{}'::bytea])"
    )

    def refused(org: str) -> bool:
        with acting(api, "governance", org) as connection:
            try:
                connection.exec_driver_sql(append, (UUID(alliance), uuid4()))
            except DBAPIError as error:
                return isinstance(error.orig, psycopg.Error) and error.orig.sqlstate == "CN403"
        return False

    assert refused(stranger.org)
    assert refused("")
    assert not refused(united.org)
    assert not refused(hansa.org)
    with api.runtime.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE log.readers SET until_seq = 3 WHERE ledger_id = %s AND org_id = %s",
            (UUID(alliance), UUID(hansa.org)),
        )
    assert refused(hansa.org)
