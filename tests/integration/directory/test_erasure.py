"""A person is erased from a real alliance: afterwards nothing anywhere holds what they were called or wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import Connection, Engine

from examples.airline_codeshare.choosing import choose
from examples.airline_codeshare.deciding import DECISION
from examples.airline_codeshare.governing import Side, advance, ally, sign_governance_model
from examples.airline_codeshare.partner import Operator, Partner
from examples.airline_codeshare.story import side
from services.ledger.verification import verify_export
from shared.events.ledger import ErasureGround
from shared.events.scoring import RatingsSubmitted
from shared.events.scoring_terms import Confidence, Evidence, Rating
from shared.ids import uuid7
from shared.log.envelope import Actor, Cause
from shared.log.erasing import Erasing, Going, executed
from shared.log.log import Log
from shared.log.opened import of_person
from shared.log.rebuild import verify
from shared.testing.api import OPERATOR_KEY, Api
from tests.integration.directory.everywhere import bearer, dump, follow, holds

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_CHARACTERS = 6
"""A text this long is nowhere by chance."""
SECRET = 'Ana\'s own "words" – in\nthree lines\\'
"""Free text with what JSON writes otherwise."""


@dataclass(frozen=True)
class Told:
    """An alliance in which the sponsor of United has acted, and what the ledgers disclose of her."""

    api: Api
    united: Side
    express: Side
    alliance: str
    texts: frozenset[str]

    @property
    def manager(self) -> Partner:
        return self.united.manager

    @property
    def sponsor(self) -> Partner:
        return self.united.sponsor


@pytest.fixture(scope="module")
def told(api: Api) -> Told:
    operator = Operator(api.client, OPERATOR_KEY)
    united = side(operator, "United", "America/Chicago", ("Dana Cole", "Sam Okafor", "Ana Ruiz-Ångström"))
    express = side(operator, "ExpressJet", "America/New_York", ("Kim Berg", "Lee Park", "Noor Haddad"))
    choose(united.manager, (united.manager, united.sponsor))
    alliance = ally(united, express)
    advance(alliance, united, "designing")
    sign_governance_model(alliance, united, express)
    path = f"/governance/v1/alliances/{alliance}/decisions"
    united.sponsor.post(path, {**DECISION, "subject": SECRET, "context": "Ana tells what she thinks of it"})
    person = f"/directory/v1/people/{united.sponsor.id}"
    details = {"name": "Ana Ruiz-Ångström", "email": "ana.ruiz@united.example", "function": "Network planning",
               "seniority": "Vice President", "level": "executive"}  # fmt: skip
    united.manager.ask("PUT", person, headers={"If-Match": "*"}, json=details)
    once = {"Idempotency-Key": "once", "If-Match": "*"}
    united.manager.ask("POST", f"{person}/roles", headers=once, json={"role": "auditor"})
    follow(api)
    return Told(api, united, express, alliance, disclosed(api, united.sponsor))


def disclosed(api: Api, person: Partner) -> frozenset[str]:
    """Every text that the log discloses of a person and of nobody else."""
    with api.runtime.engine.begin() as connection:
        people = connection.exec_driver_sql("SELECT DISTINCT person_id FROM log.disclosures").scalars().all()
        known = {one: texts_of(connection, one) for one in people}
    mine = known.pop(UUID(person.id))
    return frozenset(text for text in mine - set().union(*known.values()) if len(text) >= LONG_CHARACTERS)


def texts_of(connection: Connection, person: UUID) -> set[str]:
    rows = "SELECT DISTINCT ledger_id FROM log.disclosures WHERE person_id = %s"
    ledgers = connection.exec_driver_sql(rows, (person,)).scalars().all()
    return {text for at in ledgers for one in of_person(connection, at, person) for text in one.texts}


def erase(told: Told, person: Partner, by: Partner) -> Any:
    path = f"/directory/v1/people/{person.id}"
    now = f'"{by.get(path)["version"]}"'
    return by.ask("POST", f"{path}/erasure", headers={"If-Match": now}, json={"ground": "person_asked"}).json()


def test_a_person_is_erased_end_to_end(told: Told, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    api = told.api
    before = {table for table, raw in dump(api) if holds(raw, told.texts)}
    assert {"directory.people", "log.idempotency", "governance.decisions"} <= before
    assert {SECRET, "Ana Ruiz-Ångström", "ana.ruiz@united.example"} <= told.texts
    entries = {ledger: leaves(api, ledger) for ledger in (told.alliance, told.manager.org)}
    capfd.readouterr()

    erased = erase(told, told.sponsor, told.united.owner)

    assert {one["ledger_id"] for one in erased["ledgers"]} == {told.alliance, told.manager.org}
    counts = [{kind["type"]: kind["values"] for kind in one["kinds"]} for one in erased["ledgers"]]
    assert [sum(one.values()) for one in counts] == [one["values"] for one in erased["ledgers"]]
    kinds = {name.partition(".")[0] for one in counts for name in one}
    assert {"directory", "governance"} <= kinds, "one sees that texts of the company went with her details"
    follow(api)
    assert [(table, found) for table, raw in dump(api) if (found := holds(raw, told.texts))] == []
    out, err = capfd.readouterr()
    assert holds((out + err).encode(), told.texts) == []
    for ledger, earlier in entries.items():
        assert leaves(api, ledger)[: len(earlier)] == earlier
        export = tmp_path / f"{ledger}.zip"
        export.write_bytes(told.united.owner.ask("GET", f"/ledger/v1/ledgers/{ledger}/export").content)
        assert verify_export(export, [], as_json=False) == 0
        assert_gone(export, told.texts)
    for service in api.runtime.services:
        followed = [m for m in service.read_models if m.followed]
        assert list(verify(api.runtime.engine, service.own)) == []
        assert list(verify(api.runtime.engine, followed, follower=f"{service.name}.read_models")) == []


def assert_gone(export: Path, texts: frozenset[str]) -> None:
    with ZipFile(export) as archive:
        assert [name for name in archive.namelist() if holds(archive.read(name), texts)] == []


def leaves(api: Api, ledger: str) -> list[bytes]:
    with api.runtime.engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT leaf FROM log.events WHERE ledger_id = %s ORDER BY seq", (ledger,))
        return [bytes(row[0]) for row in rows]


def test_everybody_of_a_side_can_go_but_its_last_owner(told: Told) -> None:
    """Whoever drafted, decided and scored: no row needs a name, and the others go on."""
    owner = told.united.owner
    texts = disclosed(told.api, told.manager)
    assert erase(told, told.manager, owner)["ledgers"]
    follow(told.api)
    assert [(table, found) for table, raw in dump(told.api) if (found := holds(raw, texts))] == []
    response = told.api.client.get("/directory/v1/me", headers={"Authorization": f"Bearer {told.manager.token}"})
    assert response.status_code == 401
    path = f"/directory/v1/people/{owner.id}/erasure"
    last = told.api.client.post(path, json={}, headers=bearer(owner) | {"If-Match": "*"})
    assert (last.status_code, last.json()["refusal"]) == (409, "last-owner")
    for one in told.express.manager.get(f"/ledger/v1/ledgers/{told.alliance}/events", limit=200)["items"]:
        assert holds(one["words"].encode(), texts) == []


def test_a_kept_answer_is_replaced_and_its_request_never_carried_out_again(api: Api) -> None:
    owner = api.organisation("Forgetful")
    body = {"name": "Zoë Quist", "email": "zoe@forgetful.example", "roles": ["member"]}
    once = owner.headers({"Idempotency-Key": "zoe"})
    zoe = api.client.post("/directory/v1/people", json=body, headers=once).json()
    path = f"/directory/v1/people/{zoe['id']}"
    gone = owner.change(f"{path}/deactivate", {"reason": "Zoë Quist left."}, zoe["version"])
    erased = owner.change(f"{path}/erasure", {"ground": "person_asked"}, gone["version"])
    again = api.client.post("/directory/v1/people", json=body, headers=once)
    assert (again.status_code, again.json()["refusal"]) == (409, "answer-erased")
    assert again.headers["idempotency-replayed"] == "true"
    shown = owner.get(path)
    assert (shown["name"], shown["email"], shown["level"], shown["active"]) == (None, None, None, False)
    assert len(owner.get("/directory/v1/people")["items"]) == 2
    refused = owner.change(f"{path}/reactivate", None, erased["version"], expect=409)
    assert refused["refusal"] == "person-erased"
    history = owner.get(f"/ledger/v1/ledgers/{owner.org}/events")["items"]
    added = [one["erased"] for one in history if one["type"] == "directory.person-added.v1"]
    assert added[-1] == ["email", "level", "name"]
    assert history[-1]["type"] == "ledger.erasure-executed.v1"
    assert history[-1]["actor"]["sub"] == owner.person
    assert owner.change(f"{path}/erasure", {}, erased["version"])["ledgers"] == []
    lee = api.colleague(owner, "Lee")
    lee.change(f"{path}/erasure", {}, erased["version"], expect=403)
    stranger = api.organisation("Stranger")
    stranger.change(f"{path}/erasure", {}, erased["version"], expect=404)


def test_an_attachment_that_only_they_named_goes_with_them(engine: Engine) -> None:
    ledger, lee, owner = uuid7(), uuid7(), uuid7()
    with engine.begin() as connection:
        log = Log(connection)
        log.open_ledger(ledger, "organisation", [ledger])
        theirs, shared = (log.attach(ledger, content, "text/plain") for content in (b"Lee's notes", b"the contract"))
        for person, named in ((lee, (theirs, shared)), (owner, (shared,))):
            rated = Rating("fit", 3, Confidence.HIGH, (), Evidence("Read both papers", (), named))
            submitted = RatingsSubmitted(assessor=person, ratings=(rated,))
            actor = Actor(org=ledger, sub=person)
            log.append(ledger, f"assessment/{uuid7()}", 0, [submitted], actor=actor, effective_at=NOON, cause=Cause())
        erasing = Erasing(connection, "concord_directory", (), ErasureGround.RETENTION_ENDED)
        told = of_person(connection, ledger, lee)
        gone = erasing.forget(ledger, told, person=lee, actor=Actor(system="test"), at=NOON, cause=Cause())
        left = connection.exec_driver_sql("SELECT sha256 FROM log.attachments WHERE ledger_id = %s", (ledger,))
        assert left.scalars().all() == [shared.sha256]
    assert gone.attachments == {theirs.sha256}
    assert [one.event.attachments for one in erasing.recorded] == [(theirs.sha256,)]


def test_many_digests_are_recorded_in_pages() -> None:
    going = Going(UUID(int=0), tuple(f"{n:043}" for n in range(1_201)), attachments=frozenset({"a" * 64}))
    events = list(executed(going, ErasureGround.UNLAWFUL))
    assert [len(one.digests) for one in events] == [500, 500, 201]
    assert [len(one.attachments) for one in events] == [1, 0, 0]
