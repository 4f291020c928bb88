"""What is asked of the observations: what is held under an id, what holds now, and what held before it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, any_, exists, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from services.metrics.read_models.batches import batches
from services.metrics.read_models.observations import observations
from shared.events.observations import ObservationRow

ORDER = [observations.c[name] for name in ("kpi", "starts_on", "side", "observation_id", "revision")]


def held_under(alliance_id: UUID, side: UUID, ids: Iterable[str]) -> Select[Any]:
    """Every version a side has reported under these ids (printable texts), oldest first.

    A row is what makes an `ObservationRow` but its remarks, then whether another id replaced it. The ids travel as one
    text: a batch has 100,000 of them.
    """
    asked = func.string_to_array("\n".join(ids), "\n")
    content = [func.coalesce(observations.c[name], "") for name in ObservationRow._fields[:9]]
    return (
        select(*content, superseded(by_another=True))
        .where(
            observations.c.ledger_id == alliance_id,
            observations.c.side == side,
            observations.c.observation_id == any_(asked),
        )
        .order_by(observations.c.seq, observations.c.place)
    )


def held_between(alliance_id: UUID, side: UUID, first: str, last: str) -> Select[Any]:
    """Anything that a side has reported under ids from the first to the last, byte by byte."""
    return (
        select(observations.c.seq)
        .where(
            observations.c.ledger_id == alliance_id,
            observations.c.side == side,
            observations.c.observation_id >= first,
            observations.c.observation_id <= last,
        )
        .limit(1)
    )


def versions(
    alliance_id: UUID,
    *,
    kpi: str | None = None,
    side: UUID | None = None,
    observation_id: str | None = None,
    since: date | None = None,
    until: date | None = None,
    only_current: bool,
) -> Select[Any]:
    """Observations with their batch, of periods that start within `since` and `until`; to be paged in `ORDER`."""
    chosen = select(
        observations,
        batches.c.id.label("batch_id"),
        batches.c.source,
        batches.c.recorded_at,
        (~superseded()).label("current"),
    ).join(batches, (batches.c.ledger_id == observations.c.ledger_id) & (batches.c.seq == observations.c.seq))
    wanted = [observations.c.ledger_id == alliance_id, *starting_within(since, until)]
    if kpi is not None:
        wanted.append(observations.c.kpi == kpi)
    if side is not None:
        wanted.append(observations.c.side == side)
    if observation_id is not None:
        wanted.append(observations.c.observation_id == observation_id)
    if only_current:
        wanted.append(~superseded())
    return chosen.where(*wanted)


def versions_of_slot(alliance_id: UUID, kpi: str, period: str, dimensions: str, limit: int) -> Select[Any]:
    """All that was reported of one period and dimensions, oldest first."""
    chosen = versions(alliance_id, kpi=kpi, only_current=False)
    here = chosen.where(observations.c.period == period, observations.c.dimensions == dimensions)
    return here.order_by(observations.c.seq, observations.c.place).limit(limit)


def in_force(
    alliance_id: UUID, keys: Collection[str], since: date | None, until: date | None, limit: int
) -> Select[Any]:
    """For each KPI, side, period and dimensions the figure that holds: the latest of those that nothing replaced."""
    slot = [observations.c[name] for name in ("kpi", "side", "starts_on", "dimensions")]
    return (
        select(*slot, *(observations.c[name] for name in ("period", "value", "numerator", "denominator")))
        .where(
            observations.c.ledger_id == alliance_id,
            observations.c.kpi.in_(keys),
            *starting_within(since, until),
            ~superseded(),
        )
        .ext(distinct_on(*slot))
        .order_by(*slot, observations.c.seq.desc(), observations.c.place.desc())
        .limit(limit)
    )


def touched_by(alliance_id: UUID, seq: int, side: UUID) -> Select[Any]:
    """The KPI, period and dimensions of every row of the batch at `seq`, and of every row that one of them replaced."""
    place = [observations.c[name] for name in ("kpi", "period", "dimensions")]
    mine = [observations.c.ledger_id == alliance_id, observations.c.side == side]
    replaced = select(observations.c.supersedes).where(
        *mine, observations.c.seq == seq, observations.c.supersedes.is_not(None)
    )
    within = (observations.c.seq == seq) | observations.c.observation_id.in_(replaced)
    return select(*place).distinct().where(*mine, within)


def starting_within(since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    bounds = []
    if since is not None:
        bounds.append(observations.c.starts_on >= since)
    if until is not None:
        bounds.append(observations.c.starts_on <= until)
    return bounds


def superseded(*, by_another: bool = False) -> Exists:
    """Whether a later row names this one's id as what it replaces; `by_another`: under an id of its own."""
    later = observations.alias("later")
    names_it = [
        later.c.ledger_id == observations.c.ledger_id,
        later.c.side == observations.c.side,
        later.c.supersedes == observations.c.observation_id,
        tuple_(later.c.seq, later.c.place) > tuple_(observations.c.seq, observations.c.place),
    ]
    if by_another:
        names_it.append(later.c.observation_id != observations.c.observation_id)
    return exists().where(*names_it).correlate(observations)
