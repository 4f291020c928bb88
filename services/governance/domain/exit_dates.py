"""When an exit takes effect, computed from the term sheet in force: what a rehearsal shows and a trigger records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.moment import Reading, day_of, end_of, is_met
from shared.domain import Invalid, Refused
from shared.events.governance_agreement_terms import ExitGround, KpiTrigger, TermSheet

TWO = 2


@dataclass(frozen=True, slots=True)
class ExitAsked:
    """`readings` are the latest figures by KPI; `condition` is the key of the KPI trigger that is said to be met."""

    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    ground: ExitGround
    condition: str | None = None
    readings: Mapping[str, Reading] | None = None
    zones: tuple[ZoneInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class ExitDates:
    """`leaving` are the parties that go. Without a term sheet no notice was agreed: it takes effect at once."""

    leaving: tuple[UUID, ...]
    cure_ends_at: datetime | None
    effective_at: datetime
    unwound_by: date
    term_sheet: UUID | None = None
    condition: str | None = None


def exit_dates(asked: ExitAsked, terms: TermSheet | None, term_sheet: UUID | None) -> ExitDates:
    """Refused, or Invalid, when the ground does not give the right to leave.

    When two are left, or the term ends, the alliance ends for all of them. Otherwise only the side that asks leaves.
    """
    if (asked.ground is ExitGround.KPI_CONDITION) != (asked.condition is not None):
        raise Invalid("/condition", "which-condition", "Name the KPI trigger of the term sheet for that ground alone.")
    everyone = len(asked.parties) == TWO or asked.ground is ExitGround.END_OF_TERM
    leaving = asked.parties if everyone else (asked.side,)
    if terms is None:
        if asked.ground in (ExitGround.END_OF_TERM, ExitGround.KPI_CONDITION):
            raise Refused(
                "no-term-sheet", "Only a term sheet in force has a term and KPI triggers; give notice instead."
            )
        return ExitDates(leaving, None, asked.at, day_of(asked.at))
    _check_condition(asked, terms)
    cure_ends_at = None
    last_day = day_of(asked.at) + timedelta(days=terms.notice_days)
    if asked.ground is ExitGround.MATERIAL_BREACH:
        last_day = day_of(asked.at) + timedelta(days=terms.cure_days)
        cure_ends_at = end_of(last_day, asked.zones)
    elif asked.ground is ExitGround.END_OF_TERM:
        last_day = terms.ends_on
    return ExitDates(
        leaving=leaving,
        cure_ends_at=cure_ends_at,
        effective_at=end_of(last_day, asked.zones),
        unwound_by=last_day + timedelta(days=terms.wind_down_days),
        term_sheet=term_sheet,
        condition=asked.condition,
    )


def trigger_met(trigger: KpiTrigger, readings: Mapping[str, Reading]) -> bool | None:
    """Whether the figure that gives the right to leave is reached; None when there is no figure."""
    reading = readings.get(trigger.met_when.kpi)
    return None if reading is None else is_met(trigger.met_when, reading.value)


def _check_condition(asked: ExitAsked, terms: TermSheet) -> None:
    if asked.condition is None:
        return
    trigger = next((one for one in terms.kpi_triggers if one.key == asked.condition), None)
    if trigger is None:
        raise Invalid("/condition", "no-such-condition", "The term sheet has no KPI trigger with this key.")
    if not trigger_met(trigger, asked.readings or {}):
        detail = f"The latest figure of {trigger.met_when.kpi} does not meet the condition: {trigger.description}"
        raise Refused("condition-not-met", detail)
