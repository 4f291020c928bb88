"""A list as a file for the user's own tools: CSV, Parquet or Arrow IPC, with the same rows in each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.metrics.domain.observation import ROWS_PER_BATCH_MAX
from shared.domain import Invalid
from shared.log.codec import canonical

ROWS_MAX = 2 * ROWS_PER_BATCH_MAX
"""Of one file."""
OCTETS = "application/octet-stream"
Format = Literal["csv", "parquet", "arrow"]
FileFormat = Annotated[Format, Query(alias="format", description="The kind of file.")]
FILE: dict[str, Any] = {"scope": "metrics:read", "media_type": OCTETS, "answers": None}
"""How a route that gives a file is declared."""


def file_of(name: str, names: Sequence[str], rows: Sequence[Any], file_format: Format) -> Response:
    """`rows` have an attribute for each of `names`. Invalid too-many-rows beyond `ROWS_MAX`."""
    if len(rows) > ROWS_MAX:
        words = f"The list has over {ROWS_MAX:,} rows, which is the most that a file holds; page through it instead."
        raise Invalid("path", "too-many-rows", words)
    table = pa.table({one: pa.array([plain(getattr(row, one)) for row in rows], kind(rows, one)) for one in names})
    headers = {"Content-Disposition": f'attachment; filename="{name}.{file_format}"'}
    return Response(written(table, file_format), media_type=OCTETS, headers=headers)


def file_of_items(name: str, item: type[BaseModel], items: Sequence[BaseModel], file_format: Format) -> Response:
    """The items of an answer, a column a field, written as in JSON."""
    rows = [item.model_construct(**one.model_dump(mode="json")) for one in items]
    return file_of(name, list(item.model_fields), rows, file_format)


def plain(value: Any) -> Any:
    """What every tool understands: texts, whole numbers, truth values; exact decimals stay texts."""
    match value:
        case None | bool() | int() | str():
            return value
        case datetime():
            return value.isoformat()
        case dict() | list():
            return canonical(texts(value)).decode()
        case _:
            return str(value)


def texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [texts(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def kind(rows: Sequence[Any], name: str) -> pa.DataType:
    """The type of a column; texts where there is nothing to tell it by."""
    first = next((value for row in rows if (value := getattr(row, name)) is not None), None)
    if isinstance(first, bool):
        return pa.bool_()
    return pa.int64() if isinstance(first, int) else pa.string()


def written(table: pa.Table, file_format: Format) -> bytes:
    sink = BytesIO()
    match file_format:
        case "csv":
            pacsv.write_csv(table, sink)
        case "parquet":
            pq.write_table(table, sink, compression="zstd")
        case "arrow":
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
    return sink.getvalue()
