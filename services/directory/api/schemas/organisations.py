"""What endpoints about organisations take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, StringConstraints

from services.directory.api.schemas.people import PersonDetails
from shared.events import directory as events
from shared.http.types import Answer, Count, Day, Id, Name, Schema

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9]$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEK: dict[str, JsonValue] = {day: [{"start": "09:00", "end": "17:00"}] for day in ("mon", "tue", "wed", "thu", "fri")}


class WorkingInterval(Schema):
    """Local working time, `HH:MM` to `HH:MM`."""

    start: ClockTime
    end: ClockTime


class WorkingCalendar(Schema):
    """When an organisation works: what SLA clocks run on."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"time_zone": "America/New_York", "week": WEEK, "holiday_country": "US"}}
    )

    time_zone: Annotated[Name, Field(description="IANA name.")]
    week: dict[Weekday, Annotated[list[WorkingInterval], Field(max_length=8)]]
    holiday_country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] | None = None
    holiday_region: Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None
    closing_days: list[Day] = Field(default_factory=list, max_length=1_000)

    def value(self) -> events.WorkingCalendar:
        week: dict[str, tuple[events.WorkingInterval, ...]] = {
            day: tuple(events.WorkingInterval(i.start, i.end) for i in hours) for day, hours in self.week.items()
        }
        return events.WorkingCalendar(
            self.time_zone, week, self.holiday_country, self.holiday_region, tuple(self.closing_days)
        )


class RegisterOrganisation(Schema):
    """A company that will use Concord, and the first person who owns its account."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "legal_name": "United Air Lines, Inc.",
                "display_name": "United",
                "country": "US",
                "calendar": {"time_zone": "America/Chicago", "week": WEEK, "holiday_country": "US"},
                "owner": {"name": "Ana Ruiz", "email": "ana.ruiz@united.example", "level": "leadership"},
            }
        }
    )

    legal_name: Name
    display_name: Name
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
    calendar: WorkingCalendar
    owner: PersonDetails


class RenameOrganisation(Schema):
    """What an organisation is called from now on, by law and in daily life."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"legal_name": "United Airlines Holdings, Inc.", "display_name": "United"}}
    )

    legal_name: Name
    display_name: Name


class Organisation(Answer):
    """An organisation as its own members see it."""

    id: Id
    legal_name: str
    display_name: str
    country: str
    calendar: WorkingCalendar
    closed: bool
    version: Count


class RegisteredOrganisation(Answer):
    """The organisation's id, which is its ledger's too, and its first owner's."""

    id: Id
    owner_id: Id
    version: Count
