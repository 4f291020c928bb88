"""What is in hand of one endpoint: its order, its pace and its lease, at moments that are given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from services.webhooks.domain.envelope import Notice
from services.webhooks.sending.attempt import DEADLINE_SECONDS
from services.webhooks.sending.claims import Claim, Target
from services.webhooks.sending.line import Line
from shared.ids import uuid7

AT = datetime(2013, 1, 2, 15, tzinfo=UTC)
LEDGER = UUID(int=7)
TARGET = Target((UUID(int=1), UUID(int=2)), "https://hooks.example/", ("secret",), concurrency=4)
LATER = 10.0**9
"""A lease that outlasts the test, by the monotonic clock."""


def claim(seq: int | None, *, ledger: UUID = LEDGER, target: Target = TARGET, tries: int = 0) -> Claim:
    notice = Notice("governance.vote-cast.v1", uuid7(), ledger, seq, "decision/1", AT, {})
    return Claim(target, notice, 1, tries, None, None, AT)


def in_order(*seqs: int) -> Line:
    line = Line(fifo=True, until=LATER)
    line.take(claim(seq) for seq in seqs)
    return line


def begun(line: Line, now: float = 0) -> list[Claim]:
    return list(line.next(now))


def seqs(claims: list[Claim]) -> list[int | None]:
    return [one.notice.seq for one in claims]


def test_in_order_one_goes_out_after_another() -> None:
    line = in_order(0, 1)
    (first,) = begun(line)
    assert begun(line) == []
    line.end(first, delivered=True)
    assert seqs(begun(line)) == [1]


def test_each_ledger_has_an_order_of_its_own() -> None:
    line = in_order(0, 1)
    line.take([claim(5, ledger=UUID(int=8))])
    assert seqs(begun(line)) == [0, 5]


def test_what_was_read_before_a_failure_was_written_down_is_too_early() -> None:
    """Also when an earlier one of the same ledger is written down in between."""
    line = in_order(14, 15)
    (earlier,) = begun(line)
    line.end(earlier, delivered=True)
    (failed,) = begun(line)
    line.end(failed, delivered=False)
    line.settle(earlier)
    assert line.take([claim(22)]) == 0
    line.settle(failed)
    assert line.take([claim(15, tries=1)]) == 1


def test_a_failure_puts_all_behind_it_out_of_hand_and_they_are_read_again() -> None:
    line = in_order(3, 4, 5)
    (failed,) = begun(line)
    line.end(failed, delivered=False)
    assert line.known == {failed.notice.event_id}
    line.settle(failed)
    want = line.want(AT)
    assert want is not None
    assert want.after == {LEDGER: 2}


def test_a_test_event_waits_for_nobody_and_holds_nobody_back() -> None:
    line = in_order(0)
    line.take([claim(None)])
    first, test = begun(line)
    line.end(test, delivered=False)
    line.end(first, delivered=True)
    line.take([claim(1)])
    assert seqs(begun(line)) == [1]


def test_a_pace_is_kept() -> None:
    paced = replace(TARGET, rate_per_minute=600)
    line = Line(fifo=False, until=LATER)
    line.take(claim(seq, target=paced) for seq in range(3))
    assert [seqs(begun(line, now)) for now in (100.0, 100.09, 100.11, 100.2, 100.22)] == [[0], [], [1], [], [2]]


def test_nothing_begins_that_may_not_end_within_the_lease() -> None:
    line = Line(fifo=False, until=100.0)
    line.take([claim(0), claim(1)])
    begun_in_time = line.next(100.0 - DEADLINE_SECONDS)
    assert next(begun_in_time).notice.seq == 0
    assert begun(line, 100.1 - DEADLINE_SECONDS) == []
