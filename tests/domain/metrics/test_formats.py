"""The same rows in JSON, NDJSON, CSV, Parquet and Arrow are the same rows, and have the same outcomes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.metrics.domain.batch import JudgeBatch, judge
from services.metrics.domain.observation import DIMENSION_CHARACTERS_MAX, REMARK_CHARACTERS_MAX, Held
from services.metrics.ingestion.columnar import read_arrow, read_parquet
from services.metrics.ingestion.csv import _parsed, _split, read_csv
from services.metrics.ingestion.formats import READERS
from services.metrics.ingestion.json import read_json, read_ndjson
from services.metrics.ingestion.part import end_of_rows
from shared.domain import Invalid
from shared.events.observations import ObservationRow
from tests.domain.metrics.example_terms import AT, FLIGHTS, ON_TIME, A

HEADER = b"observation_id,kpi,period,value\n"
ROW = ObservationRow("a", "k", "2013-03-01", "0.10")


def test_csv_takes_any_column_order_quotes_crlf_and_a_byte_order_mark() -> None:
    header = "\ufeffvalue,dimensions.z,kpi,period,note,observation_id,dimensions.b\r\n"
    content = header + '0.10,,k,2013-03-01,"a ""b"",\r\nc",a,x\r\n'
    assert list(read_csv(content.encode())) == [ROW._replace(dimensions=(("b", "x"),), note='a "b",\r\nc')]


def test_a_json_number_keeps_its_digits() -> None:
    row = b'{"observation_id": "a", "kpi": "k", "period": "2013-03-01", "value": 0.10, "note": null}'
    assert list(read_json(b"[" + row + b"]")) == [ROW]
    assert list(read_ndjson(b"\xef\xbb\xbf" + row + b"\r\n\n" + row)) == [ROW, ROW]
    assert read_json(b'[{"value": 1e-7}]')[0].value == "1e-7"
    assert read_json(b'[{"value": 123456789012345678901234567890}]')[0].value == "123456789012345678901234567890"


def at_and_over(characters: int) -> tuple[str, str]:
    """The longest text that is taken, and one that is not; both of more bytes than characters."""
    return "é\u0301" * (characters // 2), "é\u0301" * (characters // 2) + "!"


text = st.text(st.characters(codec="utf-8"), max_size=10)
rows_of_text = st.lists(
    st.builds(ObservationRow, *[text] * 6, text.map(lambda v: (("route", v),) if v else ()), *[text] * 4), max_size=5
)
digits = st.text("0123456789", min_size=1, max_size=30)
numbers = st.one_of(
    st.builds("{}{}.{}".format, st.sampled_from(["", "-"]), digits, digits).map(lambda number: number[:32]),
    st.sampled_from(["-0", "0", "-0.000", "1e-7", "12E3", "NaN", "Infinity", "", "1,5"]),
)
days = st.dates(date(1999, 1, 1), date(2030, 12, 31))
periods = st.one_of(
    days.map(date.isoformat),
    st.sampled_from(["2013-02-29", "2012-02-29", "2015-W53", "2014-W53", "2013-Q4", "2013-Q5", "2013-13", "2013-12"]),
)
figures = st.builds(
    ObservationRow,
    st.sampled_from("abcde"),
    st.sampled_from(["on_time", "flights", "unknown"]),
    periods,
    numbers,
    st.one_of(st.just(""), numbers),
    st.one_of(st.just(""), numbers),
    st.sampled_from(["", "n", *at_and_over(DIMENSION_CHARACTERS_MAX)]).map(lambda v: (("route", v),) if v else ()),
    st.sampled_from(["", "2013-03-01T09:00:00Z", "yesterday"]),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", 'a note, "quoted"\r\nand long' * 30, *at_and_over(REMARK_CHARACTERS_MAX)]),
    st.sampled_from(["", "Recounted."]),
)


def written(rows: list[ObservationRow]) -> dict[str, bytes]:
    """The same rows in every format."""
    names = [name for name in ObservationRow._fields if name != "dimensions"]
    objects = [row._asdict() | {"dimensions": dict(row.dimensions)} for row in rows]
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow([*names, "dimensions.route"])
    writer.writerows([*[fields[name] for name in names], fields["dimensions"].get("route", "")] for fields in objects)
    columns = {name: pa.array([fields[name] or None for fields in objects], pa.string()) for name in names}
    arrow = pa.table(
        {**columns, "dimensions.route": pa.array([one["dimensions"].get("route") for one in objects], pa.string())}
    )
    structs = pa.array([one["dimensions"] or None for one in objects], pa.struct([("route", pa.string())]))
    parquet, stream, file = pa.BufferOutputStream(), pa.BufferOutputStream(), pa.BufferOutputStream()
    pq.write_table(arrow, parquet, compression="zstd")
    with pa.ipc.new_stream(stream, arrow.schema) as sink:
        sink.write_table(arrow)
    nested = pa.table({**columns, "dimensions": structs})
    with pa.ipc.new_file(file, nested.schema) as sink:
        sink.write_table(nested)
    return {
        "application/json": json.dumps(objects).encode(),
        "application/x-ndjson": "\n".join(map(json.dumps, objects)).encode(),
        "text/csv": table.getvalue().encode(),
        "application/vnd.apache.parquet": parquet.getvalue().to_pybytes(),
        "application/vnd.apache.arrow.stream": stream.getvalue().to_pybytes(),
        "application/vnd.apache.arrow.file": file.getvalue().to_pybytes(),
    }


@for_all(rows_of_text)
def test_every_format_says_the_same(rows: list[ObservationRow]) -> None:
    for kind, content in written(rows).items():
        assert list(READERS[kind](content)) == rows, kind


@for_all(st.lists(figures, min_size=1, max_size=8))
def test_every_format_has_the_same_outcomes(rows: list[ObservationRow]) -> None:
    kpis = {terms.key: replace(terms, dimensions=("route",)) for terms in (ON_TIME, FLIGHTS)}
    held = {"a": Held((ObservationRow("a", "flights", "2013-03-01", "1.50"),))}
    seen = [
        judge(JudgeBatch(side=A, rows=READERS[kind](content), kpis=kpis, held=held, at=AT))
        for kind, content in written(rows).items()
    ]
    for one in seen[1:]:
        assert (list(one.outcomes), one.rejections, list(one.taken)) == (
            list(seen[0].outcomes), seen[0].rejections, list(seen[0].taken)
        )  # fmt: skip


def test_typed_columns_are_written_out() -> None:
    table = pa.table(
        {
            "observation_id": pa.array([7], pa.int64()),
            "kpi": pa.array(["k"]).dictionary_encode(),
            "period": pa.array([date(2013, 3, 1)]),
            "value": pa.array([Decimal("-0.10")], pa.decimal128(38, 2)),
            "numerator": pa.array([0.1]),
            "occurred_at": pa.array([datetime(2013, 3, 1, 9, tzinfo=UTC)], pa.timestamp("s", "UTC")),
        }
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    [row] = read_parquet(sink.getvalue().to_pybytes())
    expected = ROW._replace(observation_id="7", value="-0.10", numerator="0.1", occurred_at="2013-03-01T09:00:00+00:00")
    assert row == expected


def test_what_would_unpack_to_more_is_refused_before_it_is() -> None:
    long = pa.table({name: pa.array(["x" * 100_000] * 2_000) for name in ("observation_id", "kpi", "period", "value")})
    packed, compressed = pa.BufferOutputStream(), pa.BufferOutputStream()
    pq.write_table(long, packed, compression="zstd")
    with pa.ipc.new_stream(compressed, long.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as sink:
        sink.write_table(long)
    assert packed.getvalue().size < 200_000
    with pytest.raises(Invalid) as refused:
        read_parquet(packed.getvalue().to_pybytes())
    assert refused.value.code == "too-much-text"
    with pytest.raises(Invalid) as refused:
        read_arrow(compressed.getvalue().to_pybytes())
    assert refused.value.code == "compressed-buffers"


@pytest.mark.parametrize("read", [read_parquet, read_arrow])
@pytest.mark.parametrize("content", [b"", b"x", b"PAR1PAR1", b"ARROW1\0\0", b"\xff\xff\xff\xff\x10\0\0\0" + b"\0" * 16])
def test_bytes_that_are_neither(read: Callable[[bytes], object], content: bytes) -> None:
    with pytest.raises(Invalid):
        read(content)


@for_all(st.lists(st.sampled_from([b'a,"x\ny",b', b"c,d,e", b""]), max_size=12), st.integers(0, 80), st.integers(1, 3))
def test_parts_take_whole_rows_wherever_they_are_cut(lines: list[bytes], cut: int, rows_max: int) -> None:
    content = b"".join(line + b"\n" for line in lines)
    end = end_of_rows(content[:cut], rows_max, quoted=True)
    whole = list(csv.reader(io.StringIO(content.decode(), newline="")))
    taken = list(csv.reader(io.StringIO(content[:end].decode(), newline="")))
    assert taken == whole[: len(taken)]
    assert len(taken) <= rows_max


@for_all(st.text(alphabet='ak,"\r\n', max_size=30))
def test_reading_at_once_says_what_reading_closely_says(cells: str) -> None:
    text = HEADER.decode() + cells
    try:
        closely = _parsed(text)
    except Invalid:
        assert _split(text.encode()) is None
    else:
        at_once = _split(text.encode())
        assert at_once is None or [list(column) for column in at_once[1]] == [list(column) for column in closely[1]]


@pytest.mark.parametrize(
    "lines", ['{"kpi": "a"}, {"kpi": "b"}', '{"kpi": "a"\n"value": "b"}', '{"kpi": {"a": 1}\n{"b": 1}}']
)
def test_a_line_of_ndjson_is_one_object(lines: str) -> None:
    with pytest.raises(Invalid, match="no JSON"):
        read_ndjson(lines.encode())


@pytest.mark.parametrize(
    ("read", "content", "pointer", "code"),
    [
        (read_csv, b"", "", "empty-file"),
        (read_csv, HEADER + b"\xff", "", "not-utf-8"),
        (read_csv, b"observation_id,kpi,period,value,colour", "/header/colour", "unknown-column"),
        (read_csv, b"a/b", "/header/a~1b", "unknown-column"),
        (read_csv, b"kpi,kpi", "/header/kpi", "column-twice"),
        (read_csv, b"kpi,period,value", "/header/observation_id", "column-missing"),
        (read_csv, b",".join(b"dimensions.d%d" % n for n in range(101)), "/header", "too-many-columns"),
        (read_csv, HEADER + b"a,k,p,1\na,k,p\n", "/1", "wrong-cell-count"),
        (read_csv, HEADER + b'a,k,p,"1"x\n', "", "malformed-csv"),
        (read_csv, HEADER + b'a,k,p,"1', "", "malformed-csv"),
        (read_csv, HEADER + b"a,k,p,1\n" * 100_001, "", "too-many-rows"),
        (read_json, b"[{]", "", "malformed-json"),
        (read_json, b"[" * 100_000, "", "malformed-json"),
        (read_json, b'[{"kpi": "a", "value": NaN}]', "", "malformed-json"),
        (read_ndjson, b'{"kpi": "a", "value": -Infinity}', "", "malformed-json"),
        (read_json, b"{}", "", "not-an-array"),
        (read_json, b"[" + b"{}," * 100_000 + b"{}]", "", "too-many-rows"),
        (read_json, b"[{}, 1]", "/1", "not-an-object"),
        (read_json, b'[{"colour": 1}]', "/0/colour", "unknown-field"),
        (read_json, b'[{"\\ud800": 1}]', "/0/\\ud800", "unknown-field"),
        (read_json, b'[{"value": 1, "value": 1}]', "", "name-twice"),
        (read_json, b'[{"value": false}]', "/0/value", "wrong-type"),
        (read_json, b'[{"dimensions": []}]', "/0/dimensions", "wrong-type"),
        (read_json, b'[{"dimensions": {"d": {}}}]', "/0/dimensions/d", "wrong-type"),
        (read_ndjson, b"{}\n{", "/1", "malformed-json"),
        (read_ndjson, b'{"kpi": "a"\n"value": "b"}', "/0", "malformed-json"),
        (read_ndjson, b"{}\n" * 100_001, "", "too-many-rows"),
    ],
)
def test_malformed(read: Callable[[bytes], list[ObservationRow]], content: bytes, pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        read(content)
    assert (invalid.value.pointer, invalid.value.code) == (pointer, code)
    str(invalid.value).encode()


@for_all(st.binary(max_size=60))
def test_any_bytes_are_rows_or_refused(content: bytes) -> None:
    for read in (read_csv, read_json, read_ndjson):
        try:
            read(content)
        except Invalid:
            continue
