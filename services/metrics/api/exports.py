"""Every list as a file for the user's own tools: CSV, Parquet or Arrow IPC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Annotated, Any, Literal
from uuid import UUID

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from fastapi import Path, Query
from sqlalchemy import Select, Table
from starlette.responses import Response

from services.metrics.domain.observation import ROWS_PER_BATCH_MAX
from services.metrics.read_models import batches, cases, deals, figures, kpis, months, pulses, uploads
from services.metrics.read_models.observations import observations
from shared.domain import Invalid
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.codec import canonical

router = Router("metrics", "exports")

ROWS_MAX = 2 * ROWS_PER_BATCH_MAX
"""Of one file: ask for a part of the observations where there are more."""
Format = Literal["csv", "parquet", "arrow"]
ListName = Literal[
    "kpis", "observations", "batches", "uploads", "months", "published-figures", "cases", "deals", "pulses"
]
OCTETS = "application/octet-stream"
Asked = tuple[Sequence[Any], Callable[[UUID], Select[Any]]]


def whole(table: Table, asked: Callable[[UUID], Select[Any]]) -> Asked:
    columns = [column for column in table.columns if column.name != "ledger_id"]
    return columns, lambda alliance_id: asked(alliance_id).order_by(*table.primary_key.columns)


LISTS: Mapping[ListName, Asked] = {
    "kpis": whole(kpis.kpis, kpis.kpis_of),
    "observations": (
        [
            *(c for c in observations.columns if c.name not in ("ledger_id", "seq", "place")),
            batches.batches.c.recorded_at,
        ],
        lambda alliance_id: figures.versions(alliance_id, only_current=False).order_by(*figures.ORDER),
    ),
    "batches": whole(batches.batches, batches.batches_of),
    "uploads": whole(uploads.uploads, uploads.uploads_of),
    "months": whole(months.months, months.months_of),
    "published-figures": whole(kpis.published_figures, kpis.published_of),
    "cases": whole(cases.cases, cases.cases_of),
    "deals": whole(deals.deals, deals.deals_of),
    "pulses": whole(pulses.pulses, pulses.pulses_of),
}


@router.read(
    "/alliances/{alliance_id}/exports/{list_name}",
    scope="metrics:read",
    media_type=OCTETS,
    answers=None,
)
def export_list(
    session: Session,
    alliance_id: Id,
    list_name: Annotated[ListName, Path(description="Which list.")],
    file_format: Annotated[Format, Query(alias="format", description="The kind of file.")] = "csv",
) -> Response:
    """A whole list as CSV, Parquet or Arrow IPC stream; observations with every version and whether it is current."""
    columns, asked = LISTS[list_name]
    names = [column.name for column in columns]
    if list_name == "observations":
        names.append("current")
    rows = session.view(alliance_id).all(asked(alliance_id).limit(ROWS_MAX + 1))
    if len(rows) > ROWS_MAX:
        words = f"The list has over {ROWS_MAX:,} rows, which is the most that a file holds; page through it instead."
        raise Invalid("path/list_name", "too-many-rows", words)
    table = pa.table({name: pa.array([plain(getattr(row, name)) for row in rows], kind(rows, name)) for name in names})
    headers = {"Content-Disposition": f'attachment; filename="{list_name}.{file_format}"'}
    return Response(written(table, file_format), media_type=OCTETS, headers=headers)


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
