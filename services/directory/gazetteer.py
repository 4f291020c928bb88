"""What exists in the world: time zones, and countries whose public holidays are known."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

import holidays

from services.directory.domain.working_calendar import Gazetteer

OF_THE_MACHINE = frozenset({"localtime", "Factory"})
"""Names that some systems list among their zones, for the time where the machine stands or for none."""


@cache
def gazetteer() -> Gazetteer:
    """IANA time zones that are the same everywhere, and the holiday calendars of the `holidays` package."""
    regions = {country: frozenset(known) for country, known in holidays.list_supported_countries().items()}
    return Gazetteer(frozenset(available_timezones()) - OF_THE_MACHINE, regions)
