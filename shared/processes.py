"""Running Concord: settings to a runtime, a runtime to a web server and to the loops that time and events drive."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import socket
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from shared.auth.authenticate import Authenticator
from shared.auth.development import DevelopmentIssuer
from shared.auth.oidc import Issuers
from shared.database.account import DatabaseUnavailable
from shared.database.embedded import EmbeddedPostgres
from shared.database.engine import make_engine
from shared.database.lock import DatabaseInUse
from shared.log.followers import Following
from shared.service import Runtime, Service
from shared.settings import Settings
from shared.sockets import GRACE_SECONDS, server_config

log = structlog.get_logger()

IDLE_SECONDS = 0.1
"""How long a follower rests when there was nothing to do."""
TROUBLE_SECONDS = 1.0
"""How long a loop rests after an error, before it tries again."""


@contextmanager
def database(settings: Settings, *, share: bool = False) -> Iterator[str]:
    """The URL to use: the one configured, or that of the embedded server, started and stopped here.

    `share`: when another Concord runs the embedded server, use it as it is rather than fail.
    """
    if settings.database_url:
        yield settings.database_url
        return
    if settings.env == "production":
        raise DatabaseUnavailable("In production set CONCORD_DATABASE_URL.")
    postgres = EmbeddedPostgres(settings.home.resolve())
    try:
        url = postgres.start()
    except DatabaseInUse as used:
        if not share or not used.url:
            raise
        yield used.url
        return
    try:
        yield url
    finally:
        postgres.stop()


@contextmanager
def running(settings: Settings, url: str, services: tuple[Service, ...]) -> Iterator[Runtime]:
    settings = settings.settled()
    assert settings.secret is not None
    assert settings.operator_key is not None
    secret = settings.secret.get_secret_value()
    issuer = DevelopmentIssuer.of(secret, settings.origin) if settings.signs_tokens else None
    if issuer is not None:
        log.warning("development issuer", words="Tokens are signed on this machine. Never use this for real companies.")
    engine = make_engine(url, pool_size=settings.pool_size, prepare_statements=settings.prepare_statements)
    try:
        issuers = Issuers(plain_http=settings.env == "development")
        yield Runtime(
            settings, engine, Authenticator(issuer, settings.operator_key.get_secret_value(), issuers), services
        )
    finally:
        engine.dispose()


def serve(app: FastAPI, door: socket, when_up: Callable[[], None] = lambda: None) -> None:
    """Answer requests until SIGINT or SIGTERM; open requests get to end. `when_up` runs beside, once it answers."""
    config = server_config(
        app,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        forwarded_allow_ips=list(app.state.runtime.settings.trusted_proxies),
    )
    server = Server(config, app.state.runtime)
    server.config.load()
    settle()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end(server, app.state.runtime))  # uvicorn raises it anew at its end
    threading.Thread(target=when_up, daemon=True).start()
    server.run(sockets=[door])


class Server(uvicorn.Server):
    """uvicorn's, and whoever waits without an end learns that it is near: uvicorn takes the signals to itself."""

    def __init__(self, config: uvicorn.Config, runtime: Runtime) -> None:
        super().__init__(config)
        self.runtime = runtime

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.runtime.ending.set()
        super().handle_exit(sig, frame)


def end(server: uvicorn.Server, runtime: Runtime) -> None:
    runtime.ending.set()
    server.should_exit = True


def settle() -> None:
    """Let the garbage collector pass over all that there is by now: it stays until the process ends.

    Otherwise a full collection looks at every route and schema again, for 100 ms in the middle of somebody's request.
    """
    gc.collect()
    gc.freeze()


@dataclass
class Loops:
    """The followers and workers of some services, each in a thread of its own, until `stop`."""

    runtime: Runtime
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, names: frozenset[str] | None = None) -> list[str]:
        """Start those named, or all; the names started."""
        settle()
        found = {f"{name}": turn for name, turn in self.turns() if names is None or name in names}
        for name, (turn, every) in found.items():
            thread = threading.Thread(target=self.loop, args=(name, turn, every), name=name, daemon=True)
            thread.start()
            self.threads.append(thread)
        return sorted(found)

    def turns(self) -> Iterator[tuple[str, tuple[Callable[[], int], float]]]:
        for service in self.runtime.services:
            for follower in service.followers:
                yield follower.name, (Following(self.runtime.engine, follower).turn, IDLE_SECONDS)
            for worker in service.workers:
                yield worker.name, (lambda turn=worker.turn: turn(self.runtime), worker.every_seconds)  # type: ignore[misc]

    def loop(self, name: str, turn: Callable[[], int], every_seconds: float) -> None:
        while not self.stopping.is_set():
            try:
                did = turn()
            except Exception:
                log.exception("turn failed", loop=name)
                self.stopping.wait(TROUBLE_SECONDS)
                continue
            if not did:
                self.stopping.wait(every_seconds)

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=GRACE_SECONDS)
