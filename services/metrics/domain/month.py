"""A month of an alliance: confirmed by each party, closed by the last one; from then on its figures are restated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from services.metrics.domain.period import parse_period
from shared.domain import Aggregate, Event, Refused
from shared.events.metrics_truth import MonthClosed, MonthConfirmationWithdrawn, MonthConfirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmMonth:
    """`month` as `2013-06`. `open_cases`: differences between the sides in it that nobody has settled."""

    by: UUID
    side: UUID
    parties: Sequence[UUID]
    month: str
    open_cases: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConfirmation:
    by: UUID
    side: UUID
    month: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Month:
    confirmed: frozenset[UUID] = frozenset()
    closed: bool = False


def month_id(alliance_id: UUID, month: str) -> UUID:
    """The id of the stream of an alliance's month: there is one whether or not anybody has touched it."""
    return uuid5(alliance_id, month)


def confirm(command: ConfirmMonth, month: Month) -> list[Event]:
    """Raises `Refused` not-a-party, month-closed, already-confirmed, month-not-over."""
    if command.side not in command.parties:
        raise Refused("not-a-party", "Only a party of the alliance confirms its figures.")
    _check_open(month, command.month)
    if command.side in month.confirmed:
        raise Refused("already-confirmed", f"Your side has confirmed {command.month}; the others have to.")
    last = parse_period(command.month).last
    if command.at.date() <= last:
        raise Refused("month-not-over", f"{command.month} ends on {last:%d %B %Y}; confirm it after that.")
    confirmed = MonthConfirmed(side=command.side, month=command.month)
    if month.confirmed | {command.side} >= set(command.parties):
        return [confirmed, MonthClosed(month=command.month, open_cases=command.open_cases)]
    return [confirmed]


def withdraw(command: WithdrawConfirmation, month: Month) -> list[Event]:
    """Raises `Refused` month-closed, not-confirmed."""
    _check_open(month, command.month)
    if command.side not in month.confirmed:
        raise Refused("not-confirmed", f"Your side has not confirmed {command.month}.")
    return [MonthConfirmationWithdrawn(side=command.side, month=command.month)]


def evolve(month: Month, event: Event) -> Month:
    match event:
        case MonthConfirmed():
            return replace(month, confirmed=month.confirmed | {event.side})
        case MonthConfirmationWithdrawn():
            return replace(month, confirmed=month.confirmed - {event.side})
        case MonthClosed():
            return replace(month, closed=True)
        case _:
            return month


MONTH = Aggregate("month", Month(), evolve)


def _check_open(month: Month, name: str) -> None:
    if month.closed:
        raise Refused("month-closed", f"All parties have confirmed {name}; restate single figures with a reason.")
