"""Delegations in one alliance: who acts for whom on the same side, from a day until a day; one delegate at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.directory import DelegationEnded, DelegationNamed

DAYS_MAX = 366
"""An absence; who is away for longer hands the role itself to somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameDelegate:
    """`until` is the first day on which the delegate no longer acts; `at` falls on `today`, in UTC."""

    by: UUID
    at: datetime
    delegation_id: UUID
    person_id: UUID
    delegate_id: UUID
    side: UUID
    starts_on: date
    until: date

    @property
    def today(self) -> date:
        return self.at.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDelegation:
    """`until` not after the start takes it back as if it had never been."""

    by: UUID
    at: datetime
    delegation_id: UUID
    side: UUID
    until: date


@dataclass(frozen=True, slots=True)
class Delegation:
    person_id: UUID
    delegate_id: UUID
    side: UUID
    starts_on: date
    until: date

    def covers(self, day: date) -> bool:
        return self.starts_on <= day < self.until

    def overlaps(self, starts_on: date, until: date) -> bool:
        return max(self.starts_on, starts_on) < min(self.until, until)


@dataclass(frozen=True, slots=True)
class Delegations:
    """All delegations in one alliance, by their ids, those that are over among them."""

    named: Mapping[UUID, Delegation] = field(default_factory=dict)

    def persons_for(self, delegate_id: UUID, on: date) -> frozenset[UUID]:
        """For whom a person acts on a day."""
        return frozenset(d.person_id for d in self.named.values() if d.delegate_id == delegate_id and d.covers(on))


def evolve(state: Delegations, event: Event) -> Delegations:
    match event:
        case DelegationNamed():
            made = Delegation(event.person_id, event.delegate_id, event.side, event.starts_on, event.until)
            return Delegations({**state.named, event.delegation_id: made})
        case DelegationEnded(delegation_id=ended, until=until) if ended in state.named:
            return Delegations({**state.named, ended: replace(state.named[ended], until=until)})
    return state


DELEGATIONS = Aggregate("delegations", Delegations(), evolve)


def name_delegate(command: NameDelegate, delegations: Delegations) -> list[Event]:
    if command.delegation_id in delegations.named:
        raise Refused("delegation-named", "This delegation was named before.")
    check_period(command)
    if command.delegate_id == command.person_id:
        raise Invalid("/delegate_id", "own-delegate", "Name a colleague; nobody is their own delegate.")
    for held in delegations.named.values():
        if held.person_id == command.person_id and held.overlaps(command.starts_on, command.until):
            raise Refused("delegate-named", f"There is a delegate {period(held)} already; end that first.")
    return [
        DelegationNamed(
            delegation_id=command.delegation_id,
            person_id=command.person_id,
            delegate_id=command.delegate_id,
            side=command.side,
            starts_on=command.starts_on,
            until=command.until,
        )
    ]


def end_delegation(command: EndDelegation, delegations: Delegations) -> list[Event]:
    held = delegations.named.get(command.delegation_id)
    if held is None or held.side != command.side:
        raise Refused("delegation-not-named", "Your side has named no such delegation in this alliance.")
    if held.until <= command.until:
        raise Refused("delegation-ended", f"It ends on {held.until:%d %B %Y} already; to extend it, name it anew.")
    if command.until < command.at.date() and held.starts_on < command.at.date():
        raise Invalid("/until", "past", "What was done in the meantime stands: it ends today at the earliest.")
    return [DelegationEnded(delegation_id=command.delegation_id, person_id=held.person_id, until=command.until)]


def check_period(command: NameDelegate) -> None:
    if command.starts_on < command.today:
        raise Invalid("/starts_on", "past", "A delegate acts from today at the earliest; the past is as it was.")
    if command.until <= command.starts_on:
        raise Invalid(
            "/until", "ends-before-start", "A delegate acts for at least a day: `until` is after `starts_on`."
        )
    if (command.until - command.starts_on).days > DAYS_MAX:
        raise Invalid(
            "/until", "too-long", f"A delegate acts for at most {DAYS_MAX} days; assign the role anew instead."
        )


def period(held: Delegation) -> str:
    return f"from {held.starts_on:%d %B %Y} until {held.until:%d %B %Y}"
