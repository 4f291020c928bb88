"""A batch: every row gets an outcome, and what came of them is recorded once, as one event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, localcontext
from enum import StrEnum
from uuid import UUID

from services.metrics.domain.observation import (
    OBSERVATION_ID_CHARACTERS_MAX,
    REMARKS_PER_BATCH_CHARACTERS_MAX,
    ROWS_PER_BATCH_MAX,
    Held,
)
from services.metrics.domain.period import BadPeriod, month_of, parse_period
from services.metrics.domain.row import Closed, Fault, RowCheck, exact
from services.metrics.domain.sweep import plainly_good
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.metrics import BatchCounts, BatchIngested, KpiTerms, Remark
from shared.events.observations import ObservationRow, ObservationRows, RowNotTaken
from shared.events.values import Attachment

# Products and differences of numbers of 40 characters with exponents of ±30 need fewer digits than this.
_EXACT = Context(prec=400)


class Outcome(StrEnum):
    """`withheld`: good, but not taken, because another row of an atomic batch was rejected."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    WITHHELD = "withheld"


class Mode(StrEnum):
    """`partial` takes the good rows, `atomic` all or none."""

    PARTIAL = "partial"
    ATOMIC = "atomic"


@dataclass(frozen=True, slots=True)
class Rejection:
    """`pointer` is a JSON Pointer into the batch: `/7/value` is the value of the eighth row."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeBatch:
    """`kpis`: the agreed ones, by key. `held`: what the side has reported before under the ids of this batch.

    `closed`: the months, as `2013-06`, of which figures are only restated.
    """

    side: UUID
    rows: Sequence[ObservationRow]
    kpis: Mapping[str, KpiTerms]
    held: Mapping[str, Held]
    closed: Closed = frozenset()
    mode: Mode = Mode.PARTIAL
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An outcome for each row, in order; why the rejected were, by row index; the rows to keep, and their remarks."""

    outcomes: Sequence[Outcome]
    rejections: Mapping[int, Rejection]
    taken: Sequence[ObservationRow] = ()
    kpis: frozenset[str] = frozenset()
    remarks: tuple[Remark, ...] = ()

    @property
    def counts(self) -> BatchCounts:
        counted = Counter(self.outcomes)
        return BatchCounts(*(counted[outcome] for outcome in Outcome))

    def not_taken(self, rows: Sequence[ObservationRow]) -> list[RowNotTaken]:
        """What became of the rows that left no observation; `rows` are those that were judged."""
        rest: list[RowNotTaken] = []
        if len(self.taken) == len(rows):
            return rest
        for index, (outcome, row) in enumerate(zip(self.outcomes, rows, strict=True)):
            if outcome is Outcome.REJECTED:
                why = self.rejections[index]
                shown = _shown(row.observation_id)
                rest.append(RowNotTaken(index, shown, outcome.value, why.pointer, why.code, why.detail))
            elif outcome is Outcome.DUPLICATE or outcome is Outcome.WITHHELD:
                rest.append(RowNotTaken(index, row.observation_id, outcome.value))
        return rest


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestBatch:
    """`source` names the system the rows came from; `rows` and `rest` refer to what was taken and what was not."""

    by: UUID
    side: UUID
    source: str | None = None
    judgement: Judgement
    rows: Attachment | None
    rest: Attachment | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    ingested: bool = False


def judge(command: JudgeBatch) -> Judgement:
    """An outcome for each row, whatever it says. Raises `Invalid` no-rows, too-many-rows, too-many-remarks.

    Linear in the rows.
    """
    if not command.rows:
        raise Invalid("", "no-rows", "The batch has no rows.")
    if len(command.rows) > ROWS_PER_BATCH_MAX:
        raise Invalid("", "too-many-rows", f"A batch has at most {ROWS_PER_BATCH_MAX:,} rows; send it in parts.")
    check = RowCheck(command.kpis, command.side, command.at, command.closed)
    if isinstance(command.rows, ObservationRows) and not command.held and plainly_good(command.rows, check):
        all_accepted = [Outcome.ACCEPTED] * len(command.rows)
        kpis = frozenset(command.rows.columns[1])
        return Judgement(outcomes=all_accepted, rejections={}, taken=command.rows, kpis=kpis)
    return _row_by_row(command, check)


def _row_by_row(command: JudgeBatch, check: RowCheck) -> Judgement:
    history = _History(command.held, command.rows, command.closed)
    outcomes: list[Outcome] = []
    rejections: dict[int, Rejection] = {}
    with localcontext(_EXACT):
        for index, row in enumerate(command.rows):
            verdict = history.verdict(row) if row.supersedes or row.observation_id in history else Outcome.ACCEPTED
            if verdict is Outcome.ACCEPTED or verdict is Outcome.CORRECTED:
                verdict = check.fault(row) or verdict
            if isinstance(verdict, Fault):
                rejections[index] = Rejection(f"/{index}/{verdict.field}", verdict.code, verdict.detail)
                verdict = Outcome.REJECTED
            elif verdict is not Outcome.DUPLICATE:
                history.take(index, row)
            outcomes.append(verdict)
    if sum(len(remark.note) + len(remark.reason) for remark in history.remarks) > REMARKS_PER_BATCH_CHARACTERS_MAX:
        limit = f"{REMARKS_PER_BATCH_CHARACTERS_MAX:,} characters"
        raise Invalid("", "too-many-remarks", f"The notes and reasons of a batch have at most {limit}.")
    if command.mode is Mode.ATOMIC and rejections:
        return Judgement(outcomes=list(map(_withheld, outcomes)), rejections=rejections)
    return Judgement(
        outcomes=outcomes,
        rejections=rejections,
        taken=history.taken,
        kpis=frozenset(history.kpis),
        remarks=tuple(history.remarks),
    )


