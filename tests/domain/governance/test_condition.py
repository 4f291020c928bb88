"""The conditions of a `sometimes`: what they say, what they need, and what is no condition."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.governance.domain.condition import Kind, Unreadable, holds, read_condition
from shared.domain import Invalid


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("amount > 100000", {"amount": "100000.01"}, True),
        ("amount > 100000", {"amount": "100000"}, False),
        ("amount >= 0.1", {"amount": "0.10"}, True),
        ("amount == -5", {"amount": "-5.0"}, True),
        ("amount != 5", {"amount": "5"}, False),
        ('region == "EU"', {"region": "EU"}, True),
        ('region != "EU"', {"region": "eu"}, True),
        ('region in ["EU", "UK"]', {"region": "UK"}, True),
        ('not region in ["EU"]', {"region": "UK"}, True),
        ("affects_us", {"affects_us": "true"}, True),
        ("not affects_us", {"affects_us": "true"}, False),
        ("one or two and three", {"one": "true", "two": "false", "three": "false"}, True),
        ("(one or two) and three", {"one": "true", "two": "false", "three": "false"}, False),
        ("not one and two", {"one": "false", "two": "false"}, False),
        ("not not one", {"one": "true"}, True),
    ],
)
def test_what_a_condition_says(text: str, values: dict[str, str], expected: bool) -> None:  # noqa: FBT001
    assert holds(text, values, "/values") == (expected, values)


def test_it_keeps_only_the_values_it_looked_at() -> None:
    assert holds("amount > 5", {"amount": "6", "weather": "fine"}, "/values") == (True, {"amount": "6"})
    assert read_condition('amount > 5 and region == "EU" or flag').names == {
        "amount": Kind.NUMBER,
        "region": Kind.TEXT,
        "flag": Kind.FLAG,
    }


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({}, "/values/amount", "value-missing"),
        ({"amount": "much"}, "/values/amount", "not-a-number"),
        ({"amount": "NaN"}, "/values/amount", "not-a-number"),
        ({"amount": "1e9"}, "/values/amount", "not-a-number"),
        ({"amount": "1", "flag": "yes"}, "/values/flag", "not-a-flag"),
    ],
)
def test_values_that_are_missing_or_of_no_use(values: dict[str, str], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        holds("amount > 5 or flag", values, "/values")
    assert (invalid.value.pointer, invalid.value.code) == (pointer, code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "amount >",
        "> 5",
        "amount > five",
        'amount > "5"',
        "amount 5",
        "amount > 5 and",
        "(amount > 5",
        "amount > 5)",
        "region in []",
        'region in "EU"',
        'region == "EU',
        "amount > 5 amount",
        "amount > 1e9",
        "amount > 5.",
        'amount > 5 and amount == "x"',
        "__import__",
        "amount.real > 5",
        "it changes what the other side delivers",
        "not " * 50 + "flag",
        "(" * 50 + "flag" + ")" * 50,
        "flag or " * 150 + "flag",
        "x" * 1_001,
    ],
)
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(Unreadable):
        read_condition(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Unreadable):
        assert read_condition(text).names


NUMBERS = st.decimals(min_value=-1000, max_value=1000, places=2)


@given(NUMBERS, NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
def test_numbers_compare_as_numbers(value: Decimal, other: Decimal, sign: str) -> None:
    expected = eval(f"value {sign} other", {}, {"value": value, "other": other})
    assert holds(f"amount {sign} {other}", {"amount": str(value)}, "")[0] is expected
