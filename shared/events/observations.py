"""What a batch of observations leaves in attachments: the rows taken, and what became of the others.

Both are tab-separated text (UTF-8, a header, a line a row), gzipped, which any tool opens and which is quick to write
and to read. No cell holds a tab or a line break. A column that no row has is left out.

    observation_id  kpi      period      value     numerator  denominator  dimensions
    ua-1            on_time  2013-03-01  0.547826  63         115          {"region":"emea"}

    row  observation_id  outcome   pointer   code           detail
    7    ua-8            rejected  /7/value  not-a-decimal  'x' is no exact decimal.

Remarks travel in the event, where they can be erased.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, overload

MEDIA_TYPE = "text/tab-separated-values+gzip"
DIMENSION_TEXTS_KEPT = 10_000

_GZIP = 16 + zlib.MAX_WBITS
_QUICK = 1
_TAB, _LINE = "\t", "\n"

Pairs = tuple[tuple[str, str], ...]


class ObservationRow(NamedTuple):
    """One figure of one KPI for one period, as its source sent it: every text as sent, the empty text is *not given*.

    The first eight fields are the figure, `supersedes` places it in its chain, `note` and `reason` are what people
    wrote beside it. `dimensions` are (name, value) pairs sorted by name. A tuple, because batches hold 100,000 of them.
    """

    observation_id: str
    kpi: str
    period: str
    value: str
    numerator: str = ""
    denominator: str = ""
    dimensions: Pairs = ()
    occurred_at: str = ""
    supersedes: str = ""
    note: str = ""
    reason: str = ""

    @property
    def figure(self) -> tuple[object, ...]:
        """What is said of the world."""
        return self[:8]

    @property
    def content(self) -> tuple[object, ...]:
        """What makes two rows the same. Remarks do not count, for they may be erased."""
        return self[:9]


class ObservationRows(Sequence[ObservationRow]):
    """Many rows, kept by columns: a tenth of the objects, which saves as much time again as handling them takes.

    `columns` are those of `ObservationRow`, in its order and all of one length.
    """

    def __init__(self, columns: Sequence[Sequence[Any]]) -> None:
        self.columns = columns

    @classmethod
    def of(cls, rows: Sequence[ObservationRow]) -> ObservationRows:
        """The same rows by columns; at least one."""
        return rows if isinstance(rows, ObservationRows) else cls(list(zip(*rows, strict=True)))

    def __len__(self) -> int:
        return len(self.columns[0])

    def __iter__(self) -> Iterator[ObservationRow]:
        return map(ObservationRow._make, zip(*self.columns, strict=True))

    @overload
    def __getitem__(self, place: int) -> ObservationRow: ...
    @overload
    def __getitem__(self, place: slice) -> ObservationRows: ...
    def __getitem__(self, place: int | slice) -> ObservationRow | ObservationRows:
        cut = [column[place] for column in self.columns]
        return ObservationRows(cut) if isinstance(place, slice) else ObservationRow._make(cut)


_DIMENSIONS = "dimensions"
_STORED = ObservationRow._fields[:9]


class RowNotTaken(NamedTuple):
    """A row of a batch that left no observation: its place (from 0), id, outcome, and why it was rejected.

    `outcome` is duplicate, rejected or withheld; the last three fields are empty unless it is rejected.
    """

    row: int
    observation_id: str
    outcome: str
    pointer: str = ""
    code: str = ""
    detail: str = ""


def encode_rows(rows: Sequence[ObservationRow]) -> bytes:
    """The rows, at least one, as stored, without remarks. Raises ValueError for a cell with a tab or a line break."""
    columns: dict[str, Sequence[Any]] = dict(zip(_STORED, ObservationRows.of(rows).columns, strict=False))
    if any(columns[_DIMENSIONS]):
        columns[_DIMENSIONS] = list(map(dimensions_text, columns[_DIMENSIONS]))
    return _packed(columns)


def decode_rows(content: bytes) -> ObservationRows:
    """The rows as they were encoded, remarks empty."""
    columns, count = _unpacked(content)
    if _DIMENSIONS in columns:
        columns[_DIMENSIONS] = list(map(dimensions_of, columns[_DIMENSIONS]))
    nothing = {name: [() if name == _DIMENSIONS else ""] * count for name in ObservationRow._fields}
    return ObservationRows([columns.get(name, nothing[name]) for name in ObservationRow._fields])


def encode_rest(rest: Sequence[RowNotTaken]) -> bytes:
    columns = dict(zip(RowNotTaken._fields, zip(*rest, strict=True), strict=True))
    return _packed({**columns, "row": list(map(str, columns["row"]))})


def decode_rest(content: bytes) -> list[RowNotTaken]:
    columns, count = _unpacked(content)
    rows = map(int, columns.pop("row"))
    others = (columns.get(name, [""] * count) for name in RowNotTaken._fields[1:])
    return list(map(RowNotTaken, rows, *others))


@lru_cache(maxsize=DIMENSION_TEXTS_KEPT)
def dimensions_text(dimensions: Pairs) -> str:
    """Equal dimensions as equal texts: canonical JSON, `{}` for none."""
    return json.dumps(dict(dimensions), ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=DIMENSION_TEXTS_KEPT)
def dimensions_of(written: str) -> Pairs:
    return tuple(json.loads(written).items())


def _packed(columns: Mapping[str, Sequence[str]]) -> bytes:
    given = {name: column for name, column in columns.items() if any(column)}
    lines = list(map(_TAB.join, zip(*given.values(), strict=True)))
    text = _LINE.join((_TAB.join(given), *lines))
    if text.count(_TAB) != (len(given) - 1) * (len(lines) + 1) or text.count(_LINE) != len(lines):
        raise ValueError("A cell holds a tab or a line break.")
    packer = zlib.compressobj(_QUICK, zlib.DEFLATED, _GZIP)
    return packer.compress(text.encode()) + packer.flush()


def _unpacked(content: bytes) -> tuple[dict[str, Any], int]:
    header, _, text = zlib.decompress(content, _GZIP).decode().partition(_LINE)
    names = header.split(_TAB)
    cells = text.replace(_LINE, _TAB).split(_TAB)
    return {name: cells[place :: len(names)] for place, name in enumerate(names)}, len(cells) // len(names)
