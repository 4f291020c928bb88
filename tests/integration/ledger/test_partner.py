"""What partners run on their own machines, as processes of their own: witnesses, mirrors, and what they notice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.ledger.checkpointing.signing import copies_of
from services.ledger.domain.checkpoint import read_checkpoint
from services.ledger.partner.comparing import compare_checkpoints
from services.ledger.partner.mirror import Mirror
from services.ledger.partner.served import Contradicted, Served
from services.ledger.verification import NOT_SOUND, SOUND, verify_export
from shared.events.ledger import ErasureExecuted, ErasureGround
from shared.events.metrics import BatchCounts, BatchIngested
from shared.ids import uuid7
from shared.log.disclosure import reveal
from shared.testing.api import Member
from tests.integration.ledger.conftest import Joint, erase, raised
from tests.integration.ledger.test_access import key
from tests.integration.ledger.test_signing import cosigned, failures, move, passed, show_all

DEADLINE_SECONDS = 60
COMMAND = [sys.executable, "-m", "services.cli"]


@contextmanager
def witness_process(joint: Joint, name: str, folder: Path) -> Iterator[tuple[str, str]]:
    """A witness as a process; its verifier key and its address."""
    (log_key,) = joint.get("/signing")["log_keys"]
    command = [*COMMAND, "witness", f"https://{name}", log_key, "--folder", str(folder), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            where, vkey = "", ""
            while not vkey:
                line = process.stderr.readline()
                assert line, f"the witness ended with {process.wait()}"
                where = line.split(" on ")[1].split(",")[0] if line.startswith("Witnessing") else where
                vkey = line.rpartition(" ")[2].strip() if line.startswith("Name it") else ""
            yield vkey, f"http://{where}"
        finally:
            process.kill()


def test_witnesses_of_both_sides_as_processes_one_of_them_down_for_a_while(joint: Joint, tmp_path: Path) -> None:
    ana, ben, runtime = joint.world.ana, joint.world.ben, joint.world.workers
    joint.fill(3)
    joint.sign()
    with witness_process(joint, "a.example", tmp_path / "a") as (a_key, a_url):
        ana.post(f"{joint.path}/witnesses", {"vkey": a_key, "url": a_url})
        with witness_process(joint, "b.example", tmp_path / "b") as (b_key, b_url):
            ben.post(f"{joint.path}/witnesses", {"vkey": b_key, "url": b_url})
            joint.sign()
            assert show_all(runtime, joint) == 2
            assert cosigned(joint) == {ana.org: 5, ben.org: 5}
        passed(joint, 3)
        joint.sign()
        assert show_all(runtime, joint) == 1
        assert "refused" in str(failures(joint)["b.example"]).lower()
        with witness_process(joint, "b.example", tmp_path / "b") as (again, b_url):
            assert again == b_key
            move(joint, "b.example", b_url)
            assert show_all(runtime, joint) == 1
        assert cosigned(joint) == {ana.org: 6, ben.org: 6}


Mirrors = Callable[..., Mirror]


@pytest.fixture
def mirrored() -> Iterator[Mirrors]:
    """Opens a mirror of a ledger in a folder, as somebody."""
    with ExitStack() as clients:

        def opened(joint: Joint, folder: Path, who: Member | None = None) -> Mirror:
            address = f"{joint.world.api.client.base_url}{joint.path}/"
            headers = (who or joint.world.ana).headers()
            client = clients.enter_context(httpx.Client(base_url=address, headers=headers))
            return Mirror(Served(client), folder, [])

        yield opened


def test_a_mirror_is_an_export_that_keeps_itself_up_to_date(joint: Joint, tmp_path: Path, mirrored: Mirrors) -> None:
    ana, ben = joint.world.ana, joint.world.ben
    mirror = mirrored(joint, tmp_path)
    assert mirror.turn() == 0
    joint.record(f"decision/{uuid7()}", 0, raised(ana, ben), by=ana)
    attachment = joint.attach(b"kpi,period,value\n")
    batch = BatchIngested(
        side=UUID(ana.org), source=None, counts=BatchCounts(accepted=1, corrected=0, duplicate=0, rejected=0),
        kpis=("seats",), rows=attachment, rest=None, remarks=(),
    )  # fmt: skip
    joint.record(f"batch/{uuid7()}", 0, batch, by=ana)
    joint.sign()
    assert mirror.turn() == 2
    assert mirror.turn() == 0
    joint.fill(300)
    joint.sign()
    assert mirrored(joint, tmp_path).turn() == 300
    assert verify_export(tmp_path, [], as_json=False) == SOUND
    assert (tmp_path / "attachments" / attachment.sha256).read_bytes() == b"kpi,period,value\n"
    assert "Fares for the summer" in revealed(tmp_path)
    with joint.world.api.runtime.engine.begin() as connection:
        digests = erase(connection, joint.id, 0)
        connection.exec_driver_sql("DELETE FROM log.attachments WHERE sha256 = %s", (attachment.sha256,))
    executed = ErasureExecuted(
        ground=ErasureGround.PERSON_ASKED, digests=tuple(digests), attachments=(attachment.sha256,)
    )
    joint.record(f"erasure/{uuid7()}", 0, executed, by=ben)
    joint.sign()
    assert mirrored(joint, tmp_path).turn() == 1
    assert verify_export(tmp_path, [], as_json=False) == SOUND
    assert "Fares for the summer" not in revealed(tmp_path)
    assert not (tmp_path / "attachments" / attachment.sha256).exists()


def revealed(folder: Path) -> str:
    lines = (folder / "disclosures.ndjson").read_bytes().splitlines()
    return " ".join(str(reveal(json.loads(line)["disclosure"]).value) for line in lines)


def fork(joint: Joint) -> None:
    """Another history from now on: entries rewritten, all hashes made anew, and signed by the log's own key."""
    joint.superuser(
        "UPDATE log.events SET recorded_us = recorded_us + 1 WHERE ledger_id = %(ledger)s AND seq >= 1",
        "UPDATE log.events SET leaf = sha256('\\x0001'::bytea || int8send(seq) || int8send(recorded_us) || body)"
        " WHERE ledger_id = %(ledger)s",
        "DELETE FROM ledger.checkpoints WHERE ledger_id = %(ledger)s",
        "DELETE FROM ledger.signers WHERE ledger_id = %(ledger)s",
        "DELETE FROM ledger.tile_roots WHERE ledger_id = %(ledger)s",
    )
    copies = copies_of(joint.world.workers.settings)
    assert copies is not None
    copies.path(joint.id).unlink()
    assert joint.sign()


