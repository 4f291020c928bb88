"""A tick of the time worker costs what is due, not what is open: 100,000 clocks against 1,000, ten due in each."""

from __future__ import annotations

from statistics import median

import pytest

from shared.testing.api import Api
from tests.bench.clocks import FEW, MANY, ticks
from tests.integration.governance.road import Side, quietly_governed

ROUNDS, RATIO_MAX = 5, 1.2


@pytest.mark.faults
def test_a_tick_costs_what_is_due_and_not_what_is_open(api: Api, united: Side, hansa: Side) -> None:
    tick = ticks(api, united, quietly_governed(united, hansa))
    ratio = median(tick(MANY) / tick(FEW) for _ in range(ROUNDS))
    assert ratio <= RATIO_MAX, f"{ratio:.2f} times as long with {MANY:,} open as with {FEW:,}"
