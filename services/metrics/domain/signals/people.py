"""Signals about people: who is there, who answers, and who carries it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from services.metrics.domain.signals.picture import Picture, Rule, Seen, Told, percent, seen
from shared.events.directory import Level, PersonAdded, PersonDetailsChanged
from shared.events.governance import OwnerNamed
from shared.events.governance_duties import CounterpartsPaired
from shared.events.governance_terms import OwnerRole
from shared.events.metrics import BatchIngested
from shared.events.metrics_signals import SignalRule

SETTLING = timedelta(days=30)
"""How long a new alliance is left alone."""
ACTS_MIN = 10


def too_few_people(picture: Picture) -> Seen | None:
    if picture.allied_since is None or picture.at - picture.allied_since < SETTLING:
        return None
    people: dict[UUID, set[UUID]] = {party: set() for party in picture.parties}
    acts = [one for one in picture.acts() if one.actor.org in people]
    for one in acts:
        people[one.actor.org].add(one.actor.sub)
    fewest = min(map(len, people.values()), default=0)
    return seen(fewest, f"One side has {fewest} people who did anything in 90 days.", acts)


def no_owner_or_sponsor(picture: Picture) -> Seen | None:
    if picture.allied_since is None:
        return None
    named = picture.all(OwnerNamed)
    there = {(one.event.side, one.event.role) for one in named}
    missing = sum((party, role) not in there for party in picture.parties for role in OwnerRole)
    return seen(missing, f"{missing} of the sides' alliance managers and executive sponsors are not named.", named)


def owner_without_authority(picture: Picture) -> Seen | None:
    """Of our own sponsor, whose level our own directory tells; of a partner's we know what pairs say."""
    levels: dict[UUID, tuple[str, Told]] = {}
    for one in picture.all(PersonAdded, PersonDetailsChanged):
        if one.event.level is not None:
            levels[one.event.person_id] = str(one.event.level), one
    for one in picture.all(CounterpartsPaired):
        for member in one.event.people:
            levels.setdefault(member.person_id, (str(one.event.level), one))
    sponsors = {one.event.side: one for one in picture.all(OwnerNamed) if one.event.role is OwnerRole.EXECUTIVE_SPONSOR}
    known = [(levels[one.event.person_id], one) for one in sponsors.values() if one.event.person_id in levels]
    if not known:
        return None
    weak = [(told, named) for (level, told), named in known if level != str(Level.EXECUTIVE)]
    evidence = [one for told, named in weak for one in (told, named)]
    return seen(
        len(weak), f"{len(weak)} of the sponsors are no executives, and cannot decide for their company.", evidence
    )


def sponsor_not_seen(picture: Picture) -> Seen | None:
    named = {one.event.side: one for one in picture.all(OwnerNamed) if one.event.role is OwnerRole.EXECUTIVE_SPONSOR}
    if not named:
        return None
    last_seen = {one.event.person_id: one for one in named.values()}
    for one in picture.told:
        there = {one.actor.sub, *(member.person_id for member in getattr(one.event, "attendance", ()))}
        for person in there & last_seen.keys():
            if one.recorded_at >= last_seen[person].recorded_at:
                last_seen[person] = one
    latest = min(last_seen.values(), key=lambda one: one.recorded_at)
    days = (picture.at - latest.recorded_at).days
    return seen(days, f"An executive sponsor has not been seen for {days} days.", [latest])


def one_person_carries_it(picture: Picture) -> Seen | None:
    by_side: dict[UUID, list[Told]] = defaultdict(list)
    for one in picture.acts():
        if one.actor.org in picture.parties:
            by_side[one.actor.org].append(one)
    busy = {side: acts for side, acts in by_side.items() if len(acts) >= ACTS_MIN}
    if not busy:
        return None
    shares = {}
    for side, acts in busy.items():
        [(person, most)] = Counter(one.actor.sub for one in acts).most_common(1)
        shares[Decimal(most) / len(acts)] = [one for one in acts if one.actor.sub == person], side
    share = max(shares)
    return seen(share, f"One person did {percent(share)} of what a side did in 90 days.", shares[share][0])


def one_system_carries_it(picture: Picture) -> Seen | None:
    batches = [one for one in picture.recent(BatchIngested) if one.event.kpis]
    if not batches:
        return None
    kpis: dict[UUID, set[str]] = defaultdict(set)
    sources: dict[UUID, set[object]] = defaultdict(set)
    for one in batches:
        kpis[one.event.side] |= set(one.event.kpis)
        sources[one.event.side].add((one.event.source, one.actor.sub))
    carried = max((len(kpis[side]) for side in kpis if len(sources[side]) == 1), default=0)
    return seen(carried, f"{carried} KPIs of a side come from one system alone.", batches)


RULES = (
    Rule(
        rule=SignalRule.TOO_FEW_PEOPLE,
        unit="people",
        limit=Decimal(3),
        below=True,
        advice="Name counterparts at working level on both sides, at least three a side.",
        look=too_few_people,
    ),
    Rule(
        rule=SignalRule.NO_OWNER_OR_SPONSOR,
        unit="roles",
        limit=Decimal(0),
        advice="Name an alliance manager and an executive sponsor on each side.",
        look=no_owner_or_sponsor,
    ),
    Rule(
        rule=SignalRule.OWNER_WITHOUT_AUTHORITY,
        unit="people",
        limit=Decimal(0),
        advice="Name a sponsor who may decide for the company without asking.",
        look=owner_without_authority,
    ),
    Rule(
        rule=SignalRule.SPONSOR_NOT_SEEN,
        unit="days",
        limit=Decimal(90),
        advice="Bring both sponsors to the next steering meeting, or name others.",
        look=sponsor_not_seen,
    ),
    Rule(
        rule=SignalRule.ONE_PERSON_CARRIES_IT,
        unit="share of a side's acts",
        limit=Decimal("0.8"),
        advice="Share the work and its contacts between at least two people.",
        look=one_person_carries_it,
    ),
    Rule(
        rule=SignalRule.ONE_SYSTEM_CARRIES_IT,
        unit="KPIs",
        limit=Decimal(5),
        advice="Have a second source for the figures that matter most.",
        look=one_system_carries_it,
    ),
)
