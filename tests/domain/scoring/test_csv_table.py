"""Tables go out and come in as they were; what is wrong comes by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.csv_table import (
    FORMULA_BEGINS,
    ROWS_MAX,
    Fault,
    Unreadable,
    read_table,
    refuse,
    write_table,
)

words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20).map(str.strip)


@given(st.lists(st.tuples(words, words), max_size=20))
def test_what_is_written_is_read_again(rows: list[tuple[str, str]]) -> None:
    read, faults = read_table(write_table(("a", "b"), rows), {"one": "a", "two": "b"}, ())
    assert faults == []
    shown = [tuple("'" + cell if cell.startswith(FORMULA_BEGINS) else cell for cell in row) for row in rows]
    assert [(cells.values["one"] or "", cells.values["two"] or "") for cells in read] == shown


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_faults(text: str) -> None:
    try:
        rows, faults = read_table(text, {"one": "a"}, ("one",))
    except Unreadable as error:
        rows, faults = [], list(error.faults)
    faulty = {fault.row for fault in faults}
    assert all(cells.values["one"] for cells in rows if cells.row not in faulty)


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("", "no-table", 0),
        ('a\n"x', "no-table", 0),
        ("b\n1", "no-such-column", 0),
        ("a,a\n1,2", "no-such-column", 0),
        ("a,b\n1", "other-width", 1),
        ("a,b\n1,2\n,2", "missing", 2),
        (f"a\n{'x' * 4_001}", "too-long", 1),
        ("a\n" + "x\n" * (ROWS_MAX + 1), "too-many-rows", ROWS_MAX + 1),
    ],
)
def test_what_is_wrong_comes_by_row(text: str, code: str, row: int) -> None:
    with pytest.raises(Unreadable) as unreadable:
        refuse(read_table(text, {"one": "a"}, ("one",))[1])
    (fault, *_) = unreadable.value.faults
    assert isinstance(fault, Fault)
    assert (fault.code, fault.row) == (code, row)
