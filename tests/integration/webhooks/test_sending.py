"""Deliveries against a real receiver: signed, repeated, given up, and never in each other's way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from services.webhooks.app import WEBHOOKS
from services.webhooks.domain.schedule import DELAYS
from services.webhooks.sending.sender import turn
from shared.log.rebuild import differences
from tests.integration.webhooks.receiver import Got, Receiver
from tests.integration.webhooks.room import ENDPOINTS, Room, end_of_sending

ROOT = Path(__file__).parents[3]


def verified(got: Got, secret: str) -> Any:
    return Webhook(secret).verify(got.body, got.headers)


def test_a_delivery_arrives_signed(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook?for=us", "governance.*")
    vote = room.vote()
    assert room.tell() == 1
    (got,) = receiver.got
    body = verified(got, endpoint["secret"])
    assert got.path == "/hook?for=us"
    assert got.headers["host"] == receiver.address.removeprefix("http://")
    assert got.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert got.webhook_id == f"msg_{vote.event_id}_{endpoint['id']}"
    assert body == {
        "specversion": "1.0",
        "type": "governance.vote-cast.v1",
        "source": f"http://127.0.0.1:8000/ledger/v1/ledgers/{room.alliance}",
        "id": str(vote.event_id),
        "time": "2013-01-02T15:00:00.000000Z",
        "subject": vote.stream,
        "datacontenttype": "application/json",
        "dataschema": "http://127.0.0.1:8000/webhooks/v1/event-types/governance.vote-cast.v1/schema",
        "ledgerid": room.alliance,
        "ledgerseq": 0,
        "data": {"side": room.united.org, "choice": "approve", "signature": None},
    }
    one = room.only_delivery(endpoint)
    assert (one["state"], one["next_attempt_at"], one["attempt_count"]) == ("delivered", None, 1)
    assert (one["attempts"][0]["status"], one["attempts"][0]["address"]) == (204, "127.0.0.1")
    with pytest.raises(WebhookVerificationError):
        verified(replace(got, body=got.body.replace(b"approve", b"reject!")), endpoint["secret"])


def test_each_event_is_queued_once_however_often_the_follower_runs(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    room.vote()
    room.follow()
    room.follow()
    assert len(room.deliveries(endpoint)) == 1
    assert [room.send(), room.send()] == [1, 0]
    assert len(receiver.got) == 1


def test_both_parties_are_told_and_nobody_else(room: Room, receiver: Receiver) -> None:
    stranger = room.api.organisation("Stranger")
    for who, path in ((room.united, "united"), (room.express, "express"), (stranger, "stranger")):
        room.register(f"{receiver.address}/{path}", "governance.*", who=who)
    room.vote()
    room.tell()
    assert sorted(got.path for got in receiver.got) == ["/express", "/united"]


def test_a_party_that_has_left_is_told_of_nothing_more(room: Room, receiver: Receiver) -> None:
    room.register(f"{receiver.address}/express", "governance.*", who=room.express)
    room.vote()
    room.execute("UPDATE log.readers SET until_seq = 0 WHERE org_id = %s AND ledger_id <> org_id", room.express.org)
    room.accept()
    room.tell()
    assert [json.loads(got.body)["ledgerseq"] for got in receiver.got] == [0]


def test_only_what_is_recorded_from_the_registration_on(room: Room, receiver: Receiver) -> None:
    room.vote()
    room.api.set_clock("2013-01-02T16:00:00Z")
    room.register(f"{receiver.address}/hook", "governance.*")
    told = room.accept()
    room.tell()
    assert [json.loads(got.body)["id"] for got in receiver.got] == [str(told.event_id)]


def test_filters_by_type_and_alliance(room: Room, receiver: Receiver) -> None:
    other = room.api.organisation("Other")
    for path, types, alliances in (
        ("/all", ["*"], []),
        ("/votes", ["governance.vote-cast.*"], []),
        ("/exact", ["governance.alliance-accepted.v1"], []),
        ("/directory", ["directory.*"], []),
        ("/alliance", ["*"], [room.alliance]),
    ):
        room.register(f"{receiver.address}{path}", *types, alliances=alliances)
    room.vote()
    room.accept()
    room.united.post("/directory/v1/people", {"name": "Lee", "email": "lee@u.example", "roles": ["member"]})
    room.tell()
    told = {path: {json.loads(g.body)["type"] for g in receiver.of(path)} for path in {g.path for g in receiver.got}}
    votes, accepted, added = "governance.vote-cast.v1", "governance.alliance-accepted.v1", "directory.person-added.v1"
    assert told["/votes"] == {votes}
    assert told["/exact"] == {accepted}
    assert added in told["/directory"]
    assert all(name.startswith("directory.") for name in told["/directory"])
    assert told["/alliance"] == {votes, accepted}
    assert told["/all"] > {votes, accepted, added}
    assert other.get(ENDPOINTS)["items"] == []
    assert b"Lee" not in b"".join(got.body for got in receiver.got)


def test_a_failure_is_retried_at_the_time_of_the_schedule(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    receiver.reply("/hook", 500, b"no\0 disk left " + b"x" * 500)
    room.vote()
    room.tell()
    one = room.only_delivery(endpoint)
    (made,) = one["attempts"]
    assert (made["number"], made["status"], made["error"]) == (1, 500, None)
    assert made["answer"] == ("no\ufffd disk left " + "x" * 500)[:200]
    wait = datetime.fromisoformat(one["next_attempt_at"]) - datetime.fromisoformat(made["started_at"])
    assert DELAYS[0] <= wait <= DELAYS[0] * 1.05 + timedelta(seconds=1)
    assert room.send() == 0
    receiver.reply("/hook", 200)
    room.make_due()
    assert room.send() == 1
    one = room.only_delivery(endpoint)
    assert (one["state"], [a["status"] for a in one["attempts"]]) == ("delivered", [500, 200])
    assert len({got.webhook_id for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1


def test_retry_after_is_heeded(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    receiver.reply("/hook", 503, retry_after="3600")
    room.vote()
    room.tell()
    one = room.only_delivery(endpoint)
    due, made = (datetime.fromisoformat(t) for t in (one["next_attempt_at"], one["attempts"][0]["started_at"]))
    assert timedelta(minutes=59) < due - made < timedelta(minutes=61)


def test_given_up_after_the_whole_schedule_and_sent_again_on_request(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    receiver.reply("/hook", 500)
    vote = room.vote()
    room.follow()
    for _ in range(len(DELAYS) + 1):
        room.make_due()
        assert room.send() == 1
    (dead,) = room.deliveries(endpoint, state="dead")
    assert (dead["attempt_count"], dead["next_attempt_at"]) == (len(DELAYS) + 1, None)
    assert room.deliveries(endpoint, state="waiting") == []
    receiver.reply("/hook", 200)
    resend = f"{ENDPOINTS}/{endpoint['id']}/deliveries/{vote.event_id}/resend"
    assert room.united.post(resend, None, expect=202)["state"] == "waiting"
    room.send()
    one = room.only_delivery(endpoint)
    assert (one["state"], one["attempts"][-1]["number"]) == ("delivered", len(DELAYS) + 2)
    assert len({got.webhook_id for got in receiver.got}) == 1


def test_gone_disables_the_endpoint_and_tells_the_owner(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/gone", "governance.*")
    room.register(f"{receiver.address}/watch", "webhooks.endpoint-disabled.v1")
    receiver.reply("/gone", 410)
    room.vote()
    room.tell()
    assert room.deliveries(endpoint)[0]["state"] == "dead"
    now = room.united.get(f"{ENDPOINTS}/{endpoint['id']}")
    assert (now["status"], now["disabled_reason"], now["version"]) == ("disabled", "gone", 2)
    room.vote()
    room.tell()
    assert len(receiver.of("/gone")) == 1
    (told,) = receiver.of("/watch")
    assert json.loads(told.body)["data"] == {"reason": "gone"}
    resumed = room.united.change(f"{ENDPOINTS}/{endpoint['id']}/resume", None, 2)
    assert (resumed["status"], resumed["disabled_reason"]) == ("enabled", None)


def test_five_days_of_failing_disable_the_endpoint(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    receiver.reply("/hook", 500)
    room.vote()
    room.tell()
    room.execute("UPDATE webhooks.failing SET since = since - interval '5 days'")
    room.make_due()
    room.send()
    now = room.united.get(f"{ENDPOINTS}/{endpoint['id']}")
    assert (now["status"], now["disabled_reason"]) == ("disabled", "failing")
    room.united.change(f"{ENDPOINTS}/{endpoint['id']}/resume", None, 2)
    room.make_due()
    room.send()
    assert room.united.get(f"{ENDPOINTS}/{endpoint['id']}")["status"] == "enabled"


def test_one_good_answer_ends_a_streak_of_failures(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    for status in (500, 200, 500):
        receiver.reply("/hook", status)
        room.vote()
        room.follow()
        room.make_due()
        room.send()
        if status == 500:
            room.execute("UPDATE webhooks.failing SET since = since - interval '4 days'")
    assert room.united.get(f"{ENDPOINTS}/{endpoint['id']}")["status"] == "enabled"


def test_a_slow_endpoint_does_not_hold_up_a_healthy_one(room: Room, receiver: Receiver) -> None:
    slow = room.register(f"{receiver.address}/slow", "governance.*")
    room.register(f"{receiver.address}/healthy", "governance.*", who=room.express)
    receiver.hanging.add("/slow")
    for _ in range(10):
        room.vote()
    room.follow()
    working = threading.Thread(target=turn, args=(room.api.runtime,))
    working.start()
    receiver.wait_for("/healthy", 10)
    room.vote()  # recorded while the slow one still hangs
    room.follow()
    receiver.wait_for("/healthy", 11)
    assert not receiver.released.is_set()
    assert len(receiver.of("/slow")) == 2
    receiver.released.set()
    working.join()
    end_of_sending()
    assert {one["state"] for one in room.deliveries(slow)} == {"delivered"}
    assert len({got.webhook_id for got in receiver.of("/slow")}) == len(receiver.of("/slow")) == 11


def test_a_turn_that_is_over_leaves_what_it_has_not_begun(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/slow", "governance.*")
    receiver.hanging.add("/slow")
    for _ in range(10):
        room.vote()
    room.follow()
    assert turn(room.api.runtime, claiming_seconds=0) == 10
    receiver.wait_for("/slow", 2)
    assert turn(room.api.runtime, claiming_seconds=0) == 0  # the endpoint is in the hand of the turn before
    receiver.released.set()
    end_of_sending()
    assert [one["state"] for one in room.deliveries(endpoint)] == ["delivered"] * 2 + ["waiting"] * 8
    assert room.send() == 8
    assert len(receiver.got) == len({got.webhook_id for got in receiver.got}) == 10


def test_two_senders_share_the_queue(room: Room, receiver: Receiver) -> None:
    for n in range(4):
        room.register(f"{receiver.address}/{n}", "governance.*")
    for _ in range(20):
        room.vote()
    room.follow()
    senders = [threading.Thread(target=turn, args=(room.api.runtime,)) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    end_of_sending()
    assert len(receiver.got) == len({got.webhook_id for got in receiver.got}) == 80


def test_a_paused_endpoint_keeps_its_deliveries_waiting(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    path = f"{ENDPOINTS}/{endpoint['id']}"
    room.vote()
    room.follow()
    room.united.change(f"{path}/pause", None, 1)
    room.vote()
    assert room.tell() == 0
    assert [one["state"] for one in room.deliveries(endpoint)] == ["waiting"] * 2
    room.united.change(f"{path}/resume", None, 2)
    assert room.send() == 2
    assert [one["state"] for one in room.deliveries(endpoint)] == ["delivered"] * 2


def test_a_removed_endpoints_queue_ends(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    room.vote()
    room.follow()
    room.united.change(f"{ENDPOINTS}/{endpoint['id']}", None, 1, method="DELETE", expect=204)
    room.vote()
    room.tell()
    assert receiver.got == []
    with room.api.runtime.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT state FROM webhooks.deliveries").scalars().all() == ["ended"]
        assert connection.exec_driver_sql("SELECT count(*) FROM webhooks.secrets").scalar_one() == 0


def test_after_a_rotation_both_secrets_sign_for_a_day(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    rotated = room.united.change(f"{ENDPOINTS}/{endpoint['id']}/rotate-secret", None, 1)
    room.vote()
    room.tell()
    for secret in (endpoint["secret"], rotated["secret"]):
        verified(receiver.got[-1], secret)
    room.api.set_clock("2013-01-03T15:00:00Z")
    room.vote()
    room.tell()
    verified(receiver.got[-1], rotated["secret"])
    with pytest.raises(WebhookVerificationError):
        verified(receiver.got[-1], endpoint["secret"])


def test_a_test_event(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "directory.*")
    sent = room.united.post(f"{ENDPOINTS}/{endpoint['id']}/test-events", None, expect=202)
    room.send()
    body = verified(receiver.got[0], endpoint["secret"])
    assert (body["type"], body["id"], "ledgerseq" in body) == ("webhooks.test.v1", sent["event_id"], False)
    assert body["dataschema"].endswith("/webhooks/v1/event-types/webhooks.test.v1/schema")


def test_redirects_are_not_followed(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    receiver.reply("/hook", 302, location=f"{receiver.address}/elsewhere")
    room.vote()
    room.tell()
    assert [got.path for got in receiver.got] == ["/hook"]
    one = room.only_delivery(endpoint)
    assert (one["state"], one["attempts"][0]["status"]) == ("waiting", 302)


def test_a_receiver_that_is_not_there(room: Room, receiver: Receiver) -> None:
    endpoint = room.register("http://127.0.0.1:9/hook", "governance.*")  # discard: nobody listens
    room.vote()
    room.tell()
    (made,) = room.only_delivery(endpoint)["attempts"]
    assert (made["status"], made["error"], made["address"]) == (None, "connection-failed", "127.0.0.1")


def test_inward_addresses_are_refused_when_http_is_not_allowed(room: Room, receiver: Receiver) -> None:
    """An endpoint from the days when it was allowed is not called any more."""
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    room.vote()
    room.follow()
    runtime = room.api.runtime
    turn(replace(runtime, settings=runtime.settings.model_copy(update={"webhooks_allow_http": False})))
    end_of_sending()
    assert receiver.got == []
    assert room.only_delivery(endpoint)["attempts"][0]["error"] == "url-not-https"


SEND = """
import sys
from services.webhooks.app import WEBHOOKS
from services.webhooks.sending.sender import turn
from shared.testing.api import runtime_on
runtime = runtime_on(sys.argv[1], (WEBHOOKS,))
while True:
    turn(runtime)
