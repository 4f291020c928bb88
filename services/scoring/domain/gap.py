"""A gap: what we miss in our value chain, and whether to build it, buy it or find a partner for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.scoring.domain.rules import Answer, fired
from services.scoring.domain.wording import require_points, require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.scoring_gaps import GapClosed, GapIdentified, GapRevised, GapTerms, Route, RouteChosen, RouteOption

MONTHS_MAX = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyGap:
    by: UUID
    at: datetime
    terms: GapTerms
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseGap(IdentifyGap):
    """The whole gap, as it is from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseRoute:
    """`options` compares all three routes; `chosen` is None to take what is recommended."""

    by: UUID
    at: datetime
    options: tuple[RouteOption, ...]
    core: bool
    scarce: bool
    chosen: Route | None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseGap:
    by: UUID
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Gap:
    """`terms` is None until the gap is identified, `route` until one is chosen."""

    terms: GapTerms | None = None
    description: str | None = None
    route: Route | None = None
    closed: bool = False


def evolve(state: Gap, event: Event) -> Gap:
    match event:
        case GapIdentified() | GapRevised():
            return replace(state, terms=event.terms, description=event.description)
        case RouteChosen(chosen=chosen):
            return replace(state, route=chosen)
        case GapClosed():
            return replace(state, closed=True)
    return state


GAP = Aggregate("gap", Gap(), evolve)


def identify(command: IdentifyGap, gap: Gap) -> list[Event]:
    if gap.terms is not None:
        raise Refused("gap-identified", "This gap is identified already; revise it instead.")
    check_terms(command.terms)
    return [GapIdentified(terms=command.terms, description=command.description)]


def revise(command: ReviseGap, gap: Gap) -> list[Event]:
    require_open(gap)
    check_terms(command.terms)
    revised = GapRevised(terms=command.terms, description=command.description)
    return [] if evolve(gap, revised) == gap else [revised]


def choose_route(command: ChooseRoute, gap: Gap) -> list[Event]:
    """The route that the rules recommend, or another with the reason for it."""
    terms = require_open(gap)
    check_options(command.options)
    rules = fired("route", answers_of(command, terms))
    recommended = Route(rules[0].outcome)
    chosen = command.chosen or recommended
    if chosen is not recommended and not (command.reason and command.reason.strip()):
        raise Refused("reason-missing", f"To {recommended} is recommended: {rules[0].because} Say why to {chosen}.")
    return [
        RouteChosen(
            options=command.options,
            core=command.core,
            scarce=command.scarce,
            recommended=recommended,
            fired=rules,
            chosen=chosen,
            reason=command.reason,
        )
    ]


def close(command: CloseGap, gap: Gap) -> list[Event]:
    require_open(gap)
    require_words("/reason", command.reason)
    return [GapClosed(reason=command.reason)]


def answers_of(command: ChooseRoute, terms: GapTerms) -> dict[str, Answer]:
    months: dict[str, Answer] = {f"{option.route}_months": option.months for option in command.options}
    costs: dict[str, Answer] = {f"{option.route}_cost": option.cost.amount for option in command.options}
    return {**months, **costs, "core": command.core, "scarce": command.scarce, "urgency": terms.urgency}


def require_open(gap: Gap) -> GapTerms:
    if gap.terms is None:
        raise Refused("gap-not-identified", "Identify the gap first.")
    if gap.closed:
        raise Refused("gap-closed", "This gap is closed; identify it anew if it is there again.")
    return gap.terms


def check_terms(terms: GapTerms) -> None:
    require_words("/title", terms.title)
    require_words("/value_chain", terms.value_chain)
    require_words("/journey_step", terms.journey_step)
    require_points("/impact", terms.impact)
    require_points("/urgency", terms.urgency)


def check_options(options: tuple[RouteOption, ...]) -> None:
    if sorted(option.route for option in options) != sorted(Route):
        raise Invalid("/options", "not-compared", "Compare build, buy and partner, each once.")
    if len({option.cost.currency for option in options}) > 1:
        raise Invalid("/options", "other-currency", "Give all costs in one currency, so that they compare.")
    for place, option in enumerate(options):
        if not 0 <= option.months <= MONTHS_MAX:
            raise Invalid(f"/options/{place}/months", "out-of-range", f"From 0 to {MONTHS_MAX} months.")
        if option.cost.amount < 0:
            raise Invalid(f"/options/{place}/cost/amount", "negative", "A cost is not negative.")
