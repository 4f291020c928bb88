"""What a batch of observations leaves in attachments: the rows taken, and what became of the others.

Both are JSON (UTF-8, no spaces), gzipped. Rows taken stand by columns, which is five times as fast to write and to read
as row by row; a column that no row has is left out. The others stand one array a row.

    {"observation_id":["ua-1", …],"kpi":["on_time", …], …, "dimensions":[{"region":"emea"}, …]}
    [[7,"ua-8","rejected","/7/value","not-a-decimal","'x' is no exact decimal."], …]

Remarks travel in the event, where they can be erased.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, overload

MEDIA_TYPE = "application/json+gzip"

_GZIP = 16 + zlib.MAX_WBITS
_QUICK = 1
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


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
    dimensions: tuple[tuple[str, str], ...] = ()
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
    """The rows as stored, without their remarks."""
    whole = rows.columns if isinstance(rows, ObservationRows) else list(zip(*rows, strict=True))
    columns: dict[str, Any] = dict(zip(_STORED, whole, strict=False))
    if any(columns.get(_DIMENSIONS, ())):
        columns[_DIMENSIONS] = list(map(dict, columns[_DIMENSIONS]))
    return _gzipped({name: column for name, column in columns.items() if any(column)})


def decode_rows(content: bytes) -> ObservationRows:
    """The rows as they were encoded, remarks empty."""
    columns = _unzipped(content)
    count = max(map(len, columns.values()), default=0)
    nothing = [""] * count
    columns[_DIMENSIONS] = [tuple(pairs.items()) for pairs in columns.get(_DIMENSIONS, [{}] * count)]
    return ObservationRows([columns.get(name, nothing) for name in ObservationRow._fields])


def encode_rest(rest: Iterable[RowNotTaken]) -> bytes:
    return _gzipped(list(rest))


def decode_rest(content: bytes) -> list[RowNotTaken]:
    return [RowNotTaken(*fields) for fields in _unzipped(content)]


def _gzipped(value: Any) -> bytes:
    packer = zlib.compressobj(_QUICK, zlib.DEFLATED, _GZIP)
    return packer.compress(_encode(value).encode()) + packer.flush()


def _unzipped(content: bytes) -> Any:
    return json.loads(zlib.decompress(content, _GZIP))
