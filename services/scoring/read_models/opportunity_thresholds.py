"""From where on an organisation calls an opportunity important, and feasible."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Numeric, Select, Table, Uuid, select

from shared.database.schemas import schema
from shared.events.scoring_gaps import OpportunityThresholdsSet
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

opportunity_thresholds = Table(
    "opportunity_thresholds",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("importance", Numeric, nullable=False),
    Column("feasibility", Numeric, nullable=False),
    Column("version", BigInteger, nullable=False),
)

OPPORTUNITY_THRESHOLDS = ReadModel("opportunity_thresholds", opportunity_thresholds)


@OPPORTUNITY_THRESHOLDS.on(OpportunityThresholdsSet)
def thresholds_set(rows: Rows, e: Recorded[OpportunityThresholdsSet]) -> None:
    rows.put(opportunity_thresholds, importance=e.event.importance, feasibility=e.event.feasibility, version=e.version)


def thresholds_of(organisation_id: UUID) -> Select[Any]:
    return select(opportunity_thresholds).where(opportunity_thresholds.c.ledger_id == organisation_id)
