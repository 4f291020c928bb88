"""Witnesses that mean ill, each a real server: a call ends at its deadline, and the ledgers of others are signed."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event, Thread
from uuid import UUID

import pytest

from services.ledger.checkpointing import cosigning, evidence, signing
from services.ledger.checkpointing.outward import NotReached, call
from services.ledger.partner.witness import Witness
from shared.events import governance
from shared.ids import uuid7
from tests.integration.ledger.conftest import Joint

DEADLINE_SECONDS = 0.4
PACE_SECONDS = 0.05
STEPS = 60
"""A server that is let go on all the same ends well after so many: then the call returns, and its test fails."""
LAST_WORDS = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
TIME_IS_UP = r"too long|timed out|in time"
"""Whichever step of the call it was that the deadline cut."""
TLS_RECORD = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(STEPS)
"""The head of a ServerHello, and the beginning of what might be one."""

Talk = Callable[[socket.socket], None]


@contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """A server that reads a request's first bytes and then talks to one caller after the other; host and port."""

    def serve(door: socket.socket) -> None:
        with suppress(OSError):  # the door is shut: the test has ended
            while True:
                connection, _ = door.accept()
                with connection, suppress(OSError):  # the caller hangs up
                    connection.recv(65_536)
                    talk(connection)

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = Thread(target=serve, args=(door,))
        thread.start()
        try:
            yield f"127.0.0.1:{door.getsockname()[1]}"
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join()


def slowly(connection: socket.socket, pieces: list[bytes]) -> None:
    for piece in pieces:
        connection.sendall(piece)
        time.sleep(PACE_SECONDS)


