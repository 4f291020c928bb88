"""Signals: which of the rules holds now, and what that changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from services.metrics.domain.signals import people, steering, value
from services.metrics.domain.signals.picture import Picture, Rule, Seen
from shared.domain import Aggregate, Event, Invalid
from shared.events.metrics_signals import (
    Evidence,
    RuleThreshold,
    SignalCleared,
    SignalRaised,
    SignalRule,
    SignalThresholdsSet,
)

RULES: Mapping[SignalRule, Rule] = {one.rule: one for one in (*people.RULES, *steering.RULES, *value.RULES)}
LIMIT_MAX = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """An organisation's own limits, where they differ; what is muted is not looked at."""

    limits: Mapping[SignalRule, Decimal] = field(default_factory=dict)
    muted: frozenset[SignalRule] = frozenset()

    def limit(self, rule: SignalRule) -> Decimal:
        return self.limits.get(rule, RULES[rule].limit)


@dataclass(frozen=True, slots=True)
class SetThresholds:
    limits: tuple[RuleThreshold, ...]
    muted: tuple[SignalRule, ...]


def set_thresholds(command: SetThresholds, _: Thresholds) -> list[Event]:
    """Raises `Invalid` rule-twice, bad-limit."""
    rules = [one.rule for one in command.limits]
    for place, one in enumerate(command.limits):
        if one.rule in rules[:place]:
            raise Invalid(f"/limits/{place}/rule", "rule-twice", f"{one.rule} is there twice.")
        if not 0 <= one.limit <= LIMIT_MAX:
            raise Invalid(f"/limits/{place}/limit", "bad-limit", f"A limit is 0 to {LIMIT_MAX:,}.")
    return [SignalThresholdsSet(limits=command.limits, muted=command.muted)]


def with_thresholds(thresholds: Thresholds, event: Event) -> Thresholds:
    if not isinstance(event, SignalThresholdsSet):
        return thresholds
    return Thresholds({one.rule: one.limit for one in event.limits}, frozenset(event.muted))


THRESHOLDS = Aggregate("signal-thresholds", Thresholds(), with_thresholds)


@dataclass(frozen=True, slots=True)
class Watch:
    """The signals that are up, of one organisation about one alliance."""

    up: frozenset[SignalRule] = frozenset()


def look(picture: Picture, thresholds: Thresholds, watch: Watch, alliance: UUID) -> list[Event]:
    """What the rules raise and clear now. Where too little is known a rule does neither; nothing is raised twice."""
    found: list[Event] = []
    for rule in RULES.values():
        if rule.rule in thresholds.muted or picture.is_over:
            if rule.rule in watch.up:
                found.append(SignalCleared(alliance=alliance, rule=rule.rule, evidence=()))
            continue
        here = rule.look(picture)
        if here is not None:
            found += changed(rule, here, thresholds.limit(rule.rule), watch.up, alliance)
    return found


def changed(rule: Rule, here: Seen, limit: Decimal, up: Collection[SignalRule], alliance: UUID) -> list[Event]:
    beyond, evidence = rule.is_beyond(here.measured, limit), evidence_of(here)
    if beyond and rule.rule not in up:
        raised = SignalRaised(
            alliance=alliance,
            rule=rule.rule,
            words=here.words,
            advice=rule.advice,
            measured=here.measured,
            limit=limit,
            evidence=evidence,
        )
        return [raised]
    if not beyond and rule.rule in up:
        return [SignalCleared(alliance=alliance, rule=rule.rule, evidence=evidence)]
    return []


def evidence_of(here: Seen) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(Evidence(one.ledger_id, one.seq) for one in here.evidence))


def evolve(watch: Watch, event: Event) -> Watch:
    match event:
        case SignalRaised():
            return replace(watch, up=watch.up | {event.rule})
        case SignalCleared():
            return replace(watch, up=watch.up - {event.rule})
        case _:
            return watch


WATCH = Aggregate("watch", Watch(), evolve)
