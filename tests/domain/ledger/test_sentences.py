"""History in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.sentences import VALUE_CHARACTERS_MAX, sentence
from shared.events import all_types


def said(says: str, data: dict[str, Any] | None = None, **others: Any) -> str:
    return sentence(says, data or {}, actor="Ana Ruiz", organisation="United", **others)


def test_who_of_whom_did_what() -> None:
    assert said("voted {choice}", {"choice": "approve"}) == "Ana Ruiz of United voted approve."


def test_without_an_organisation_or_a_name() -> None:
    assert sentence("signed", {}, actor="Concord") == "Concord signed."
    assert sentence("signed", {}, actor=None, organisation="United") == "[erased] of United signed."


def test_erased_and_absent_values_say_so() -> None:
    data = {"reason": None, "note": "x", "said": None}
    words = said("{reason} {note} {said} {gone} {note.inside}", data, erased={"reason", "note"})
    assert words == "Ana Ruiz of United [erased] [erased] nothing [erased] [erased]."


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"amount": "12.50", "currency": "EUR"}, "12.50 EUR"),
        ({"value": 10, "unit": "business_days"}, "10 business days"),
        ({"from": "a", "to": None}, "from a and to nothing"),
        (["a", "b", "c"], "a, b and c"),
        ([], "nothing"),
        (["a"], "a"),
        ([str(n) for n in range(12)], "0, 1, 2, 3, 4, 5, 6, 7, 8 and 3 more"),
        (True, "yes"),
        (3, "3"),
        ("2026-03-01", "1 March 2026"),
        ("2026-03-01T12:30:00Z", "1 March 2026, 12:30 UTC"),
        ("2026-03-01T12:30:00+02:00", "1 March 2026, 12:30 +0200"),
        ("2026-13-01", "2026-13-01"),
        ("0190-united", "United"),
        ("two\nlines\x00", "two lines"),
        ("x" * 500, "x" * (VALUE_CHARACTERS_MAX - 1) + "…"),
    ],
)
def test_values_in_words(value: Any, words: str) -> None:
    assert said("set {it}", {"it": value}, names={"0190-united": "United"}) == f"Ana Ruiz of United set {words}."


def test_inside_a_value() -> None:
    assert said("paid {sum.currency}", {"sum": {"amount": "1", "currency": "EUR"}}) == "Ana Ruiz of United paid EUR."


def test_a_value_is_never_read_as_a_template() -> None:
    assert said("said {it}", {"it": "{secret}", "secret": "x"}) == "Ana Ruiz of United said {secret}."


@given(
    st.text(),
    st.dictionaries(
        st.text(), st.recursive(st.none() | st.text() | st.floats(), st.lists) | st.dictionaries(st.text(), st.text())
    ),
    st.none() | st.text(),
)
def test_it_never_raises_and_is_one_line(says: str, data: dict[str, Any], actor: str | None) -> None:
    assert len(sentence(says, data, actor=actor).splitlines()) == 1


def test_every_declared_event_makes_a_sentence_without_data() -> None:
    for kind in all_types().values():
        assert "{" not in sentence(kind.says, {}, actor="Ana"), kind.name
