"""The tests before signing: is it strategic, is it to be formal, in which structure, and do the sides fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.scoring.domain.exact import rounded
from services.scoring.domain.rules import BOOK, Answer, as_text, fired
from services.scoring.domain.wording import POINTS_MAX, require_words
from shared.domain import Aggregate, Event, Invalid
from shared.events.scoring_signing import BroughtBy, Commitment, Contribution, SigningTestsTaken, Verdict
from shared.events.scoring_terms import StrategicIntent

TESTS = ("strategic", "formalise", "type", "structure", "pattern", "contribution", "commitment")
HARD_TO_MATCH_MONTHS = 12
"""A contribution that the other side matches sooner is none that the alliance is for."""
PARTS_MAX = 50
MONTHS_MAX = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSigningTests:
    """`answers` to the questions that the rules ask, each yes or no."""

    by: UUID
    at: datetime
    intent: StrategicIntent
    answers: Mapping[str, bool]
    contributions: tuple[Contribution, ...]
    commitments: tuple[Commitment, ...]


@dataclass(frozen=True, slots=True)
class SigningTests:
    """`taken` is None until they are."""

    taken: SigningTestsTaken | None = None

    @property
    def verdicts(self) -> dict[str, Verdict]:
        return {} if self.taken is None else {verdict.test: verdict for verdict in self.taken.verdicts}


def evolve(state: SigningTests, event: Event) -> SigningTests:
    match event:
        case SigningTestsTaken():
            return SigningTests(event)
    return state


SIGNING_TESTS = Aggregate("signing_tests", SigningTests(), evolve)


def take(command: TakeSigningTests, tests: SigningTests) -> list[Event]:
    check(command)
    contribution = contribution_asymmetry(command.contributions)
    commitment = commitment_asymmetry(command.commitments)
    answers: dict[str, Answer] = {**command.answers, "intent": str(command.intent)}
    measured = dict(answers)
    if contribution is not None:
        measured["contribution_asymmetry"] = contribution
    if commitment is not None:
        measured["commitment_asymmetry"] = commitment
    found = {test: fired(test, measured) for test in TESTS}
    taken = SigningTestsTaken(
        rules_version=BOOK.version,
        answers={name: as_text(answer) for name, answer in answers.items()},
        contributions=command.contributions,
        commitments=command.commitments,
        contribution_asymmetry=contribution,
        commitment_asymmetry=commitment,
        verdicts=tuple(Verdict(test, rules[0].outcome, rules) for test, rules in found.items() if rules),
        cautions=fired("caution", measured),
    )
    return [] if taken == tests.taken else [taken]


def contribution_asymmetry(contributions: Sequence[Contribution]) -> Decimal | None:
    """How much the contributions differ, 0 to 1: the share of them that the other side could not match in a year.

    The lesser of both sides' shares: when one side brings nothing of the kind, they do not complement each other.
    """
    if not contributions:
        return None
    shares = []
    for side in BroughtBy:
        brought = [each for each in contributions if each.by is side]
        hard = [each for each in brought if each.months_to_match > HARD_TO_MATCH_MONTHS]
        shares.append(Fraction(len(hard), len(brought)) if brought else Fraction(0))
    return rounded(min(shares))


def commitment_asymmetry(commitments: Sequence[Commitment]) -> Decimal | None:
    """How much the commitment differs, 0 to 1: of each thing the difference by the greater of both, averaged."""
    if not commitments:
        return None
    apart = [Fraction(abs(each.ours - each.theirs), max(each.ours, each.theirs, 1)) for each in commitments]
    return rounded(Fraction(sum(apart), len(apart)))


def check(command: TakeSigningTests) -> None:
    if max(len(command.contributions), len(command.commitments)) > PARTS_MAX:
        raise Invalid("/contributions", "too-many", f"Name at most {PARTS_MAX} contributions and commitments.")
    for place, brought in enumerate(command.contributions):
        require_words(f"/contributions/{place}/what", brought.what)
        if not 0 <= brought.months_to_match <= MONTHS_MAX:
            raise Invalid(f"/contributions/{place}/months_to_match", "out-of-range", f"0 to {MONTHS_MAX} months.")
    for place, each in enumerate(command.commitments):
        require_words(f"/commitments/{place}/what", each.what)
        for name in ("ours", "theirs"):
            if not 0 <= getattr(each, name) <= POINTS_MAX:
                raise Invalid(f"/commitments/{place}/{name}", "out-of-range", f"0 to {POINTS_MAX} points.")
