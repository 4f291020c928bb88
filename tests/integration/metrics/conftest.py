"""Metrics behind real HTTP: United and ExpressJet in an alliance, and one that is party to nothing."""

from __future__ import annotations

import pytest

from shared.testing.api import Api, Member
from tests.integration.metrics.road import MORNING, Joint, ally


@pytest.fixture(autouse=True)
def morning(api: Api) -> None:
    """Every test begins on the same morning."""
    api.set_clock(MORNING)


@pytest.fixture(scope="module")
def united(api: Api) -> Member:
    return api.organisation("United")


@pytest.fixture(scope="module")
def express(api: Api) -> Member:
    return api.organisation("ExpressJet")


@pytest.fixture(scope="module")
def stranger(api: Api) -> Member:
    return api.organisation("Stranger")


@pytest.fixture
def joint(api: Api, united: Member, express: Member) -> Joint:
    """An alliance of this test alone."""
    return Joint(api, ally(api, united, express), united, express)
