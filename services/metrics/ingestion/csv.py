"""CSV (RFC 4180) to rows: a header in any order, one column a dimension (`dimensions.region`)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from io import StringIO

from services.metrics.domain.observation import ROWS_PER_BATCH_MAX
from services.metrics.ingestion.fields import (
    DIMENSION_PREFIX,
    DIMENSIONS,
    REQUIRED,
    TEXT_FIELDS,
    decoded,
    pointer,
    too_many_rows,
)
from shared.domain import Invalid
from shared.events.observations import ObservationRow

COLUMNS_MAX = 100


def read_csv(content: bytes) -> list[ObservationRow]:
    """The rows as sent; an empty cell is not given. UTF-8 with or without a byte order mark, LF or CRLF, commas.

    A cell has at most 131,072 characters, the limit of the `csv` module; rows are held to closer limits later.

    Raises `Invalid` with `/header/<column>` or the row's pointer: empty-file, unknown-column, column-twice,
    column-missing, wrong-cell-count, malformed-csv, too-many-rows, not-utf-8.
    """
    reader = csv.reader(StringIO(decoded(content), newline=""), strict=True)
    lines = _cells(reader)
    header = next(lines, None)
    if header is None:
        raise Invalid("", "empty-file", "The file has no header.")
    make = _row_maker(header)
    width = len(header)
    rows: list[ObservationRow] = []
    for cells in lines:
        if len(cells) != width:
            if not cells:
                continue
            counted = f"Line {reader.line_num} has {len(cells)} cells, the header {width}."
            raise Invalid(f"/{len(rows)}", "wrong-cell-count", counted)
        if len(rows) == ROWS_PER_BATCH_MAX:
            raise too_many_rows()
        rows.append(make(cells))
    return rows


def _cells(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        line = getattr(reader, "line_num", 0)
        raise Invalid("", "malformed-csv", f"Line {line} is no CSV: {error}.") from error


def _row_maker(header: list[str]) -> Callable[[list[str]], ObservationRow]:
    _check_header(header)
    # A field without a column reads the empty cell put behind the last one.
    places = [header.index(field) if field in header else len(header) for field in TEXT_FIELDS]
    named = sorted(
        (column.removeprefix(DIMENSION_PREFIX), place)
        for place, column in enumerate(header)
        if column.startswith(DIMENSION_PREFIX)
    )

    def make(cells: list[str]) -> ObservationRow:
        cells.append("")
        dimensions = tuple([(name, cells[place]) for name, place in named if cells[place]]) if named else ()
        texts = [cells[place] for place in places]
        return ObservationRow._make((*texts[:6], dimensions, *texts[6:]))

    return make


def _check_header(header: list[str]) -> None:
    if len(header) > COLUMNS_MAX:
        raise Invalid("/header", "too-many-columns", f"A file has at most {COLUMNS_MAX} columns.")
    known = frozenset(TEXT_FIELDS)
    for place, column in enumerate(header):
        if column not in known and not (column.startswith(DIMENSION_PREFIX) and column != DIMENSION_PREFIX):
            names = ", ".join((*TEXT_FIELDS, f"{DIMENSIONS}.<name>"))
            raise Invalid(pointer("header", column), "unknown-column", f"{column[:100]!r} is none of {names}.")
        if column in header[:place]:
            raise Invalid(pointer("header", column), "column-twice", f"The column {column} is there twice.")
    for column in REQUIRED:
        if column not in header:
            raise Invalid(pointer("header", column), "column-missing", f"The column {column} is missing.")
