"""`concord demo`: a whole Concord on a database of its own and under the test clock, and the story played on it."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from rich.console import Console

from examples.airline_codeshare.report import show
from examples.airline_codeshare.story import play
from shared.database.engine import make_engine
from shared.database.migrate import migrate
from shared.http.app import build_app
from shared.processes import Loops, database, running
from shared.service import Runtime, Service
from shared.settings import Settings
from shared.sockets import bind, server_config

ANSWER_SECONDS_MAX = 60


def demonstrate(services: tuple[Service, ...], say: Console) -> int:
    """Play the story and print what it found; 0 when every part of it went as told."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="concord-demo-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's own account must reach its data below
        say.print("Starting PostgreSQL and all services, under a test clock …")

        def tell(words: str) -> None:
            say.print(f"  [dim]{time.monotonic() - started:5.1f} s[/]  {words}")

        with (
            concord(Path(folder), services) as (address, key, _),
            httpx.Client(base_url=address, timeout=ANSWER_SECONDS_MAX) as http,
        ):
            show(play(http, key, Path(folder), tell), Console())
    say.print(f"Played in {time.monotonic() - started:.0f} seconds, through the HTTP API alone.")
    return 0


@contextmanager
def concord(home: Path, services: tuple[Service, ...]) -> Iterator[tuple[str, str, Runtime]]:
    """A Concord of its own: its address, its operator key and its runtime."""
    settings = Settings(home=home, database_url=None, env="development", clock="test")
    with database(settings) as url:
        engine = make_engine(url, pool_size=1)
        migrate(engine)
        engine.dispose()
        with running(settings, url, services) as runtime, answering(runtime, services) as address:
            assert runtime.settings.operator_key is not None
            yield address, runtime.settings.operator_key.get_secret_value(), runtime


@contextmanager
def answering(runtime: Runtime, services: tuple[Service, ...]) -> Iterator[str]:
    """The services behind a free port, in a thread, with their loops beside them."""
    config = server_config(build_app(runtime, services))
    server, loops, door = uvicorn.Server(config), Loops(runtime), bind("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    loops.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        loops.stop()
        server.should_exit = True
        thread.join()
