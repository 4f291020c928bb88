"""Nobody outside sees anything, replay gives the same rows, and the tables are as the read models say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import inspect, select

from services.scoring.api.schemas.gaps import ChooseGapRoute, CloseGap, IdentifyGap
from services.scoring.api.schemas.opportunities import SetOpportunityThresholds
from services.scoring.app import SCORING
from services.scoring.read_models.signing import shared_summaries
from shared.events import all_types
from shared.log.envelope import NOW
from shared.log.shadow import replay
from shared.testing.api import Api, Member
from tests.integration.scoring.road import (
    BRIEF,
    ROOM,
    allied,
    assessed,
    brief,
    candidate,
    do,
    example,
    looked_into,
    opened,
    position,
    rating,
    status,
    submit,
)


@pytest.fixture(scope="module")
def things(api: Api, ana: Member, ben: Member, eve: Member) -> dict[str, Any]:
    """One of everything in Ana's organisation, and one summary shared with a partner."""
    partner = api.organisation("Partner")
    brief_id = brief(ana)["id"]
    first, second = assessed(ana, brief_id, "First", 5, 5, 5), assessed(ana, brief_id, "Second", 3, 3)
    candidate(ana, brief_id)
    ana.change(f"{ROOM}/briefs/{brief_id}", {**BRIEF, "title": "Revised", "budget": None}, 1, method="PUT")
    ana.change(f"{ROOM}/candidates/{first}/move", {"stage": "screening"}, 1)
    template = {"key": "ours", "title": "Ours", "criteria": [TRUST], "scale": {"lowest": 1, "highest": 5}}
    ana.post(f"{ROOM}/templates", template)
    round_ = opened(ana, first, ben, eve, template="ours")
    said = submit(ben, round_, [rating("trust", 1)])
    excused = ana.change(f"{ROOM}/assessments/{round_['id']}/excuse", {"assessor": eve.person}, said["version"])
    waiver = {"criterion": "trust", "kind": "under_floor", "reason": "It will grow."}
    ana.change(f"{ROOM}/assessments/{round_['id']}/waive", waiver, excused["version"])
    ranking = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "landscape"})
    selection = {"ranking_id": ranking["id"], "primary": first, "backup": second}
    ana.post(f"{ROOM}/briefs/{brief_id}/selection", selection)
    do(ana, f"briefs/{brief_id}/review", {"next_review_on": "2027-03-01", "finding": "As it was."})
    gap = ana.post(f"{ROOM}/gaps", example(IdentifyGap))["id"]
    do(ana, f"gaps/{gap}", example(IdentifyGap, impact=5), "PUT")
    do(ana, f"gaps/{gap}/route", example(ChooseGapRoute))
    do(ana, f"gaps/{gap}/close", example(CloseGap))
    do(ana, "opportunity-thresholds", example(SetOpportunityThresholds), "PUT")
    looked = looked_into(ana, first)
    alliance = allied(ana, partner)
    share = {"title": "Why", "candidate_id": first, "include": ["objectives"], "risk_ids": [looked["risk_id"]]}
    ana.post(f"{ROOM}/alliances/{alliance}/summaries", {**share, "confirm_other_company": True})
    return {
        "brief": brief_id,
        "candidate": first,
        "assessment": round_["id"],
        "ranking": ranking["id"],
        "gap": gap,
        "risk": looked["risk_id"],
        "alliance": alliance,
    }


TRUST = {"key": "trust", "title": "Trust", "question": "Do they?", "weight": "1", "floor": "3"}


