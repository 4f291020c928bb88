"""The books of an alliance: which figure counts for each KPI, period and dimensions, from all that is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from services.metrics.domain.aggregation import Standing
from services.metrics.domain.case import CaseStatus
from services.metrics.domain.derivation import derive
from services.metrics.domain.figure import Figure, Slot
from services.metrics.domain.period import parse_period
from services.metrics.domain.reconciliation import KnownCase, Pair, reconcile, standing
from services.metrics.read_models import figures as asked
from services.metrics.read_models.cases import telling_cases
from services.metrics.read_models.happenings import happenings_within
from services.metrics.read_models.kpis import agreed_kpis, terms_of
from shared.domain import Invalid
from shared.events.metrics import KpiTerms
from shared.events.observations import dimensions_of
from shared.log.codec import adapter
from shared.log.shadow import Execute

FIGURES_MAX = 200_000
"""As many as one answer is worked out from."""

Side = tuple[str, UUID]
"""A KPI's key, and who reports it."""

known_period = lru_cache(maxsize=10_000)(parse_period)


@dataclass(frozen=True, slots=True)
class Account:
    """What counts for one KPI; the pairs that it comes from where two sides report."""

    standings: Sequence[Standing]
    pairs: Sequence[Pair] = ()

    @property
    def apart(self) -> list[Slot]:
        """Where the sides differ beyond the tolerance and have not settled it."""
        return [pair.slot for pair in self.pairs if pair.status.is_apart]


@dataclass(frozen=True, slots=True)
class Books:
    """Of one alliance, as `execute` finds them, now or as they were; `today` says what is overdue."""

    execute: Execute
    alliance_id: UUID
    today: date

    def agreed(self) -> list[tuple[Any, KpiTerms]]:
        """The rows of the agreed KPIs by key, and their terms in force."""
        return [(row, terms_of(row)) for row in self.execute(agreed_kpis(self.alliance_id))]

    def accounts(self, kpis: Collection[KpiTerms], since: date | None, until: date | None) -> dict[str, Account]:
        """By key, of periods that start within `since` and `until`. Invalid when the figures are too many at once."""
        figures = self.figures([terms.key for terms in kpis if terms.reported_by], since, until)
        cases = self.cases([terms.key for terms in kpis if len(terms.reported_by) > 1])
        derived = [terms for terms in kpis if terms.derived is not None]
        happened = self.execute(happenings_within(self.alliance_id)).all() if derived else ()
        accounts = {terms.key: Account(derive(terms, happened, since, until, self.today)) for terms in derived}
        for terms in kpis:
            if terms.derived is None:
                accounts[terms.key] = account(terms, figures, cases.get(terms.key, {}), self.today)
        return accounts

    def figures(
        self, keys: Collection[str], since: date | None, until: date | None
    ) -> Mapping[Side, dict[Slot, Figure]]:
        """Each side's figures in force."""
        wanted = asked.in_force(self.alliance_id, keys, since, until, FIGURES_MAX + 1)
        found = self.execute(wanted).all()
        if len(found) > FIGURES_MAX:
            words = f"Over {FIGURES_MAX:,} figures; ask for fewer periods at once."
            raise Invalid("query/from", "too-many-figures", words)
        figures: dict[Side, dict[Slot, Figure]] = defaultdict(dict)
        for row in found:
            parts = [None if text is None else Decimal(text) for text in (row.numerator, row.denominator)]
            figures[row.kpi, row.side][slot_of(row)] = Figure(Decimal(row.value), *parts)
        return figures

    def cases(self, keys: Collection[str]) -> dict[str, dict[Slot, KnownCase]]:
        """By key, what the latest case of a slot says of it."""
        found: dict[str, dict[Slot, KnownCase]] = defaultdict(dict)
        if keys:
            for row in self.execute(telling_cases(self.alliance_id, keys)):
                figures = [figure_of(row.first), figure_of(row.second), figure_of(row.settled)]
                found[row.key][slot_of(row)] = KnownCase(CaseStatus(row.status), *figures)
        return found


def account(
    terms: KpiTerms, figures: Mapping[Side, dict[Slot, Figure]], cases: Mapping[Slot, KnownCase], today: date
) -> Account:
    sides = [figures.get((terms.key, side), {}) for side in terms.reported_by]
    if len(sides) == 1:
        return Account([Standing(slot, figure, terms.reported_by) for slot, figure in sides[0].items()])
    standings = []
    pairs = reconcile(terms, sides[0], sides[1], today, cases)
    for pair in pairs:
        said = zip(terms.reported_by, (pair.first, pair.second), strict=True)
        counts = standing(pair, terms.until_settled)
        if counts is not None:
            standings.append(Standing(pair.slot, counts, tuple(side for side, figure in said if figure is not None)))
    return Account(standings, pairs)


def slot_of(row: Any) -> Slot:
    return Slot(known_period(row.period), dimensions_of(row.dimensions))


def figure_of(stored: Any) -> Figure | None:
    found: Figure | None = None if stored is None else adapter(Figure).validate_python(stored)
    return found
