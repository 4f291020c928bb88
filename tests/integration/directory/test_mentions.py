"""What others wrote of a person who is erased: it is listed, and each side can erase its own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from examples.airline_codeshare.deciding import DECISION
from examples.airline_codeshare.governing import Side, advance, ally, sign_governance_model
from examples.airline_codeshare.partner import Operator, Partner
from examples.airline_codeshare.story import side
from shared.ids import uuid7
from shared.testing.api import OPERATOR_KEY, Api
from tests.integration.directory.everywhere import bearer, dump, follow, holds


@dataclass(frozen=True)
class Named:
    """An alliance in which both sides have written of Ida Thorsen, who never wrote a word."""

    api: Api
    ours: Side
    theirs: Side
    alliance: str
    ida: Any
    decisions: tuple[str, str]


@pytest.fixture
def named(api: Api) -> Named:
    operator = Operator(api.client, OPERATOR_KEY)
    ours = side(operator, "Nordic", "Europe/Oslo", ("Dana Cole", "Sam Okafor", "Ana Ruiz"))
    theirs = side(operator, "Balt", "Europe/Riga", ("Kim Berg", "Lee Park", "Noor Haddad"))
    alliance = ally(ours, theirs)
    advance(alliance, ours, "designing")
    sign_governance_model(alliance, ours, theirs)
    whom = {"name": "Ida Thorsen", "email": "ida@nordic.example", "roles": ["member"]}
    ida = ours.manager.post("/directory/v1/people", whom)
    path = f"/governance/v1/alliances/{alliance}/decisions"
    one = ours.sponsor.post(path, {**DECISION, "subject": "As ida thorsen (IDA@nordic.example) proposed"})
    other = theirs.sponsor.post(path, {**DECISION, "subject": "Ask Ida Thorsen; not Ida Thorsensen"})
    ours.sponsor.post(path, {**DECISION, "subject": "Ask Ida Thorsensen"})
    return Named(api, ours, theirs, alliance, ida, (one["id"], other["id"]))


def added(owner: Partner) -> dict[str, Any]:
    """Where the name stands of the last person who was added and is not erased."""
    history = owner.get(f"/ledger/v1/ledgers/{owner.org}/events", type="directory.person-added.v1")["items"]
    seq = max(one["seq"] for one in history if not one["erased"])
    return {"ledger_id": owner.org, "seq": seq, "field": "name"}


def subject(named: Named, decision: str) -> Any:
    return named.ours.manager.get(f"/governance/v1/decisions/{decision}")["subject"]


def test_who_names_an_erased_person_is_listed_and_each_side_can_erase_its_own_words(named: Named) -> None:
    path = f"/directory/v1/people/{named.ida['id']}/erasure"
    erased = named.ours.manager.ask("POST", path, headers={"If-Match": "*"}, json={}).json()
    listed = {(one["ledger_id"], one["field"], one["ours"]) for one in erased["mentions"]}
    assert listed == {(named.alliance, "subject", True), (named.alliance, "subject", False)}
    assert erased["mentions_found"] == 2
    assert [subject(named, one) is None for one in named.decisions] == [False, False], "listed, and kept"
    ours, others = sorted(erased["mentions"], key=lambda one: not one["ours"])
    place = {"ledger_id": ours["ledger_id"], "field": "subject"}
    for values, status, said in (
        ([{**place, "seq": others["seq"]}], 409, "words-of-others"),
        ([{**place, "seq": 0}], 422, "nothing-to-erase"),
        ([{**place, "seq": ours["seq"], "field": "forum"}], 422, "nothing-to-erase"),
        ([{**place, "ledger_id": str(uuid7()), "seq": 0}], 422, "nothing-to-erase"),
        ([added(named.ours.owner)], 409, "erase-the-person"),
    ):
        answer = named.api.client.post(
            "/directory/v1/erasures", json={"values": values}, headers=bearer(named.ours.manager)
        )
        assert (answer.status_code, said in answer.text) == (status, True), answer.text
    asked = {"values": [{**place, "seq": ours["seq"]}], "ground": "person_asked"}
    done = named.ours.manager.post("/directory/v1/erasures", asked)
    raised = [{"type": "governance.decision-raised.v1", "values": 1}]
    assert done["ledgers"] == [{"ledger_id": named.alliance, "values": 1, "kinds": raised}]
    named.theirs.manager.post("/directory/v1/erasures", {"values": [{**place, "seq": others["seq"]}]})
    assert [subject(named, one) for one in named.decisions] == [None, None]
    again = named.api.client.post("/directory/v1/erasures", json=asked, headers=bearer(named.ours.manager))
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "nothing-to-erase")
    assert_nowhere(named, frozenset({"Ida Thorsen;", "ida thorsen (", "ida@nordic.example"}))


def test_what_ones_own_people_wrote_of_them_goes_with_them_when_asked(named: Named) -> None:
    path = f"/directory/v1/people/{named.ida['id']}/erasure"
    asked = {"mentions": "erase"}
    erased = named.ours.manager.ask("POST", path, headers={"If-Match": "*"}, json=asked).json()
    assert [(one["ours"], one["field"]) for one in erased["mentions"]] == [(False, "subject")]
    assert named.alliance in {one["ledger_id"] for one in erased["ledgers"]}
    assert [subject(named, one) is None for one in named.decisions] == [True, False]
    assert_nowhere(named, frozenset({"ida thorsen (", "ida@nordic.example"}))


def assert_nowhere(named: Named, texts: frozenset[str]) -> None:
    follow(named.api)
    assert [(table, found) for table, raw in dump(named.api) if (found := holds(raw, texts))] == []
