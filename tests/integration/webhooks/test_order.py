"""In order where asked for, at a pace where asked for, with headers and filters of the endpoint's own."""

from __future__ import annotations

import json
from typing import Any

from services.webhooks.sending.line import IN_HAND_MAX
from services.webhooks.sending.sender import turn
from tests.integration.webhooks.receiver import Got, Receiver, Reply
from tests.integration.webhooks.room import ENDPOINTS, Room, end_of_sending


def firsts(receiver: Receiver, path: str) -> list[int]:
    """The seqs in the order of their first arrival."""
    return list(dict.fromkeys(json.loads(got.body)["ledgerseq"] for got in receiver.of(path)))


def test_in_order_a_failure_holds_back_the_others_visibly(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*", fifo=True)
    other = room.another_alliance()
    votes = [room.vote() for _ in range(4)]
    room.vote_in(other)
    receiver.reply("/hook", 500)
    room.tell()
    waiting = room.deliveries(endpoint, state="waiting")
    assert [one["held_back_by"] for one in waiting if one["ledger_id"] == room.alliance] == [
        None,
        *[str(votes[0].event_id)] * 3,
    ]
    assert [one["held_back_by"] for one in waiting if one["ledger_id"] == other] == [None]
    assert [len(one["attempts"]) for one in waiting] == [1, 0, 0, 0, 1]
    receiver.reply("/hook", 200)
    assert room.send() == 0  # the first is not due yet, and the others wait for it
    room.execute(
        "UPDATE webhooks.deliveries SET next_attempt_at = clock_timestamp() WHERE state = 'waiting' AND attempts > 0"
    )
    assert room.send() == 5
    mine = [g for g in receiver.of("/hook") if json.loads(g.body)["ledgerid"] == room.alliance]
    assert [json.loads(got.body)["ledgerseq"] for got in mine] == [0, 0, 1, 2, 3]
    assert {one["state"] for one in room.deliveries(endpoint)} == {"delivered"}


def test_with_failures_and_retries_nothing_overtakes(room: Room, receiver: Receiver) -> None:
    """Each first attempt of every third event fails; two alliances, two requests at once."""
    room.register(f"{receiver.address}/hook", "governance.*", fifo=True)
    other = room.another_alliance()
    seen: set[str] = set()
    taken: list[tuple[str, int]] = []

    def take(got: Got) -> Reply:
        body = json.loads(got.body)
        if body["ledgerseq"] % 3 == 0 and got.webhook_id not in seen:
            seen.add(got.webhook_id)
            return 500, {}, b""
        taken.append((body["ledgerid"], body["ledgerseq"]))
        return 204, {}, b""

    receiver.decide = take
    count = IN_HAND_MAX + 6
    for _ in range(count):
        room.vote()
        room.vote_in(other)
    room.follow()
    while len(taken) < 2 * count:
        room.make_due()
        room.send()
    for ledger in (room.alliance, other):
        assert [seq for source, seq in taken if source == ledger] == list(range(count))


def test_a_dead_letter_lets_the_others_pass(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*", fifo=True)
    room.vote()
    room.vote()
    receiver.reply("/hook", 500)
    room.tell()
    room.execute("UPDATE webhooks.deliveries SET tries = 12, next_attempt_at = clock_timestamp() WHERE attempts > 0")
    room.send()
    states = [one["state"] for one in room.deliveries(endpoint)]
    assert states == ["dead", "waiting"]
    receiver.reply("/hook", 200)
    room.make_due()
    room.send()
    assert [one["state"] for one in room.deliveries(endpoint)] == ["dead", "delivered"]


def test_a_pace_outlasts_a_turn(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*", rate_per_minute=1)
    for _ in range(3):
        room.vote()
    room.follow()
    turn(room.api.runtime, claiming_seconds=0)
    end_of_sending()
    assert room.send() == 0  # for a minute it is in nobody's hand, and in nobody's reach
    assert len(receiver.got) == 1
    assert [one["state"] for one in room.deliveries(endpoint)] == ["delivered", "waiting", "waiting"]
    room.execute("UPDATE webhooks.hands SET until = clock_timestamp()")
    turn(room.api.runtime, claiming_seconds=0)
    end_of_sending()
    assert len(receiver.got) == 2


def test_no_more_requests_at_once_than_wished(room: Room, receiver: Receiver) -> None:
    under_way = most = 0

    def take(got: Got) -> Reply:
        nonlocal under_way, most
        with receiver.arrived:
            under_way += 1
            most = max(most, under_way)
        receiver.released.wait(0.02)
        with receiver.arrived:
            under_way -= 1
        return 204, {}, b""

    receiver.decide = take
    room.register(f"{receiver.address}/hook", "governance.*", concurrency=3)
    for _ in range(20):
        room.vote()
    room.tell()
    assert len(receiver.got) == 20
    assert most <= 3


def test_filters_and_headers_of_its_own(room: Room, receiver: Receiver) -> None:
    headers = [{"name": "Authorization", "value": "Bearer of-theirs"}, {"name": "X-Team", "value": "a b"}]
    wished: dict[str, Any] = {"headers": headers, "filters": [{"field": "choice", "one_of": ["approve", "abstain"]}]}
    endpoint = room.register(f"{receiver.address}/hook", "governance.*", **wished)
    assert endpoint["headers"] == ["authorization", "x-team"]
    room.vote()
    room.accept()
    room.tell()
    (got,) = receiver.got
    assert (got.headers["authorization"], got.headers["x-team"]) == ("Bearer of-theirs", "a b")
    with room.api.runtime.engine.connect() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM log.events").scalars().all()
    assert not any(b"of-theirs" in bytes(body) for body in bodies)
    wishes = {"url": f"{receiver.address}/hook", "event_types": ["governance.*"]}
    assert room.united.change(f"{ENDPOINTS}/{endpoint['id']}", wishes, 1, method="PUT")["headers"] == []
    room.vote()
    room.tell()
    assert "x-team" not in receiver.got[-1].headers


def test_headers_that_pose_as_others_are_refused(room: Room) -> None:
    for name in ("webhook-id", "Host", "x-concord-id", "Content-Type", "X-Forwarded-For"):
        body = {"url": "https://hooks.example/", "event_types": ["*"], "headers": [{"name": name, "value": "x"}]}
        room.united.post(ENDPOINTS, body, expect=422)
