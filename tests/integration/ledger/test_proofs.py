"""Roots and proofs as the API gives them, checked by the public algorithm alone."""

from __future__ import annotations

import time
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.ledger.domain.checkpoint import read_checkpoint
from services.ledger.domain.merkle import EMPTY_ROOT, root_of, verify_consistency, verify_inclusion
from tests.integration.ledger.conftest import Joint, World

SIZE = 700
DEADLINE_SECONDS = 30
SIZES = (0, 1, 2, 255, 256, 257, 511, 512, 513, SIZE)


@pytest.fixture(scope="module")
def filled(world: World) -> Joint:
    """A ledger of two full tiles and a part of one."""
    joint = world.joint_ledger()
    joint.fill(SIZE)
    return joint


@pytest.fixture(scope="module")
def leaves(filled: Joint) -> list[bytes]:
    return filled.leaves()


def root(joint: Joint, size: int) -> bytes:
    return b64decode(joint.get("/root", size=size)["root"])


def hashes(proof: dict[str, Any]) -> list[bytes]:
    return [b64decode(one) for one in proof["hashes"]]


def test_roots_are_those_of_the_entries(filled: Joint, leaves: list[bytes]) -> None:
    assert [root(filled, size) for size in SIZES] == [root_of(leaves[:size]) for size in SIZES]
    assert filled.get("/root") == filled.get("/root", size=SIZE)
    assert filled.get("/root", as_of=41) == filled.get("/root", size=42)


@pytest.mark.parametrize("size", SIZES[1:])
def test_every_entry_can_be_proven(filled: Joint, leaves: list[bytes], size: int) -> None:
    for seq in {0, size // 2, size - 1, *(n for n in (1, 255, 256, 511, 512) if n < size)}:
        proof = filled.get("/proof/inclusion", seq=seq, size=size)
        assert (proof["seq"], proof["size"], b64decode(proof["leaf"])) == (seq, size, leaves[seq])
        verify_inclusion(leaves[seq], seq, size, hashes(proof), b64decode(proof["root"]))
        assert b64decode(proof["root"]) == root_of(leaves[:size])


@pytest.mark.parametrize("old", SIZES)
def test_every_growth_can_be_proven(filled: Joint, leaves: list[bytes], old: int) -> None:
    for new in (size for size in SIZES if size >= old):
        proof = filled.get("/proof/consistency", from_=old, to=new)
        assert (proof["from_size"], proof["to_size"]) == (old, new)
        roots = b64decode(proof["from_root"]), b64decode(proof["to_root"])
        assert roots == (root_of(leaves[:old]), root_of(leaves[:new]))
        verify_consistency(old, new, hashes(proof), *roots)


def test_the_checkpoint_is_signed_and_says_three_lines(filled: Joint) -> None:
    filled.sign()
    said = filled.bytes_of("/checkpoint").decode()
    checkpoint = read_checkpoint(said)
    assert checkpoint.origin == f"127.0.0.1:8000/{filled.id}"
    assert (checkpoint.size, checkpoint.root) == (SIZE, root(filled, SIZE))
    assert said.count("\n") == 5
    sized = {"as_of": "99"}
    refused = filled.world.api.client.get(f"{filled.path}/checkpoint", params=sized, headers=filled.world.ana.headers())
    assert refused.status_code == 404


def test_an_empty_ledger_has_a_root(joint: Joint) -> None:
    assert root(joint, 0) == EMPTY_ROOT
    assert joint.get("/proof/consistency", from_=0)["hashes"] == []


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/root", {"size": SIZE + 1}, 404),
        ("/root", {"size": 2**53 - 1}, 404),
        ("/root", {"size": 2**53}, 422),
        ("/root", {"size": -1}, 422),
        ("/events/700", {}, 404),
        (f"/events/{2**53}", {}, 422),
        ("/proof/inclusion", {}, 422),
        ("/proof/inclusion", {"seq": SIZE}, 404),
        ("/proof/inclusion", {"seq": 0, "size": SIZE + 1}, 404),
        ("/proof/inclusion", {"seq": 5, "size": 5}, 422),
        ("/proof/inclusion", {"seq": 0, "size": 0}, 422),
        ("/proof/consistency", {"to": 3}, 422),
        ("/proof/consistency", {"from": SIZE + 1}, 404),
        ("/proof/consistency", {"from": 1, "to": SIZE + 1}, 404),
        ("/proof/consistency", {"from": 5, "to": 4}, 422),
        ("/export", {"size": SIZE + 1}, 404),
        ("/export", {"as_of": "3"}, 422),
    ],
)
def test_what_is_not_there_is_a_problem_document(filled: Joint, path: str, query: dict[str, int], status: int) -> None:
    world = filled.world
    response = world.api.client.get(f"{filled.path}{path}", params=query, headers=world.ana.headers())
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"


def test_two_requests_that_first_need_the_same_tile_both_answer(world: World) -> None:
    joint = world.joint_ledger()
    joint.fill(SIZE)
    leaves, engine = joint.leaves(), world.api.runtime.engine
    with ThreadPoolExecutor(1) as pool, engine.connect() as other:
        insert = "INSERT INTO ledger.tile_roots VALUES (%s, 8, 0, %s)"
        other.exec_driver_sql(insert, (joint.id, root_of(leaves[:256])))
        answer = pool.submit(root, joint, SIZE)
        with engine.connect() as watching:
            deadline = time.monotonic() + DEADLINE_SECONDS
            while not watching.exec_driver_sql("SELECT FROM pg_locks WHERE NOT granted").all():
                assert time.monotonic() < deadline, "it did not come to the tile that the other is writing"
        other.commit()
        assert answer.result() == root_of(leaves)
    with engine.connect() as connection:
        kept = "SELECT level, index FROM ledger.tile_roots WHERE ledger_id = %s ORDER BY 1, 2"
        assert connection.exec_driver_sql(kept, (joint.id,)).all() == [(8, 0), (8, 1)]


def test_the_kept_tile_roots_can_be_dropped(filled: Joint, leaves: list[bytes]) -> None:
    filled.superuser("DELETE FROM ledger.tile_roots WHERE ledger_id = %(ledger)s")
    assert root(filled, SIZE) == root_of(leaves)


@pytest.mark.parametrize("path", ["00/000.p/1", "+0/000.p/1", "64/000.p/1", "0/000.p/01", "0/0.p/1"])
def test_a_tile_has_one_spelling(filled: Joint, path: str) -> None:
    who = filled.world.ana
    assert who.api.client.get(f"{filled.path}/tile/{path}", headers=who.headers()).status_code == 422
