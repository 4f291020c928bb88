"""The statements by which LiveRows writes, as text, made once for each table and choice of columns.

SQLAlchemy would build, key and compile the same expression anew for each row: 0.2 ms, more than PostgreSQL takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from shared.log.copying import quoted

KEPT = 1_000
"""Far more than there are tables and choices of columns."""
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

Names = tuple[str, ...]


@lru_cache(maxsize=KEPT)
def key_columns(table: Table) -> Names:
    return tuple(c.name for c in table.primary_key.columns)


@lru_cache(maxsize=KEPT)
def own_key(table: Table) -> Names:
    """The primary key after `ledger_id`, with which each begins."""
    return key_columns(table)[1:]


@lru_cache(maxsize=KEPT)
def empty_row(table: Table) -> dict[str, None]:
    return dict.fromkeys(column.name for column in table.columns)


@lru_cache(maxsize=KEPT)
def insert_row(table: Table, names: Names) -> str:
    return f"INSERT INTO {name_of(table)} ({listed(names)}) VALUES ({values_of(table, names)})"


@lru_cache(maxsize=KEPT)
def put_row(table: Table, names: Names) -> str:
    keys = key_columns(table)
    others = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in names if name not in keys)
    resolved = f"DO UPDATE SET {others}" if others else "DO NOTHING"
    return f"{insert_row(table, names)} ON CONFLICT ({listed(keys)}) {resolved}"


@lru_cache(maxsize=KEPT)
def change_row(table: Table, keys: Names, names: Names) -> str:
    changes = ", ".join(f"{quoted(name)} = {value_of(table, name)}" for name in names)
    return f"UPDATE {name_of(table)} SET {changes} WHERE {matches(table, keys)}"


@lru_cache(maxsize=KEPT)
def remove_row(table: Table, keys: Names) -> str:
    return f"DELETE FROM {name_of(table)} WHERE {matches(table, keys)}"


@lru_cache(maxsize=KEPT)
def get_row(table: Table, keys: Names) -> str:
    return f"SELECT {listed(c.name for c in table.columns)} FROM {name_of(table)} WHERE {matches(table, keys)}"


def name_of(table: Table) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}" if table.schema else quoted(table.name)


def listed(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def matches(table: Table, keys: Names) -> str:
    return " AND ".join(f"{quoted(name)} = {value_of(table, name)}" for name in keys)


def values_of(table: Table, names: Names) -> str:
    return ", ".join(value_of(table, name) for name in names)


def value_of(table: Table, name: str) -> str:
    """A parameter that says its type, so that the driver's guess at a list or a number does not matter."""
    return f"%s::{table.c[name].type.compile(DIALECT)}"
