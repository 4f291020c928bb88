"""Replays: counted first, a part at a time, cancelled, and gone on with after a kill."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from services.webhooks import replaying
from services.webhooks.app import WEBHOOKS
from shared.log.rebuild import differences
from tests.integration.webhooks.receiver import Receiver
from tests.integration.webhooks.room import ENDPOINTS, Room

EVER = {"since": "2013-01-01T00:00:00Z", "until": "2014-01-01T00:00:00Z"}


def counted(room: Room, endpoint: Any, **more: Any) -> Any:
    return room.united.post(f"{ENDPOINTS}/{endpoint['id']}/replays", {**EVER, **more})


def path_of(replay: Any) -> str:
    return f"{ENDPOINTS}/{replay['endpoint_id']}/replays/{replay['id']}"


def started(room: Room, endpoint: Any, **more: Any) -> Any:
    replay = counted(room, endpoint, **more)
    return room.united.change(f"{path_of(replay)}/start", None, 1)


def worked(room: Room) -> int:
    """Until there is nothing to do; what was queued."""
    made = 0
    while (part := replaying.turn(room.api.runtime)) or room.send():
        made += part
    return made


def seqs(receiver: Receiver, path: str) -> list[int]:
    return [json.loads(got.body)["ledgerseq"] for got in receiver.of(path)]


def test_what_was_before_the_registration_is_counted_first_and_sent_then(room: Room, receiver: Receiver) -> None:
    for _ in range(5):
        room.vote()
    room.api.set_clock("2013-01-03T15:00:00Z")
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    room.follow()
    replay = counted(room, endpoint)
    assert (replay["count"], replay["queued"], replay["status"]) == (5, 0, "counted")
    assert worked(room) == 0
    assert receiver.got == []
    room.united.change(f"{path_of(replay)}/start", None, 1)
    assert worked(room) == 5
    assert sorted(seqs(receiver, "/hook")) == [0, 1, 2, 3, 4]
    assert {got.headers["concord-replay"] for got in receiver.got} == {replay["id"]}
    done = room.united.get(path_of(replay))
    assert (done["status"], done["queued"], done["version"]) == ("finished", 5, 3)
    assert room.united.get(f"{ENDPOINTS}/{endpoint['id']}/replays")["items"] == [done]


def test_a_repetition_bears_the_same_webhook_id_and_any_number_is_allowed(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    room.vote()
    room.tell()
    for _ in range(2):
        started(room, endpoint)
        worked(room)
    assert len(receiver.got) == 3
    assert len({got.webhook_id for got in receiver.got}) == 1
    assert room.only_delivery(endpoint)["state"] == "delivered"


def test_only_what_was_never_delivered_on_wish(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    votes = [room.vote() for _ in range(3)]
    room.tell()
    room.execute(
        "UPDATE webhooks.deliveries SET state = 'dead', delivered_at = NULL WHERE event_id = %s", votes[1].event_id
    )
    started(room, endpoint, deliveries="undelivered")
    assert worked(room) == 1
    assert seqs(receiver, "/hook")[3:] == [1]
    assert room.deliveries(endpoint, state="dead") == []


def test_the_span_and_the_endpoints_own_wishes_bound_it(room: Room, receiver: Receiver) -> None:
    filters = [{"field": "choice", "one_of": ["approve"]}]
    endpoint = room.register(f"{receiver.address}/hook", "governance.vote-cast.v1", filters=filters)
    room.vote()
    room.api.set_clock("2013-01-02T16:00:00Z")
    room.accept()
    room.vote()
    room.api.set_clock("2013-01-02T17:00:00Z")
    room.vote()
    replay = started(room, endpoint, since="2013-01-02T16:00:00Z", until="2013-01-02T17:00:00Z")
    assert replay["count"] == 1
    assert worked(room) == 1
    assert seqs(receiver, "/hook") == [2]
    elsewhere = counted(room, endpoint, event_types=["directory.*"])
    assert elsewhere["count"] == 0
    room.united.post(f"{ENDPOINTS}/{endpoint['id']}/replays", {"since": EVER["until"]}, expect=422)


def test_cancelled_it_takes_back_what_waits(room: Room, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "PART_EVENTS", 2)
    monkeypatch.setattr(replaying, "AHEAD_MAX", 2)
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    for _ in range(3):
        room.vote()
    room.tell()
    room.api.set_clock("2013-01-02T16:00:00Z")
    replay = started(room, endpoint)
    assert replaying.turn(room.api.runtime) == 2  # and not further ahead of sending
    cancelled = room.united.change(f"{path_of(replay)}/cancel", None, 2)
    assert (cancelled["status"], cancelled["queued"]) == ("cancelled", 2)
    assert {one["state"] for one in room.deliveries(endpoint)} == {"delivered"}
    assert worked(room) == 0
    assert len(receiver.got) == 3
    assert room.united.change(f"{path_of(replay)}/cancel", None, 3, expect=409)["refusal"] == "replay-over"


def test_a_replay_of_a_paused_endpoint_waits_and_of_a_removed_one_ends(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    room.vote()
    room.tell()
    room.united.change(f"{ENDPOINTS}/{endpoint['id']}/pause", None, 1)
    started(room, endpoint)
    assert worked(room) == 0
    room.united.change(f"{ENDPOINTS}/{endpoint['id']}", None, 2, method="DELETE", expect=204)
    assert worked(room) == 0
    with room.api.runtime.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT status FROM webhooks.replays").scalars().all() == ["finished"]


def test_replays_are_what_the_events_say(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    room.vote()
    started(room, endpoint)
    worked(room)
    counted(room, endpoint, alliances=[room.alliance])
    with room.api.runtime.engine.begin() as connection:
        size = connection.exec_driver_sql(
            "SELECT size FROM log.ledgers WHERE ledger_id = %s", (room.united.org,)
        ).scalar_one()
        assert not list(differences(connection, WEBHOOKS.read_models, UUID(room.united.org), size - 1))
