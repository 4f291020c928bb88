"""The alerts and the dashboard ask for figures that Concord really gives."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from services.rooms import ROOMS
from shared.testing.api import serve

DEPLOY = Path(__file__).parents[3] / "deploy"
METRIC = re.compile(r"\bconcord_[a-z_]+")


def alerts() -> list[str]:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def panels() -> list[str]:
    dashboard = json.loads((DEPLOY / "grafana" / "concord.json").read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


@pytest.fixture(scope="module")
def exposed(module_url: str) -> str:
    with serve(module_url, ROOMS) as api:
        api.client.get("/healthz")
        return api.client.get("/-/metrics").text


@pytest.mark.parametrize("expression", [*alerts(), *panels()])
def test_asks_for_what_there_is(exposed: str, expression: str) -> None:
    asked = METRIC.findall(expression)
    assert asked
    for name in asked:
        assert re.search(rf"^{name}[{{ ]", exposed, re.MULTILINE), f"/-/metrics has no {name}"


def test_the_followers_are_told_by_name(exposed: str) -> None:
    named = set(re.findall(r'concord_follower_events_behind\{follower="([^"]+)"\}', exposed))
    assert named == {f.name for room in ROOMS for f in room.followers}
    assert "concord_ready 1.0" in exposed
