"""The database itself shows a stranger no row and takes none, and the tables are as the read models say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from psycopg import errors
from sqlalchemy import inspect, select
from sqlalchemy.exc import ProgrammingError

from services.metrics.app import METRICS
from services.metrics.read_models.observations import observations
from shared.events import all_types
from shared.testing.api import Api, Member
from tests.integration.metrics.road import Joint, row, settle

TABLES: list[Any] = [table for model in METRICS.read_models for table in model.tables]
FILLED_HERE = {"kpis", "batches", "observations", "months", "published_figures", "cases", "partnerships"}


def act_for(connection: Any, org: str) -> None:
    connection.exec_driver_sql(
        "SELECT set_config('role', 'concord_metrics', true), set_config('concord.org', %s, true)", (org,)
    )


def test_the_database_itself_shows_a_stranger_no_row(joint: Joint, stranger: Member) -> None:
    joint.agree(joint.terms("flights"))
    joint.push(joint.united, [row("f-1", "flights")])
    joint.push(joint.express, [row("f-1", "flights", value="7")])
    settle(joint.api)
    joint.close("2013-03")
    filled = FILLED_HERE & {table.name for table in TABLES}
    for org, sees in ((joint.united.org, True), (joint.express.org, True), (stranger.org, False)):
        with joint.api.runtime.engine.connect() as connection:
            act_for(connection, org)
            for table in TABLES:
                of_alliance = select(table).where(table.c.ledger_id == UUID(joint.id))
                found = connection.execute(of_alliance).first() is not None
                assert found is (sees and table.name in filled), table.name


def test_a_stranger_writes_no_observation_into_the_ledger(joint: Joint, stranger: Member) -> None:
    joint.agree(joint.terms("flights"))
    joint.push(joint.united, [row("f-1", "flights")])
    with joint.api.runtime.engine.connect() as connection:
        act_for(connection, joint.united.org)
        held = dict(connection.execute(select(observations)).mappings().first() or {})
        connection.rollback()
        act_for(connection, stranger.org)
        with pytest.raises(ProgrammingError) as refused:
            connection.execute(observations.insert(), {**held, "observation_id": "f-2"})
        assert isinstance(refused.value.orig, errors.InsufficientPrivilege)


def test_the_migration_makes_the_tables_of_the_read_models(api: Api) -> None:
    looked, dialect = inspect(api.runtime.engine), api.runtime.engine.dialect
    for table in TABLES:
        columns = looked.get_columns(table.name, schema="metrics")
        made = {c["name"]: (c["type"].compile(dialect), c["nullable"], c["default"]) for c in columns}
        assert made == {c.name: (c.type.compile(dialect), c.nullable, None) for c in table.columns}
        key = looked.get_pk_constraint(table.name, schema="metrics")["constrained_columns"]
        assert key == [c.name for c in table.primary_key.columns]
        indexes = {i["name"]: i["column_names"] for i in looked.get_indexes(table.name, schema="metrics")}
        assert indexes == {i.name: [c.name for c in i.columns] for i in table.indexes}
    beside = {"pulse_ballots", "pulse_marks", "looks"}  # what no event tells: see docs/decisions
    assert set(looked.get_table_names(schema="metrics")) == {table.name for table in TABLES} | beside


def test_every_event_reaches_a_read_model() -> None:
    reached = {name for model in METRICS.own for name in model.branches}
    assert reached == {name for name in all_types() if name.startswith("metrics.")}
