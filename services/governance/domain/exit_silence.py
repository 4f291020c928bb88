"""An exit that one side can no longer see through, because another says nothing any more.

Nobody is taken to have received anything. A side that has done all of its own part asks, with notice; whoever says
anything stops it; and if nobody does, the exit is closed with what is missing on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.exit import Exit, ExitStatus, check_party
from services.governance.domain.moment import day_of, end_of
from shared.domain import Event, Refused
from shared.events.governance_exit import ExitClosingAnswered, ExitClosingAsked

SILENCE_DAYS = 30
"""Calendar days of notice, counted from the day after the request."""


@dataclass(frozen=True, slots=True)
class AskClosing:
    """`zones` are those in which the sides work: the last day of notice is over when it is over in all of them."""

    at: datetime
    side: UUID
    reason: str | None = None
    zones: tuple[ZoneInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerClosing:
    at: datetime
    side: UUID
    reason: str | None = None


def ask_closing(command: AskClosing, exit_: Exit) -> list[Event]:
    check_party(command.side, exit_)
    if exit_.status is not ExitStatus.EFFECTIVE or exit_.unwound_by is None:
        raise Refused("exit-not-effective", f"Only an exit that has taken effect can be closed; it is {exit_.status}.")
    if command.at < end_of(exit_.unwound_by, command.zones):
        raise Refused("unwinding-not-over", f"The sides have until {exit_.unwound_by:%d %B %Y} to unwind.")
    if exit_.closing is not None:
        raise Refused(
            "closing-asked-already", f"It is asked for already, and stands on {exit_.closing.stands_at:%d %B %Y}."
        )
    own = [one.key for one in exit_.dispositions if command.side not in exit_.receipts.get(one.key, frozenset())]
    if own:
        raise Refused("own-receipts-missing", f"Give your side's own receipts first: {', '.join(own)}.")
    return [
        ExitClosingAsked(
            side=command.side,
            silent=_silent(exit_, command.side),
            stands_at=end_of(day_of(command.at) + timedelta(days=SILENCE_DAYS), command.zones),
            reason=command.reason,
        )
    ]


def answer_closing(command: AnswerClosing, exit_: Exit) -> list[Event]:
    """It says why not yet; what the sides do not agree on is a dispute, and closing can be asked for again."""
    check_party(command.side, exit_)
    if exit_.closing is None or not exit_.running:
        raise Refused("nothing-to-answer", "No side asks to close this exit over the silence of others.")
    if command.side not in exit_.closing.silent:
        raise Refused("not-asked", "Those answer whose receipts or signature are missing.")
    return [ExitClosingAnswered(side=command.side, reason=command.reason)]


def _silent(exit_: Exit, asking: UUID) -> tuple[UUID, ...]:
    """Whose receipts are missing; with no signed plan there is none to give, and it is everybody else."""
    if exit_.unwind_plan is None:
        return tuple(party for party in exit_.parties if party != asking)
    given = [exit_.receipts.get(one.key, frozenset()) for one in exit_.dispositions]
    return tuple(party for party in exit_.parties if any(party not in sides for sides in given))
