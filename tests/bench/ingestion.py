"""Observations over HTTP: a whole batch, judged, recorded, in the read model and readable, against COPY alone."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pyarrow as pa

from tests.bench.alliance import alliance
from tests.bench.figures import Measured, by_turns
from tests.bench.processes import concord, line
from tests.bench.stage import Stage

FIRST_DAY = date(2013, 1, 1)
DAYS = 365
COLUMNS = ("observation_id", "kpi", "period", "value", "dimensions.route")
TABLE = "metrics.observations"

Rows = list[dict[str, str]]


def as_csv(stage: Stage) -> Measured:
    return ingestion(stage, "text/csv", csv_of)


def as_json(stage: Stage) -> Measured:
    return ingestion(stage, "application/json", json_of)


def as_arrow(stage: Stage) -> Measured:
    return ingestion(stage, "application/vnd.apache.arrow.stream", arrow_of)


def ingestion(stage: Stage, media_type: str, written: Callable[[Rows], bytes]) -> Measured:
    """A turn: one batch of new rows. The reference copies the rows of that same batch, as they came to be stored."""
    count = stage.scale.ingested_rows
    with stage.database() as url, concord(url) as api, psycopg.connect(url) as connection:
        made = alliance(api)
        keys = made.agree_on_counts()
        machine = made.machine()
        connection.execute(f"CREATE TABLE copied (LIKE {TABLE} INCLUDING ALL)")
        connection.commit()

        def pushed() -> float:
            batch = uuid4().hex
            body = written(rows_of(keys, batch, count))
            with line(str(api.client.base_url), machine.token, media_type) as sender:
                seconds = sender.milliseconds("POST", f"/metrics/v1{made.path}/observations", body, expect=201) / 1_000
            refuse_loss(connection, batch, count)
            return count / seconds

        pushed(), copied(connection, count)
        return by_turns(
            f"batches of {count:,} new rows in one request, after one batch to warm up; COPY takes the same"
            " columns in the same order into a table with the same indexes, from text made beforehand, and commits",
            "rows/s",
            stage.scale.ingestion_rounds,
            concord=pushed,
            reference=lambda: copied(connection, count),
        )


def copied(connection: psycopg.Connection[tuple[object, ...]], count: int) -> float:
    """Copy the newest batch, which Concord has just stored, into the twin of its table, which holds those before."""
    newest = f"SELECT * FROM {TABLE} WHERE seq = (SELECT max(seq) FROM {TABLE})"
    with connection.cursor() as cursor, cursor.copy(f"COPY ({newest}) TO STDOUT") as source:
        text = b"".join(bytes(block) for block in source)
    connection.commit()
    started = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy("COPY copied FROM STDIN") as target:
        target.write(text)
    connection.commit()
    return count / (time.perf_counter() - started)


def refuse_loss(connection: psycopg.Connection[tuple[object, ...]], batch: str, count: int) -> None:
    """Every row is there once: what is not committed or lost does not count as fast."""
    stored = f"SELECT observation_id FROM {TABLE} WHERE observation_id LIKE %s"
    found = {row[0] for row in connection.execute(stored, (f"{batch}-%",))}
    connection.commit()
    expected = {f"{batch}-{n}" for n in range(count)}
    if found != expected:
        raise RuntimeError(f"{len(expected - found)} of {count} rows are not in {TABLE}.")


def rows_of(keys: list[str], batch: str, count: int) -> Rows:
    """Days of a year by KPI and route, so many that each (KPI, period, route) comes once in a batch."""
    return [
        {
            "observation_id": f"{batch}-{n}",
            "kpi": keys[n % len(keys)],
            "period": str(FIRST_DAY + timedelta(days=n // len(keys) % DAYS)),
            "value": f"{n % 997}.{n % 100:02}",
            "dimensions.route": f"R{n // len(keys) // DAYS}-{batch[:6]}",
        }
        for n in range(count)
    ]


def csv_of(rows: Rows) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def json_of(rows: Rows) -> bytes:
    return json.dumps([nested(row) for row in rows]).encode()


def arrow_of(rows: Rows) -> bytes:
    table, sink = pa.Table.from_pylist(rows), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def nested(row: dict[str, str]) -> dict[str, Any]:
    return {name: row[name] for name in COLUMNS[:-1]} | {"dimensions": {"route": row[COLUMNS[-1]]}}
