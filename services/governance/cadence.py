"""The days that a cadence gives: RFC 5545 recurrence rules, read by dateutil."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rrule, rrulestr

WITHIN = timedelta(days=731)
"""How far ahead a rule is followed; a rule that names no day by then gives none."""


def occurrences(cadence: str, anchor: date, after: date) -> Iterator[date]:
    """The days of the rule, counted from `anchor`, from the day `after` on, in order."""
    first = datetime.combine(anchor, time())
    since = datetime.combine(after, time())
    rule = rrulestr(cadence, dtstart=first)
    assert isinstance(rule, rrule), "a cadence is one rule"
    for moment in rule.replace(until=since + WITHIN).xafter(since, inc=True):
        yield moment.date()
