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
