"""An exit: triggered on a ground, with its dates computed from the term sheet, and unwound to the last receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.governance.domain.exit_dates import ExitDates
from services.governance.domain.moment import Due
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance_agreement_terms import ExitGround
from shared.events.governance_exit import (
    BreachCured,
    CurePeriodEnded,
    DispositionOverdue,
    DispositionReceipted,
    ExitClosedOverSilence,
    ExitClosingAnswered,
    ExitClosingAsked,
    ExitCompleted,
    ExitTookEffect,
    ExitTriggered,
    ExitWithdrawn,
    UnwindingBegun,
)
from shared.events.governance_plan_terms import Disposition
from shared.events.governance_terms import Moment

CURE, EFFECT, RECEIPT, SILENCE = "cure", "effect", "receipt/", "silence"


class ExitStatus(StrEnum):
    """`curing`: a breach can still be mended. `notice`: it will take effect. `effective`: it has."""

    NONE = "none"
    CURING = "curing"
    NOTICE = "notice"
    EFFECTIVE = "effective"
    COMPLETED = "completed"
    CURED = "cured"
    WITHDRAWN = "withdrawn"


RUNNING = frozenset({ExitStatus.CURING, ExitStatus.NOTICE, ExitStatus.EFFECTIVE})


@dataclass(frozen=True, slots=True)
class TriggerExit:
    """`another` says that an exit of the same alliance runs already."""

    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    ground: ExitGround
    dates: ExitDates
    reason: str | None = None
    another: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmCure:
    at: datetime
    side: UUID


@dataclass(frozen=True, slots=True)
class WithdrawExit:
    at: datetime
    side: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BeginUnwinding:
    """`moments` are the ends of the days on which receipts are due."""

    at: datetime
    unwind_plan: UUID
    dispositions: tuple[Disposition, ...]
    moments: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class GiveReceipt:
    at: datetime
    side: UUID
    key: str
    note: str | None = None


@dataclass(frozen=True)
class Exit:
    """`receipts` are the sides that have given theirs, by disposition.

    `closing` is what a side asks for while the others say nothing (`exit_silence.py`).
    """

    status: ExitStatus = ExitStatus.NONE
    side: UUID | None = None
    parties: tuple[UUID, ...] = ()
    leaving: tuple[UUID, ...] = ()
    cure_ends_at: datetime | None = None
    effective_at: datetime | None = None
    unwound_by: date | None = None
    unwind_plan: UUID | None = None
    dispositions: tuple[Disposition, ...] = ()
    moments: tuple[Moment, ...] = ()
    receipts: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    overdue: frozenset[str] = frozenset()
    closing: ExitClosingAsked | None = None

    @property
    def running(self) -> bool:
        return self.status in RUNNING

    @property
    def unwound(self) -> bool:
        """Whether every side has given its receipt for everything in a signed plan."""
        return self.unwind_plan is not None and all(self.receipted(one.key) for one in self.dispositions)

    def receipted(self, key: str) -> bool:
        return set(self.parties) <= self.receipts.get(key, frozenset())


def evolve(state: Exit, event: Event) -> Exit:
    match event:
        case ExitTriggered():
            status = ExitStatus.NOTICE if event.cure_ends_at is None else ExitStatus.CURING
            parties, leaving, by = event.parties, event.leaving, event.unwound_by
            state = Exit(status, event.side, parties, leaving, event.cure_ends_at, event.effective_at, by)
        case UnwindingBegun():
            state = replace(
                state,
                unwind_plan=event.unwind_plan,
                dispositions=event.dispositions,
                moments=event.moments,
                overdue=frozenset(),
                closing=None,
            )
        case DispositionReceipted():
            given = state.receipts.get(event.key, frozenset()) | {event.side}
            state = _spoken(replace(state, receipts={**state.receipts, event.key: given}), event.side)
        case DispositionOverdue():
            state = replace(state, overdue=state.overdue | {event.key})
        case ExitClosingAsked():
            state = replace(state, closing=event)
        case ExitClosingAnswered():
            state = _spoken(state, event.side)
        case ExitClosedOverSilence():
            state = replace(state, closing=None)
        case _ if type(event) in OUTCOMES:
            state = replace(state, status=OUTCOMES[type(event)])
    return state


OUTCOMES: dict[type, ExitStatus] = {
    BreachCured: ExitStatus.CURED,
    ExitWithdrawn: ExitStatus.WITHDRAWN,
    CurePeriodEnded: ExitStatus.NOTICE,
    ExitTookEffect: ExitStatus.EFFECTIVE,
    ExitCompleted: ExitStatus.COMPLETED,
}


def _spoken(state: Exit, side: UUID) -> Exit:
    """Whoever does something in the exit is not silent: what was asked for over silence is off."""
    asked = state.closing
    return state if asked is None or side not in asked.silent else replace(state, closing=None)


def trigger_exit(command: TriggerExit, exit_: Exit) -> list[Event]:
    """It needs no owner and no gate: whoever is a party may always leave, on the terms that were signed."""
    if exit_.status is not ExitStatus.NONE:
        raise Refused("exit-exists", "It has been triggered already.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "Only a party to the alliance may leave it.")
    if command.another:
        raise Refused("exit-runs", "An exit of this alliance runs already; see it through, or have it withdrawn.")
    if command.ground is ExitGround.MATERIAL_BREACH and not (command.reason or "").strip():
        raise Invalid("/reason", "which-breach", "Say what the breach is, so that it can be mended.")
    dates = command.dates
    return [
        ExitTriggered(
            side=command.side,
            ground=command.ground,
            parties=command.parties,
            leaving=dates.leaving,
            term_sheet=dates.term_sheet,
            condition=dates.condition,
            cure_ends_at=dates.cure_ends_at,
            effective_at=dates.effective_at,
            unwound_by=dates.unwound_by,
            reason=command.reason,
        )
    ]


def confirm_cure(command: ConfirmCure, exit_: Exit) -> list[Event]:
    """Who alleged the breach says that it is mended, while there is time for it."""
    check_party(command.side, exit_)
    if exit_.status is not ExitStatus.CURING:
        raise Refused("nothing-to-cure", f"There is no cure period running: the exit is {exit_.status}.")
    if command.side != exit_.side:
        raise Refused("not-your-trigger", "The side that triggered the exit says whether the breach is mended.")
    return [BreachCured(side=command.side)]


def withdraw_exit(command: WithdrawExit, exit_: Exit) -> list[Event]:
    check_party(command.side, exit_)
    if exit_.status not in (ExitStatus.CURING, ExitStatus.NOTICE):
        raise Refused("too-late-to-withdraw", f"An exit can be withdrawn before it takes effect; it is {exit_.status}.")
    if command.side != exit_.side:
        raise Refused("not-your-trigger", "The side that triggered the exit withdraws it.")
    return [ExitWithdrawn(side=command.side, reason=command.reason)]


def begin_unwinding(command: BeginUnwinding, exit_: Exit) -> list[Event]:
    """A newer plan that every side signed takes the place of the older; receipts given for the same keys stay."""
    if not exit_.running:
        raise Refused("exit-not-running", f"The exit is {exit_.status}.")
    waiting = {f"{RECEIPT}{one.key}" for one in command.dispositions if not exit_.receipted(one.key)}
    begun = UnwindingBegun(
        unwind_plan=command.unwind_plan,
        dispositions=command.dispositions,
        moments=tuple(moment for moment in command.moments if moment.step in waiting),
    )
    return [begun, *_completion(evolve(exit_, begun))]


def give_receipt(command: GiveReceipt, exit_: Exit) -> list[Event]:
    """The last receipt completes an exit that has taken effect."""
    check_party(command.side, exit_)
    if not exit_.running or exit_.unwind_plan is None:
        raise Refused("nothing-to-receipt", "Receipts follow a signed unwind plan of an exit that runs.")
    if command.key not in {one.key for one in exit_.dispositions}:
        raise Invalid("/key", "no-such-disposition", "The unwind plan has no disposition with this key.")
    if command.side in exit_.receipts.get(command.key, frozenset()):
        raise Refused("receipted-already", "Your side has given this receipt already.")
    last = set(exit_.parties) <= exit_.receipts.get(command.key, frozenset()) | {command.side}
    given = DispositionReceipted(side=command.side, key=command.key, last=last, note=command.note)
    return [given, *_completion(evolve(exit_, given))]


def exit_ahead(exit_: Exit) -> tuple[Moment, ...]:
    ahead = []
    if exit_.status is ExitStatus.CURING and exit_.cure_ends_at is not None:
        ahead.append(Moment(CURE, exit_.cure_ends_at))
    if exit_.status in (ExitStatus.CURING, ExitStatus.NOTICE) and exit_.effective_at is not None:
        ahead.append(Moment(EFFECT, exit_.effective_at))
    if exit_.running:
        waiting = {f"{RECEIPT}{one.key}" for one in exit_.dispositions if _waits_for(exit_, one.key)}
        ahead.extend(moment for moment in exit_.moments if moment.step in waiting)
    if exit_.running and exit_.closing is not None:
        ahead.append(Moment(SILENCE, exit_.closing.stands_at))
    return tuple(sorted(ahead, key=lambda moment: moment.at))


def _waits_for(exit_: Exit, key: str) -> bool:
    return not exit_.receipted(key) and key not in exit_.overdue


def fire_exit(due: Due, exit_: Exit) -> list[Event]:
    if due.step == CURE and exit_.status is ExitStatus.CURING and exit_.cure_ends_at is not None:
        return [CurePeriodEnded(cure_ends_at=exit_.cure_ends_at, detected_at=due.at)]
    if due.step == EFFECT and exit_.status is ExitStatus.NOTICE and exit_.effective_at is not None:
        effect = ExitTookEffect(effective_at=exit_.effective_at, detected_at=due.at)
        return [effect, *_completion(evolve(exit_, effect))]
    if due.step == SILENCE and exit_.running and exit_.closing is not None:
        return close_over_silence(due.at, exit_, exit_.closing)
    late = next((one for one in exit_.dispositions if due.step == f"{RECEIPT}{one.key}"), None)
    if late is None or not exit_.running or not _waits_for(exit_, late.key):
        return []
    return [DispositionOverdue(key=late.key, due_on=late.due_on, detected_at=due.at)]


def close_over_silence(at: datetime, exit_: Exit, asked: ExitClosingAsked) -> list[Event]:
    missing = tuple(one.key for one in exit_.dispositions if not exit_.receipted(one.key))
    closed = ExitClosedOverSilence(silent=asked.silent, missing=missing, stands_at=asked.stands_at, detected_at=at)
    return [closed, ExitCompleted(leaving=exit_.leaving)]


def _completion(exit_: Exit) -> list[Event]:
    if exit_.status is ExitStatus.EFFECTIVE and exit_.unwound:
        return [ExitCompleted(leaving=exit_.leaving)]
    return []


def check_party(side: UUID, exit_: Exit) -> None:
    if side not in exit_.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")


EXIT = Aggregate("exit", Exit(), evolve)
