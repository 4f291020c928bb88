"""Which instant a wall clock means when daylight saving skips an hour or repeats it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_SECOND = timedelta(seconds=1)


def first_instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which clocks in `zone` show `wall` on `day`, or have skipped past it.

    A repeated wall time means its first occurrence; a skipped one means the moment of the change.
    Source: PEP 495 (in a gap `fold=0` has the offset before the change, `fold=1` the one after it).
    """
    local = datetime.combine(day, wall, zone)
    if _offset(local) < _offset(local.replace(fold=1)):
        return _change_within_gap(local)
    return local.astimezone(UTC)


def last_instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """As `first_instant`, but a repeated wall time means its last occurrence."""
    local = datetime.combine(day, wall, zone)
    if _offset(local) < _offset(local.replace(fold=1)):
        return _change_within_gap(local)
    return local.replace(fold=1).astimezone(UTC)


def _change_within_gap(local: datetime) -> datetime:
    """The instant of the change that skips `local`, to the second: halving the stretch it must lie in."""
    wall = local.replace(tzinfo=UTC)
    before, after = wall - _offset(local.replace(fold=1)), wall - _offset(local)
    offset_before = _offset(local)
    while after - before > ONE_SECOND:
        middle = before + timedelta(seconds=(after - before) // ONE_SECOND // 2)
        if _offset(middle.astimezone(local.tzinfo)) == offset_before:
            before = middle
        else:
            after = middle
    return after


def _offset(local: datetime) -> timedelta:
    offset = local.utcoffset()
    assert offset is not None, "a local time carries its zone"
    return offset
