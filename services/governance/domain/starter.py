"""The governance model that Concord ships: a place to start from, which the sides then change and sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from services.governance.domain.calendar import WEEKDAYS
from shared.events.governance_terms import (
    DecisionRight,
    DisputeStep,
    Forum,
    GovernanceContent,
    Hours,
    Joint,
    Layer,
    Member,
    Owner,
    OwnerRole,
    Rung,
    SideCalendar,
)
from shared.events.values import Duration, DurationUnit

STEERING = "steering"
COUNCIL = "operational_council"
WORKING_TEAM = "working_team"
WEEKLY, MONTHLY, QUARTERLY = "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=3"

OFFICE_WEEK: dict[str, tuple[Hours, ...]] = dict.fromkeys(WEEKDAYS[:5], (Hours("09:00", "17:00"),))


Owners = Mapping[tuple[UUID, OwnerRole], UUID]


def starter_model(
    parties: tuple[UUID, ...], calendars: Iterable[SideCalendar] = (), owners: Owners | None = None
) -> GovernanceContent:
    """The starter for these parties. A side without a calendar gets an office week in UTC.

    The alliance's executive sponsors are the first members of its steering, its alliance managers of its other forums.
    """
    given = {one.side: one for one in calendars}
    return GovernanceContent(
        forums=_forums(parties, owners or {}),
        decision_rights=(
            _right("roadmap_change", "Roadmap change", Owner(forum=COUNCIL), 10, COUNCIL, STEERING),
            _right("commercial_terms", "Commercial terms", Owner(("commercial_lead",)), 15, None, STEERING),
            _right("data_sharing", "Data sharing", Owner(("security", "legal")), 20, None, STEERING),
            DecisionRight(
                type="delivery_trade_off",
                title="Delivery trade-off",
                owner=Owner(("delivery_lead",)),
                joint=Joint.SOMETIMES,
                condition="affects_other_side",
                sla=_business_days(5),
                forum=WORKING_TEAM,
                escalates_to=(Rung(COUNCIL),),
            ),
        ),
        dispute_steps=(
            DisputeStep("working_team", "Working team", _business_days(5), WORKING_TEAM),
            DisputeStep("operational_council", "Operational council", _business_days(10), COUNCIL),
            DisputeStep("steering", "Executive steering", _business_days(10), STEERING),
            DisputeStep("sponsors", "Executive sponsors in person", _business_days(10)),
            DisputeStep("mediation", "Mediation", _business_days(30)),
        ),
        calendars=tuple(given.get(side) or SideCalendar(side, "UTC", OFFICE_WEEK) for side in parties),
    )


def _right(type_: str, title: str, owner: Owner, days: int, forum: str | None, escalates_to: str) -> DecisionRight:
    return DecisionRight(
        type=type_,
        title=title,
        owner=owner,
        joint=Joint.YES,
        sla=_business_days(days),
        forum=forum,
        escalates_to=(Rung(escalates_to),),
    )


def _forums(parties: tuple[UUID, ...], owners: Owners) -> tuple[Forum, ...]:
    sponsors = _holders(OwnerRole.EXECUTIVE_SPONSOR, parties, owners)
    managers = _holders(OwnerRole.ALLIANCE_MANAGER, parties, owners)
    quorum = len(parties)
    steering = Forum(STEERING, "Executive steering", Layer.EXECUTIVE_STEERING, QUARTERLY, sponsors, quorum=quorum)
    return (
        replace(steering, early_cadence=MONTHLY),
        Forum(COUNCIL, "Operational council", Layer.OPERATIONAL_COUNCIL, MONTHLY, managers, quorum=quorum),
        Forum(WORKING_TEAM, "Working team", Layer.WORKING_TEAM, WEEKLY, managers, quorum=quorum),
    )


def _holders(role: OwnerRole, parties: tuple[UUID, ...], owners: Owners) -> tuple[Member, ...]:
    return tuple(Member(side, owners[side, role]) for side in parties if (side, role) in owners)


def _business_days(days: int) -> Duration:
    return Duration(days, DurationUnit.BUSINESS_DAYS)
