"""What a side shares of its diligence enters the joint risk register: found by one side, looked after by all."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

from sqlalchemy import Connection

from services.governance.domain.alliance import ALLIANCE
from services.governance.domain.risk import RISK, RegisterRisk, register_risk
from services.governance.firing import Firing
from services.governance.read_models.all import OWN
from services.governance.read_models.risks import risks_of
from shared.events import names_of
from shared.events.governance_duties import RiskTerms
from shared.events.governance_terms import Stage
from shared.events.scoring_signing import SharedRisk, SummaryShared
from shared.log.envelope import Actor, Recorded
from shared.log.followers import Follower

ACTOR = Actor(system="governance.risk_register")


def register_shared_risks(connection: Connection, recorded: Recorded[Any]) -> None:
    """Each shared risk once: what is open in the register under the same area and title stays as the sides see it."""
    event: SummaryShared = recorded.event
    alliance_id = recorded.ledger_id
    firing = Firing(connection, OWN, recorded.recorded_at, recorded.event_id, ACTOR)
    alliance = firing.load(ALLIANCE, alliance_id, alliance_id).state
    if alliance.stage is Stage.ENDED:
        return
    known = {(row.area, row.title) for row in connection.execute(risks_of(alliance_id, "open"))}
    for place, shared in enumerate(event.risks):
        if (shared.area, shared.title) in known:
            continue
        known.add((shared.area, shared.title))
        command = RegisterRisk(
            at=recorded.recorded_at,
            side=None,
            parties=alliance.parties,
            terms=terms_of(shared),
            source=recorded.event_id,
        )
        events = register_risk(command, RISK.empty)
        firing.cause = recorded.event_id
        firing.create(RISK, alliance_id, uuid5(recorded.event_id, str(place)), events)


def terms_of(shared: SharedRisk) -> RiskTerms:
    return RiskTerms(
        title=shared.title,
        area=shared.area,
        likelihood=shared.likelihood,
        impact=shared.impact,
        mitigation=shared.mitigation,
    )


RISKS_FOLLOWER = Follower(
    "governance.risk_register", "concord_governance", register_shared_risks, names_of(SummaryShared)
)
