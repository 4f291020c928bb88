"""The `concord` command as real processes, watched from outside."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from shared.database.room import PROGRAMS, WHEEL
from shared.testing.api import OPERATOR_KEY, SECRET, Api

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 60
STOP_SECONDS = 30
"""What docker-compose.yml gives a process to end in."""
LOGIN = "concord_app"
PASSWORD = "it's \\ a password"
SECRETS = {"CONCORD_SECRET": SECRET, "CONCORD_OPERATOR_KEY": OPERATOR_KEY}


@dataclass(frozen=True)
class Program:
    """One run of `concord`; `log` is where its standard error goes."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text()

    def wait_to_say(self, pattern: str) -> re.Match[str]:
        """What it said that matches; fails when it ends without, or takes too long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := re.search(pattern, self.said)) is None:
            assert self.process.poll() is None, f"It ended ({self.process.returncode}) and said: {self.said}"
            assert time.monotonic() < deadline, f"It did not say {pattern!r}, but: {self.said}"
            time.sleep(0.02)
        return found

    def ended(self, within_seconds: float = PATIENCE_SECONDS) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(within_seconds)

    def end(self, kind: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit code. Fails when it takes longer than it would be given."""
        self.process.send_signal(kind)
        return self.ended(STOP_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def concord(*arguments: str, **environment: str) -> Iterator[Program]:
    """`concord <arguments>` with these environment variables and no others of its own; killed at the end."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CONCORD_", "PORT"))}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=folder,
                env={**inherited, "PYTHONPATH": str(ROOT), "PORT": "0", **environment},
            )
        program = Program(process, log)
        try:
            yield program
        finally:
            program.kill()


@dataclass(frozen=True)
class Server(Program):
    """A process that serves; `api` speaks to it."""

    api: Api

    @property
    def client(self) -> httpx.Client:
        return self.api.client


@contextmanager
def serving(url: str, *services: str, **environment: str) -> Iterator[Server]:
    """`concord serve <services>` on this database, listening."""
    with concord("serve", *services, CONCORD_DATABASE_URL=url, **SECRETS, **environment) as program:
        address = program.wait_to_say(r"Serving .* on (127\.0\.0\.1:\d+)\.")[1]
        with httpx.Client(base_url=f"http://{address}", timeout=PATIENCE_SECONDS) as client:
            yield Server(program.process, program.log, api_of(client))


@contextmanager
def working(url: str, *names: str) -> Iterator[Program]:
    """`concord work` on this database, at work: all that there is to do, or what is named."""
    with concord("work", *names, CONCORD_DATABASE_URL=url, **SECRETS) as program:
        program.wait_to_say("Working: ")
        yield program


def api_of(client: httpx.Client) -> Api:
    return Api(client, runtime=None)  # type: ignore[arg-type] # the runtime is in the other process


def give_login(url: str) -> None:
    """Run deploy/roles.sql as the owner."""
    wheel = find_spec(WHEEL)
    assert wheel is not None
    assert wheel.submodule_search_locations
    psql = Path(wheel.submodule_search_locations[0]) / PROGRAMS / "psql"
    script = str(ROOT / "deploy" / "roles.sql")
    command = [str(psql), "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--file", script, url]
    done = subprocess.run(
        command,
        env={**os.environ, "CONCORD_DATABASE_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def as_login(url: str) -> str:
    """The same database, entered as the login that deploy/roles.sql makes."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{LOGIN}@{parts.netloc.rpartition('@')[2]}").geturl()


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "It did not come to pass."
        time.sleep(0.02)
