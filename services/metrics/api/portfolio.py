"""The portfolio: one organisation over all its alliances, from what both sides of each have confirmed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from services.metrics.api.portfolio_schemas import (
    ConcentrationShare,
    Holding,
    Portfolio,
    PortfolioConcentration,
    PortfolioCount,
)
from services.metrics.domain.portfolio import Holding as Held
from services.metrics.domain.portfolio import Proposal, compounding, concentration, propose_verdict
from services.metrics.read_models import portfolio as asked
from shared.events import names_of, stored_names
from shared.events.scoring_gaps import GapClosed, GapIdentified
from shared.http.router import Router
from shared.http.session import Session
from shared.http.view import View
from shared.log.envelope import Moment

router = Router("metrics", "portfolio")

RECENT_MONTHS, MONTHS_A_YEAR = 3, 12
NOBODY = "unplaced"
GAP_EVENTS = stored_names(names_of(GapIdentified, GapClosed))
Dimension = Literal["role", "type", "stage", "region"]


@dataclass
class Known:
    """What is known of one alliance."""

    row: Any
    place: Any = None
    reached: dict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    counted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    value: dict[str, dict[str, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    invested: dict[str, dict[str, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    won: dict[str, Decimal] = field(default_factory=dict)
    signals: int = 0

    @property
    def attained(self) -> list[Decimal]:
        """The mean share of value targets reached, by month."""
        return [sum(self.reached[month], Decimal(0)) / self.counted[month] for month in sorted(self.reached)]

    @property
    def currency(self) -> str | None:
        """The one in which most is published."""
        most = {code: sum(months.values(), Decimal(0)) for code, months in self.value.items()}
        return max(most, key=lambda code: most[code], default=next(iter(self.invested), None))


@router.read("/portfolio", scope="metrics:read")
def get_portfolio(session: Session) -> Portfolio:
    """Your alliances: what they return, at what risk, how much hangs on one partner, and what the figures speak for."""
    own, now = session.caller.organisation, session.at
    known, gaps = known_alliances(session), open_gaps(session)
    partners = {ledger: [party for party in one.row.parties if party != own] for ledger, one in known.items()}
    by_partner: dict[object, Decimal] = defaultdict(Decimal)
    for parties in partners.values():
        for party in parties:
            by_partner[party] += Decimal(1) / len(parties)
    limit = session.view(own).first(asked.of_org(asked.concentration_limits, own))
    share_max = None if limit is None else Decimal(limit.share_max)
    holdings = [holding(one, partners[ledger], now) for ledger, one in known.items()]
    by_type = Counter(one.row.type for one in known.values())
    return Portfolio(
        alliances=holdings,
        counts=counts(holdings),
        concentration=[
            concentrated("partner", by_partner, share_max),
            *(concentrated("partner", won, share_max, code) for code, won in won_by_partner(known, partners).items()),
            concentrated("type", {name: Decimal(count) for name, count in by_type.items()}, share_max),
        ],
        gaps_open=len(gaps),
        gaps_covered=len(gaps & {one.place.gap for one in known.values() if one.place is not None}),
    )


def open_gaps(session: Session) -> frozenset[UUID]:
    """The gaps that the organisation has identified and not closed, by its own ledger."""
    moment, found = session.moment or Moment(), set()
    events = session.log.read_all(
        session.caller.organisation, until_seq=moment.seq, until_us=moment.us, names=GAP_EVENTS
    )
    for one in events:
        if isinstance(one.event, GapIdentified):
            found.add(one.id)
        else:
            found.discard(one.id)
    return frozenset(found)


def known_alliances(session: Session) -> dict[UUID, Known]:
    """All of the caller's alliances, each read model asked once for all of them."""
    own, ledgers = session.caller.organisation, session.ledgers("alliance")
    view = session.view(own, *(ledgers if session.moment is not None else ()))
    known = {row.ledger_id: Known(row) for row in view.all(asked.of_ledgers(asked.partnerships, ledgers))}
    fill_value(view, known)
    for row in view.all(asked.of_org(asked.portfolio_places, own)):
        if row.alliance in known:
            known[row.alliance].place = row
    for row in view.all(asked.of_org(asked.investments, own)):
        if row.alliance in known:
            known[row.alliance].invested[row.currency][row.month] = Decimal(row.amount)
    for row in view.all(asked.signals_up(own)):
        if row.alliance in known:
            known[row.alliance].signals = row.count
    return known


