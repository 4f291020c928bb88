"""The starter library: KPIs that alliances usually agree on, to begin from."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from pydantic import Field

from services.metrics.api.kpi_schemas import Aggregation, Area, Derivation, Direction, Frequency, Group, Nature, Unit
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Answer, KeyText

router = Router("metrics", "kpis")


class KpiStarter(Answer):
    """Terms to begin from: reporters, targets and tolerance are the parties' own. A derived one is not reported."""

    key: KeyText
    title: str
    definition: str
    area: Area
    group: Group
    unit: Unit
    aggregation: Aggregation
    frequency: Frequency
    direction: Direction
    nature: Nature
    leading: bool
    derived: Derivation | None


class KpiStarters(Answer):
    """The starter library."""

    items: list[KpiStarter] = Field(max_length=200)


@router.read("/kpi-starters", scope="metrics:read", as_of=False)
def list_kpi_starters(_: Session) -> KpiStarters:
    """KPIs that alliances usually agree on, by area; take their terms into a proposal and make them yours."""
    return KpiStarters(items=list(library()))


@cache
def library() -> tuple[KpiStarter, ...]:
    content = files("services.metrics").joinpath("kpi_starters.json").read_text("utf-8")
    return tuple(KpiStarter.model_validate(one) for one in json.loads(content))
