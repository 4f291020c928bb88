"""Rows into tables by COPY: a dictionary a row, or by whole columns where there are very many.

Under row-level security PostgreSQL takes COPY from the table's owner alone. A table that is filled by COPY in the
write's own transaction therefore belongs to `concord_copier`, and LiveRows acts as that role for so long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from pydantic_core import to_json
from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects.postgresql import JSONB

Columns = Mapping[str, Sequence[Any]]
"""Columns of one length by name; their values are texts, integers, dates, UUIDs or None."""

COPIER = "concord_copier"
ROWS_AT_ONCE = 1_000
"""Enough to be fast, and few enough that the server works on some while we write the next."""
NULL = r"\N"
SPECIAL = "\\\t\n\r"
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def copy_rows(
    connection: Connection, place: str, table: Table, rows: Iterable[Mapping[str, Any]], names: Sequence[str] = ()
) -> None:
    """Into `place`, which has these columns of the table; all of them when none is named."""
    names = names or [column.name for column in table.columns]
    columns = [table.c[name] for name in names]
    with driver(connection).cursor() as cursor, cursor.copy(copy_statement(place, names)) as copy:
        for row in rows:
            copy.write_row([as_stored(column, row.get(column.name)) for column in columns])


def copy_columns(connection: Connection, place: str, columns: Columns) -> None:
    """The same by columns, in a tenth of the time: what all rows have in common is put at their heads, made once."""
    alike = [name for name, values in columns.items() if are_alike(values)]
    others = {name: values for name, values in columns.items() if name not in alike}
    head = "".join(f"{copy_text(columns[name][0])}\t" for name in alike)
    between = f"\n{head}"
    statement = copy_statement(place, [*alike, *others])
    with driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, max(map(len, columns.values())), ROWS_AT_ONCE):
            texts = [copy_texts(values[start : start + ROWS_AT_ONCE]) for values in others.values()]
            lines = map("\t".join, zip(*texts, strict=True))
            copy.write(head + between.join(lines) + "\n")


def are_alike(values: Sequence[Any]) -> bool:
    """Whether all rows have the same here; no two do in the whole primary key, and one row has nobody to be like."""
    return len(values) > 1 and values[0] is values[-1] and values.count(values[0]) == len(values)


def copy_texts(values: Sequence[Any]) -> Iterable[str]:
    """One column's values in COPY's text format."""
    if None in values:
        return map(copy_text, values)
    if isinstance(values[0], int):
        return map(str, values)
    texts = values if isinstance(values[0], str) else list(map(text_of, values))
    everything = "".join(texts)
    return map(copy_text, texts) if any(special in everything for special in SPECIAL) else texts


text_of = lru_cache(maxsize=10_000, typed=True)(str)
"""Dates and ids come again and again, and take long to write out."""


def copy_text(value: Any) -> str:
    return NULL if value is None else str(value).translate(ESCAPES)


def rows_of(columns: Columns) -> Iterator[dict[str, Any]]:
    """The same as a dictionary a row."""
    return (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))


def copy_statement(place: str, names: Iterable[str]) -> str:
    return f"COPY {place} ({', '.join(map(quoted, names))}) FROM STDIN"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def as_stored(column: Column[Any], value: Any) -> Any:
    return Jsonb(value, to_json) if value is not None and isinstance(column.type, JSONB) else value


def driver(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection under a SQLAlchemy one: same transaction, for COPY and the log's hot path."""
    if not connection.in_transaction():
        connection.begin()  # or SQLAlchemy would not know that there is something to commit
    inner = connection.connection.driver_connection
    assert isinstance(inner, psycopg.Connection)
    return inner
