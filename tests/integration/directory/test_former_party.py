"""A party that has left reads its alliance up to its exit, on every read path, and nothing of what came later."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest

from shared.auth.authenticate import act_as_system
from shared.log.leaving import end_readership
from shared.testing.api import Api, Member

ALLIANCE = {"intent": "capability_extension", "type": "codeshare", "structure": "contractual", "name": "Three of us"}
LATER = "Said after the exit"


@dataclass(frozen=True)
class Left:
    """An alliance of three that one has left; what it read last, by path; the others went on."""

    id: str
    staying: Member
    gone: Member
    paths: dict[str, Any]
    exit_seq: int


@pytest.fixture(scope="module")
def left(api: Api) -> Left:
    api.set_clock("2026-03-02T12:00:00Z")
    staying, third, gone = (api.organisation(name) for name in ("Staying", "Third", "Gone"))
    made = staying.post("/governance/v1/alliances", {**ALLIANCE, "parties": [third.org, gone.org]})
    alliance = made["id"]
    role = {"person_id": gone.person, "role": "legal", "starts_on": "2026-01-01"}
    gone.post(f"/directory/v1/alliances/{alliance}/roles", role)
    read = (f"/governance/v1/alliances/{alliance}", "/governance/v1/alliances",
            f"/directory/v1/alliances/{alliance}/roles", f"/ledger/v1/ledgers/{alliance}/events")  # fmt: skip
    paths = {path: gone.get(path) for path in read}
    with api.runtime.engine.begin() as connection:
        act_as_system(connection, "concord_governance")
        exit_seq = end_readership(connection, UUID(alliance), UUID(gone.org))
        assert end_readership(connection, UUID(alliance), UUID(gone.org)) is None
    assert exit_seq is not None
    api.set_clock("2026-03-03T12:00:00Z")
    third.change(f"/governance/v1/alliances/{alliance}/decline", {"reason": LATER}, made["version"])
    role = {"person_id": staying.person, "role": "legal", "starts_on": "2026-01-01"}
    staying.post(f"/directory/v1/alliances/{alliance}/roles", role)
    return Left(alliance, staying, gone, paths, exit_seq)


def test_reads_what_it_read_last(left: Left) -> None:
    for path, last in left.paths.items():
        assert left.gone.get(path) == last, path
        assert left.staying.get(path) != last, path


def test_no_moment_shows_more(left: Left) -> None:
    path = f"/governance/v1/alliances/{left.id}"
    for as_of in ("2026-03-03T12:00:00Z", str(left.exit_seq), str(left.exit_seq + 1)):
        response = left.gone.api.client.get(path, params={"as_of": as_of}, headers=left.gone.headers())
        assert response.status_code == 422 or response.json() == left.paths[path], as_of


def test_its_export_ends_with_its_exit(left: Left) -> None:
    path = f"/ledger/v1/ledgers/{left.id}/export"
    response = left.gone.api.client.get(path, headers=left.gone.headers())
    assert response.status_code == 200
    with ZipFile(io.BytesIO(response.content)) as archive:
        manifest = next(name for name in archive.namelist() if "manifest" in name)
        assert json.loads(archive.read(manifest))["size"] == left.exit_seq + 1
        assert not any(LATER.encode() in archive.read(name) for name in archive.namelist())


def test_writes_nothing_any_more(left: Left) -> None:
    role = {"person_id": left.gone.person, "role": "security", "starts_on": "2026-01-01"}
    response = left.gone.api.client.post(
        f"/directory/v1/alliances/{left.id}/roles", json=role, headers=left.gone.headers()
    )
    assert response.status_code in (403, 404)


def test_no_table_of_any_service_shows_it_a_row(left: Left) -> None:
    """Behind the routes: with the party's own organisation set, the database itself shows nothing but the past."""
    runtime = left.gone.api.runtime
    for service in runtime.services:
        for table in (t for m in service.read_models for t in m.tables):
            with runtime.engine.begin() as connection:
                connection.exec_driver_sql("SELECT set_config('role', %s, true)", (service.role,))
                connection.exec_driver_sql("SELECT set_config('concord.org', %s, true)", (left.gone.org,))
                seen = connection.exec_driver_sql(
                    f"SELECT count(*) FROM {table.fullname} WHERE ledger_id = %s", (left.id,)
                )
                assert seen.scalar_one() == 0, table.fullname
