"""A ranking: a brief's candidates in order of weighted score, and how much the order can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Protocol, TypeVar
from uuid import UUID

from services.scoring.domain.draws import Counts, Floats, as_floats, dominators, places_taken
from services.scoring.domain.exact import rounded
from services.scoring.domain.sensitivity import Values, becomes, critical, smallest_changes
from services.scoring.domain.template import CRITERIA_MAX, check_weights
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.scoring import CandidatesPlaced, RankingMade
from shared.events.scoring_terms import Placing, WeightChange

CANDIDATES_MAX = 1_000
DRAWS_MAX = 100_000
SEED_MAX = 2**32 - 1
CONCENTRATION_MIN, CONCENTRATION_MAX = 1, 10_000
PLACES_KEPT = 10
PLACINGS_AN_EVENT = 100
SAFE_SHARE = Decimal("0.6")
CHANGE_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Interval:
    """A score that is known to be from `low` to `high`; both the same when it was rated."""

    low: Decimal
    high: Decimal


class Placed(Protocol):
    """Anything that has a place in a ranking."""

    @property
    def not_recommended(self) -> bool: ...


P = TypeVar("P", bound=Placed)


@dataclass(frozen=True, slots=True)
class Contender:
    """A candidate with the result of its assessment: a score for each criterion."""

    candidate: UUID
    assessment: UUID
    scores: Mapping[str, Interval]
    not_recommended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRanking:
    """`weights` by criterion sum to 1. `seed` is from 0 to 2³² − 1.

    `concentration` says how close to the weights others are drawn: with variance w(1 − w)/(concentration + 1).
    """

    by: UUID
    at: datetime
    brief: UUID
    template: str
    template_version: int
    weights: dict[str, Decimal]
    contenders: tuple[Contender, ...]
    seed: int
    draws: int = 10_000
    concentration: Decimal = Decimal(50)


@dataclass(frozen=True, slots=True)
class Ranking:
    """`brief` is None until the ranking is made."""

    brief: UUID | None = None
    placings: tuple[Placing, ...] = ()
    too_close_to_call: bool = False

    @property
    def order(self) -> tuple[UUID, ...]:
        return tuple(placing.candidate for placing in self.placings)


def evolve(state: Ranking, event: Event) -> Ranking:
    match event:
        case RankingMade():
            return Ranking(event.brief, event.placings, event.too_close_to_call)
        case CandidatesPlaced(placings=placings):
            return replace(state, placings=(*state.placings, *placings))
    return state


RANKING = Aggregate("ranking", Ranking(), evolve)


def make_ranking(command: MakeRanking, ranking: Ranking) -> list[Event]:
    if ranking.brief is not None:
        raise Refused("ranking-made", "A ranking is made once; make a new one.")
    check(command)
    contenders = in_order(command.contenders, exactly(command.weights))
    placings = placed(contenders, command)
    eligible = [contender for contender in contenders if not contender.not_recommended]
    changes, hangs_on = what_it_hangs_on(eligible, exactly(command.weights))
    made = RankingMade(
        brief=command.brief,
        template=command.template,
        template_version=command.template_version,
        weights=command.weights,
        draws=command.draws,
        concentration=command.concentration,
        seed=command.seed,
        candidates=len(placings),
        placings=placings[:PLACINGS_AN_EVENT],
        weight_changes=changes,
        hangs_on=hangs_on,
        too_close_to_call=too_close(eligible, placings, command),
    )
    rest = range(PLACINGS_AN_EVENT, len(placings), PLACINGS_AN_EVENT)
    return [made, *(CandidatesPlaced(placings=placings[n : n + PLACINGS_AN_EVENT]) for n in rest)]


def check(command: MakeRanking) -> None:
    if not 1 <= len(command.contenders) <= CANDIDATES_MAX:
        raise Invalid("/candidates", "out-of-range", f"Rank 1 to {CANDIDATES_MAX:,} candidates.")
    if len({contender.candidate for contender in command.contenders}) < len(command.contenders):
        raise Invalid("/candidates", "repeated", "Name each candidate once.")
    if not 1 <= len(command.weights) <= CRITERIA_MAX:
        raise Invalid("/weights", "out-of-range", f"Weigh 1 to {CRITERIA_MAX} criteria.")
    check_weights(command.weights, "/weights")
    for place, contender in enumerate(command.contenders):
        if contender.scores.keys() != command.weights.keys():
            raise Invalid(
                f"/candidates/{place}", "other-criteria", "It was not assessed on the criteria that are weighed."
            )
    if not 0 <= command.seed <= SEED_MAX:
        raise Invalid("/seed", "out-of-range", f"A seed is from 0 to {SEED_MAX:,}.")
    if not 1 <= command.draws <= DRAWS_MAX:
        raise Invalid("/draws", "out-of-range", f"Draw from 1 to {DRAWS_MAX:,} times.")
    if not CONCENTRATION_MIN <= command.concentration <= CONCENTRATION_MAX:
        raise Invalid("/concentration", "out-of-range", f"From {CONCENTRATION_MIN} to {CONCENTRATION_MAX:,}.")


def exactly(values: Mapping[str, Decimal]) -> Values:
    return {key: Fraction(value) for key, value in values.items()}


def centres(contender: Contender) -> Values:
    """The middle of what is known of each score."""
    return {key: (Fraction(score.low) + Fraction(score.high)) / 2 for key, score in contender.scores.items()}


def lows(contender: Contender) -> Values:
    return {key: Fraction(score.low) for key, score in contender.scores.items()}


def highs(contender: Contender) -> Values:
    return {key: Fraction(score.high) for key, score in contender.scores.items()}


def weighted(scores: Values, weights: Values) -> Fraction:
    return sum((weights[key] * scores[key] for key in weights), Fraction(0))


def in_order(contenders: Sequence[Contender], weights: Values) -> list[Contender]:
    """By the middle of the score interval, best first; among equals by id, so that the order given does not matter."""
    return sorted(contenders, key=lambda c: (-weighted(centres(c), weights), c.candidate))


def placed(contenders: Sequence[Contender], command: MakeRanking) -> tuple[Placing, ...]:
    weights = exactly(command.weights)
    low, high = bounds(contenders, command)
    counts = drawn_places(low, high, command, PLACES_KEPT)
    better = dominators(low, high)
    placings = []
    for row, contender in enumerate(contenders):
        placings.append(
            Placing(
                place=row + 1,
                candidate=contender.candidate,
                assessment=contender.assessment,
                low=rounded(weighted(lows(contender), weights)),
                high=rounded(weighted(highs(contender), weights)),
                shares=tuple(rounded(Fraction(int(count), command.draws)) for count in counts[row]),
                dominated_by=None if (by := better[row]) is None else contenders[by].candidate,
                not_recommended=contender.not_recommended,
            )
        )
    return tuple(placings)


def bounds(contenders: Sequence[Contender], command: MakeRanking) -> tuple[Floats, Floats]:
    """The lowest and the highest scores: candidates × criteria, in the order of the weights."""
    low = as_floats([[c.scores[key].low for key in command.weights] for c in contenders])
    high = as_floats([[c.scores[key].high for key in command.weights] for c in contenders])
    return low, high


def drawn_places(low: Floats, high: Floats, command: MakeRanking, kept: int) -> Counts:
    weights = as_floats(list(command.weights.values()))
    return places_taken(low, high, weights, command.draws, float(command.concentration), command.seed, kept)


def what_it_hangs_on(contenders: Sequence[Contender], weights: Values) -> tuple[tuple[WeightChange, ...], str | None]:
    """What would let the second draw level with the first; of fewer than two, nothing."""
    if not contenders[1:]:
        return (), None
    changes = smallest_changes(centres(contenders[0]), centres(contenders[1]), weights)
    return tuple(weight_change(key, change, weights[key]) for key, change in changes.items()), critical(
        changes, weights
    )


def weight_change(criterion: str, change: Fraction | None, weight: Fraction) -> WeightChange:
    if change is None:
        return WeightChange(criterion, None, None)
    return WeightChange(criterion, rounded(change, CHANGE_DECIMALS), rounded(becomes(weight, change), CHANGE_DECIMALS))


def recommended(placings: Sequence[P], *, too_close: bool) -> P | None:
    """The best against whom no concern stands; nobody while it is too close to call."""
    return None if too_close else next((each for each in placings if not each.not_recommended), None)


def too_close(eligible: Sequence[Contender], placings: Sequence[Placing], command: MakeRanking) -> bool:
    """Whether the first of them wins under 60 % of the draws, or another's score may be as high as the first's.

    Asked of those who may be recommended, in their order, as though the others were not there: how far ahead somebody
    is who cannot be chosen says nothing of the choice.
    """
    if not eligible[1:]:
        return False
    weights = exactly(command.weights)
    first, *others = eligible
    least = weighted(lows(first), weights)
    if any(weighted(highs(other), weights) >= least for other in others):
        return True
    return share_of_firsts(eligible, placings, command) < SAFE_SHARE


def share_of_firsts(eligible: Sequence[Contender], placings: Sequence[Placing], command: MakeRanking) -> Decimal:
    """In which share of the draws the first of them wins among them; drawn anew only where some are left out."""
    if len(eligible) == len(placings):
        return placings[0].shares[0]
    wins = int(drawn_places(*bounds(eligible, command), command, kept=1)[0, 0])
    return rounded(Fraction(wins, command.draws))
