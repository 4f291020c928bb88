"""An organisation: a company that uses Concord, with a working calendar that clocks can run on, until it closes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.directory.domain.countries import COUNTRIES
from services.directory.domain.wording import require_words
from services.directory.domain.working_calendar import Gazetteer, check_calendar
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.directory import (
    OrganisationClosed,
    OrganisationRegistered,
    OrganisationRenamed,
    WorkingCalendar,
    WorkingCalendarChanged,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrganisation:
    """`country` is an ISO 3166-1 alpha-2 code."""

    by: UUID
    at: datetime
    legal_name: str
    display_name: str
    country: str
    calendar: WorkingCalendar
    gazetteer: Gazetteer


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameOrganisation:
    by: UUID
    at: datetime
    legal_name: str
    display_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWorkingCalendar:
    """The whole calendar, as it is from now on."""

    by: UUID
    at: datetime
    calendar: WorkingCalendar
    gazetteer: Gazetteer


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOrganisation:
    by: UUID
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """`calendar` is None until the organisation is registered, and never again after."""

    legal_name: str = ""
    display_name: str = ""
    country: str = ""
    calendar: WorkingCalendar | None = None
    closed: bool = False

    @property
    def registered(self) -> bool:
        return self.calendar is not None


def evolve(state: Organisation, event: Event) -> Organisation:
    match event:
        case OrganisationRegistered(legal_name=legal, display_name=display, country=country, calendar=calendar):
            return Organisation(legal, display, country, calendar)
        case OrganisationRenamed(legal_name=legal, display_name=display):
            return replace(state, legal_name=legal, display_name=display)
        case WorkingCalendarChanged(calendar=calendar):
            return replace(state, calendar=calendar)
        case OrganisationClosed():
            return replace(state, closed=True)
    return state


ORGANISATION = Aggregate("organisation", Organisation(), evolve)


def register(command: RegisterOrganisation, organisation: Organisation) -> list[Event]:
    if organisation.registered:
        raise Refused("organisation-registered", f"{organisation.display_name} is registered already.")
    require_words("/legal_name", command.legal_name)
    require_words("/display_name", command.display_name)
    if command.country not in COUNTRIES:
        raise Invalid("/country", "unknown-country", "Give the country by its ISO 3166-1 code of two capital letters.")
    check_calendar(command.calendar, command.gazetteer, at="/calendar")
    return [
        OrganisationRegistered(
            legal_name=command.legal_name,
            display_name=command.display_name,
            country=command.country,
            calendar=command.calendar,
        )
    ]


def rename(command: RenameOrganisation, organisation: Organisation) -> list[Event]:
    require_open(organisation)
    require_words("/legal_name", command.legal_name)
    require_words("/display_name", command.display_name)
    if (command.legal_name, command.display_name) == (organisation.legal_name, organisation.display_name):
        return []
    return [OrganisationRenamed(legal_name=command.legal_name, display_name=command.display_name)]


def change_calendar(command: ChangeWorkingCalendar, organisation: Organisation) -> list[Event]:
    require_open(organisation)
    check_calendar(command.calendar, command.gazetteer, at="")
    return [] if command.calendar == organisation.calendar else [WorkingCalendarChanged(calendar=command.calendar)]


def close(command: CloseOrganisation, organisation: Organisation) -> list[Event]:
    require_open(organisation)
    return [OrganisationClosed(reason=command.reason)]


def require_open(organisation: Organisation) -> None:
    if not organisation.registered:
        raise Refused("organisation-not-registered", "Register the organisation first.")
    if organisation.closed:
        raise Refused("organisation-closed", f"{organisation.display_name} is closed; nothing in it changes any more.")
