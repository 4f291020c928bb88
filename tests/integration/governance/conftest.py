"""Governance behind real HTTP: an airline in Chicago, one in Frankfurt, and one that is party to nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.directory.app import DIRECTORY
from services.governance.app import GOVERNANCE
from shared.testing.api import WEEK, Api, Member, serve
from tests.integration.governance.road import Side, system

GERMAN = {
    "country": "DE",
    "calendar": {"time_zone": "Europe/Berlin", "week": WEEK, "holiday_country": "DE", "holiday_region": "HE"},
}


@pytest.fixture(scope="module")
def api(module_url: str) -> Iterator[Api]:
    with serve(module_url, (DIRECTORY, GOVERNANCE)) as running:
        running.set_clock("2026-03-02T15:00:00Z")
        yield running


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
