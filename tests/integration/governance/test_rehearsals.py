"""The rehearsal of a governance model by HTTP: past decisions under other terms, and nothing recorded."""

from __future__ import annotations

from typing import Any

import pytest

from shared.log.log import Log
from shared.testing.api import Api
from tests.integration.governance.road import (
    DUE,
    MONDAY,
    ROOM,
    Side,
    meeting_as_needed,
    quietly_governed,
    raised,
    vote,
)


@pytest.fixture(scope="module")
def past(api: Api, united: Side, hansa: Side) -> tuple[str, dict[str, Any]]:
    """An alliance with three decisions: one settled after a week, one flagged not joint, one open past its due time."""
    api.set_clock(MONDAY)
    alliance_id = quietly_governed(united, hansa)
    settled, open_ = raised(united, alliance_id), raised(united, alliance_id)
    alone = raised(united, alliance_id, "delivery_trade_off", values={"affects_other_side": "false"})
    api.set_clock("2026-03-10T15:00:00Z")
    for side in (united, hansa):
        vote(side.manager, settled)
    return alliance_id, {"settled": settled["id"], "open": open_["id"], "alone": alone["id"]}


def rehearsed(api: Api, side: Side, alliance_id: str, body: Any) -> dict[str, Any]:
    api.set_clock("2026-03-20T15:00:00Z")
    sent = side.worker.headers()
    path = f"{ROOM}/alliances/{alliance_id}/governance-models/rehearse"
    told = api.expect(200, api.client.post(path, json=body, headers=sent))
    return {**told, "by_id": {one["decision_id"]: one for one in told["decisions"]}}


def test_the_model_in_force_changes_nothing(api: Api, united: Side, past: tuple[str, dict[str, Any]]) -> None:
    alliance_id, made = past
    told = rehearsed(api, united, alliance_id, {})
    assert (told["changed"], told["breached"], told["breached_when_rehearsed"]) == (0, 2, 2)
    assert told["by_id"][made["open"]]["as_it_went"]["due_at"] == DUE


def test_another_matrix_says_who_decides_when_and_what_breaches(
    api: Api, united: Side, hansa: Side, past: tuple[str, dict[str, Any]]
) -> None:
    alliance_id, made = past
    content = meeting_as_needed(united, alliance_id)
    rights = [{**right, "sla": {"value": 3, "unit": "business_days"}} for right in content["decision_rights"]]
    rights[3] = {**rights[3], "joint": "yes", "condition": None}
    before = size(api, alliance_id)
    told = rehearsed(api, hansa, alliance_id, {"content": {**content, "decision_rights": rights}})
    settled, alone = told["by_id"][made["settled"]], told["by_id"][made["alone"]]
    assert (settled["as_it_went"]["breached"], settled["rehearsed"]["breached"]) == (False, True)
    assert settled["rehearsed"]["due_at"] == "2026-03-05T23:00:00Z"
    assert settled["changes"] == ["due_at", "breached"]
    assert (alone["as_it_went"]["sides"], alone["rehearsed"]["sides"]) == ([united.org], [united.org, hansa.org])
    assert "who_decides" in alone["changes"]
    assert size(api, alliance_id) == before


def test_other_calendars_move_the_due_times(
    api: Api, united: Side, hansa: Side, past: tuple[str, dict[str, Any]]
) -> None:
    alliance_id, made = past
    content = meeting_as_needed(united, alliance_id)
    week = {day: [{"opens": "09:00", "closes": "17:00"}] for day in ("mon", "tue", "wed", "thu")}
    calendars = [{**one, "week": week} for one in content["calendars"]]
    told = rehearsed(api, united, alliance_id, {"calendars": calendars})
    assert told["by_id"][made["open"]]["rehearsed"]["due_at"] == "2026-03-18T22:00:00Z"
    assert told["by_id"][made["open"]]["changes"] == ["due_at"]


def test_what_could_not_be_signed_is_not_rehearsed(api: Api, united: Side, past: tuple[str, dict[str, Any]]) -> None:
    alliance_id, _ = past
    content = meeting_as_needed(united, alliance_id)
    sometimes = {**content["decision_rights"][3], "condition": "if we feel like it"}
    path = f"{ROOM}/alliances/{alliance_id}/governance-models/rehearse"
    body = {"content": {**content, "decision_rights": [sometimes]}}
    refused = united.worker.post(path, body, expect=422)
    assert refused["errors"][0]["code"] == "condition-unreadable"
    united.worker.post(path, {**body, "model_id": alliance_id}, expect=422)


def size(api: Api, alliance_id: str) -> int:
    with api.runtime.engine.connect() as connection:
        connection.exec_driver_sql("SELECT set_config('concord.org', 'system', true)")
        return Log(connection).size(alliance_id) or 0  # type: ignore[arg-type]
