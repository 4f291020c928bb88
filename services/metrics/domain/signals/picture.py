"""What one organisation knows of one alliance, by events alone: those of the alliance's ledger and of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from shared.events.governance import AllianceAccepted, AllianceProposed, StageEntered
from shared.events.governance_exit import PartyLeft
from shared.events.governance_terms import Stage
from shared.events.metrics import BatchIngested, UploadAdvanced, UploadCompleted, UploadOpened
from shared.events.metrics_signals import SignalRule

RECENT = timedelta(days=90)
BY_SYSTEMS = (BatchIngested, UploadOpened, UploadAdvanced, UploadCompleted)
EVIDENCE_MAX = 20


class Acting(Protocol):
    """Who acted: an organisation and a person or key of it, or Concord itself."""

    @property
    def org(self) -> UUID | None: ...
    @property
    def sub(self) -> UUID | None: ...


class Told(Protocol):
    """An event as the log tells it."""

    @property
    def ledger_id(self) -> UUID: ...
    @property
    def seq(self) -> int: ...
    @property
    def stream(self) -> str: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def actor(self) -> Any: ...
    @property
    def event(self) -> Any: ...


class Picture:
    """Events by their kind, in the order of their ledgers. `at` is the moment of looking, `own` who looks."""

    def __init__(self, told: Iterable[Told], *, at: datetime, own: UUID) -> None:
        self.told = list(told)
        self.at = at
        self.own = own
        self._by_type: dict[type, list[Told]] = defaultdict(list)
        for one in self.told:
            self._by_type[type(one.event)].append(one)

    def all(self, *kinds: type) -> list[Told]:
        """All events of these kinds, kind by kind."""
        return [one for kind in kinds for one in self._by_type[kind]]

    def recent(self, *kinds: type, within: timedelta = RECENT) -> list[Told]:
        return [one for one in self.all(*kinds) if self.at - one.recorded_at <= within]

    def last(self, *kinds: type) -> Told | None:
        return max(self.all(*kinds), key=lambda one: (one.recorded_at, one.seq), default=None)

    def open(self, begun: type, *over: type) -> list[Told]:
        """The things that began and of which no event says that they are over."""
        gone = {one.stream for one in self.all(*over)}
        return [one for one in self.all(begun) if one.stream not in gone]

    @property
    def parties(self) -> Sequence[UUID]:
        proposed = self.last(AllianceProposed)
        left = {one.event.party for one in self.all(PartyLeft)}
        return [party for party in (proposed.event.parties if proposed else ()) if party not in left]

    @property
    def allied_since(self) -> datetime | None:
        accepted = self.last(AllianceAccepted)
        return accepted.recorded_at if accepted else None

    def stage_since(self, stage: Stage) -> datetime | None:
        """When the alliance entered the stage first."""
        return min((one.recorded_at for one in self.all(StageEntered) if one.event.stage is stage), default=None)

    @property
    def launched_at(self) -> datetime | None:
        return self.stage_since(Stage.LAUNCHING) or self.stage_since(Stage.OPERATING)

    @property
    def is_over(self) -> bool:
        return self.stage_since(Stage.ENDED) is not None

    def acts(self, within: timedelta = RECENT) -> list[Told]:
        """What people did of late, not their systems and not Concord."""
        return [
            one
            for one in self.told
            if one.actor.sub is not None
            and self.at - one.recorded_at <= within
            and not isinstance(one.event, BY_SYSTEMS)
        ]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule measured, the events it comes from, and the sentence for when it is beyond the limit."""

    measured: Decimal
    words: str
    evidence: Sequence[Told] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`look` gives None where too little is known: nothing is then raised, and nothing cleared.

    The signal is raised when what is seen is over the limit (`below`: under it). `unit` is that of the limit.
    """

    rule: SignalRule
    unit: str
    limit: Decimal
    advice: str
    look: Callable[[Picture], Seen | None]
    below: bool = False

    def is_beyond(self, measured: Decimal, limit: Decimal) -> bool:
        return measured < limit if self.below else measured > limit


def seen(measured: float | Decimal, words: str, evidence: Iterable[Told] = ()) -> Seen:
    latest = sorted(evidence, key=lambda one: (one.recorded_at, one.seq))[-EVIDENCE_MAX:]
    return Seen(round(Decimal(str(measured)), 4), words, latest)


def percent(share: Decimal) -> str:
    return f"{round(share * 100)} %"
