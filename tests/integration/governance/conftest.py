"""Governance behind real HTTP: an airline in Chicago, one in Frankfurt, and one that is party to nothing."""

from __future__ import annotations

import pytest

from shared.testing.api import WEEK, Api, Member
from tests.integration.governance.road import MONDAY, Side, system

GERMAN = {
    "country": "DE",
    "calendar": {"time_zone": "Europe/Berlin", "week": WEEK, "holiday_country": "DE", "holiday_region": "HE"},
}


@pytest.fixture(autouse=True)
def monday(api: Api) -> None:
    """Every test begins on the same morning."""
    api.set_clock(MONDAY)


@pytest.fixture(scope="module")
def united(api: Api) -> Side:
    sponsor = api.organisation("United")
    return Side(sponsor, api.colleague(sponsor, "Lee Park"), api.colleague(sponsor, "Mia Chen"))


@pytest.fixture(scope="module")
def hansa(api: Api) -> Side:
    sponsor = api.organisation("Hansa", **GERMAN)
    return Side(sponsor, api.colleague(sponsor, "Jan Voss"), api.colleague(sponsor, "Eva Roth"))


@pytest.fixture(scope="module")
def stranger(api: Api) -> Member:
    return api.organisation("Stranger")


@pytest.fixture(scope="module")
def robot(united: Side) -> Member:
    return system(united.sponsor, "governance:read", "governance:write")
