"""The bytes of a body are those of RFC 8785, whichever way they are made."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from shared.log.codec import UNPLAIN, canonical

INTEGERS = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(), VALUES))
def test_the_same_bytes_as_the_reference(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(st.text(), st.text() | st.datetimes().map(lambda at: f"{at.isoformat()}Z") | INTEGERS))
def test_the_same_bytes_for_texts_and_times(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(st.text(st.characters(max_codepoint=127)), st.text(st.characters(max_codepoint=127)) | INTEGERS))
def test_the_same_bytes_in_plain_ascii(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**15 * 9_999, 1e22, float("nan"), float("inf")])
def test_what_the_reference_refuses_or_writes_otherwise(value: float) -> None:
    try:
        expected = rfc8785.dumps({"a": [value]})
    except rfc8785.CanonicalizationError:
        with pytest.raises((rfc8785.CanonicalizationError, ValueError)):
            canonical({"a": [value]})
    else:
        assert canonical({"a": [value]}) == expected


def test_a_time_of_day_does_not_take_the_slow_way() -> None:
    assert not UNPLAIN.search('{"at":"2026-03-01T09:07:05.123456Z","title":"Zürich – 東京","version":12}')