"""


def test_a_sender_killed_in_the_middle_of_an_attempt_loses_nothing(room: Room, receiver: Receiver, url: str) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    receiver.hanging.add("/hook")
    room.vote()
    room.follow()
    process = subprocess.Popen([sys.executable, "-c", SEND, url], cwd=ROOT)
    receiver.wait_for("/hook", 1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    receiver.released.set()
    one = room.only_delivery(endpoint)
    assert (one["state"], one["attempts"]) == ("waiting", [])
    assert room.send() == 0  # the dead sender's lease still runs
    room.execute("UPDATE webhooks.hands SET until = clock_timestamp()")
    assert room.send() == 1
    assert room.only_delivery(endpoint)["state"] == "delivered"
    first, second = receiver.got
    assert (first.webhook_id, first.body) == (second.webhook_id, second.body)


def test_a_sender_whose_lease_ran_out_writes_nothing_over_the_others(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    receiver.hanging.add("/hook")
    receiver.reply("/hook", 500)
    room.vote()
    room.follow()
    slow = threading.Thread(target=turn, args=(room.api.runtime,))
    slow.start()
    receiver.wait_for("/hook", 1)
    room.execute("UPDATE webhooks.hands SET until = clock_timestamp()")
    quick = threading.Thread(target=turn, args=(room.api.runtime,))
    quick.start()
    receiver.wait_for("/hook", 2)
    receiver.released.set()
    slow.join()
    quick.join()
    end_of_sending()
    assert [a["number"] for a in room.only_delivery(endpoint)["attempts"]] == [1]


def test_what_is_asked_for_again_while_under_way_is_sent_again(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    receiver.hanging.add("/hook")
    vote = room.vote()
    room.follow()
    working = threading.Thread(target=turn, args=(room.api.runtime,))
    working.start()
    receiver.wait_for("/hook", 1)
    room.united.post(f"{ENDPOINTS}/{endpoint['id']}/deliveries/{vote.event_id}/resend", None, expect=202)
    receiver.released.set()
    working.join()
    end_of_sending()
    room.send()
    one = room.only_delivery(endpoint)
    assert (one["state"], one["attempt_count"]) == ("delivered", 2)


def test_the_read_model_is_what_the_events_say(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/gone", "governance.*", description="Ours")
    path = f"{ENDPOINTS}/{endpoint['id']}"
    room.united.change(f"{path}/pause", None, 1)
    room.united.change(f"{path}/resume", None, 2)
    room.united.change(f"{path}/rotate-secret", None, 3)
    receiver.reply("/gone", 410)
    room.vote()
    room.tell()
    removed = room.register(f"{receiver.address}/other")
    room.united.change(f"{ENDPOINTS}/{removed['id']}", None, 1, method="DELETE", expect=204)
    with room.api.runtime.engine.begin() as connection:
        size = connection.exec_driver_sql(
            "SELECT size FROM log.ledgers WHERE ledger_id = %s", (room.united.org,)
        ).scalar_one()
        assert not list(differences(connection, WEBHOOKS.read_models, UUID(room.united.org), size - 1))
