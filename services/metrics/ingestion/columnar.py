"""Parquet and Arrow IPC to rows: columns named as in CSV, or `dimensions` as a struct or map of texts.

A value may be a text, an integer, a decimal or a double (its shortest decimal); a period a text or a date; a time a
text or a timestamp with its zone. Null and the empty text are not given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.metrics.domain.observation import ROWS_PER_BATCH_MAX
from services.metrics.ingestion.fields import (
    DIMENSION_PREFIX,
    DIMENSIONS,
    TEXT_BYTES_MAX,
    TEXT_FIELDS,
    check_columns,
    pairs_of,
    pointer,
    rows_of,
    too_many_rows,
    too_much_text,
)
from services.metrics.ingestion.flatbuffer import is_compressed
from shared.domain import Invalid
from shared.events.observations import ObservationRows, Pairs

FILE_MAGIC = b"ARROW1"
MESSAGES_MAX = 10_000


def read_parquet(content: bytes) -> ObservationRows:
    """The rows of a Parquet file in any of its own compressions.

    Raises `Invalid` malformed-parquet, too-many-rows, too-much-text, and as `read_csv` does for columns.
    """
    try:
        file = pq.ParquetFile(BytesIO(content))
        about = file.metadata
        groups = [about.row_group(place) for place in range(about.num_row_groups)]
        columns = [group.column(place) for group in groups for place in range(group.num_columns)]
        if about.num_rows > ROWS_PER_BATCH_MAX:
            raise too_many_rows()
        if sum(column.total_uncompressed_size for column in columns) > TEXT_BYTES_MAX:
            raise too_much_text()
        check_columns([field.name for field in file.schema_arrow if field.name != DIMENSIONS])
        texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
        # Read as dictionaries, a text that comes a hundred thousand times is there once, until it has been weighed.
        table = pq.ParquetFile(BytesIO(content), read_dictionary=texts).read(use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Invalid("", "malformed-parquet", f"The body is no Parquet file: {first_line(error)}.") from error
    return rows_of_table(table)


def read_arrow(content: bytes) -> ObservationRows:
    """The rows of an Arrow IPC stream or file, its buffers uncompressed (compress the whole instead).

    Raises `Invalid` malformed-arrow, compressed-buffers, too-many-rows, too-much-text, and as `read_csv` for columns.
    """
    try:
        reader = batches_of(content)
        check_columns([field.name for field in reader.schema if field.name != DIMENSIONS])
        table = pa.Table.from_batches(counted(reader), reader.schema)
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Invalid("", "malformed-arrow", f"The body is no Arrow IPC: {first_line(error)}.") from error
    return rows_of_table(table)


def batches_of(content: bytes) -> Any:
    """A reader of the stream, or of the stream that a file holds after its magic."""
    body = content[8:] if content.startswith(FILE_MAGIC) else content
    refuse_compressed(body)
    return pa.ipc.open_stream(pa.py_buffer(body))


def refuse_compressed(body: bytes) -> None:
    """No compressed buffer is ever unpacked: what it claims to unpack to would be reserved first."""
    source = pa.BufferReader(body)
    for _ in range(MESSAGES_MAX):
        try:
            message = pa.ipc.read_message(source)
        except EOFError:
            return
        if message.type == "none" or message.metadata is None:
            return
        if is_compressed(message.metadata.to_pybytes()):
            advice = "Write Arrow without compression; Content-Encoding zstd packs the whole."
            raise Invalid("", "compressed-buffers", advice)
    raise Invalid("", "malformed-arrow", f"A stream has at most {MESSAGES_MAX:,} messages.")


def counted(reader: Any) -> list[pa.RecordBatch]:
    batches, count = [], 0
    for batch in reader:
        count += batch.num_rows
        if count > ROWS_PER_BATCH_MAX:
            raise too_many_rows()
        batches.append(batch)
    return batches


def rows_of_table(table: pa.Table) -> ObservationRows:
    weigh(table)
    texts = {name: texts_of(name, table.column(name)) for name in table.column_names if name in TEXT_FIELDS}
    return rows_of(texts, dimensions_of(table), table.num_rows)


def weigh(table: pa.Table) -> None:
    """Refuse a table whose texts, written out row by row, are larger than a batch may be."""
    total = 0
    for column in table.columns:
        for chunk in column.chunks:
            total += weight(chunk)
            if total > TEXT_BYTES_MAX:
                raise too_much_text()


def weight(chunk: Any) -> int:
    if pa.types.is_dictionary(chunk.type):
        if not is_text(chunk.type.value_type):
            return int(chunk.nbytes)
        lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
        return int(pc.sum(lengths.take(chunk.indices)).as_py() or 0)
    if is_text(chunk.type):
        return int(pc.sum(pc.binary_length(chunk).cast(pa.int64())).as_py() or 0)
    return int(chunk.nbytes)


def texts_of(name: str, column: pa.ChunkedArray) -> list[str]:
    """A column's values as texts, the empty one for null."""
    return [written or "" for written in map(writer_of(name, column.type), column.to_pylist())]


def writer_of(name: str, kind: pa.DataType) -> Callable[[Any], str | None]:
    """How a value of this Arrow type is written; Invalid wrong-type for a type that no field has."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if is_text(kind) or pa.types.is_null(kind):
        return lambda value: value
    if pa.types.is_integer(kind):
        return lambda value: None if value is None else str(value)
    if pa.types.is_decimal(kind):
        return written_decimal
    if pa.types.is_float64(kind):
        return lambda value: None if value is None else repr(value)
    if pa.types.is_date(kind):
        return written_day
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return written_moment
    raise Invalid(pointer("header", name), "wrong-type", f"{name} is a text, a number, a day or a time, not {kind}.")


def written_decimal(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def written_day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def written_moment(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat()


def dimensions_of(table: pa.Table) -> list[Pairs]:
    """Each row's pairs, from columns of their own or from one of structs or maps."""
    named = sorted(name.removeprefix(DIMENSION_PREFIX) for name in table.column_names if DIMENSION_PREFIX in name)
    columns = {name: texts_of(name, table.column(DIMENSION_PREFIX + name)) for name in named}
    if DIMENSIONS not in table.column_names:
        return pairs_of(named, [columns[name] for name in named]) if named else []
    if named:
        raise Invalid("/header/dimensions", "column-twice", "Dimensions are one column or several, not both.")
    kind = table.schema.field(DIMENSIONS).type
    if pa.types.is_struct(kind):
        structs = table.column(DIMENSIONS).combine_chunks()
        fields = sorted(kind.field(place).name for place in range(kind.num_fields))
        values = [texts_of(name, pa.chunked_array([pc.struct_field(structs, name)])) for name in fields]
        return pairs_of(fields, values) if fields else []
    if pa.types.is_map(kind) and is_text(kind.key_type) and is_text(kind.item_type):
        return [map_pairs(value) for value in table.column(DIMENSIONS).to_pylist()]
    raise Invalid("/header/dimensions", "wrong-type", f"Dimensions are a struct or a map of texts, not {kind}.")


def map_pairs(value: Sequence[tuple[str, str | None]] | None) -> Pairs:
    found = {name: text for name, text in value or () if text}
    if len(found) < len([text for _, text in value or () if text]):
        raise Invalid("/header/dimensions", "name-twice", "A dimension stands twice in one row.")
    return tuple(sorted(found.items()))


def is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200].rstrip(".") or type(error).__name__
