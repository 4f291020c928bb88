"""Checkpoints are signed once, cosigned by both sides, and never over a history other than the one signed before."""

from __future__ import annotations

import shlex
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.ledger.checkpointing import cosigning, signing
from services.ledger.domain.checkpoint import read_checkpoint
from services.ledger.domain.merkle import root_of
from services.ledger.domain.note import Key, SignatureType, cosignature, read_note, read_vkey, verified
from services.ledger.domain.policy import read_policy
from services.ledger.domain.witnessing import Answer
from services.ledger.partner.witness import Witness, witness_app
from services.ledger.signing_keys import NoSigningKey, signer
from shared.ed25519 import verify_ed25519
from shared.events import governance
from shared.ids import uuid7
from shared.service import Runtime
from shared.testing.api import Member
from tests.integration.ledger.conftest import EFFECTIVE, Joint, World
from tests.signing import SEED, answering, sign

NEXT_SEED = b64encode(bytes(range(32, 64))).decode()


@pytest.fixture
def runtime(world: World) -> Runtime:
    return world.workers


def show_all(runtime: Runtime, joint: Joint) -> int:
    """Show the witnesses what they have not cosigned, those too that failed just now."""
    joint.superuser("UPDATE ledger.witness_calls SET next_at = '-infinity' WHERE ledger_id = %(ledger)s")
    return cosigning.turn(runtime)


def cosigned(joint: Joint) -> dict[str, int]:
    return {one["side"]: one["cosigned_size"] for one in joint.get("/signing")["cosigned"]}


def failures(joint: Joint) -> dict[str, str | None]:
    return {one["name"]: one["failure"] for one in joint.get("/witnesses")["items"]}


def move(joint: Joint, name: str, url: str) -> None:
    """The witness is reached at another port than before."""
    with joint.world.api.runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger.witnesses SET url = %s WHERE name = %s", (url, name))


def passed(joint: Joint, version: int) -> None:
    """One more event."""
    event = governance.CourtPassed(sides=(), since=EFFECTIVE)
    joint.record(f"decision/{joint.id}", version, event, by=joint.world.ana)


def accepted(joint: Joint) -> governance.AllianceAccepted:
    return governance.AllianceAccepted(side=UUID(joint.world.ana.org))


def keys_of(joint: Joint) -> list[Key]:
    return [read_vkey(one) for one in joint.get("/signing")["log_keys"]]


@contextmanager
def witness_of(joint: Joint, member: Member, folder: Path) -> Iterator[Witness]:
    """A witness of one side behind real HTTP, named in Concord."""
    running = Witness(folder, f"{member.org}.example/w", keys_of(joint))
    with answering(witness_app(running)) as url:
        member.post(f"{joint.path}/witnesses", {"vkey": running.key.vkey, "url": url})
        yield running


def test_a_checkpoint_is_signed_once_and_verifies(runtime: Runtime, joint: Joint) -> None:
    response = joint.world.api.client.get(f"{joint.path}/checkpoint", headers=joint.world.ana.headers())
    assert response.status_code == 404
    joint.fill(3)
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: joint.sign(), range(4)))
    assert done.count(True) == 1
    assert not joint.sign()
    note = read_note(joint.bytes_of("/checkpoint"))
    assert [key.vkey for key in verified(note, keys_of(joint), verify_ed25519)] == joint.get("/signing")["log_keys"]
    checkpoint = read_checkpoint(note.text)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (
        f"127.0.0.1:8000/{joint.id}",
        3,
        root_of(joint.leaves()),
    )
    said = joint.get("/signing")
    assert (said["size"], said["signed_size"], said["refusal"]) == (3, 3, None)


def test_both_sides_witnesses_cosign_and_one_that_was_down_catches_up(
    runtime: Runtime, joint: Joint, tmp_path: Path
) -> None:
    ana, ben = joint.world.ana, joint.world.ben
    joint.fill(300)
    joint.sign()
    with witness_of(joint, ana, tmp_path / "a") as a:
        with witness_of(joint, ben, tmp_path / "b") as b:
            assert show_all(runtime, joint) == 2
        assert cosigned(joint) == {ana.org: 300, ben.org: 300}
        policy = read_policy(joint.bytes_of("/policy"))
        note = read_note(joint.bytes_of("/checkpoint"))
        signers = verified(note, [*keys_of(joint), a.key, b.key], verify_ed25519)
        assert policy.met_by([key for key in signers if key.type == SignatureType.COSIGNATURE])
        passed(joint, 300)
        assert joint.sign()
        assert show_all(runtime, joint) == 1
        assert cosigned(joint) == {ana.org: 303, ben.org: 300}
        assert failures(joint)[b.name]
        with answering(witness_app(b)) as url:
            move(joint, b.name, url)
            assert show_all(runtime, joint) == 1
        assert cosigned(joint) == {ana.org: 303, ben.org: 303}
        assert failures(joint) == {a.name: None, b.name: None}