def fill_value(view: View, known: Mapping[UUID, Known]) -> None:
    for ledger, months in view.all(asked.value_by_month(list(known))):
        one = known[ledger]
        for month in map(asked.ValueOfMonth._make, months):
            if month.reached is not None:
                one.reached[month.period].append(Decimal(month.reached))
                one.counted[month.period] += month.figures
            if month.currency is not None and month.value is not None:
                one.value[month.currency][month.period] = Decimal(month.value)
    for row in view.all(asked.won_by_alliance(list(known))):
        known[row.ledger_id].won[row.currency] = row.amount


def holding(one: Known, partners: list[UUID], now: datetime) -> Holding:
    held = held_as(one, now)
    proposal, slope = propose_verdict(held), compounding(held.value, held.invested)
    recent = held.attained[-RECENT_MONTHS:]
    return Holding(
        alliance=one.row.ledger_id,
        name=one.row.name,
        partners=partners,
        intent=one.row.intent,
        type=one.row.type,
        stage=one.row.stage,
        role=None if one.place is None else one.place.role,
        region=None if one.place is None else one.place.region,
        months=held.months,
        attained=round(sum(recent, Decimal(0)) / len(recent), 4) if recent else None,
        signals=one.signals,
        currency=one.currency,
        value=sum(held.value.values(), Decimal(0)) if held.value else None,
        invested=sum(held.invested.values(), Decimal(0)) if held.invested else None,
        compounding=slope,
        proposed=proposal.verdict.value,
        grounds=list(proposal.grounds),
    )


def proposed(one: Known, now: datetime) -> Proposal:
    return propose_verdict(held_as(one, now))


def held_as(one: Known, now: datetime) -> Held:
    launched, currency = one.row.launched_at, one.currency or ""
    months = None
    if launched is not None:
        months = (now.year - launched.year) * MONTHS_A_YEAR + now.month - launched.month
    return Held(
        attained=one.attained,
        months=months,
        signals=one.signals,
        value=one.value.get(currency, {}),
        invested=one.invested.get(currency, {}),
    )


def counts(holdings: list[Holding]) -> list[PortfolioCount]:
    found = Counter(
        (dimension, getattr(one, dimension) or NOBODY)
        for one in holdings
        for dimension in ("role", "type", "stage", "region")
    )
    return [PortfolioCount(by=by, name=name, alliances=found[by, name]) for by, name in sorted(found)]


def won_by_partner(
    known: Mapping[UUID, Known], partners: Mapping[UUID, list[UUID]]
) -> dict[str, dict[object, Decimal]]:
    """The value of confirmed deals by currency and partner, shared evenly where an alliance has several."""
    found: dict[str, dict[object, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for ledger, one in known.items():
        for code, amount in one.won.items():
            for party in partners[ledger]:
                found[code][party] += amount / len(partners[ledger])
    return found


def concentrated(
    by: Literal["partner", "type"],
    weights: Mapping[Any, Decimal],
    share_max: Decimal | None,
    currency: str | None = None,
) -> PortfolioConcentration:
    found = concentration(weights)
    share, index = found or (None, None)
    total = sum(weights.values(), Decimal(0))
    largest = sorted(weights, key=lambda name: (-weights[name], str(name)))[:10] if total else []
    return PortfolioConcentration(
        by=by,
        of="alliances" if currency is None else "confirmed deals",
        currency=currency,
        largest_share=share,
        herfindahl=index,
        limit=share_max,
        over_limit=share is not None and share_max is not None and share > share_max,
        largest=[ConcentrationShare(name=str(name), share=round(weights[name] / total, 4)) for name in largest],
    )
