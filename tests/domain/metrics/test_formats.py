"""The same rows in CSV, JSON and NDJSON are the same rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.metrics.ingestion.csv import _parsed, _split, read_csv
from services.metrics.ingestion.json import read_json, read_ndjson
from shared.domain import Invalid
from shared.events.observations import ObservationRow

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


text = st.text(st.characters(codec="utf-8"), max_size=10)
rows_of_text = st.lists(
    st.builds(ObservationRow, *[text] * 6, text.map(lambda v: (("d", v),) if v else ()), *[text] * 4), max_size=5
)


@for_all(rows_of_text)
def test_every_format_says_the_same(rows: list[ObservationRow]) -> None:
    names = [name for name in ObservationRow._fields if name != "dimensions"]
    objects = [row._asdict() | {"dimensions": dict(row.dimensions)} for row in rows]
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow([*names, "dimensions.d"])
    writer.writerows([*[fields[name] for name in names], fields["dimensions"].get("d", "")] for fields in objects)
    assert list(read_csv(table.getvalue().encode())) == rows
    assert list(read_json(json.dumps(objects).encode())) == rows
    assert list(read_ndjson("\n".join(map(json.dumps, objects)).encode())) == rows


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
