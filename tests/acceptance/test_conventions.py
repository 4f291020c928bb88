"""The conventions of every endpoint, seen through directory: problems, idempotency, ETags, positions, lists, as-of."""

from __future__ import annotations

import base64
import json
import re
import threading
from typing import Any
from uuid import UUID

import pytest

from shared.ids import uuid7
from shared.testing.api import Api, Member

PEOPLE = "/directory/v1/people"

ENDPOINT = {"url": "https://hooks.united.example/concord", "event_types": ["*"]}


def somebody() -> dict[str, Any]:
    """Somebody new: two people of an organisation never share an address."""
    return {"name": "Lee Park", "email": f"{uuid7()}@united.example", "roles": ["member"]}


@pytest.fixture(scope="module")
def united(api: Api) -> Member:
    return api.organisation("United")


def test_a_problem_says_what_is_wrong_everywhere_at_once(api: Api, united: Member) -> None:
    body = {"name": 5, "email": "no address", "roles": [], "shoe_size": 43}
    response = api.client.post(PEOPLE, json=body, headers=united.headers())
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == "/problems/invalid"
    assert {e["pointer"] for e in problem["errors"]} == {"/name", "/email", "/roles", "/shoe_size"}
    assert response.headers["concord-request-id"] in problem["instance"]
    assert api.client.get(problem["type"]).json()["title"] == problem["title"]


