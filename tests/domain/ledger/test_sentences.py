"""History in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.sentences import ERASED, TITLE_CHARACTERS_MAX, VALUE_CHARACTERS_MAX, sentence
from services.ledger.domain.thing import Change
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


@pytest.mark.parametrize(
    ("called", "words"),
    [
        ("Launch", "closed the risk “Launch” for good."),
        (None, "closed the risk for good."),
        (ERASED, "closed the risk [erased] for good."),
        ("{it}\nnow", "closed the risk “{it} now” for good."),
        ("x" * 200, f"closed the risk “{'x' * (TITLE_CHARACTERS_MAX - 1)}…” for good."),
    ],
)
def test_what_the_thing_is_called(called: str | None, words: str) -> None:
    assert said("closed the risk {called} for {it}", {"it": "good"}, called=called) == f"Ana Ruiz of United {words}"


def test_what_is_held_back_is_not_said_but_what_it_is_about_is() -> None:
    assert sentence("rated {it} of {called}", None, actor="Ana", called="Us") == "Ana rated … of “Us”."


def changed(field: str, before: Any, after: Any, *, erased: bool = False) -> Change:
    return Change(field, "changed", before, after, 3, erased)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([], ""),
        ([changed("due_on", "2026-03-01", "2026-04-01")], " (due on: 1 March 2026 → 1 April 2026)"),
        ([changed("terms.owner", None, "0190-united")], " (terms owner: nothing → United)"),
        ([changed("reason", None, "late", erased=True)], " (reason: [erased] → late)"),
        ([changed("parts", [{"a": 1}], [{"a": 1}, {}])], " (parts: 1 entry → 2 entries)"),
        ([changed("text", "", "x" * 300)], f" (text: nothing → {'x' * 59}…)"),
        ([changed("content_sha256", "a", "b")], ""),
        ([changed(name, 1, 2) for name in "abcde"], " (a: 1 → 2; b: 1 → 2; c: 1 → 2; and 2 more)"),
    ],
)
def test_before_and_after(changes: list[Change], words: str) -> None:
    assert said("moved it", changes=changes, names={"0190-united": "United"}) == f"Ana Ruiz of United moved it{words}."


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
