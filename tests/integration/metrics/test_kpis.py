"""A KPI by HTTP: proposed, countered, accepted, and shown as it was at any moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from shared.testing.api import Member
from tests.integration.metrics.road import NOBODY, Joint, problem, status, system


def test_a_kpi_is_agreed_once_every_other_party_accepts(joint: Joint) -> None:
    made = joint.propose(joint.terms("flights"))
    assert (made["status"], made["version"], made["accepted_by"]) == ("proposed", 1, [joint.united.org])
    assert made["parties"] == [joint.united.org, joint.express.org]
    agreed = joint.express.change(joint.path(f"kpis/{made['id']}/accept"), None, 1)
    assert (agreed["status"], agreed["agreed_at"]) == ("agreed", "2013-06-03T15:00:00Z")
    assert agreed["accepted_by"] == [joint.united.org, joint.express.org]
    assert joint.united.get(joint.path(f"kpis/{made['id']}")) == agreed


def test_a_counter_offer_asks_the_other_side_anew(joint: Joint) -> None:
    made = joint.propose(joint.terms("flights"))
    path = joint.path(f"kpis/{made['id']}")
    terms = joint.terms("flights", due_days=5, tolerance={"kind": "relative", "amount": "0.05"})
    countered = joint.express.change(f"{path}/counter", {"terms": terms, "note": "Three are too few."}, 1)
    assert (countered["terms"]["due_days"], countered["note"]) == (5, "Three are too few.")
    assert countered["terms"]["tolerance"] == {"kind": "relative", "amount": "0.05"}
    assert countered["accepted_by"] == [joint.express.org]
    assert joint.united.change(f"{path}/accept", None, countered["version"])["status"] == "agreed"


def test_kpis_are_listed_by_status(joint: Joint) -> None:
    joint.agree(joint.terms("one"))
    joint.propose(joint.terms("two"))
    path = joint.path("kpis")
    listed = {
        status: [one["key"] for one in joint.express.get(path, **query)["items"]]
        for status, query in {"all": {}, "agreed": {"status": "agreed"}, "proposed": {"status": "proposed"}}.items()
    }
    assert listed == {"all": ["one", "two"], "agreed": ["one"], "proposed": ["two"]}
    first = joint.united.get(path, limit=1)
    assert [one["key"] for one in first["items"]] == ["one"]
    assert [one["key"] for one in joint.united.get(path, cursor=first["next_cursor"])["items"]] == ["two"]


def test_kpis_are_shown_as_they_were(joint: Joint) -> None:
    made = joint.propose(joint.terms("flights"))
    joint.api.set_clock("2013-06-04T15:00:00Z")
    joint.express.change(joint.path(f"kpis/{made['id']}/accept"), None, 1)
    path, then = joint.path(f"kpis/{made['id']}"), {"as_of": "2013-06-03T16:00:00Z"}
    assert (joint.united.get(path)["status"], joint.united.get(path, **then)) == ("agreed", made)
    assert [one["status"] for one in joint.united.get(joint.path("kpis"), **then)["items"]] == ["proposed"]
    assert status(joint.united, path, as_of="2013-06-03T14:00:00Z") == 404
    assert joint.united.get(joint.path("kpis"), as_of="2013-06-03T14:00:00Z")["items"] == []


def test_what_the_rules_refuse(joint: Joint) -> None:
    agreed = joint.agree(joint.terms("flights"))
    made = joint.propose(joint.terms("other"))
    accept = joint.path(f"kpis/{made['id']}/accept")
    assert joint.propose(joint.terms("flights"), expect=409)["refusal"] == "key-taken"
    assert joint.united.change(accept, None, 1, expect=409)["refusal"] == "already-accepted"
    counter, body = joint.path(f"kpis/{agreed['id']}/counter"), {"terms": joint.terms("flights", due_days=9)}
    assert joint.united.change(counter, body, agreed["version"], expect=409)["refusal"] == "kpi-agreed"


def test_two_at_once_do_not_take_the_same_key(joint: Joint) -> None:
    def propose(who: Member) -> int:
        return status(who, joint.path("kpis"), "POST", {"terms": joint.terms("flights")})

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(propose, [joint.united, joint.express] * 2)) == [201, 409, 409, 409]


def test_what_the_input_must_be(joint: Joint) -> None:
    def refused(**changes: object) -> tuple[int, str, str]:
        body = {"terms": joint.terms("flights", **changes)}
        return problem(joint.api.client.post(joint.path("kpis"), json=body, headers=joint.united.headers()))

    assert refused(currency="USD") == (422, "/terms/currency", "currency-mismatch")
    assert refused(reported_by=[str(NOBODY)]) == (422, "/terms/reported_by/0", "bad-reporter")
    assert refused(due_days=367) == (422, "/terms/due_days", "less-than-equal")
    assert refused(colour="red") == (422, "/terms/colour", "extra-forbidden")
    assert refused(tolerance={"kind": "absolute", "amount": 0.1})[:2] == (422, "/terms/tolerance/amount")


def test_a_change_names_the_version_it_is_made_to(joint: Joint) -> None:
    made = joint.propose(joint.terms("flights"))
    accept = joint.path(f"kpis/{made['id']}/accept")
    assert joint.api.client.post(accept, headers=joint.express.headers()).status_code == 428
    assert joint.express.change(accept, None, 7, expect=412)["type"] == "/problems/stale"


def test_who_may_and_who_may_not(joint: Joint, stranger: Member) -> None:
    made = joint.propose(joint.terms("flights"))
    body, kpi = {"terms": joint.terms("other")}, joint.path(f"kpis/{made['id']}")
    for path in (joint.path("kpis"), kpi):
        assert status(stranger, path) == 404
        assert status(stranger, path, as_of="2013-06-03T00:00:00Z") == 404
        assert status(system(joint.united, "metrics:push"), path) == 403
        assert status(system(joint.united, "metrics:read"), path) == 200
    for path, sent in ((joint.path("kpis"), body), (f"{kpi}/counter", body), (f"{kpi}/accept", None)):
        assert status(stranger, path, "POST", sent) == 404
        assert status(system(joint.united, "metrics:read", "metrics:push"), path, "POST", sent) == 403
    assert status(joint.united, joint.path(f"kpis/{NOBODY}")) == 404
    assert status(joint.united, f"/metrics/v1/alliances/{joint.united.org}/kpis", "POST", body) == 404
