"""The feed, by polling and as a stream: everything the caller may be told, once, in one order."""

from __future__ import annotations

from typing import Any

import pytest

from services.directory.app import DIRECTORY
from services.webhooks.app import WEBHOOKS
from shared.testing.api import Member, serve
from tests.integration.webhooks.reader import STREAM, streaming
from tests.integration.webhooks.room import Room

EVENTS = "/webhooks/v1/events"


def places(events: list[Any]) -> list[tuple[str, int]]:
    return [(one["ledgerid"], one["ledgerseq"]) for one in events]


def all_pages(who: Member, **query: Any) -> list[Any]:
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = who.get(EVENTS, **query, **cursor)
        found += page["items"]
        cursor = {"cursor": page["next_cursor"]}
        if not page["more"]:
            return found


def of_alliance(events: list[Any], room: Room) -> list[int]:
    return [one["ledgerseq"] for one in events if one["ledgerid"] == room.alliance]


def test_polling_gives_each_event_once_in_the_order_of_its_ledger(room: Room) -> None:
    for _ in range(7):
        room.vote()
    room.follow()
    found = all_pages(room.united, limit=3)
    assert of_alliance(found, room) == list(range(7))
    assert len(set(places(found))) == len(found) > 7
    assert {"side": room.united.org, "choice": "approve", "signature": None} in [one["data"] for one in found]
    page = room.united.get(EVENTS, limit=200)
    assert (places(page["items"]), page["more"]) == (places(found), False)
    room.accept()
    room.follow()
    news = room.united.get(EVENTS, cursor=page["next_cursor"])
    assert [one["type"] for one in news["items"]] == ["governance.alliance-accepted.v1"]
    assert room.united.get(EVENTS, cursor=news["next_cursor"])["items"] == []


def test_each_reads_what_it_may_and_asked_for(room: Room) -> None:
    stranger = room.api.organisation("Stranger")
    room.vote()
    room.accept()
    room.follow()
    assert of_alliance(all_pages(room.express), room) == [0, 1]
    assert of_alliance(all_pages(stranger), room) == []
    assert {one["ledgerid"] for one in all_pages(stranger)} == {stranger.org}
    votes = all_pages(room.united, event_type="governance.vote-cast.*", limit=1)
    assert [one["type"] for one in votes] == ["governance.vote-cast.v1"]
    assert {one["ledgerid"] for one in all_pages(room.united, alliance_id=room.alliance)} == {room.alliance}


def test_what_is_no_cursor_and_no_event_type_is_refused(room: Room) -> None:
    get = room.api.client.get
    for path, query in (
        (EVENTS, {"cursor": "none-of-ours"}),
        (EVENTS, {"event_type": "governance.no-such.v1"}),
        (STREAM, {"cursor": room.united.get("/directory/v1/people", limit=1)["next_cursor"] or "none"}),
        (STREAM, {"event_type": "x.*"}),
    ):
        assert get(path, params=query, headers=room.united.headers()).status_code == 422, (path, query)
    assert get(STREAM).status_code == 401
    unknown = get(STREAM, headers=room.united.headers(), params={"alliance_id": room.united.person})
    assert unknown.status_code == 404


def test_a_cursor_is_of_one_organisations_feed(room: Room) -> None:
    theirs = room.express.get(EVENTS, limit=1)["next_cursor"]
    for path, query, headers, pointer in (
        (EVENTS, {"cursor": theirs}, {}, "query/cursor"),
        (STREAM, {"cursor": theirs}, {}, "query/cursor"),
        (STREAM, {}, {"Last-Event-ID": theirs}, "header/Last-Event-ID"),
    ):
        answer = room.api.client.get(path, params=query, headers=room.united.headers(headers))
        assert answer.status_code == 422
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, "bad-cursor")]


def test_a_stream_begins_now_and_goes_on_exactly_where_it_was(room: Room) -> None:
    room.vote()
    room.follow()
    with streaming(room.united) as stream:
        for _ in range(3):
            room.vote()
        room.follow()
        assert of_alliance(stream.take(2), room) == [1, 2]
    for _ in range(250):  # more than a part
        room.vote()
    room.follow()
    with streaming(room.united, stream.last_id) as again:
        assert of_alliance(again.take(251), room) == list(range(3, 254))


def test_a_stream_from_a_cursor_says_what_polling_says(room: Room) -> None:
    begin = room.united.get(EVENTS, limit=1)
    for _ in range(3):
        room.vote()
    room.follow()
    with streaming(room.united, cursor=begin["next_cursor"]) as stream:
        streamed = stream.take(3)
    assert streamed == room.united.get(EVENTS, cursor=begin["next_cursor"])["items"][:3]


def test_a_stream_ends_after_its_time_and_is_bounded_in_number(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of the tests is one second."""
    monkeypatch.setattr("services.webhooks.streaming.STREAMS_OF_ONE_ORGANISATION", 1)
    with serve(url, (DIRECTORY, WEBHOOKS)) as api:
        united = api.organisation("United")
        with streaming(united) as stream:
            refused = api.client.get(STREAM, headers=united.headers())
            assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
            assert stream.take(1) == []
        with streaming(united) as again:
            assert again.last_id is not None


def test_a_credential_that_is_revoked_reads_no_further(room: Room) -> None:
    wanted = {"name": "reader", "scopes": ["webhooks:read"], "expires_at": "2013-06-01T00:00:00Z"}
    issued = room.united.post("/directory/v1/api-keys", wanted)
    system = Member(room.api, room.united.org, "reader", issued["key"])
    room.follow()
    with streaming(system) as stream:
        room.vote()
        room.follow()
        assert "governance.vote-cast.v1" in {one["type"] for one in stream.take(2)}
        path = f"/directory/v1/api-keys/{issued['id']}/revoke"
        room.united.change(path, {"reason": "Lost."}, issued["version"])
        room.vote()
        room.follow()
        assert stream.take(1) == []