def test_to_another_organisation_nothing_is_there(api: Api, things: dict[str, Any], stranger: Member) -> None:
    before = position(api, stranger.org)
    below_brief = [
        f"briefs/{things['brief']}{part}" for part in ("", "/candidates", "/rankings", "/selection", "/opportunities")
    ]
    parts = ("", "/assessments", "/diligence", "/risks", "/signing-tests")
    below_candidate = [f"candidates/{things['candidate']}{part}" for part in parts]
    plain = [f"{name}s/{things[name]}" for name in ("assessment", "ranking", "gap", "risk")]
    of_others = [*below_brief, *below_candidate, *plain, f"alliances/{things['alliance']}/summaries"]
    for path in of_others:
        assert status(stranger, f"{ROOM}/{path}") == 404, path
        assert status(stranger, f"{ROOM}/{path}", as_of="2026-03-02T09:00:00Z") == 404, path
    commands: list[tuple[str, str, Any]] = [
        ("PUT", f"briefs/{things['brief']}", BRIEF),
        ("POST", f"briefs/{things['brief']}/candidates", {"name": "x"}),
        ("POST", f"briefs/{things['brief']}/rankings", {"template": "landscape"}),
        (
            "POST",
            f"briefs/{things['brief']}/selection",
            {"ranking_id": things["ranking"], "primary": things["candidate"]},
        ),
        ("POST", f"candidates/{things['candidate']}/move", {"stage": "outreach"}),
        ("POST", f"candidates/{things['candidate']}/assessments", {"template": "star", "assessors": [stranger.person]}),
        ("POST", f"assessments/{things['assessment']}/submit", {"ratings": [rating("trust", 3)]}),
        ("POST", f"assessments/{things['assessment']}/excuse", {"assessor": stranger.person}),
        ("POST", f"assessments/{things['assessment']}/waive", {"criterion": "trust", "kind": "blocker", "reason": "x"}),
    ]
    for method, path, body in commands:
        assert status(stranger, f"{ROOM}/{path}", method, body) == 404, path
    assert position(api, stranger.org) == before


def test_the_database_itself_shows_another_organisation_no_row(
    api: Api, ana: Member, things: dict[str, Any], stranger: Member
) -> None:
    for org, sees in ((ana.org, True), (stranger.org, False)):
        with api.runtime.engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT set_config('role', 'concord_scoring', true), set_config('concord.org', %s, true)", (org,)
            )
            for table in tables():
                assert (connection.execute(select(table)).first() is not None) is sees, table.name


def test_an_auditor_reads_and_changes_nothing(api: Api, ana: Member, things: dict[str, Any]) -> None:
    person = {"name": "Dan", "email": "dan@example.com", "level": "working", "roles": ["auditor"]}
    auditor = api.sign_in(ana.org, ana.post("/directory/v1/people", person)["id"])
    assert auditor.get(f"{ROOM}/briefs/{things['brief']}")["title"] == "Revised"
    auditor.post(f"{ROOM}/briefs", BRIEF, expect=403)


def test_nobody_comes_in_without_a_credential(api: Api, things: dict[str, Any]) -> None:
    assert api.client.get(f"{ROOM}/briefs/{things['brief']}").status_code == 401


def test_replay_gives_the_same_rows(api: Api, ana: Member, things: dict[str, Any]) -> None:
    with api.runtime.engine.connect() as connection:
        connection.exec_driver_sql("SELECT set_config('concord.org', 'system', true)")
        of = {table: UUID(things["alliance"] if table is shared_summaries else ana.org) for table in tables()}
        replays = {one: replay(connection, SCORING.read_models, one, NOW) for one in set(of.values())}
        for table, ledger_id in of.items():
            live = connection.execute(
                select(table).where(table.c.ledger_id == ledger_id).order_by(*table.primary_key.columns)
            )
            rows = [dict(row) for row in live.mappings()]
            assert rows, table.name
            assert rows == replays[ledger_id].where(table), table.name


def test_the_migration_makes_the_tables_of_the_read_models(api: Api) -> None:
    looked, dialect = inspect(api.runtime.engine), api.runtime.engine.dialect
    for table in tables():
        columns = looked.get_columns(table.name, schema="scoring")
        made = {c["name"]: (c["type"].compile(dialect), c["nullable"], c["default"]) for c in columns}
        assert made == {c.name: (c.type.compile(dialect), c.nullable, None) for c in table.columns}
        key = looked.get_pk_constraint(table.name, schema="scoring")["constrained_columns"]
        assert key == [c.name for c in table.primary_key.columns]
        indexes = {i["name"]: i["column_names"] for i in looked.get_indexes(table.name, schema="scoring")}
        assert indexes == {i.name: [c.name for c in i.columns] for i in table.indexes}
    assert set(looked.get_table_names(schema="scoring")) == {table.name for table in tables()}


def test_every_event_reaches_a_read_model() -> None:
    reached = {name for model in SCORING.read_models for name in model.branches}
    assert reached == {name for name in all_types() if name.startswith("scoring.")}


def tables() -> list[Any]:
    return [table for model in SCORING.read_models for table in model.tables]