def ingest(command: IngestBatch, batch: Batch) -> list[Event]:
    """One event, even when nothing is taken: what came of it stays on record. Raises `Refused` already-ingested."""
    if batch.ingested:
        raise Refused("already-ingested", "This batch is recorded; send further rows as another batch.")
    ingested = BatchIngested(
        side=command.side,
        source=command.source,
        counts=command.judgement.counts,
        kpis=tuple(sorted(command.judgement.kpis)),
        rows=command.rows,
        rest=command.rest,
        remarks=command.judgement.remarks or None,
    )
    return [ingested]


def evolve(batch: Batch, event: Event) -> Batch:
    return Batch(ingested=True) if isinstance(event, BatchIngested) else batch


BATCH = Aggregate("batch", Batch(), evolve)


class _History:
    """What is held, and what this batch adds to it row by row."""

    def __init__(self, held: Mapping[str, Held], rows: Sequence[ObservationRow], closed: Closed) -> None:
        self._held = held
        self._closed = closed
        self._rows = rows
        self._taken: dict[str, int] = {}
        self._superseded: set[str] = set()
        self.kpis: set[str] = set()
        self.remarks: list[Remark] = []

    def __contains__(self, identity: str) -> bool:
        return identity in self._taken or identity in self._held

    @property
    def taken(self) -> Sequence[ObservationRow]:
        if len(self._taken) == len(self._rows):
            return self._rows
        return tuple(self._rows[index] for index in self._taken.values())

    def take(self, index: int, row: ObservationRow) -> None:
        self._taken[row.observation_id] = index
        self.kpis.add(row.kpi)
        if row.supersedes and row.supersedes != row.observation_id:
            self._superseded.add(row.supersedes)
        if row.note or row.reason:
            self.remarks.append(Remark(row.observation_id, row.note, row.reason))

    def verdict(self, row: ObservationRow) -> Outcome | Fault:
        """The outcome as far as history decides it; accepted and corrected rows have still to mean something."""
        identity = row.observation_id
        if identity in self._taken:
            taken = self._rows[self._taken[identity]]
            return _same_or_conflict(row, (taken,), "conflict-in-batch", "twice in this batch")
        if identity in self._held:
            versions = self._held[identity].versions
            unchanged = row.supersedes in ("", identity) and _same(versions[-1].figure, row.figure)
            if unchanged:
                return Outcome.DUPLICATE
            if row.supersedes != identity or any(_same(version.content, row.content) for version in versions):
                return _same_or_conflict(row, versions, "conflict", "held already")
        if row.supersedes:
            return self._fault_of_correction(row) or Outcome.CORRECTED
        return Outcome.ACCEPTED

    def _fault_of_correction(self, row: ObservationRow) -> Fault | None:
        target = row.supersedes
        held = self._held.get(target)
        original = self._rows[self._taken[target]] if target in self._taken else held and held.versions[-1]
        if original is None:
            return Fault("supersedes", "unknown-observation", "It supersedes what this side never reported.")
        if original.kpi != row.kpi:
            return Fault("supersedes", "other-kpi", f"It supersedes an observation of {original.kpi}.")
        if original.period != row.period and self._closed & _months(original.period, row.period):
            return Fault(
                "period", "period-closed", "The month is closed: a restatement keeps the period of its figure."
            )
        if target in self._superseded or (held and held.superseded):
            return Fault("supersedes", "superseded-already", "Another correction replaced it; supersede that one.")
        if not row.reason.strip():
            return Fault("reason", "reason-missing", "A correction says why.")
        return None


def _months(*periods: str) -> set[str]:
    """The months of those of these texts that are periods."""
    found = set()
    for text in periods:
        with suppress(BadPeriod):
            found.add(month_of(parse_period(text)))
    return found


def _same_or_conflict(
    row: ObservationRow, versions: Sequence[ObservationRow], code: str, where: str
) -> Outcome | Fault:
    if any(_same(version.content, row.content) for version in versions):
        return Outcome.DUPLICATE
    remedy = "to correct it, name what it supersedes and the reason"
    return Fault("observation_id", code, f"The id is {where} with other content; {remedy}.")


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether two rows say the same; 0.10 is 0.1."""
    if one == other:
        return True
    return one[:3] == other[:3] and one[6:] == other[6:] and all(map(_same_number, one[3:6], other[3:6]))


def _same_number(one: object, other: object) -> bool:
    return one == other or ((number := exact(str(one))) is not None and number == exact(str(other)))


def _shown(identity: str) -> str:
    """The id of a rejected row, which may be anything, as something that can be kept and shown."""
    short = identity[:OBSERVATION_ID_CHARACTERS_MAX]
    return short if short.isprintable() else short.encode("unicode_escape").decode()


def _withheld(outcome: Outcome) -> Outcome:
    return Outcome.WITHHELD if outcome in (Outcome.ACCEPTED, Outcome.CORRECTED) else outcome
