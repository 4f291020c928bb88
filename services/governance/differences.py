"""A difference between the sides' figures that was not settled in time becomes a decision: one of a KPI at a time.

Sides that count differently differ on many days, and decide once how they count. So what falls due while a decision on
the KPI is open belongs to that one; it is withdrawn once no difference of the KPI is overdue any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection

from services.governance.domain.alliance import ALLIANCE, Alliance
from services.governance.domain.decision import DECISION, Decision, DecisionStatus
from services.governance.domain.route import RaiseDecision, raise_decision
from services.governance.domain.vote import WithdrawDecision, withdraw_decision
from services.governance.firing import Firing
from services.governance.raising import raise_under_model
from services.governance.read_models.all import OWN
from services.governance.read_models.governance_models import in_force
from shared.domain import Aggregate, Event, Refused
from shared.events import names_of, stored_names
from shared.events.governance_terms import Stage
from shared.events.metrics_truth import CaseOpened, CaseOverdue, CaseResolved, CaseRestated, CaseSettled, Method
from shared.log.envelope import Actor, Recorded
from shared.log.followers import Follower
from shared.log.log import Loaded, Log

ACTOR = Actor(system="governance.differences")
DECISION_TYPE = "figures_apart"
"""The row of the matrix for it. Without such a row the decision is outside the matrix, and every side decides."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What the case of metrics says. `opened` has the sides' newest figures."""

    opened: CaseOpened | None = None
    overdue: bool = False
    over: bool = False

    @property
    def to_be_decided(self) -> bool:
        return self.overdue and not self.over


def evolve(difference: Difference, event: Event) -> Difference:
    match event:
        case CaseOpened():
            return Difference(event)
        case CaseRestated() if difference.opened is not None:
            newest = replace(difference.opened, first=event.first, second=event.second)
            return replace(difference, opened=newest)
        case CaseOverdue():
            return replace(difference, overdue=True)
        case CaseSettled() | CaseResolved():
            return replace(difference, over=True)
        case _:
            return difference


DIFFERENCE = Aggregate("case", Difference(), evolve)
"""The stream is that of metrics' case, as it is published."""


def look_at_difference(connection: Connection, recorded: Recorded[Any]) -> None:
    firing = Firing(connection, OWN, recorded.recorded_at, recorded.event_id, ACTOR)
    difference = firing.load(DIFFERENCE, recorded.ledger_id, recorded.id)
    if difference.state.opened is None or not difference.state.overdue:
        return
    held = latest_decision(firing, recorded.ledger_id, difference.state.opened.kpi)
    if held.state.open and difference.state.over:
        withdraw_unless_others(firing, difference.state.opened, held)
    elif not held.state.open and not difference.state.over:
        raise_on(firing, difference, held)


def latest_decision(firing: Firing, alliance_id: UUID, kpi: UUID) -> Loaded[Decision]:
    """The open decision on a KPI's differences, or the place for the next one."""
    place = 0
    while True:
        held = firing.load(DECISION, alliance_id, uuid5(kpi, f"{DECISION_TYPE}/{place}"))
        if held.state.open or held.state.status is DecisionStatus.NONE:
            return held
        place += 1


def raise_on(firing: Firing, difference: Loaded[Difference], place: Loaded[Decision]) -> None:
    opened, alliance_id = difference.state.opened, difference.ledger_id
    alliance = firing.load(ALLIANCE, alliance_id, alliance_id).state
    assert opened is not None
    if alliance.stage is Stage.ENDED or opened.by[0] not in alliance.parties:
        return
    said: dict[str, Any] = {
        "subject": f"{opened.key}: which figure holds for {opened.period}, and from now on",
        "options": tuple(str(method) for method in Method),
        "context": f"One side says {opened.first.value:f}, the other {opened.second.value:f}. Settle it in"
        f" /metrics/v1/alliances/{alliance_id}/cases/{difference.id}; other differences of the KPI that are overdue"
        " belong to this decision.",
        "evaluate": False,
    }
    if firing.connection.execute(in_force(alliance_id)).first() is None:
        raise_without_model(firing, alliance, place, opened.by[0], said)
    else:
        raise_under_model(firing, alliance_id, opened.by[0], DECISION_TYPE, place.id, **said)


def raise_without_model(
    firing: Firing, alliance: Alliance, place: Loaded[Decision], side: UUID, said: dict[str, Any]
) -> None:
    """An alliance that has ratified nothing decides all the same, without a clock."""
    command = RaiseDecision(at=firing.at, side=side, type=DECISION_TYPE, parties=alliance.parties, **said)
    firing.create(DECISION, place.ledger_id, place.id, raise_decision(command, DECISION.empty))


def withdraw_unless_others(firing: Firing, settled: CaseOpened, held: Loaded[Decision]) -> None:
    if held.state.raised_by is None or any(overdue_of(firing, held.ledger_id, settled.kpi)):
        return
    command = WithdrawDecision(at=firing.at, side=held.state.raised_by, reason="No difference of it is overdue now.")
    with suppress(Refused):  # silence has settled it, which its clock is about to say
        firing.append(DECISION, held, withdraw_decision(command, held.state))


def overdue_of(firing: Firing, alliance_id: UUID, kpi: UUID) -> Iterator[bool]:
    """Of each case of a KPI that has fallen due: whether it is still to be decided."""
    names = stored_names(names_of(CaseOverdue))
    for one in Log(firing.connection).read_all(alliance_id, names=names):
        if one.event.kpi == kpi:
            yield firing.load(DIFFERENCE, alliance_id, one.id).state.to_be_decided


DIFFERENCES_FOLLOWER = Follower(
    "governance.differences",
    "concord_governance",
    look_at_difference,
    names_of(CaseOverdue, CaseSettled, CaseResolved),
)