def test_a_witness_that_lies_is_named_and_stops_nobody(runtime: Runtime, joint: Joint, tmp_path: Path) -> None:
    joint.fill(5)
    joint.sign()
    with witness_of(joint, joint.world.ana, tmp_path) as running:
        lies: list[Answer] = [
            Answer(HTTPStatus.OK, cosignature(running.key, int(time.time()), bytes(64)).line),
            Answer(HTTPStatus.OK, cosignature(replace(running.key, name="another"), 1, bytes(64)).line),
            Answer(HTTPStatus.OK, "thank you\n"),
            Answer(HTTPStatus.CONFLICT, "4000000\n"),
            Answer(HTTPStatus.CONFLICT, "many\n"),
            Answer(HTTPStatus.UNPROCESSABLE_ENTITY, ""),
            Answer(HTTPStatus.FORBIDDEN, ""),
            Answer(HTTPStatus.NOT_FOUND, ""),
            Answer(HTTPStatus.IM_A_TEAPOT, ""),
            Answer(HTTPStatus.OK, "x" * 100_000),
        ]
        said = []
        for lie in lies:
            running.add_checkpoint = lambda _, lie=lie: lie  # type: ignore[method-assign, misc]
            assert show_all(runtime, joint) == 0
            said.append(failures(joint)[running.name])
        assert len(set(said)) == len(lies)
        assert "no signature of its key over this checkpoint" in str(said[0])
        assert cosigned(joint) == {joint.world.ana.org: 0}
        joint.record(f"alliance/{joint.id}", 0, accepted(joint), by=joint.world.ana)
        assert joint.sign()


def test_what_was_stored_before_a_crash_is_what_is_signed(runtime: Runtime, joint: Joint) -> None:
    joint.fill(2)
    assert signing.store(runtime.engine, joint.id)
    passed(joint, 2)
    assert joint.sign()
    assert read_checkpoint(read_note(joint.bytes_of("/checkpoint")).text).size == 2
    assert joint.sign()
    assert read_checkpoint(read_note(joint.bytes_of("/checkpoint")).text).size == 3


def lose_the_last_checkpoint(joint: Joint) -> None:
    """What a restored backup does."""
    joint.superuser(
        "DELETE FROM log.events WHERE ledger_id = %(ledger)s AND seq >= 4",
        "UPDATE log.ledgers SET size = 4 WHERE ledger_id = %(ledger)s",
        "DELETE FROM ledger.checkpoints WHERE ledger_id = %(ledger)s AND size > 4",
        "DELETE FROM ledger.tile_roots WHERE ledger_id = %(ledger)s",
        "UPDATE ledger.signers SET signed_size = 4 WHERE ledger_id = %(ledger)s",
        "UPDATE ledger.witness_calls SET cosigned_size = 4, next_at = '-infinity' WHERE ledger_id = %(ledger)s",
    )


def test_after_a_restore_that_lost_entries_nothing_is_signed(runtime: Runtime, joint: Joint, tmp_path: Path) -> None:
    joint.fill(4)
    joint.sign()
    with witness_of(joint, joint.world.ana, tmp_path / "a") as running:
        joint.record(f"alliance/{joint.id}", 0, accepted(joint), accepted(joint), by=joint.world.ana)
        joint.sign()
        assert show_all(runtime, joint) == 1
        lose_the_last_checkpoint(joint)
        for _ in range(3):
            joint.record(f"alliance/{uuid7()}", 0, accepted(joint), by=joint.world.ana)
        assert not joint.sign()
        assert f"The copy {joint.id}.checkpoint has a checkpoint of 7 entries" in joint.get("/signing")["refusal"]
        copies = signing.copies_of(runtime.settings)
        assert copies is not None
        copies.path(joint.id).unlink()
        assert not joint.sign()
        assert f"The witness {running.name} has a checkpoint of 7 entries" in joint.get("/signing")["refusal"]
    assert not joint.sign()  # what the witness showed is kept, though it is silent now
    assert f"The copy {joint.id}.checkpoint has a checkpoint of 7 entries" in joint.get("/signing")["refusal"]
    assert joint.get("/signing")["signed_size"] == 4


@pytest.mark.parametrize("old", [True, False], ids=["an old entry", "a new entry"])
def test_a_rewritten_history_is_not_signed(runtime: Runtime, joint: Joint, *, old: bool) -> None:
    joint.fill(4)
    if old:
        joint.sign()
        passed(joint, 4)
        rewritten = "body = convert_to(replace(convert_from(body, 'UTF8'), '2013', '2012'), 'UTF8')"
        joint.superuser(
            f"UPDATE log.events SET {rewritten} WHERE ledger_id = %(ledger)s AND seq = 2",
            "UPDATE log.events SET leaf = sha256('\\x0001'::bytea || int8send(seq) || int8send(recorded_us) || body)"
            " WHERE ledger_id = %(ledger)s AND seq = 2",
            "DELETE FROM ledger.tile_roots WHERE ledger_id = %(ledger)s",
        )
    else:
        joint.superuser("UPDATE log.events SET recorded_us = 1 WHERE ledger_id = %(ledger)s AND seq = 2")
    assert not joint.sign()
    found = "somebody rewrote them" if old else "Entry 2 was changed in the database"
    assert found in joint.get("/signing")["refusal"]


