"""A part of a larger file, or of a dataset: its whole rows, up to where the next part begins."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from services.metrics.domain.observation import ROWS_PER_BATCH_MAX
from services.metrics.ingestion.csv import read_csv
from services.metrics.ingestion.formats import COLUMNAR, CSV, READERS
from services.metrics.ingestion.json import read_ndjson
from shared.domain import Invalid
from shared.events.observations import ObservationRows

QUOTE, LINE = b'"', b"\n"


@dataclass(frozen=True, slots=True)
class Part:
    """`taken` are the bytes of the part that its rows, none or some, come to; `header` the columns of a CSV."""

    rows: ObservationRows | None
    taken: int
    header: tuple[str, ...] | None


def read_part(media_type: str, content: bytes, header: tuple[str, ...] | None, *, last: bool) -> Part:
    """The whole rows at the beginning of `content`, at most 100,000; of Parquet and Arrow a part is a file of its own.

    `header`: the columns, once an earlier part has told them. `last`: the last row needs no line break. Raises
    `Invalid` as the format's reader does, and row-too-long when no row ends in a part.
    """
    if media_type in COLUMNAR:
        file = READERS[media_type](content)
        return Part(file if len(file) else None, len(content), None)
    is_csv = media_type == CSV
    end = end_of_rows(content, ROWS_PER_BATCH_MAX + (header is None), quoted=is_csv)
    if last and content.count(LINE, 0, end) < ROWS_PER_BATCH_MAX and LINE not in content[end:]:
        end = len(content)
    if not end:
        raise Invalid("", "row-too-long", "No row ends in this part; send a larger one, or say that it is the last.")
    whole = content[:end]
    if not is_csv:
        return Part(read_ndjson(whole) if whole.strip() else None, end, None)
    if header is None:
        columns = tuple(next(csv.reader(io.StringIO(first_line(whole))), ()))
    else:
        columns = header
        whole = header_line(header) + whole
    rows = read_csv(whole)
    return Part(rows if len(rows) else None, end, columns)


def end_of_rows(content: bytes, rows_max: int, *, quoted: bool) -> int:
    """Where the last of at most `rows_max` whole rows ends; a line break within quotes ends no row."""
    if not quoted or QUOTE not in content:
        if content.count(LINE) <= rows_max:
            return content.rfind(LINE) + 1
        return sum(map(len, content.split(LINE, rows_max)[:-1])) + rows_max
    end, place, rows, quotes = 0, 0, 0, 0
    while rows < rows_max and (found := content.find(LINE, place)) >= 0:
        quotes += content.count(QUOTE, place, found)
        place = found + 1
        if quotes % 2 == 0:
            end, rows = place, rows + 1
    return end


def first_line(content: bytes) -> str:
    try:
        return content.split(LINE, 1)[0].decode("utf-8-sig").rstrip("\r")
    except UnicodeDecodeError as error:
        raise Invalid("", "not-utf-8", f"Byte {error.start} is not UTF-8.") from error


def header_line(header: tuple[str, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(header)
    return line.getvalue().encode()
