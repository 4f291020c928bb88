"""What exists in the world: time zones, and countries whose public holidays are known."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

import holidays

from services.directory.domain.working_calendar import Gazetteer


@cache
def gazetteer() -> Gazetteer:
    """IANA time zones, and the holiday calendars of the `holidays` package."""
    regions = {country: frozenset(known) for country, known in holidays.list_supported_countries().items()}
    return Gazetteer(frozenset(available_timezones()), regions)
