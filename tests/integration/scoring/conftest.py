"""Scoring behind real HTTP: an organisation that looks for a partner, and one that could be it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.directory.app import DIRECTORY
from services.governance.app import GOVERNANCE
from services.scoring.app import SCORING
from shared.testing.api import Api, Member, serve


@pytest.fixture(scope="module")
def api(module_url: str) -> Iterator[Api]:
    with serve(module_url, (DIRECTORY, SCORING, GOVERNANCE)) as running:
        running.set_clock("2026-03-02T09:00:00Z")
        yield running


@pytest.fixture(scope="module")
def ana(api: Api) -> Member:
    return api.organisation("Iberia")


@pytest.fixture(scope="module")
def ben(api: Api, ana: Member) -> Member:
    return api.colleague(ana, "Ben")


@pytest.fixture(scope="module")
def eve(api: Api, ana: Member) -> Member:
    return api.colleague(ana, "Eve")


@pytest.fixture(scope="module")
def stranger(api: Api) -> Member:
    return api.organisation("Lusitania")