def test_a_ledger_is_never_signed_under_a_second_name(runtime: Runtime, joint: Joint) -> None:
    joint.fill(2)
    assert joint.sign()
    moved = replace(runtime, settings=runtime.settings.model_copy(update={"origin": "https://elsewhere.example"}))
    passed(joint, 2)
    assert not sign(moved, joint.id)
    said = joint.get("/signing")
    assert said["signed_size"] == 2
    assert f"signed as 127.0.0.1:8000/{joint.id}, and would now be as elsewhere.example/{joint.id}" in said["refusal"]
    assert joint.sign()
    assert (joint.get("/signing")["signed_size"], joint.get("/signing")["refusal"]) == (3, None)


def test_a_rotation_signs_with_both_keys_and_witnesses_go_on(
    runtime: Runtime, joint: Joint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    joint.fill(2)
    joint.sign()
    (old,) = keys_of(joint)
    with witness_of(joint, joint.world.ben, tmp_path / "b"):
        assert show_all(runtime, joint) == 1
        monkeypatch.setenv("TEST_NEXT_KEY", NEXT_SEED)
        both = runtime.settings.model_copy(
            update={"signing_keys": (*runtime.settings.signing_keys, "env:TEST_NEXT_KEY")}
        )
        passed(joint, 2)
        assert sign(replace(runtime, settings=both), joint.id)
        assert show_all(runtime, joint) == 1
    now = keys_of(joint)
    assert now[0] == old
    note = read_note(joint.bytes_of("/checkpoint"))
    assert list(verified(note, now, verify_ed25519)) == now
    assert list(verified(note, now[1:], verify_ed25519)) == now[1:]


def test_a_key_store_that_is_out_of_order_is_said_and_asked_again(
    runtime: Runtime, joint: Joint, tmp_path: Path
) -> None:
    joint.fill(2)
    store = tmp_path / "store.py"
    private = Ed25519PrivateKey.from_private_bytes(b64decode(SEED))
    public = b64encode(private.public_key().public_bytes_raw()).decode()
    source = f"command:{public}:{shlex.join([sys.executable, str(store)])}"
    by_command = replace(runtime, settings=runtime.settings.model_copy(update={"signing_keys": (source,)}))
    assert not sign(by_command, joint.id)
    said = joint.get("/signing")
    assert (said["signed_size"], said["refusal"]) == (0, signing.KEY_STORE_SILENT)
    store.write_text(STORE)
    joint.superuser("UPDATE ledger.signers SET next_at = '-infinity' WHERE ledger_id = %(ledger)s")
    assert sign(by_command, joint.id)
    said = joint.get("/signing")
    assert (said["signed_size"], said["refusal"]) == (2, None)


STORE = """
import sys, base64
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
sys.stdout.write(base64.b64encode(key.sign(sys.stdin.buffer.read())).decode())
"""


def test_a_key_store_signs_by_a_command_and_is_not_believed(tmp_path: Path) -> None:
    store = tmp_path / "store.py"
    store.write_text(STORE)
    private = Ed25519PrivateKey.from_private_bytes(b64decode(SEED))
    public = b64encode(private.public_key().public_bytes_raw()).decode()
    by_command = signer(f"command:{public}:{shlex.join([sys.executable, str(store)])}")
    pem = tmp_path / "key.pem"
    pem.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert (
        by_command.sign(b"a checkpoint") == signer(f"file:{pem}").sign(b"a checkpoint") == private.sign(b"a checkpoint")
    )
    another = signer(f"command:{b64encode(bytes(32)).decode()}:{shlex.join([sys.executable, str(store)])}")
    with pytest.raises(signing.WillNotSign):
        signing.signed("origin\n0\n\n", "origin", [another])
    assert SEED not in repr(signer(f"file:{pem}"))


@pytest.mark.parametrize(
    "source",
    ["", "env:NOT_SET", "file:/nonexistent", "file:/etc/hostname", "vault:1", "command:AAAA:true", "command::true"],
)
def test_a_key_that_cannot_be_had_is_said_without_its_content(source: str) -> None:
    with pytest.raises(NoSigningKey):
        signer(source)


def test_a_command_that_fails_signs_nothing() -> None:
    public = b64encode(bytes(32)).decode()
    for command in ("false", "true", "/nonexistent/program"):
        with pytest.raises(NoSigningKey):
            signer(f"command:{public}:{command}").sign(b"")
