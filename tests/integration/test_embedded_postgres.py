"""The embedded PostgreSQL starts wherever it is put, and comes back from every way in which it can be ended."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from shared.database import remnants
from shared.database.account import Account, DatabaseUnavailable
from shared.database.embedded import EmbeddedPostgres
from shared.database.lock import DatabaseInUse
from shared.testing.postgres import fresh_database, open_folder, postgres_server

PATIENCE_SECONDS = 30
ROOT = Path(__file__).parents[2]
OWNER = """
import signal, sys
from pathlib import Path
from shared.database.embedded import EmbeddedPostgres
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs tests in the background has it ignored
with EmbeddedPostgres(Path(sys.argv[1])) as postgres:
    print(postgres.url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder / "home"


@pytest.fixture
def owner(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has started the database of `home`, and has stored a line in it."""
    process = start_owner(home, sys.executable)
    store(first_line(process), "kept")
    yield process
    process.kill()
    process.communicate()
    remnants.end(EmbeddedPostgres(home).data)


def start_owner(home: Path, python: str, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return] # the options differ by test
        [python, "-c", OWNER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **options,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def store(url: str, line: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS lines (line text)")
        connection.execute("INSERT INTO lines VALUES (%s)", [line])


def stored(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [line for (line,) in connection.execute("SELECT line FROM lines ORDER BY line")]


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "It did not come to pass."
        time.sleep(0.01)


def test_it_starts_stops_and_keeps_what_was_stored(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        store(postgres.url, "kept")
    assert postgres.url == ""
    assert postgres.pid is None
    assert remnants.processes_of(postgres.data) == []
    with EmbeddedPostgres(home) as postgres:
        assert stored(postgres.url) == ["kept"]


def test_it_is_durable_listens_to_no_network_and_speaks_utc_and_utf8(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres, psycopg.connect(postgres.url) as connection:
        for name, value in {
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "listen_addresses": "",
            "max_connections": "100",
            "server_encoding": "UTF8",
            "shared_buffers": "256MB",
            "TimeZone": "UTC",
        }.items():
            assert connection.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,), name
        assert connection.execute("SELECT lower('ÉŠ'), 'B' < 'a'").fetchone() == ("éš", True)
        socket = Path(connection.info.host)
        assert socket.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["with some spaces", "comma,'quote'=é", "long-" * 30])
def test_it_starts_in_a_folder_of_any_name(home: Path, name: str) -> None:
    with EmbeddedPostgres(home / name) as postgres:
        store(postgres.url, "kept")
        socket = (home / name / "postgres" / "socket").resolve()
        assert socket.exists()
    assert not socket.exists()
    with EmbeddedPostgres(home / name) as postgres:
        assert stored(postgres.url) == ["kept"]


def test_it_starts_in_a_relative_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    monkeypatch.chdir(home)
    with EmbeddedPostgres(Path(".concord")) as postgres:
        assert (home / ".concord" / "postgres" / "data" / "PG_VERSION").exists()
        store(postgres.url, "kept")


def test_a_pid_file_that_names_another_living_process_does_not_matter(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        store(postgres.url, "kept")
        pid_file = (postgres.data / "postmaster.pid").read_text()
    stale = pid_file.splitlines()
    stale[0] = str(os.getppid())
    (postgres.data / "postmaster.pid").write_text("\n".join(stale) + "\n")
    with EmbeddedPostgres(home) as postgres:
        assert stored(postgres.url) == ["kept"]


def test_it_ends_with_the_process_that_started_it(home: Path, owner: subprocess.Popen[str]) -> None:
    owner.kill()
    eventually(lambda: not remnants.processes_of(EmbeddedPostgres(home).data))
    with EmbeddedPostgres(home) as postgres:
        assert stored(postgres.url) == ["kept"]


def test_one_that_outlived_the_process_that_started_it_is_replaced(home: Path, owner: subprocess.Popen[str]) -> None:
    server, *_ = remnants.servers(remnants.processes_of(EmbeddedPostgres(home).data))
    watchers = [child for child in psutil.Process(owner.pid).children() if child.pid != server.pid]
    assert len(watchers) == 1
    watchers[0].kill()
    owner.kill()
    owner.wait()
    assert server in remnants.processes_of(EmbeddedPostgres(home).data)
    with EmbeddedPostgres(home) as postgres:
        assert server not in remnants.processes_of(postgres.data)
        assert stored(postgres.url) == ["kept"]


def test_ctrl_c_in_the_terminal_reaches_its_owner_alone(home: Path, owner: subprocess.Popen[str]) -> None:
    for process in remnants.processes_of(EmbeddedPostgres(home).data):
        assert os.getsid(process.pid) != os.getsid(owner.pid)
    owner.send_signal(signal.SIGINT)
    owner.wait(PATIENCE_SECONDS)
    assert remnants.processes_of(EmbeddedPostgres(home).data) == []


def test_a_second_concord_is_refused_and_told_who_has_it(home: Path, owner: subprocess.Popen[str]) -> None:
    with pytest.raises(DatabaseInUse, match=f"process {owner.pid}") as refused:
        EmbeddedPostgres(home).start()
    assert refused.value.pid == owner.pid
    assert refused.value.url is not None
    assert stored(refused.value.url) == ["kept"]


def test_what_was_committed_survives_the_kill_of_the_server() -> None:
    with postgres_server() as server:
        url = server.url
        store(url, "kept")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            store(url, "lost")
        server.restart()
        assert server.url == url
        assert stored(url) == ["kept"]


def test_a_killed_server_leaves_children_that_are_ended_too() -> None:
    with postgres_server(fsync=False) as server:
        busy = psycopg.connect(server.url)
        (shown,) = busy.execute("SHOW data_directory").fetchone() or ()
        before = remnants.processes_of(Path(shown))
        (postmaster,) = remnants.servers(before)
        postmaster.kill()
        server.restart()
        assert set(before).isdisjoint(remnants.processes_of(Path(shown)))
        with pytest.raises(psycopg.OperationalError):
            busy.execute("SELECT 1")
        busy.close()


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        pass
    (postgres.data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(DatabaseUnavailable, match=r"(?s)did not start.*9\.6"):
        postgres.start()
    (postgres.data / "PG_VERSION").write_text("18\n")
    with postgres:
        assert postgres.pid is not None


def test_half_a_data_directory_is_made_anew(home: Path) -> None:
    half = home / "postgres" / "data.half-1"
    with EmbeddedPostgres(home):
        pass
    shutil.move(home / "postgres" / "data", half)
    (half / "global" / "pg_control").unlink()
    with EmbeddedPostgres(home) as postgres:
        assert not half.exists()
        store(postgres.url, "kept")


def test_a_fresh_database_is_a_copy_and_is_dropped() -> None:
    with postgres_server(fsync=False) as server:
        store(server.url, "kept")
        with fresh_database(server, template="concord") as url:
            store(url, "own")
            assert stored(url) == ["kept", "own"]
        assert stored(server.url) == ["kept"]
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            stored(url)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_roots_closed_home_leads_to_an_open_place(home: Path) -> None:
    home.mkdir(mode=0o700)
    try:
        with EmbeddedPostgres(home) as postgres:
            store(postgres.url, "kept")
            place = (home / "postgres").resolve()
            assert not place.is_relative_to(home)
            assert place.stat().st_mode & 0o777 == 0o700
        with EmbeddedPostgres(home) as postgres:
            assert stored(postgres.url) == ["kept"]
    finally:
        shutil.rmtree((home / "postgres").resolve())


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests are run by an ordinary user already")
def test_an_ordinary_user_runs_it_as_himself(home: Path) -> None:
    entry = pwd.getpwnam("nobody")
    nobody = Account(entry.pw_uid, entry.pw_gid, switched=True)
    if not nobody.executes(Path(sys.executable)) or not nobody.reaches(ROOT):
        pytest.skip("this Python lies where only root can go")
    home.mkdir()
    nobody.own(home)
    process = start_owner(home, sys.executable, **nobody.options)
    store(first_line(process), "kept")
    assert EmbeddedPostgres(home).data.stat().st_uid == nobody.uid
    process.communicate("")
    assert process.returncode == 0
    assert remnants.processes_of(EmbeddedPostgres(home).data) == []
