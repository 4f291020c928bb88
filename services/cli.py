"""The `concord` command: one program for every process of an installation."""

from __future__ import annotations

import json as json_text
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import OperationalError

import shared.logging
from services.demonstration import demonstrate
from services.ledger.partner import commands as partner
from services.ledger.verification import verify_export
from services.rooms import ROOMS
from services.welcome import welcome
from shared.database.account import DatabaseUnavailable
from shared.database.engine import make_engine
from shared.database.migrate import migrate as bring_up
from shared.http.app import build_app
from shared.http.openapi import document
from shared.log.rebuild import rebuild
from shared.log.rebuild import verify as compare
from shared.processes import Loops, bind, database, running, serve
from shared.service import Service
from shared.settings import Settings

app = typer.Typer(help="The backend that an alliance runs on.", no_args_is_help=True, add_completion=False)
say = Console(stderr=True, soft_wrap=True)
PORT_DEFAULT = 8000
DIFFERENCES_SHOWN = 20
EXIT_CANNOT_START = 2

Names = Annotated[list[str] | None, typer.Argument(help="Which; all when none is named.")]
Port = Annotated[int, typer.Option(envvar="PORT", help="The port to listen on; 0 takes a free one.")]


@app.command()
def run(port: Port = PORT_DEFAULT) -> None:
    """Serve everything in one process on the embedded PostgreSQL, with two demonstration organisations."""
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


@app.command(name="serve")
def serve_some(services: Names = None, port: Port = PORT_DEFAULT, host: str = "127.0.0.1") -> None:
    """Serve one service or several, on the database of CONCORD_DATABASE_URL."""
    served = chosen(services)
    settings = Settings().settled()
    door = bound(host, port)
    port = door.getsockname()[1]
    with database(settings, share=True) as url, running(settings, url, ROOMS) as runtime:
        names = ", ".join(s.name for s in served)
        serve(build_app(runtime, served), door, lambda: say.print(f"Serving {names} on {host}:{port}."))


@app.command()
def work(names: Names = None) -> None:
    """Run followers and time workers until stopped."""
    settings = Settings().settled()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with database(settings, share=True) as url, running(settings, url, ROOMS) as runtime:
        loops = Loops(runtime)
        known = sorted(name for name, _ in loops.turns())
        if unknown := sorted(set(names or ()) - set(known)):
            refuse(f"There is no {', '.join(unknown)}; there are {', '.join(known)}.")
        say.print(f"Working: {', '.join(loops.start(frozenset(names) if names else None))}.")
        stop.wait()
        loops.stop()


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    with database(Settings(), share=True) as url:
        migrated(url)


@app.command()
def replay(
    services: Names = None,
    verify: Annotated[bool, typer.Option("--verify", help="Change nothing; compare live rows with a replay.")] = False,  # noqa: FBT002
) -> None:
    """Rebuild the read models of services from their events, while they serve."""
    with database(Settings(), share=True) as url:
        engine = make_engine(url, pool_size=1)
        with engine.connect() as connection:
            if connection.exec_driver_sql("SELECT row_security_active('log.events')").scalar_one():
                refuse("Row security hides the ledgers from this login: replay as the owner of the database.")
        wrong = sum(replay_one(engine, service, verify=verify) for service in chosen(services))
        engine.dispose()
    raise typer.Exit(1 if wrong else 0)


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


@app.command()
def verify(
    export: Annotated[Path, typer.Argument(help="The zip from GET /ledger/v1/ledgers/{id}/export, or its folder.")],
    held: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint kept earlier; may be given several times.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Whose signatures count, and how many; a file of yours.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,  # noqa: FBT002
) -> None:
    """Check an exported ledger, offline, and say what is wrong at which entry. Exit code 1 when something is."""
    raise typer.Exit(verify_export(export, held or [], json, policy))


@app.command()
def demo() -> None:
    """Play the demonstration alliance through the HTTP API, on a database of its own, in under a minute."""
    shared.logging.configure(level="ERROR")
    raise typer.Exit(demonstrate(ROOMS, say))


@app.command()
def openapi(folder: Path = Path("openapi")) -> None:
    """Write the OpenAPI documents: one a service and the merged one."""
    folder.mkdir(exist_ok=True)
    settings = Settings(env="development", home=Path(".concord"))
    with running(settings, "postgresql://nowhere/none", ROOMS) as runtime:
        application = build_app(runtime, ROOMS)
        for name, services in [("concord", ROOMS), *((s.name, (s,)) for s in ROOMS)]:
            text = json_text.dumps(document(application, services), indent=2, ensure_ascii=False, sort_keys=True)
            (folder / f"{name}.json").write_text(text + "\n")
    say.print(f"Wrote {len(ROOMS) + 1} documents to {folder}/.")


app.command()(partner.witness)
app.command()(partner.mirror)
app.command()(partner.compare)


def chosen(names: list[str] | None) -> tuple[Service, ...]:
    known = {s.name: s for s in ROOMS}
    if unknown := sorted(set(names or ()) - set(known)):
        refuse(f"There is no service {', '.join(unknown)}; there are {', '.join(known)}.")
    return tuple(known[n] for n in names) if names else ROOMS


def bound(host: str, port: int) -> Any:
    try:
        return bind(host, port)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        refuse(f"Port {port} on {host} cannot be had ({why}). Choose another: make run PORT={port + 1}")


def refuse(words: str) -> Any:
    complain(words)
    raise typer.Exit(EXIT_CANNOT_START)


def complain(words: str) -> None:
    say.print("[bold red]Cannot start.[/]", escape(words), highlight=False)


def migrated(url: str) -> None:
    engine = make_engine(url, pool_size=1)
    say.print(f"Schema at revision {bring_up(engine)}.")
    engine.dispose()


def main() -> None:
    """The entry point; failures that a person can mend are one sentence, without a trace."""
    shared.logging.configure(level=os.environ.get("CONCORD_LOG_LEVEL", "WARNING" if sys.stderr.isatty() else "INFO"))
    try:
        app()
    except (DatabaseUnavailable, ValueError) as error:
        complain(str(error))
        sys.exit(EXIT_CANNOT_START)
    except OperationalError as error:
        complain(f"The database does not answer, or not in time: {error.orig}")
        sys.exit(EXIT_CANNOT_START)


if __name__ == "__main__":
    main()
