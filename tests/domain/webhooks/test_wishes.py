"""What an endpoint asks for: filters on data, headers of its own, pace."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.webhooks.domain.wishes import Wishes, check_header_values, granted, holds
from shared.domain import Invalid
from shared.events.webhooks import FieldCondition

CATALOGUE = {"governance.vote-cast.v1": {"choice", "period"}, "metrics.kpi-defined.v1": {"key"}}
WISHES = Wishes("https://partner.example.com/hook", ("governance.*",))
DATA = {"choice": "approve", "count": 3, "final": True, "period": {"kind": "month"}, "kpis": ["a", "b"], "none": None}


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("choice", ("reject", "approve"), True),
        ("choice", ("reject",), False),
        ("count", ("3",), True),
        ("count", ("3.0",), False),
        ("final", ("true",), True),
        ("final", ("1",), False),
        ("period.kind", ("month",), True),
        ("period", ("month",), False),
        ("period.kind.more", ("month",), False),
        ("kpis", ("b",), True),
        ("kpis", ("c",), False),
        ("none", ("None", "null", ""), False),
        ("absent", ("",), False),
    ],
)
def test_a_condition_on_a_field(field: str, values: tuple[str, ...], *, expected: bool) -> None:
    assert holds(FieldCondition(field, values), DATA) is expected


def test_all_filters_must_hold() -> None:
    approved, counted = FieldCondition("choice", ("approve",)), FieldCondition("count", ("4",))
    name = "governance.vote-cast.v1"
    assert replace(WISHES, filters=(approved,)).cover(name, None, DATA)
    assert not replace(WISHES, filters=(approved, counted)).cover(name, None, DATA)


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"filters": (FieldCondition("choice", ("a",)),) * 11}, "/filters", "how-many"),
        ({"filters": (FieldCondition("Choice", ("a",)),)}, "/filters/0/field", "field-name"),
        ({"filters": (FieldCondition("choice", ()),)}, "/filters/0/one_of", "how-many"),
        ({"filters": (FieldCondition("choice", ("x" * 201,)),)}, "/filters/0/one_of", "too-long"),
        ({"headers": tuple(f"x-{n}" for n in range(11))}, "/headers", "how-many"),
        ({"headers": ("webhook-signature",)}, "/headers/0/name", "header-name"),
        ({"headers": ("host",)}, "/headers/0/name", "header-name"),
        ({"headers": ("content-length",)}, "/headers/0/name", "header-name"),
        ({"headers": ("x-concord-anything",)}, "/headers/0/name", "header-name"),
        ({"headers": ("x-forwarded-for",)}, "/headers/0/name", "header-name"),
        ({"headers": ("X-Shouting",)}, "/headers/0/name", "header-name"),
        ({"headers": ("x-a", "authorization", "x-a")}, "/headers/2/name", "header-twice"),
        ({"filters": (FieldCondition("coice", ("a",)),)}, "/filters/0/field", "unknown-field"),
        ({"filters": (FieldCondition("key", ("a",)),)}, "/filters/0/field", "unknown-field"),
        ({"concurrency": 0}, "/concurrency", "out-of-range"),
        ({"concurrency": 17}, "/concurrency", "out-of-range"),
        ({"rate_per_minute": 0}, "/rate_per_minute", "out-of-range"),
        ({"rate_per_minute": 60_001}, "/rate_per_minute", "out-of-range"),
    ],
)
def test_what_cannot_be_granted(wrong: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        granted(replace(WISHES, **wrong), CATALOGUE, development=False)
    assert (refused.value.pointer, refused.value.code) == (pointer, code)


def test_all_that_cannot_be_granted_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        granted(
            replace(WISHES, url="http://10.0.0.1/", event_types=("x.*",), concurrency=0), CATALOGUE, development=False
        )
    found = [refused.value, *refused.value.also]
    assert [one.pointer for one in found] == ["/url", "/event_types/0", "/concurrency"]


def test_what_is_granted() -> None:
    wished = replace(
        WISHES,
        headers=("x-team", "authorization"),
        filters=(FieldCondition("choice", ("approve",)), FieldCondition("period.kind", ("month",))),
        concurrency=16,
        rate_per_minute=60,
        fifo=True,
    )
    assert granted(wished, CATALOGUE, development=False) == replace(wished, headers=("authorization", "x-team"))


@pytest.mark.parametrize("value", ["", " padded", "padded ", "two\r\nlines", "nul\0", "caf\u00e9", "x" * 1_001])
def test_what_no_header_can_hold(value: str) -> None:
    with pytest.raises(Invalid):
        check_header_values([value])


def test_what_a_header_can_hold() -> None:
    check_header_values(["Bearer abc.def-_~+/=", "a, b"])
