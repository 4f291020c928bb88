"""Endpoints, their deliveries and the catalogue, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import jsonschema  # type: ignore[import-untyped]
import pytest

from shared.http.app import build_app
from shared.ids import uuid7
from shared.testing.api import Api, Member, listening
from tests.integration.webhooks.room import ENDPOINTS, Room

URL = "https://hooks.united.example/concord"
BODY = {"url": URL, "event_types": ["governance.*"]}


def key(room: Room, *scopes: str, alliances: tuple[str, ...] = ()) -> Member:
    body = {
        "name": "A system",
        "scopes": list(scopes),
        "alliances": list(alliances),
        "expires_at": "2013-06-01T00:00:00Z",
    }
    made = room.united.post("/directory/v1/api-keys", body)
    return Member(room.api, room.united.org, made["id"], made["key"])


def status(member: Member, method: str, path: str, body: Any = None, **headers: str) -> int:
    sent = member.headers({name.replace("_", "-"): value for name, value in headers.items()})
    return member.api.client.request(method, path, json=body, headers=sent).status_code


def test_registered_listed_and_seen_without_its_secret(room: Room) -> None:
    made = room.register(URL, "governance.*", "directory.person-added.v1", "governance.*", description="Ours")
    secret, public_key, jwks_url = (made.pop(name) for name in ("secret", "public_key", "jwks_url"))
    assert secret.startswith("whsec_")
    assert public_key.startswith("whpk_")
    assert jwks_url == f"http://127.0.0.1:8000{ENDPOINTS}/{made['id']}/jwks"
    assert made == {
        "id": made["id"],
        "url": URL,
        "event_types": ["directory.person-added.v1", "governance.*"],
        "alliances": [],
        "description": "Ours",
        "filters": [],
        "headers": [],
        "concurrency": 2,
        "rate_per_minute": None,
        "fifo": False,
        "status": "enabled",
        "disabled_reason": None,
        "registered_at": "2013-01-02T15:00:00Z",
        "version": 1,
    }
    assert room.united.get(f"{ENDPOINTS}/{made['id']}") == made
    assert room.united.get(ENDPOINTS) == {"items": [made], "next_cursor": None}
    with room.api.runtime.engine.connect() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM log.events").scalars().all()
    assert not any(secret.encode() in bytes(body) for body in bodies)


def test_changed(room: Room) -> None:
    made = room.register(URL)
    path = f"{ENDPOINTS}/{made['id']}"
    other = {"url": f"{URL}/2", "event_types": ["*"], "alliances": [room.alliance], "description": None}
    changed = room.united.change(path, other, 1, method="PUT")
    assert {name: changed[name] for name in other} == other
    assert changed["version"] == 2
    assert room.united.change(path, other, 2, method="PUT")["version"] == 2


def test_the_wrong_moment_is_refused(room: Room) -> None:
    path = f"{ENDPOINTS}/{room.register(URL)['id']}"
    assert room.united.change(f"{path}/resume", None, 1, expect=409)["refusal"] == "endpoint-enabled"
    room.united.change(f"{path}/pause", None, 1)
    assert room.united.change(f"{path}/pause", None, 2, expect=409)["refusal"] == "endpoint-not-enabled"
    for version in (2, 3):
        room.united.change(f"{path}/rotate-secret", None, version)
    assert room.united.change(f"{path}/rotate-secret", None, 4, expect=409)["refusal"] == "rotated-too-often"
    room.united.change(f"{path}/pause", None, 1, expect=412)
    assert status(room.united, "POST", f"{path}/pause") == 428


def test_removed_is_gone(room: Room) -> None:
    path = f"{ENDPOINTS}/{room.register(URL)['id']}"
    room.united.change(path, None, 1, method="DELETE", expect=204)
    assert room.united.get(ENDPOINTS)["items"] == []
    for method, where, body in everything(path):
        assert status(room.united, method, where, body, If_Match='"2"') == 404, where


def everything(path: str) -> list[tuple[str, str, Any]]:
    """Every operation on one endpoint."""
    commands = [("POST", f"{path}/{command}", None) for command in ("pause", "resume", "rotate-secret", "test-events")]
    reads = [("GET", path, None), ("GET", f"{path}/deliveries", None), ("GET", f"{path}/deliveries/{uuid4()}", None)]
    resend = ("POST", f"{path}/deliveries/{uuid4()}/resend", None)
    return [*commands, *reads, resend, ("PUT", path, BODY), ("DELETE", path, None)]


def test_strangers_and_partners_find_nothing(room: Room) -> None:
    path = f"{ENDPOINTS}/{room.register(URL)['id']}"
    for who in (room.express, room.api.organisation("Stranger")):
        assert who.get(ENDPOINTS)["items"] == []
        for method, where, body in everything(path):
            assert status(who, method, where, body, If_Match='"1"') == 404, where
    assert status(room.united, "GET", f"{ENDPOINTS}/{uuid4()}") == 404
    assert status(room.united, "POST", ENDPOINTS, {**BODY, "alliances": [str(uuid7())]}) == 404
    assert status(room.united, "POST", ENDPOINTS, {**BODY, "alliances": [room.united.org]}) == 404


def test_who_may(room: Room) -> None:
    path = f"{ENDPOINTS}/{room.register(URL)['id']}"
    member = room.api.colleague(room.united, "Lee")
    reader, writer = key(room, "webhooks:read"), key(room, "webhooks:read", "webhooks:write")
    bound = key(room, "webhooks:read", "webhooks:write", alliances=(room.alliance,))
    writes = [("POST", ENDPOINTS, BODY), *(one for one in everything(path) if one[0] != "GET")]
    for method, where, body in writes:
        assert status(member, method, where, body, If_Match='"1"') == 403, where
        assert status(reader, method, where, body, If_Match='"1"') == 403, where
        assert status(bound, method, where, body, If_Match='"1"') == 403, where
    assert status(member, "GET", path) == status(reader, "GET", path) == 200
    assert status(bound, "GET", path) == status(key(room, "ledger:read"), "GET", path) == 403
    assert status(writer, "POST", ENDPOINTS, BODY) == 201


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "https://10.0.0.1/hook"}, "/url"),
        ({"url": "https://user@hooks.example/"}, "/url"),
        ({"url": "ftp://hooks.example/"}, "/url"),
        ({"url": "https://hooks.example:22/"}, None),
        ({"event_types": ["governance.vote-caste.v1"]}, "/event_types/0"),
        ({"event_types": []}, "/event_types"),
        ({"event_types": ["scoring.ratings-submitted.v1"]}, "/event_types/0"),
        ({"event_types": "governance.*"}, "/event_types"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_invalid_wishes(room: Room, wrong: dict[str, Any], pointer: str | None) -> None:
    """With http allowed for development, any port passes; nothing else does."""
    answer = room.united.post(ENDPOINTS, {**BODY, **wrong}, expect=422 if pointer else 201)
    if pointer:
        assert [fault["pointer"] for fault in answer["errors"]] == [pointer]


def test_http_is_refused_unless_allowed(room: Room) -> None:
    runtime = room.api.runtime
    strict = runtime.__class__(
        runtime.settings.model_copy(update={"webhooks_allow_http": False}),
        runtime.engine,
        runtime.authenticator,
        runtime.services,
    )
    with listening(build_app(strict, strict.services)) as address:
        for url in ("http://hooks.example/", "https://127.0.0.1/", "https://localhost/", "https://hooks.example:8000/"):
            answer = room.api.client.post(
                f"{address}{ENDPOINTS}", json={**BODY, "url": url}, headers=room.united.headers()
            )
            assert answer.status_code == 422, url


def test_as_of(room: Room) -> None:
    path = f"{ENDPOINTS}/{room.register(URL, description='Ours')['id']}"
    room.api.set_clock("2013-01-02T16:00:00Z")
    room.united.change(f"{path}/pause", None, 1)
    room.api.set_clock("2013-01-02T17:00:00Z")
    room.united.change(path, None, 2, method="DELETE", expect=204)
    room.api.set_clock("2013-01-02T18:00:00Z")
    early, between, late = "2013-01-02T15:30:00Z", "2013-01-02T16:30:00Z", "2013-01-02T17:30:00Z"
    assert room.united.get(path, as_of=early)["status"] == "enabled"
    assert room.united.get(path, as_of=between)["status"] == "paused"
    assert status(room.united, "GET", f"{path}?as_of={late}") == 404
    assert [e["status"] for e in room.united.get(ENDPOINTS, as_of=between)["items"]] == ["paused"]
    assert room.united.get(ENDPOINTS, as_of=late)["items"] == []
    assert status(room.united, "GET", f"{path}/deliveries?as_of={early}") == 422


def test_deliveries_page_by_page(room: Room) -> None:
    made = room.register(URL, "governance.*")
    events = [str(room.vote().event_id) for _ in range(3)]
    room.follow()
    path = f"{ENDPOINTS}/{made['id']}/deliveries"
    first = room.united.get(path, limit=2)
    rest = room.united.get(path, limit=2, cursor=first["next_cursor"])
    assert [one["event_id"] for one in first["items"] + rest["items"]] == events
    assert rest["next_cursor"] is None
    one = room.united.get(f"{path}/{events[1]}")
    assert one == first["items"][1]
    assert (one["ledger_id"], one["seq"], one["state"], one["attempts"]) == (room.alliance, 1, "waiting", [])
    assert room.united.get(path, state="delivered")["items"] == []


def test_an_idempotent_registration_shows_the_same_secret(room: Room) -> None:
    first = room.united.post(ENDPOINTS, BODY, Idempotency_Key="once")
    assert room.united.post(ENDPOINTS, BODY, Idempotency_Key="once") == first
    assert len(room.united.get(ENDPOINTS)["items"]) == 1


def open_get(api: Api, path: str, expect: int = 200) -> Any:
    return api.expect(expect, api.client.get(path))


def test_the_catalogue(room: Room) -> None:
    items = open_get(room.api, "/webhooks/v1/event-types")["items"]
    names = [item["name"] for item in items]
    assert names == sorted(names)
    assert {"governance.vote-cast.v1", "webhooks.endpoint-disabled.v1", "webhooks.test.v1"} <= set(names)
    assert "scoring.ratings-submitted.v1" not in names
    for item in items:
        assert open_get(room.api, f"/webhooks/v1/event-types/{item['name']}") == item
        schema = open_get(room.api, f"/webhooks/v1/event-types/{item['name']}/schema")
        assert schema == item["schema"]
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(item["example"]["data"], schema)
        assert set(item["example"]["data"]) == set(schema["properties"])
        assert item["example"]["type"] == item["name"]
    vote = next(item for item in items if item["name"] == "governance.vote-cast.v1")
    assert set(vote["schema"]["properties"]) == {"side", "choice", "signature"}
    assert vote["description"] == "Somebody voted {choice} on the decision."
    open_get(room.api, "/webhooks/v1/event-types/governance.no-such.v1", expect=404)
    open_get(room.api, "/webhooks/v1/event-types/governance.no-such.v1/schema", expect=404)
