"""What every format of a batch has in common: the names of the fields, and the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.metrics.domain.observation import ROWS_PER_BATCH_MAX
from shared.domain import Invalid
from shared.events.observations import ObservationRow, ObservationRows, Pairs

DIMENSIONS = "dimensions"
DIMENSION_PREFIX = f"{DIMENSIONS}."
TEXT_FIELDS = tuple(field for field in ObservationRow._fields if field != DIMENSIONS)
REQUIRED = TEXT_FIELDS[:4]
COLUMNS_MAX = 100
TEXT_BYTES_MAX = 64 * 1024 * 1024
"""What the texts of a batch may come to, written out."""


def rows_of(texts: Mapping[str, Sequence[str]], dimensions: Sequence[Pairs], count: int) -> ObservationRows:
    """`count` rows from their columns; a column that is not there is given in no row."""
    columns: dict[str, Sequence[Any]] = dict.fromkeys(TEXT_FIELDS, [""] * count)
    columns |= {**texts, DIMENSIONS: dimensions or [()] * count}
    return ObservationRows([columns[field] for field in ObservationRow._fields])


def decoded(content: bytes) -> str:
    """The text of UTF-8 bytes without their byte order mark; raises `Invalid` not-utf-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("", "not-utf-8", f"Byte {error.start} is not UTF-8.") from error


def pointer(*names: str) -> str:
    """A JSON Pointer (RFC 6901) to names that came from outside; what no UTF-8 can hold is written as an escape."""
    escaped = (name[:100].replace("~", "~0").replace("/", "~1") for name in names)
    return "".join(f"/{name}" for name in escaped).encode(errors="backslashreplace").decode()


def too_many_rows() -> Invalid:
    return Invalid("", "too-many-rows", f"A batch has at most {ROWS_PER_BATCH_MAX:,} rows; send it in parts.")


def too_much_text() -> Invalid:
    limit = f"{TEXT_BYTES_MAX // 1024 // 1024} MiB"
    return Invalid("", "too-much-text", f"The texts of a batch come to at most {limit}, written out; send it in parts.")


def check_columns(header: Sequence[str]) -> None:
    """Raises `Invalid` too-many-columns, unknown-column, column-twice, column-missing, with `/header/<column>`."""
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


def pairs_of(named: Sequence[str], columns: Sequence[Sequence[str]]) -> list[Pairs]:
    """Each row's pairs, from a column of texts a dimension; equal ones are one object, of which a batch has few."""
    known: dict[tuple[str, ...], Pairs] = {}
    pairs = []
    for values in zip(*columns, strict=True):
        if values not in known:
            known[values] = tuple((name, value) for name, value in zip(named, values, strict=True) if value)
        pairs.append(known[values])
    return pairs
