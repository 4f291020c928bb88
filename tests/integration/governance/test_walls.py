"""Nobody outside sees anything, what was can be read as it was, and the tables are as the events and models say."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect, select

from services.governance.app import GOVERNANCE
from services.governance.read_models.actions import ACTIONS
from services.governance.read_models.alliances import ALLIANCES
from services.governance.read_models.decisions import DECISIONS
from services.governance.read_models.disputes import DISPUTES
from services.governance.read_models.due_steps import DUE_STEPS
from services.governance.read_models.feeds import FEEDS
from services.governance.read_models.governance_models import GOVERNANCE_MODELS
from services.governance.read_models.issues import ISSUES
from services.governance.read_models.meetings import MEETINGS
from services.governance.time_worker import turn
from shared.events import all_types
from shared.log.rebuild import verify
from shared.testing.api import Api, Member
from tests.integration.governance.road import (
    DUE,
    MONDAY,
    NOBODY,
    ROOM,
    Side,
    do,
    drafted,
    governed,
    proposed,
    raised,
    sign,
    status,
    vote,
)

BEFORE, AFTER = "2026-03-01T00:00:00Z", "2026-12-31T00:00:00Z"


@pytest.fixture(scope="module")
def things(api: Api, united: Side, hansa: Side) -> dict[str, str]:
    """One of everything: what is open and what is settled, a clock that ran out and one that stands."""
    api.set_clock(MONDAY)
    alliance_id = governed(united, hansa)
    do(united.manager, f"alliances/{alliance_id}", "waive", {"stage": "operating", "reason": "Later."})
    do(hansa.manager, f"alliances/{proposed(united, hansa)}", "decline", {"reason": "No."})
    ran_out, withdrawn, paused = (raised(united, alliance_id) for _ in range(3))
    vote(united.manager, withdrawn)
    do(united.manager, f"decisions/{withdrawn['id']}", "withdraw", {"reason": "Overtaken."})
    do(united.manager, f"decisions/{withdrawn['id']}", "resubmit", {"context": "It is back."})
    vote(hansa.manager, withdrawn, "reject")
    pause = {"waiting_for": united.org, "until": "2026-04-30T15:00:00Z", "reason": "The audit."}
    vote(hansa.manager, paused, "ask_for_information")
    do(hansa.manager, f"decisions/{paused['id']}", "pause-request", pause)
    do(united.manager, f"decisions/{paused['id']}", "pause-consent")
    do(united.manager, f"decisions/{raise_asked(united, hansa, alliance_id)}", "information", {"answer": "12."})
    one_of_each(united, alliance_id)
    api.set_clock(DUE)
    turn(api.runtime)
    do(united.sponsor, f"decisions/{ran_out['id']}", "acknowledge")
    model = drafted(hansa, alliance_id)
    countered = {"content": {**model["content"], "warning_shares": [50]}, "reason": "Earlier."}
    model = do(united.manager, f"governance-models/{model['id']}", "counter", countered)
    for side in (hansa, united):
        sign(side, model)
    return {"alliance": alliance_id, "model": model["id"], "decision": ran_out["id"]}


def one_of_each(side: Side, alliance_id: str) -> None:
    """An action, an issue, a dispute and a calendar feed."""
    path, owner = f"{ROOM}/alliances/{alliance_id}", {"side": side.org, "person_id": side.worker.person}
    side.worker.post(f"{path}/actions", {"title": "Send it", "owner": owner, "due_on": "2026-03-04"})
    side.worker.post(f"{path}/issues", {"title": "It fails", "severity": "low"})
    side.manager.post(f"{path}/disputes", {"subject": "Who pays"})
    side.worker.post(f"{ROOM}/calendar-feeds", None)


def raise_asked(united: Side, hansa: Side, alliance_id: str) -> str:
    made = raised(united, alliance_id, options=["a", "b"], context="c")
    vote(hansa.manager, made, "ask_for_information")
    return str(made["id"])


def readable(things: dict[str, str]) -> list[str]:
    return [
        f"alliances/{things['alliance']}",
        f"alliances/{things['alliance']}/governance-models",
        f"alliances/{things['alliance']}/decisions",
        f"governance-models/{things['model']}",
        f"decisions/{things['decision']}",
        f"decisions/{things['decision']}/clock",
    ]


def commands(things: dict[str, str], stranger: Member) -> list[tuple[str, Any]]:
    alliance, model, decision = (
        f"alliances/{things['alliance']}",
        f"governance-models/{things['model']}",
        f"decisions/{things['decision']}",
    )
    return [
        (f"{alliance}/accept", None),
        (f"{alliance}/decline", {}),
        (f"{alliance}/owners", {"role": "alliance_manager", "person_id": stranger.person}),
        (f"{alliance}/advance", {}),
        (f"{alliance}/waive", {"stage": "launching", "reason": "x"}),
        (f"{alliance}/governance-model-drafts", {"starter": True}),
        (f"{alliance}/decisions", {"type": "roadmap_change", "subject": "x"}),
        (f"{model}/sign", {"content_sha256": "0" * 64}),
        (f"{decision}/votes", {"choice": "approve"}),
        (f"{decision}/information", {"answer": "x"}),
        (f"{decision}/withdraw", {}),
        (f"{decision}/reopen", {}),
        (f"{decision}/acknowledge", None),
        (f"{decision}/pause-request", {"waiting_for": stranger.org, "until": AFTER, "reason": "x"}),
        (f"{decision}/pause-consent", None),
        (f"{decision}/resume", {"waiting_for": stranger.org}),
    ]


def test_to_a_stranger_nothing_is_there(api: Api, things: dict[str, str], stranger: Member) -> None:
    api.set_clock(AFTER)
    for path in readable(things):
        assert status(stranger, path) == 404, path
        assert status(stranger, path, as_of=AFTER) == 404, path
    for path, body in commands(things, stranger):
        assert status(stranger, path, "POST", body) == 404, path


def test_what_does_not_exist_is_not_found(things: dict[str, str], united: Side) -> None:
    for path in readable(dict.fromkeys(things, str(NOBODY))):
        assert status(united.worker, path) == 404, path


def test_both_parties_see_the_same(things: dict[str, str], united: Side, hansa: Side) -> None:
    for path in readable(things):
        assert united.worker.get(f"{ROOM}/{path}") == hansa.worker.get(f"{ROOM}/{path}"), path


def test_everything_as_it_was_before_and_after(api: Api, things: dict[str, str], united: Side) -> None:
    api.set_clock(AFTER)
    for path in readable(things):
        if path.endswith(("/governance-models", "/decisions")):
            assert united.worker.get(f"{ROOM}/{path}", as_of=BEFORE)["items"] == [], path
        else:
            assert status(united.worker, path, as_of=BEFORE) == 404, path
        if not path.endswith("/clock"):  # what is held grows with time
            assert united.worker.get(f"{ROOM}/{path}", as_of=AFTER) == united.worker.get(f"{ROOM}/{path}"), path
    thing = f"{ROOM}/alliances/{things['alliance']}"
    assert united.worker.get(thing, as_of="0")["status"] == "proposed"
    assert united.worker.get(f"{ROOM}/alliances", as_of=BEFORE)["items"] == []
    listed = united.worker.get(f"{ROOM}/alliances", as_of=AFTER)["items"]
    assert things["alliance"] in [alliance["id"] for alliance in listed]
    assert status(united.worker, f"decisions/{things['decision']}/clock", as_of="9999") == 422
    gates = f"{ROOM}/alliances/{things['alliance']}/gates"  # it looks at the read models more than once
    assert united.worker.get(gates, as_of=AFTER) == united.worker.get(gates)


def test_an_auditor_reads_and_changes_nothing(api: Api, things: dict[str, str], united: Side) -> None:
    person = {"name": "Dan", "email": "dan@example.com", "level": "working", "roles": ["auditor"]}
    auditor = api.sign_in(united.org, united.sponsor.post("/directory/v1/people", person)["id"])
    for path in readable(things):
        assert status(auditor, path) == 200, path
    for path, body in commands(things, auditor):
        assert status(auditor, path, "POST", body) == 403, path


def test_a_system_does_what_its_scopes_allow_and_what_no_person_must(
    things: dict[str, str], united: Side, robot: Member
) -> None:
    for path in readable(things):
        assert status(robot, path) == 200, path
    decision = f"decisions/{things['decision']}"
    assert status(robot, f"{decision}/votes", "POST", {"choice": "approve"}) == 403
    assert status(robot, f"alliances/{things['alliance']}/advance", "POST", {}) == 403


def test_the_database_itself_shows_a_stranger_no_row(
    api: Api, things: dict[str, str], united: Side, stranger: Member
) -> None:
    for org, sees in ((united.org, True), (stranger.org, False)):
        with api.runtime.engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT set_config('role', 'concord_governance', true), set_config('concord.org', %s, true)", (org,)
            )
            for table in filled():
                assert (connection.execute(select(table)).first() is not None) is sees, table.name


def test_replay_gives_the_same_rows(api: Api, things: dict[str, str]) -> None:
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []
    for table in filled():
        with api.runtime.engine.connect() as connection:
            assert connection.execute(select(table)).first() is not None, table.name


def test_the_migration_makes_the_tables_of_the_read_models(api: Api) -> None:
    looked, dialect = inspect(api.runtime.engine), api.runtime.engine.dialect
    for table in tables():
        columns = looked.get_columns(table.name, schema="governance")
        made = {c["name"]: (c["type"].compile(dialect), c["nullable"], c["default"]) for c in columns}
        assert made == {c.name: (c.type.compile(dialect), c.nullable, None) for c in table.columns}
        key = looked.get_pk_constraint(table.name, schema="governance")["constrained_columns"]
        assert key == [c.name for c in table.primary_key.columns]
        indexes = {i["name"]: i["column_names"] for i in looked.get_indexes(table.name, schema="governance")}
        assert indexes == {i.name: [c.name for c in i.columns] for i in table.indexes}
    assert set(looked.get_table_names(schema="governance")) == {table.name for table in tables()}


def test_every_event_reaches_a_read_model() -> None:
    reached = {name for model in GOVERNANCE.read_models for name in model.branches}
    assert reached == {name for name in all_types() if name.startswith("governance.")}


def tables() -> list[Any]:
    return [table for model in GOVERNANCE.read_models for table in model.tables]


def filled() -> list[Any]:
    """The tables that `things` fills; those of agreements and joint work are filled in their own tests."""
    models = (ALLIANCES, GOVERNANCE_MODELS, DECISIONS, DUE_STEPS, MEETINGS, ACTIONS, ISSUES, DISPUTES, FEEDS)
    return [table for model in models for table in model.tables]
