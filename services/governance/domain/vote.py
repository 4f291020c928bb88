"""A vote: each side that must decide has one; all of them approving approves, one rejection rejects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.governance.domain.decision import DECISION, Decision, check_open, check_party, evolve
from services.governance.domain.escalation import breach_noticed, check_before_silence
from services.governance.domain.pause import elapsed_pauses, resumption
from shared.domain import Event, Refused
from shared.events.governance import (
    CourtPassed,
    DecisionApproved,
    DecisionLapsed,
    DecisionRejected,
    DecisionWithdrawn,
    InformationGiven,
    VoteCast,
)
from shared.events.governance_clocks import DecisionAssigned
from shared.events.governance_terms import Choice, OwnerRole
from shared.events.values import Signature

OWNER_ROLES = frozenset(OwnerRole)


@dataclass(frozen=True, slots=True)
class CastVote:
    """`roles` are those that the person holds on their side at the moment `at`.

    `named_owner` says that the side has named the person as an owner of the alliance.
    """

    at: datetime
    side: UUID
    person_id: UUID
    roles: tuple[str, ...]
    choice: Choice
    reason: str | None = None
    named_owner: bool = False
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class AssignDecision:
    """Who may decide for a side puts a colleague in charge; `roles` and `named_owner` as in `CastVote`."""

    at: datetime
    side: UUID
    person_id: UUID
    roles: tuple[str, ...]
    to: UUID
    named_owner: bool = False


@dataclass(frozen=True, slots=True)
class GiveInformation:
    at: datetime
    side: UUID
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawDecision:
    at: datetime
    side: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CloseForPartyLeft:
    """`left` is the party that has left the alliance."""

    at: datetime
    left: UUID


def cast_vote(command: CastVote, decision: Decision) -> list[Event]:
    """A later vote of a side replaces its earlier one while the decision is open."""
    check_open(decision)
    check_before_silence(decision, command.at)
    check_party(command.side, decision)
    _check_right(command, decision)
    if decision.votes.get(command.side) is command.choice:
        raise Refused("voted-already", f"The vote of your side is {command.choice.replace('_', ' ')} already.")
    voted = VoteCast(side=command.side, choice=command.choice, reason=command.reason, signature=command.signature)
    after = evolve(decision, voted)
    return [voted, *(settlement(after, command.at) or _ball_passed(after, command.at))]


def assign_decision(command: AssignDecision, decision: Decision) -> list[Event]:
    """Changes who decides for the side, not the route and not the clock."""
    check_open(decision)
    check_party(command.side, decision)
    _check_right(command, decision)
    if decision.assigned.get(command.side) == command.to:
        raise Refused("assigned-already", "This person is in charge of the decision already.")
    return [DecisionAssigned(side=command.side, person_id=command.to)]


def settlement(decision: Decision, at: datetime) -> list[Event]:
    """The outcome once the votes give one. What the clock had to do before it and nobody noticed yet comes first."""
    choices = [decision.votes.get(side) for side in decision.route.sides]
    rejected = Choice.REJECT in choices
    if not rejected and any(choice is not Choice.APPROVE for choice in choices):
        return []
    resumed = elapsed_pauses(decision, at)
    decision = DECISION.replay(resumed, decision)
    outcome = DecisionRejected if rejected else DecisionApproved
    return [*resumed, *breach_noticed(decision, at), outcome(settled_at=at, late=decision.is_late(at))]


def give_information(command: GiveInformation, decision: Decision) -> list[Event]:
    """Answers what other sides asked, and ends the pause that waited for it."""
    check_open(decision)
    check_before_silence(decision, command.at)
    check_party(command.side, decision)
    asked = [side for side, choice in decision.votes.items() if choice is Choice.ASK_FOR_INFORMATION]
    if not set(asked) - {command.side}:
        raise Refused("nothing-asked", "No other side has asked for information.")
    given = InformationGiven(side=command.side, answer=command.answer)
    resumed = resumption(decision, command.side, command.at)
    return [given, *resumed, *_ball_passed(evolve(decision, given), command.at)]


def withdraw_decision(command: WithdrawDecision, decision: Decision) -> list[Event]:
    check_open(decision)
    check_before_silence(decision, command.at)
    if command.side != decision.raised_by:
        raise Refused("not-yours", "The side that raised a decision withdraws it.")
    return [DecisionWithdrawn(side=command.side, settled_at=command.at, reason=command.reason)]


def close_for_party_left(command: CloseForPartyLeft, decision: Decision) -> list[Event]:
    """A party that leaves closes what is open; what is settled stays."""
    if not decision.open or command.left not in decision.route.parties:
        return []
    return [DecisionLapsed(left=command.left, settled_at=command.at)]


def may_decide(command: CastVote | AssignDecision, decision: Decision) -> bool:
    """Holders of the owner's roles, members of the owner's forum, and of every forum it was escalated to.

    Whom a side has named as owner of the alliance decides for it everywhere, and whom it put in charge, here. Where the
    owner's forum has no member of a side, whoever holds the role of alliance manager or executive sponsor stands in.
    """
    route = decision.route
    if command.side not in route.sides:
        return False
    if command.named_owner or decision.assigned.get(command.side) == command.person_id:
        return True
    reached = {route.owner.forum, *(one.forum for one in decision.escalations if one.cycle == decision.cycle)}
    seats = [(forum.key, member) for forum in route.forums for member in forum.members if member.side == command.side]
    if any(key in reached and member.person_id == command.person_id for key, member in seats):
        return True
    nobody = route.owner.forum is not None and route.owner.forum not in {key for key, _ in seats}
    roles = OWNER_ROLES if nobody else frozenset(route.owner.roles)
    return not roles.isdisjoint(command.roles)


def waits_for(decision: Decision) -> tuple[UUID, ...]:
    """The sides in whose court the ball is: who owes information, and who has neither asked nor approved."""
    asking = {side for side, choice in decision.votes.items() if choice is Choice.ASK_FOR_INFORMATION}
    owing = {party for party in decision.route.parties if asking - {party}}
    deciding = {side for side in decision.route.sides if decision.votes.get(side) is not Choice.APPROVE}
    return tuple(party for party in decision.route.parties if party in owing | (deciding - asking))


def _ball_passed(decision: Decision, at: datetime) -> list[Event]:
    court = waits_for(decision)
    return [] if set(court) == set(decision.court) else [CourtPassed(sides=court, since=at)]


def _check_right(command: CastVote | AssignDecision, decision: Decision) -> None:
    if not may_decide(command, decision):
        owners = _owners_in_words(decision)
        raise Refused(
            "no-right-to-decide", f"This is decided by {owners}, or by those named as owners of the alliance."
        )


def _owners_in_words(decision: Decision) -> str:
    owner = decision.route.owner
    if owner.forum is not None:
        titles = {forum.key: forum.title for forum in decision.route.forums}
        return f"the {titles.get(owner.forum, owner.forum)}"
    return "the " + " or ".join(role.replace("_", " ") for role in owner.roles)
