"""What follows from an attempt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.webhooks.domain.schedule import (
    DELAYS,
    LIFE_MAX,
    RETRY_AFTER_MAX,
    Attempt,
    Dead,
    Delivered,
    Disable,
    RetryAt,
    Verdict,
    failing_too_long,
    retry_after,
    verdict,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(number: int, status: int | None, header: str | None = None, ended_at: datetime = NOON) -> Verdict:
    return verdict(Attempt(number, NOON, ended_at, status, header), 0)


def run(jitter: float, seconds_per_attempt: int) -> list[timedelta]:
    """When each retry of a receiver that never answers begins, since the first attempt."""
    begun, number = NOON, 1
    begins = []
    while True:
        ended = begun + timedelta(seconds=seconds_per_attempt)
        match verdict(Attempt(number, NOON, ended), jitter):
            case RetryAt(at):
                begun, number = at, number + 1
                begins.append(at - NOON)
            case other:
                assert other == Dead()
                return begins


def test_the_delays_are_those_promised() -> None:
    s, m, h = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
    expected = [5 * s, 30 * s, 2 * m, 15 * m, 1 * h, 3 * h, 6 * h, *[12 * h] * 5]
    begins = run(jitter=0, seconds_per_attempt=0)
    assert [after - before for before, after in zip([timedelta(), *begins], begins, strict=False)] == expected
    assert begins[-1] + 12 * h > LIFE_MAX


@given(st.floats(0, 1), st.integers(0, 15))
def test_whatever_the_jitter_each_delivery_has_all_its_attempts_within_76_hours(jitter: float, seconds: int) -> None:
    begins = run(jitter, seconds)
    assert len(begins) == len(DELAYS)
    assert begins[-1] <= LIFE_MAX


def test_jitter_only_ever_delays() -> None:
    assert verdict(Attempt(5, NOON, NOON), 1) == RetryAt(NOON + timedelta(minutes=63))


@pytest.mark.parametrize("jitter", [-0.1, 1.1, float("nan")])
def test_jitter_is_a_share(jitter: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        verdict(Attempt(1, NOON, NOON), jitter)


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_2xx_is_delivered(status: int) -> None:
    assert after(1, status) == after(13, status) == Delivered()


def test_410_disables() -> None:
    assert after(1, 410) == after(13, 410) == Disable()


@pytest.mark.parametrize("status", [None, 100, 199, 300, 301, 307, 400, 401, 404, 429, 500, 503, 599])
def test_all_else_is_tried_again_until_the_schedule_is_over(status: int | None) -> None:
    assert after(1, status) == RetryAt(NOON + timedelta(seconds=5))
    assert after(12, status) == RetryAt(NOON + timedelta(hours=12))
    assert after(13, status) == Dead()


def test_no_attempt_begins_after_76_hours() -> None:
    late = NOON + timedelta(hours=64)
    assert after(12, 500, ended_at=late) == RetryAt(late + timedelta(hours=12))
    assert after(12, 500, ended_at=late + timedelta(seconds=1)) == Dead()


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_asks_for_patience_and_never_for_haste(status: int) -> None:
    assert after(1, status, "120") == RetryAt(NOON + timedelta(seconds=120))
    assert after(1, status, "Sun, 01 Mar 2026 12:10:00 GMT") == RetryAt(NOON + timedelta(minutes=10))
    assert after(1, status, "1") == after(1, status, "soon") == RetryAt(NOON + timedelta(seconds=5))
    assert after(1, status, "999999") == RetryAt(NOON + RETRY_AFTER_MAX)


@pytest.mark.parametrize("status", [None, 400, 500, 502])
def test_retry_after_of_other_answers_says_nothing(status: int | None) -> None:
    assert after(1, status, "120") == RetryAt(NOON + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("١", None),
        ("0", timedelta()),
        (" 7 ", timedelta(seconds=7)),
        ("9" * 5_000, RETRY_AFTER_MAX),
        ("Sun, 01 Mar 2026 12:00:30 GMT", timedelta(seconds=30)),
        ("Sun, 01 Mar 2026 12:00:30 -0000", timedelta(seconds=30)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta()),
        ("Fri, 31 Dec 9999 23:59:59 GMT", RETRY_AFTER_MAX),
        ("Sun, 99 Mar 2026 12:00:30 GMT", None),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(header: str | None, wait: timedelta | None) -> None:
    assert retry_after(header, NOON) == wait


@given(st.text(max_size=60))
def test_no_retry_after_breaks_the_schedule(header: str) -> None:
    assert isinstance(after(1, 503, header), RetryAt)


def test_five_days_of_failing_are_too_long() -> None:
    assert failing_too_long(NOON, NOON + timedelta(days=5))
    assert not failing_too_long(NOON, NOON + timedelta(days=5, microseconds=-1))
