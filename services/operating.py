"""What the processes of an installation do, with all services at hand. `services/cli.py` is how they are called."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from socket import socket
from typing import Any

from rich.console import Console

from services.demonstration import demonstrate
from services.rooms import ROOMS
from services.welcome import welcome
from shared.auth.authenticate import act_as_system
from shared.database.engine import make_engine
from shared.database.migrate import migrate as bring_up
from shared.http.app import build_app
from shared.http.openapi import document
from shared.log.followers import resume as go_on
from shared.log.rebuild import rebuild
from shared.log.rebuild import verify as compare
from shared.processes import Loops, database, running, serve
from shared.service import Service
from shared.settings import Settings
from shared.sockets import bind

say = Console(stderr=True, soft_wrap=True)
DIFFERENCES_SHOWN = 20


class CannotStart(ValueError):
    """Something that a person can mend, in one sentence."""


def run(port: int) -> None:
    settings = Settings()
    door = bound(settings.host, port)
    port = door.getsockname()[1]
    settings = settings.settled()
    say.print("Starting PostgreSQL …" if not settings.database_url else "Using the database of CONCORD_DATABASE_URL …")
    with database(settings) as url:
        migrated(url)
        with running(settings, url, ROOMS) as runtime:
            loops = Loops(runtime)
            loops.start()
            serve(build_app(runtime, ROOMS), door, lambda: welcome(runtime, port, say))
            say.print("Stopping …")
            loops.stop()


def serve_some(services: list[str] | None, port: int, host: str) -> None:
    served = chosen(services)
    settings = Settings().settled()
    door = bound(host, port)
    port = door.getsockname()[1]
    with database(settings, share=True) as url, running(settings, url, ROOMS) as runtime:
        names = ", ".join(s.name for s in served)
        serve(build_app(runtime, served), door, lambda: say.print(f"Serving {names} on {host}:{port}."))


def work(names: list[str] | None) -> None:
    settings = Settings().settled()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with database(settings, share=True) as url, running(settings, url, ROOMS) as runtime:
        loops = Loops(runtime)
        known = sorted(name for name, _ in loops.turns())
        if unknown := sorted(set(names or ()) - set(known)):
            raise CannotStart(f"There is no {', '.join(unknown)}; there are {', '.join(known)}.")
        say.print(f"Working: {', '.join(loops.start(frozenset(names) if names else None))}.")
        stop.wait()
        loops.stop()


def migrate() -> None:
    with database(Settings(), share=True) as url:
        migrated(url)


def replay(names: list[str] | None, *, verify: bool) -> int:
    """Rebuild or compare the read models of these services; how many rows differ."""
    with database(Settings(), share=True) as url:
        engine = make_engine(url, pool_size=1)
        with engine.connect() as connection:
            if connection.exec_driver_sql("SELECT row_security_active('log.events')").scalar_one():
                raise CannotStart(
                    "Row security hides the ledgers from this login: replay as the owner of the database."
                )
        wrong = sum(replay_one(engine, service, verify=verify) for service in chosen(services_of(names)))
        engine.dispose()
    return wrong


def services_of(names: list[str] | None) -> list[str] | None:
    """Read models of one service may stand on one another: `scoring.gaps` names all of scoring."""
    owners = {f"{service.name}.{model.name}": service.name for service in ROOMS for model in service.read_models}
    return None if names is None else list(dict.fromkeys(owners.get(name, name) for name in names))


def resume(names: list[str] | None) -> None:
    """Let followers that met an event they could not apply try it again."""
    with database(Settings(), share=True) as url:
        known = {follower.name: follower for service in ROOMS for follower in service.followers}
        if unknown := sorted(set(names or ()) - set(known)):
            raise CannotStart(f"There is no follower {', '.join(unknown)}; there are {', '.join(known)}.")
        engine = make_engine(url, pool_size=1)
        for name in names or known:
            with engine.begin() as connection:
                act_as_system(connection, known[name].role)
                say.print(f"{name}: goes on in {go_on(connection, name)} ledgers.")
        engine.dispose()


def replay_one(engine: Any, service: Service, *, verify: bool) -> int:
    """Rebuild or compare one service's read models; how many rows differ."""
    followed = tuple(m for m in service.read_models if m.followed)
    groups = [(service.own, None), (followed, f"{service.name}.read_models")]
    wrong = 0
    for models, follower in ((models, follower) for models, follower in groups if models):
        names = ", ".join(m.name for m in models)
        if not verify:
            say.print(f"{service.name}: {names} rebuilt for {rebuild(engine, models, follower=follower)} ledgers.")
            continue
        found = list(compare(engine, models, follower=follower))
        say.print(f"{service.name}: {names}: {'level with the events' if not found else f'{len(found)} rows differ'}.")
        for one in found[:DIFFERENCES_SHOWN]:
            say.print(f"  {one.table} {one.key}\n    live     {one.live}\n    replayed {one.replayed}")
        wrong += len(found)
    return wrong


def demo() -> int:
    """Play the demonstration; its exit code."""
    return demonstrate(ROOMS, say)


def openapi(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    settings = Settings(env="development", home=Path(".concord"))
    with running(settings, "postgresql://nowhere/none", ROOMS) as runtime:
        application = build_app(runtime, ROOMS)
        for name, services in [("concord", ROOMS), *((s.name, (s,)) for s in ROOMS)]:
            text = json.dumps(document(application, services), indent=2, ensure_ascii=False, sort_keys=True)
            (folder / f"{name}.json").write_text(text + "\n")
    say.print(f"Wrote {len(ROOMS) + 1} documents to {folder}/.")


def chosen(names: list[str] | None) -> tuple[Service, ...]:
    known = {s.name: s for s in ROOMS}
    if unknown := sorted(set(names or ()) - set(known)):
        raise CannotStart(f"There is no service {', '.join(unknown)}; there are {', '.join(known)}.")
    return tuple(known[n] for n in names) if names else ROOMS


def bound(host: str, port: int) -> socket:
    try:
        return bind(host, port)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        raise CannotStart(
            f"Port {port} on {host} cannot be had ({why}). Choose another: make run PORT={port + 1}"
        ) from error


def migrated(url: str) -> None:
    engine = make_engine(url, pool_size=1)
    say.print(f"Schema at revision {bring_up(engine)}.")
    engine.dispose()
