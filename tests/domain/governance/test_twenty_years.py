"""Business days from every day of twenty years, on the public holidays of two countries, against numpy's."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import holidays
import numpy as np

from services.governance.domain.clock import Clock, due_at
from shared.events.governance_terms import CalendarSetting
from tests.domain.governance.given import MADRID, A, B, business_days, calendar

DAYS = 10
YEARS = range(2006, 2026)
STARTS = [date(YEARS[0], 1, 1) + timedelta(days=n) for n in range(20 * 365 + 5)]
SPAIN, GERMANY = (sorted(holidays.country_holidays(name, years=range(2006, 2028))) for name in ("ES", "DE"))


def test_ten_business_days_from_every_day_of_twenty_years_end_where_numpy_has_them() -> None:
    off = [*SPAIN, *GERMANY]
    calendars = {A: calendar("Europe/Madrid", *SPAIN), B: calendar("Europe/Berlin", *GERMANY)}
    begun = np.busday_offset(np.array(STARTS, dtype="datetime64[D]"), 0, roll="forward", holidays=off)
    expected = [day.item() for day in np.busday_offset(begun, DAYS, holidays=off)]
    found = []
    for start in STARTS:
        at = datetime.combine(start, time(10), MADRID)
        moment = due_at(Clock(at, business_days(DAYS), (A, B), CalendarSetting.ALL), calendars)
        assert moment is not None
        found.append(moment.astimezone(MADRID).date())
    assert STARTS[-1] == date(YEARS[-1], 12, 31)
    assert found == expected
