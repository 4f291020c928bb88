"""CSV (RFC 4180) to rows: a header in any order, one column a dimension (`dimensions.region`)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from services.metrics.domain.observation import ROWS_PER_BATCH_MAX
from services.metrics.ingestion.fields import (
    DIMENSION_PREFIX,
    check_columns,
    decoded,
    pairs_of,
    rows_of,
    too_many_rows,
)
from shared.domain import Invalid
from shared.events.observations import ObservationRows

_NO_MARKS = bytes(sorted({*range(256)} - {*b",\n"}))

Table = tuple[list[str], Sequence[Sequence[str]]]
"""The header, and a column for each of its names."""


def read_csv(content: bytes) -> ObservationRows:
    """The rows as sent; an empty cell is not given. UTF-8 with or without a byte order mark, LF or CRLF, commas.

    A cell has at most 131,072 characters, the limit of the `csv` module; rows are held to closer limits later.

    Raises `Invalid` with `/header/<column>` or the row's pointer: empty-file, unknown-column, column-twice,
    column-missing, wrong-cell-count, malformed-csv, too-many-rows, not-utf-8.
    """
    header, columns = _split(content) or _parsed(decoded(content))
    count = len(columns[0])
    by_name = dict(zip(header, columns, strict=True))
    named = sorted(name.removeprefix(DIMENSION_PREFIX) for name in header if name.startswith(DIMENSION_PREFIX))
    return rows_of(by_name, pairs_of(named, [by_name[f"{DIMENSION_PREFIX}{name}"] for name in named]), count)


def _split(content: bytes) -> Table | None:
    """The columns of a file without quotes, by splitting it as a whole; None when it takes a closer look."""
    content = content.replace(b"\r\n", b"\n").removesuffix(b"\n")
    first, _, rest = content.partition(b"\n")
    if not decoded(first) or b'"' in content or b"\r" in content:
        return None
    header = decoded(first).split(",")
    check_columns(header)
    marks = rest.translate(None, delete=_NO_MARKS)
    count = marks.count(b"\n") + 1
    if marks != b"\n".join([b"," * (len(header) - 1)] * count) or count > ROWS_PER_BATCH_MAX:
        return None
    cells = decoded(rest).replace("\n", ",").split(",")
    return header, [cells[place :: len(header)] for place in range(len(header))]


def _parsed(text: str) -> Table:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    lines = filter(None, _cells(reader))
    header = next(lines, None)
    if header is None:
        raise Invalid("", "empty-file", "The file has no header.")
    check_columns(header)
    rows: list[list[str]] = []
    for cells in lines:
        if len(cells) != len(header):
            counted = f"Line {reader.line_num} has {len(cells)} cells, the header {len(header)}."
            raise Invalid(f"/{len(rows)}", "wrong-cell-count", counted)
        if len(rows) == ROWS_PER_BATCH_MAX:
            raise too_many_rows()
        rows.append(cells)
    return header, list(zip(*rows, strict=True)) if rows else [()] * len(header)


def _cells(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        line = getattr(reader, "line_num", 0)
        raise Invalid("", "malformed-csv", f"Line {line} is no CSV: {error}.") from error
