"""The roles in an alliance: who is what to it, for which side and period; never the same role twice at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.directory import AllianceRole, AllianceRoleAssigned, AllianceRoleEnded


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignAllianceRole:
    """`side` is the organisation that the person belongs to; `until` the first day the role is no longer held."""

    by: UUID
    at: datetime
    assignment_id: UUID
    person_id: UUID
    side: UUID
    role: AllianceRole
    starts_on: date
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAllianceRole:
    """`until` not after the start takes the role back as if it had never been held."""

    by: UUID
    at: datetime
    assignment_id: UUID
    until: date
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    person_id: UUID
    side: UUID
    role: AllianceRole
    starts_on: date
    until: date | None

    @property
    def taken_back(self) -> bool:
        return self.until is not None and self.until <= self.starts_on

    def held_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.until is None or day < self.until)

    def overlaps(self, starts_on: date, until: date | None) -> bool:
        """Whether it is held on any day of a period; an assignment that was taken back is held on none."""
        begins = max(self.starts_on, starts_on)
        return all(end is None or begins < end for end in (self.until, until))


@dataclass(frozen=True, slots=True)
class AllianceRoles:
    """All assignments in one alliance, by their ids, those that are over among them."""

    assignments: Mapping[UUID, Assignment] = field(default_factory=dict)

    def of(self, person_id: UUID, on: date) -> frozenset[AllianceRole]:
        held = self.assignments.values()
        return frozenset(a.role for a in held if a.person_id == person_id and a.held_on(on))

    def holders(self, role: AllianceRole, side: UUID, on: date) -> frozenset[UUID]:
        held = self.assignments.values()
        return frozenset(a.person_id for a in held if (a.role, a.side) == (role, side) and a.held_on(on))


def evolve(state: AllianceRoles, event: Event) -> AllianceRoles:
    match event:
        case AllianceRoleAssigned(assignment_id=assignment_id):
            made = Assignment(event.person_id, event.side, event.role, event.starts_on, event.until)
            return AllianceRoles({**state.assignments, assignment_id: made})
        case AllianceRoleEnded(assignment_id=assignment_id, until=until) if assignment_id in state.assignments:
            ended = replace(state.assignments[assignment_id], until=until)
            return AllianceRoles({**state.assignments, assignment_id: ended})
    return state


ALLIANCE_ROLES = Aggregate("alliance-roles", AllianceRoles(), evolve)


def assign(command: AssignAllianceRole, roles: AllianceRoles) -> list[Event]:
    if command.assignment_id in roles.assignments:
        raise Refused("assignment-made", "This assignment was made before.")
    if command.until is not None and command.until <= command.starts_on:
        raise Invalid("/until", "ends-before-start", "A role is held for at least a day: `until` is after `starts_on`.")
    for held in roles.assignments.values():
        same_person = held.person_id == command.person_id
        if same_person and held.side != command.side and not held.taken_back:
            raise Refused("other-side", "This person stood for the other side; a person belongs to one organisation.")
        if same_person and held.role is command.role and held.overlaps(command.starts_on, command.until):
            raise Refused("role-held", f"This person is {title(held.role)} {period(held)}; end that first.")
    return [
        AllianceRoleAssigned(
            assignment_id=command.assignment_id,
            person_id=command.person_id,
            side=command.side,
            role=command.role,
            starts_on=command.starts_on,
            until=command.until,
        )
    ]


def end(command: EndAllianceRole, roles: AllianceRoles) -> list[Event]:
    held = roles.assignments.get(command.assignment_id)
    if held is None:
        raise Refused("role-not-assigned", "There is no such assignment in this alliance.")
    if held.until is not None and held.until <= command.until:
        raise Refused("role-ended", f"It ends on {held.until:%d %B %Y} already; to extend it, assign it anew.")
    return [
        AllianceRoleEnded(
            assignment_id=command.assignment_id, person_id=held.person_id, until=command.until, reason=command.reason
        )
    ]


def title(role: AllianceRole) -> str:
    return role.replace("_", " ")


def period(held: Assignment) -> str:
    began = f"from {held.starts_on:%d %B %Y}"
    return began if held.until is None else f"{began} until {held.until:%d %B %Y}"
