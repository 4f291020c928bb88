"""What follows from an attempt to deliver: it is done, it is tried again at a time, or it is given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

TWELVE_HOURS = timedelta(hours=12)
DELAYS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    *[TWELVE_HOURS] * 5,
)
"""After the first attempt, the second …; in all 70 h 17 min, since one more 12 h would pass LIFE_MAX."""
LIFE_MAX = timedelta(hours=76)
JITTER_MAX = 0.05
"""The share by which a delay may grow: even the slowest schedule, 73 h 48 min, then has all its attempts."""
RETRY_AFTER_MAX = TWELVE_HOURS
FAILING_MAX = timedelta(days=5)
HEEDS_RETRY_AFTER = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
DIGITS_MAX = 10


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver answered 2xx."""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Not delivered yet; the next attempt is at `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Disable:
    """The receiver answered 410: nothing more is to be sent to this endpoint."""


@dataclass(frozen=True, slots=True)
class Dead:
    """The schedule is over: a dead letter, which a person may resend."""


Verdict = Delivered | RetryAt | Disable | Dead


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that has ended. `number` is from 1; times are aware, UTC.

    `status` is the answer's, None when there was none in time (name, connection, TLS, deadline).
    """

    number: int
    first_at: datetime
    ended_at: datetime
    status: int | None = None
    retry_after: str | None = None


def verdict(attempt: Attempt, jitter: float) -> Verdict:
    """What follows from an attempt. `jitter`: a random number from 0 to 1. A redirect is a failure like any other."""
    if not 0 <= jitter <= 1:
        raise ValueError(f"Jitter is from 0 to 1, not {jitter}.")
    if delivered(attempt.status):
        return Delivered()
    if attempt.status == HTTPStatus.GONE:
        return Disable()
    if attempt.number > len(DELAYS):
        return Dead()
    delay = DELAYS[attempt.number - 1] * (1 + JITTER_MAX * jitter)
    if attempt.status in HEEDS_RETRY_AFTER:
        asked = retry_after(attempt.retry_after, attempt.ended_at)
        # It asks for patience, never for haste: a short answer repeated would use up the schedule within a minute.
        delay = max(delay, asked or delay)
    at = attempt.ended_at + delay
    return RetryAt(at) if at <= attempt.first_at + LIFE_MAX else Dead()


def delivered(status: int | None) -> bool:
    """Whether an answer says that the receiver has it."""
    return status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """The wait a Retry-After asks for (RFC 9110 §10.2.3: seconds or a date), 0 to 12 h; None if it says nothing."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text)), RETRY_AFTER_MAX) if len(text) <= DIGITS_MAX else RETRY_AFTER_MAX
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max(date - now, timedelta()), RETRY_AFTER_MAX)


def failing_too_long(failing_since: datetime, now: datetime) -> bool:
    """Whether an endpoint that has failed every attempt since then is to be disabled."""
    return now - failing_since >= FAILING_MAX