def drip_headers(connection: socket.socket) -> None:
    slowly(connection, [bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\nx-slow: ".ljust(STEPS, b"x")])
    connection.sendall(b"\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")


def hint_for_ever(connection: socket.socket) -> None:
    slowly(connection, [b"HTTP/1.1 103 Early Hints\r\n\r\n"] * STEPS)
    connection.sendall(LAST_WORDS)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
    slowly(connection, [b"x"] * STEPS)


def flood_with_hints(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10_000 + LAST_WORDS)


def flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"x" * 100_000)


def answer(connection: socket.socket) -> None:
    connection.sendall(LAST_WORDS)


@pytest.mark.parametrize("talk", [drip_headers, hint_for_ever, drip_body])
def test_whoever_takes_their_time_gets_no_more_than_the_deadline(talk: Talk) -> None:
    with talking(talk) as address, pytest.raises(NotReached, match=TIME_IS_UP):
        call("GET", f"http://{address}/", development=True, seconds=DEADLINE_SECONDS)


def test_nor_does_tls_that_never_comes_about() -> None:
    def drip_tls(connection: socket.socket) -> None:
        slowly(connection, [bytes([byte]) for byte in TLS_RECORD[: STEPS // 2]])
        connection.sendall(bytes(1_000))

    with talking(drip_tls) as address, pytest.raises(NotReached, match=TIME_IS_UP):
        call("GET", f"https://{address}/", development=True, seconds=DEADLINE_SECONDS)


@pytest.mark.parametrize("talk", [flood, flood_with_hints])
def test_nobody_says_more_than_an_answer_may_hold(talk: Talk) -> None:
    with talking(talk) as address, pytest.raises(NotReached, match="too long"):
        call("GET", f"http://{address}/", development=True)


def test_a_body_that_is_taken_slowly_ends_the_call() -> None:
    def sip(connection: socket.socket) -> None:
        for _ in range(STEPS // 2):
            connection.recv(65_536)
            time.sleep(PACE_SECONDS)
        connection.sendall(LAST_WORDS)

    with talking(sip) as address, pytest.raises(NotReached, match=TIME_IS_UP):
        call("POST", f"http://{address}/", bytes(32_000_000), development=True, seconds=DEADLINE_SECONDS)


def test_a_name_that_is_not_looked_up_in_time_ends_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolver is the outside world here: it answers when the test is over, or so late that the test fails."""
    ended = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ended.wait(STEPS // 2 * PACE_SECONDS) and [])
    try:
        with pytest.raises(NotReached, match=TIME_IS_UP):
            call("GET", "http://witness.example/", development=True, seconds=DEADLINE_SECONDS)
    finally:
        ended.set()


def test_once_the_time_is_up_nothing_more_is_tried() -> None:
    with talking(answer) as address:
        assert call("GET", f"http://{address}/", development=True).body == b"ok"
        with pytest.raises(NotReached, match="too long"):
            call("GET", f"http://{address}/", development=True, seconds=0)


def test_a_witness_that_trickles_keeps_no_ledger_from_being_signed(
    joint: Joint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "LOOK_SECONDS", DEADLINE_SECONDS)
    said_all = Event()

    def hint(connection: socket.socket) -> None:
        hint_for_ever(connection)
        said_all.set()

    other = joint.world.joint_ledger()
    for one in (joint, other):
        one.fill(2)
    with talking(hint) as address:
        named(joint, f"http://{address}", tmp_path)
        signing.turn(joint.world.workers)
        assert not said_all.is_set()
    for one in (joint, other):
        said = one.get("/signing")
        assert said["signed_size"] == said["size"] > 0


def named(joint: Joint, url: str, folder: Path, name: str = "w") -> None:
    vkey = Witness(folder / name, f"{joint.world.ana.org}.example/{name}", []).key.vkey
    joint.world.ana.post(f"{joint.path}/witnesses", {"vkey": vkey, "url": url})


def grow(joint: Joint) -> bool:
    """One entry more, and a checkpoint of it."""
    accepted = governance.AllianceAccepted(side=UUID(joint.world.ana.org))
    joint.record(f"alliance/{uuid7()}", 0, accepted, by=joint.world.ana)
    return joint.sign()


def superuser(joint: Joint, change: str) -> None:
    joint.superuser(f"{change} WHERE ledger_id = %(ledger)s")


def test_a_witness_that_shows_nothing_is_looked_at_later(
    joint: Joint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apart from how it cosigns: one that refuses to may be showing why."""
    monkeypatch.setattr(evidence, "LOOK_SECONDS", DEADLINE_SECONDS)
    looks: list[str] = []

    def drip(connection: socket.socket) -> None:
        looks.append("a look")
        drip_body(connection)

    with talking(drip) as address:
        named(joint, f"http://{address}", tmp_path)
        for _ in range(3):
            assert grow(joint)
        assert looks == ["a look"]
        superuser(joint, "UPDATE ledger.witness_calls SET look_at = '-infinity', next_at = 'infinity'")
        assert grow(joint)
        assert looks == ["a look"] * 2


def test_one_that_answers_in_time_is_looked_at_each_time(joint: Joint, tmp_path: Path) -> None:
    looks: list[str] = []

    def know_nothing(connection: socket.socket) -> None:
        looks.append("a look")
        connection.sendall(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    with talking(know_nothing) as address:
        named(joint, f"http://{address}", tmp_path)
        for _ in range(3):
            assert grow(joint)
    assert len(looks) == 3


@pytest.mark.parametrize("change", ["url = 'http://127.0.0.1:99999'", "vkey = 'no key'", "url = 'gopher://x'"])
def test_a_witness_that_cannot_be_asked_stops_nobody(joint: Joint, tmp_path: Path, change: str) -> None:
    """As rows may be that were written under another rule than today's."""
    named(joint, "http://127.0.0.1:1", tmp_path)
    superuser(joint, f"UPDATE ledger.witnesses SET {change}")
    assert grow(joint)
    cosigning.turn(joint.world.workers)
    (witness,) = joint.get("/witnesses")["items"]
    assert witness["failure"]
    said = joint.get("/signing")
    assert (said["signed_size"], said["refusal"]) == (said["size"], None)


def test_what_nobody_foresaw_is_said_in_its_ledger_and_stops_no_other(joint: Joint) -> None:
    other = joint.world.joint_ledger()
    for one in (joint, other):
        one.fill(2)
    assert joint.sign()
    superuser(joint, "UPDATE ledger.checkpoints SET note = 'no note'")
    assert not grow(joint)
    superuser(joint, "UPDATE ledger.signers SET next_at = '-infinity'")
    signing.turn(joint.world.workers)
    assert joint.get("/signing")["refusal"] == signing.UNFORESEEN
    said = other.get("/signing")
    assert (said["signed_size"], said["refusal"]) == (said["size"], None)


def test_witnesses_are_asked_side_by_side(joint: Joint, tmp_path: Path) -> None:
    """Each answers only once the other has been asked too."""
    both = Barrier(2, timeout=STEPS * PACE_SECONDS)
    met: list[str] = []

    def wait_for_the_other(connection: socket.socket) -> None:
        with suppress(BrokenBarrierError):
            both.wait()
            met.append("met")
        connection.sendall(LAST_WORDS)

    joint.fill(2)
    with talking(wait_for_the_other) as one, talking(wait_for_the_other) as other:
        for number, address in enumerate((one, other)):
            named(joint, f"http://{address}", tmp_path, str(number))
        assert joint.sign()
    assert len(met) == 2
