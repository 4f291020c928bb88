"""The example of examples/airline_codeshare is valid from its terms to its last row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from services.metrics.domain.batch import JudgeBatch, judge
from services.metrics.domain.figure import Figure, Slot
from services.metrics.domain.period import parse_period
from services.metrics.domain.scorecard import Coverage, Standing, scorecard_line
from services.metrics.domain.terms import check_terms
from services.metrics.ingestion.csv import read_csv
from shared.events.metrics import BatchCounts, KpiTerms
from shared.events.observations import ObservationRow
from tests.domain.metrics.example_terms import A, B

EXAMPLE = Path(__file__).parents[3] / "examples" / "airline_codeshare"
AT = datetime(2014, 1, 2, tzinfo=UTC)


def kpis() -> dict[str, KpiTerms]:
    text = (EXAMPLE / "kpis.json").read_text().replace('"united"', f'"{A}"').replace('"expressjet"', f'"{B}"')
    return {terms.key: terms for terms in TypeAdapter(list[KpiTerms]).validate_json(text)}


def rows_of(side: str) -> Sequence[ObservationRow]:
    return read_csv((EXAMPLE / f"{side}.csv").read_bytes())


def test_the_terms_are_valid() -> None:
    assert len(kpis()) == 5
    for terms in kpis().values():
        check_terms(terms, (A, B))


@pytest.mark.parametrize(("side", "source"), [("ua", A), ("ev", B)])
def test_every_row_is_accepted(side: str, source: UUID) -> None:
    judgement = judge(JudgeBatch(side=source, rows=rows_of(side), kpis=kpis(), held={}, at=AT))
    assert judgement.counts == BatchCounts(accepted=1095, corrected=0, duplicate=0, rejected=0)


def test_a_month_of_the_on_time_rate() -> None:
    key = "regional_on_time_rate"
    standings = [
        Standing(
            Slot(parse_period(row.period)),
            Figure(Decimal(row.value), Decimal(row.numerator), Decimal(row.denominator)),
            (A,),
        )
        for row in rows_of("ua")
        if row.kpi == key
    ]
    line = scorecard_line(kpis()[key], parse_period("2013-12"), standings, today=date(2014, 1, 10))
    december = [row for row in rows_of("ua") if row.kpi == key and row.period.startswith("2013-12")]
    assert line.coverage == Coverage(31, 31)
    on_time, counted = sum(int(row.numerator) for row in december), sum(int(row.denominator) for row in december)
    assert line.value == Decimal(on_time) / counted