def test_nobody_and_strangers_learn_nothing(api: Api, united: Member) -> None:
    lee = united.post(PEOPLE, somebody())
    other = api.organisation("Other")
    for headers in (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Bearer ck_a_b"},
        {"Authorization": "Basic eA=="},
    ):
        response = api.client.get(f"{PEOPLE}/{lee['id']}", headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")
    hidden = api.client.get(f"{PEOPLE}/{lee['id']}", headers=other.headers())
    absent = api.client.get(f"{PEOPLE}/{other.org}", headers=other.headers())
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.json() | {"instance": ""} == absent.json() | {"instance": ""}


def test_a_faulty_request_of_a_stranger_is_answered_401_not_422(api: Api) -> None:
    response = api.client.post(PEOPLE, json={"x": 1}, headers={"Authorization": "Bearer nonsense"})
    assert response.status_code == 401


def test_a_member_may_see_people_and_not_add_them(api: Api, united: Member) -> None:
    lee = api.colleague(united, "Member Only")
    lee.get(PEOPLE)
    assert lee.post(PEOPLE, somebody(), expect=403)["type"] == "/problems/forbidden"


def test_the_same_idempotency_key_gives_the_first_answer_again(api: Api, united: Member) -> None:
    def send(body: Any) -> Any:
        return api.client.post(PEOPLE, json=body, headers=united.headers({"Idempotency-Key": "k1"}))

    lee = somebody()
    first, again, other = send(lee), send(lee), send({**lee, "name": "Another"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["concord-position"] == first.headers["concord-position"]
    assert "idempotency-replayed" not in first.headers
    assert other.json()["type"] == "/problems/idempotency-mismatch"


def test_a_refusal_is_kept_under_its_key_too(api: Api) -> None:
    member = api.organisation("Refusing")
    path = f"{PEOPLE}/{member.person}/deactivate"

    def send() -> Any:
        headers = member.headers({"Idempotency-Key": "k2", "If-Match": '"2"'})
        return api.client.post(path, json={}, headers=headers)

    first, again = send(), send()
    assert (first.status_code, again.status_code) == (409, 409)
    assert first.json()["refusal"] == "last-owner"
    assert again.headers["idempotency-replayed"] == "true"


def test_one_key_sent_by_many_at_once_writes_once(api: Api, united: Member) -> None:
    answers: list[Any] = []

    racer = {**somebody(), "name": "Racer"}

    def send() -> None:
        headers = united.headers({"Idempotency-Key": "race"})
        answers.append(api.client.post(PEOPLE, json=racer, headers=headers))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = {a.json()["id"] for a in answers if a.status_code == 201}
    assert len(made) == 1
    assert {a.status_code for a in answers} <= {201, 409}
    names = [p["name"] for p in united.get(PEOPLE, limit=200)["items"]]
    assert names.count("Racer") == 1


def test_changing_asks_for_the_etag_and_a_stale_one_shows_the_current(api: Api, united: Member) -> None:
    made = api.client.post(PEOPLE, json=somebody(), headers=united.headers())
    path, version = f"{PEOPLE}/{made.json()['id']}", made.json()["version"]
    assert made.headers["etag"] == f'"{version}"'
    body = {"name": "Lee Park-Soto", "email": "lee.soto@united.example"}
    missing = api.client.put(path, json=body, headers=united.headers())
    stale = api.client.put(path, json=body, headers=united.headers({"If-Match": '"1"'}))
    assert (missing.status_code, stale.status_code) == (428, 412)
    assert stale.headers["etag"] == f'"{version}"'
    changed = united.change(path, body, version, method="PUT")
    assert changed["name"] == "Lee Park-Soto"
    assert changed["version"] == version + 1


def test_a_read_can_wait_for_a_write(api: Api, united: Member) -> None:
    made = api.client.post(PEOPLE, json=somebody(), headers=united.headers())
    position = made.headers["concord-position"]
    path = f"{PEOPLE}/{made.json()['id']}"
    assert api.client.get(path, headers=united.headers({"Concord-Wait-For": position})).status_code == 200
    ledger, seq = position.split("/")
    ahead = api.client.get(path, headers=united.headers({"Concord-Wait-For": f"{ledger}/{int(seq) + 1000}"}))
    assert ahead.status_code == 503
    assert ahead.headers["retry-after"] == "1"
    nonsense = api.client.get(path, headers=united.headers({"Concord-Wait-For": "yesterday"}))
    assert nonsense.status_code == 422


def test_a_list_is_walked_by_cursors_while_others_write(api: Api) -> None:
    member = api.organisation("Many")
    for n in range(7):
        member.post(PEOPLE, {**somebody(), "name": f"Person {n}"})
    names, cursor = [], None
    while True:
        page = member.get(PEOPLE, limit=3, **({"cursor": cursor} if cursor else {}))
        names += [p["name"] for p in page["items"]]
        member.post(PEOPLE, {**somebody(), "name": "Late"}) if len(names) == 3 else None
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == ["Owner of Many", *(f"Person {n}" for n in range(7)), "Late"]
    forged = api.client.get(PEOPLE, params={"cursor": "AAAA"}, headers=member.headers())
    assert forged.status_code == 422


def test_reading_as_of_a_seq_and_of_a_time(api: Api) -> None:
    api.set_clock("2013-02-01T12:00:00Z")
    member = api.organisation("History")
    made = member.post(PEOPLE, somebody())
    path = f"{PEOPLE}/{made['id']}"
    api.set_clock("2013-03-01T12:00:00Z")
    member.change(path, {"name": "Lee Soto", "email": "lee@united.example"}, made["version"], method="PUT")
    assert member.get(path)["name"] == "Lee Soto"
    assert member.get(path, as_of="2013-02-15T00:00:00Z") == made
    assert member.get(path, as_of="4") == made
    assert member.get(PEOPLE, as_of="2")["items"][0]["name"] == "Owner of History"
    assert api.client.get(path, params={"as_of": "2"}, headers=member.headers()).status_code == 404
    assert api.client.get(path, params={"as_of": "2013-01-01T00:00:00Z"}, headers=member.headers()).status_code == 404
    for nonsense in ("yesterday", "2013-02-30T00:00:00Z", "-1", "2013-02-01"):
        assert api.client.get(path, params={"as_of": nonsense}, headers=member.headers()).status_code == 422


def test_the_future_is_not_told(api: Api, united: Member) -> None:
    """Neither of a time nor of a seq that is yet to come, in one thing, in a list and in a history."""
    size = united.get(f"/ledger/v1/ledgers/{united.org}")["size"]
    for path in (f"{PEOPLE}/{united.person}", PEOPLE, "/governance/v1/alliances"):
        told = api.client.get(path, params={"as_of": "2093-01-01T00:00:00Z"}, headers=united.headers())
        assert (told.status_code, told.json()["errors"][0]["code"]) == (422, "as-of-in-the-future"), path
    path = f"{PEOPLE}/{united.person}"
    assert united.get(path, as_of=str(size - 1)) == united.get(path)
    told = api.client.get(path, params={"as_of": str(size)}, headers=united.headers())
    assert (told.status_code, told.json()["errors"][0]["code"]) == (422, "as-of-in-the-future")
    assert f"has {size} entries" in told.json()["errors"][0]["detail"]


def test_what_was_made_says_where_it_is(api: Api, united: Member) -> None:
    for path, body in ((PEOPLE, somebody()), ("/webhooks/v1/endpoints", ENDPOINT)):
        headers = united.headers({"Idempotency-Key": f"where {path}"})
        made, again = (api.client.post(path, json=body, headers=headers) for _ in range(2))
        assert made.headers["location"] == f"{path}/{made.json()['id']}"
        assert again.headers["location"] == made.headers["location"]
        assert united.get(made.headers["location"])["id"] == made.json()["id"]


def test_codes_are_in_one_style(api: Api, united: Member) -> None:
    answers = (
        api.client.post(PEOPLE, json={"name": 5, "email": "x", "roles": [], "x": 1}, headers=united.headers()),
        api.client.get(f"{PEOPLE}?colour=red&limit=0&limit=1", headers=united.headers()),
        api.client.get(f"{PEOPLE}?limit=0&cursor=x&as_of=x", headers=united.headers()),
    )
    codes = [error["code"] for answer in answers for error in answer.json()["errors"]]
    assert len(codes) >= 7
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)] == []


def test_methods(api: Api, united: Member) -> None:
    wrong = api.client.delete(PEOPLE, headers=united.headers())
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    options = api.client.options(PEOPLE)
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    head = api.client.head(PEOPLE, headers=united.headers())
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == api.client.get(PEOPLE, headers=united.headers()).headers["content-length"]


def test_unknown_and_repeated_query_parameters_are_refused_by_name(api: Api, united: Member) -> None:
    unknown = api.client.get(f"{PEOPLE}?colour=red", headers=united.headers())
    assert unknown.json()["errors"][0]["pointer"] == "query/colour"
    assert api.client.get(f"{PEOPLE}?limit=1&limit=2", headers=united.headers()).status_code == 422


def test_trace_and_request_id(api: Api) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    response = api.client.get("/healthz", headers={"traceparent": trace})
    assert response.headers["traceparent"].split("-")[1] == trace.split("-")[1]
    assert response.headers["concord-request-id"]


def test_the_callers_trace_is_in_the_cause_of_an_event_and_none_is_made_up_for_it(api: Api, united: Member) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for sent in ({"traceparent": trace}, {}):
        made = api.client.post(PEOPLE, json=somebody(), headers=united.headers(sent))
        assert made.status_code == 201, made.text
        ledger, seq = made.headers["concord-position"].split("/")
        entry = united.get(f"/ledger/v1/ledgers/{ledger}/events/{seq}", raw="true")
        cause = json.loads(base64.b64decode(entry["event"]["raw"])[17:])["cause"]
        assert cause["command"] == made.headers["concord-request-id"]
        assert cause.get("traceparent") == (made.headers["traceparent"] if sent else None)


def test_the_callers_own_request_id_is_kept_everywhere(api: Api, united: Member) -> None:
    mine = "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"
    headers = united.headers({"Concord-Request-Id": mine})
    refused = api.client.post(PEOPLE, json={}, headers=headers)
    assert refused.headers["concord-request-id"] == mine
    assert refused.json()["instance"] == f"urn:uuid:{mine}"
    made = api.client.post(PEOPLE, json=somebody(), headers=headers)
    ledger, seq = made.headers["concord-position"].split("/")
    with api.runtime.engine.connect() as connection:
        cause = connection.exec_driver_sql(
            "SELECT convert_from(body, 'UTF8')::jsonb -> 'cause' FROM log.events WHERE ledger_id = %s AND seq = %s",
            (UUID(ledger), int(seq)),
        ).scalar_one()
    assert cause == {"command": mine}
    nonsense = api.client.get(PEOPLE, headers=united.headers({"Concord-Request-Id": "x; DROP TABLE"}))
    assert UUID(nonsense.headers["concord-request-id"])


def test_health_pages_need_no_credential_and_show_figures(api: Api) -> None:
    assert api.client.get("/healthz").text == "alive\n"
    ready = api.client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["migrations"]["at"] == ready.json()["migrations"]["wanted"]
    assert "concord_request_seconds" in api.client.get("/-/metrics").text


def test_the_kinds_of_problems_are_listed_and_explained(api: Api) -> None:
    listed = api.client.get("/problems").json()
    assert listed == api.client.get("/problems/", follow_redirects=False).json()
    assert {"/problems/invalid", "/problems/stale"} <= {one["type"] for one in listed["items"]}
    assert [one for one in listed["items"] if api.client.get(one["type"]).json() != one] == []


def test_a_cursor_of_another_list_is_refused(api: Api, united: Member) -> None:
    for n in range(2):
        united.post(PEOPLE, {**somebody(), "name": f"Cursor {n}"})
    cursor = united.get(PEOPLE, limit=1)["next_cursor"]
    other = api.organisation("Cursors")
    asked = [(f"/ledger/v1/ledgers/{united.org}/events", united), ("/directory/v1/api-keys", united), (PEOPLE, other)]
    for path, member in asked:
        refused = api.client.get(path, params={"cursor": cursor}, headers=member.headers())
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "bad-cursor"), path
    assert united.get(PEOPLE, cursor=cursor)["items"]
