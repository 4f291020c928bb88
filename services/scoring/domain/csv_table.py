"""A table of comma-separated values: read by a mapping of columns to fields, each row with its own faults; written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ROWS_MAX = 1_000
FAULTS_MAX = 200
CELL_CHARACTERS_MAX = 4_000
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would compute a cell that begins so."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell, or with a whole row where `column` is empty. Rows count from 1 below the header."""

    row: int
    column: str
    code: str
    detail: str


class Unreadable(Exception):
    """The text is no table that can be read by this mapping; nothing of it was taken."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults[:FAULTS_MAX])


@dataclass(frozen=True, slots=True)
class Cells:
    """One row by field; an empty cell is None."""

    row: int
    values: Mapping[str, str | None]


def read_table(text: str, mapping: Mapping[str, str], required: Iterable[str]) -> tuple[list[Cells], list[Fault]]:
    """The rows of `text`, whose first line names the columns, and what is wrong with them. `mapping`: field → column.

    A row of another width is a fault and no row. One whose required cell is empty is both, so that what else is wrong
    with it is said with the rest (`refuse`). Raises Unreadable where there are no rows to look at: it is no table, or
    a column is not there.
    """
    try:
        header, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    except (csv.Error, ValueError) as error:
        raise Unreadable([Fault(0, "", "no-table", "This is no table: give a line of columns, and rows.")]) from error
    places = places_of(header, mapping)
    if len(lines) > ROWS_MAX:
        raise Unreadable([Fault(ROWS_MAX + 1, "", "too-many-rows", f"Import at most {ROWS_MAX:,} rows at a time.")])
    rows, faults = [], []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        if len(line) != len(header):
            words = f"It has {len(line)} cells, and the first line {len(header)}."
            faults.append(Fault(number, "", "other-width", words))
            continue
        values = {field: line[place].strip() or None for field, place in places.items()}
        rows.append(Cells(number, values))
        faults += faults_of(number, values, mapping, required)
    return rows, faults


def refuse(faults: Iterable[Fault]) -> None:
    """Raises Unreadable with all of them by row, the first of each cell; nothing where there is none."""
    by_cell: dict[tuple[int, str], Fault] = {}
    for fault in faults:
        by_cell.setdefault((fault.row, fault.column), fault)
    if by_cell:
        raise Unreadable(sorted(by_cell.values(), key=lambda fault: fault.row))


def places_of(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    names = [name.strip() for name in header]
    unknown = [
        Fault(0, column, "no-such-column", f"There is no one column {column}; the first line has {', '.join(names)}.")
        for column in mapping.values()
        if names.count(column) != 1
    ]
    if unknown:
        raise Unreadable(unknown)
    return {field: names.index(column) for field, column in mapping.items()}


def faults_of(
    number: int, values: Mapping[str, str | None], mapping: Mapping[str, str], required: Iterable[str]
) -> list[Fault]:
    missing = [
        Fault(number, mapping[field], "missing", "This cell is needed.") for field in required if not values.get(field)
    ]
    long = [
        Fault(number, mapping[field], "too-long", f"At most {CELL_CHARACTERS_MAX:,} characters.")
        for field, value in values.items()
        if value is not None and len(value) > CELL_CHARACTERS_MAX
    ]
    return missing + long


def write_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """RFC 4180, with None as an empty cell. Text that a spreadsheet would compute is led by an apostrophe."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()


def cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA_BEGINS):
        return "'" + value
    return "" if value is None else value