def test_a_log_that_shows_two_histories_is_noticed_by_each_side(
    joint: Joint, tmp_path: Path, mirrored: Mirrors, capsys: pytest.CaptureFixture[str]
) -> None:
    joint.fill(5)
    joint.sign()
    ours = mirrored(joint, tmp_path / "a")
    assert ours.turn() == 5
    fork(joint)
    theirs = mirrored(joint, tmp_path / "b", joint.world.ben)
    assert theirs.turn() == 5
    for mine, other in (("a", "b"), ("b", "a")):
        assert verify_export(tmp_path / mine, [], as_json=False) == SOUND
        assert verify_export(tmp_path / mine, [tmp_path / other / "checkpoint"], as_json=False) == NOT_SOUND
        assert "has another root" in capsys.readouterr().out
        policy = tmp_path / mine / "policy"
        both = tmp_path / mine / "checkpoint", tmp_path / other / "checkpoint"
        assert compare_checkpoints(*both, None, policy, as_json=False) == 1
        assert "The log's key signed both" in capsys.readouterr().out
    with pytest.raises(Contradicted, match=r"two different histories of 5 entries\. Entry 1 is served otherwise"):
        ours.turn()
    passed(joint, 5)
    joint.sign()
    with pytest.raises(Contradicted, match="Entry 1 is served otherwise than before: it was rewritten"):
        mirrored(joint, tmp_path / "a").turn()
    shown = [read_checkpoint(one.read_text()).size for one in (tmp_path / "a" / "evidence").iterdir()]
    assert sorted(shown) == [5, 6]


def test_an_entry_rewritten_in_a_full_tile_is_named(joint: Joint, tmp_path: Path, mirrored: Mirrors) -> None:
    joint.fill(300)
    joint.sign()
    assert mirrored(joint, tmp_path).turn() == 300
    fork(joint)
    passed(joint, 300)
    joint.sign()
    with pytest.raises(Contradicted, match="Entry 1 is served otherwise than before: it was rewritten"):
        mirrored(joint, tmp_path).turn()


def test_a_log_that_lost_entries_is_noticed_by_a_mirror(joint: Joint, tmp_path: Path, mirrored: Mirrors) -> None:
    joint.fill(5)
    joint.sign()
    mirrored(joint, tmp_path).turn()
    joint.superuser(
        "DELETE FROM log.events WHERE ledger_id = %(ledger)s AND seq >= 3",
        "UPDATE log.ledgers SET size = 3 WHERE ledger_id = %(ledger)s",
    )
    fork(joint)
    with pytest.raises(Contradicted, match="it has lost some"):
        mirrored(joint, tmp_path).turn()


def test_the_mirror_command_copies_and_stops_at_a_contradiction(joint: Joint, tmp_path: Path) -> None:
    joint.fill(2)
    joint.sign()
    address = f"{joint.world.api.client.base_url}{joint.path}"
    environment = {**os.environ, "CONCORD_API_KEY": key(joint.world.ana, "ledger:read").removeprefix("Bearer ")}
    command = [*COMMAND, "mirror", address, "--folder", str(tmp_path), "--once"]

    def run() -> Any:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False
        )

    first = run()
    assert (first.returncode, "2 new entries; 2 held" in first.stderr) == (0, True), first.stderr
    fork(joint)
    second = run()
    assert (second.returncode, "STOP. The log signed two different histories" in second.stderr) == (1, True)
    assert read_checkpoint((tmp_path / "checkpoint").read_text()).size == 2
