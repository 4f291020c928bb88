"""The `concord` command: one program for every process of an installation.

A command imports what it does when it is called: all services together take seconds to import, and neither `verify`
nor `--help` needs them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import OperationalError

import shared.logging
from services.ledger.partner import commands as partner
from services.ledger.verification import verify_export
from shared.database.account import DatabaseUnavailable

app = typer.Typer(help="The backend that an alliance runs on.", no_args_is_help=True, add_completion=False)
PORT_DEFAULT = 8000
EXIT_CANNOT_START = 2

Names = Annotated[list[str] | None, typer.Argument(help="Which; all when none is named.")]
Port = Annotated[int, typer.Option(envvar="PORT", help="The port to listen on; 0 takes a free one.")]


@app.command()
def run(port: Port = PORT_DEFAULT) -> None:
    """Serve everything in one process on the embedded PostgreSQL, with two demonstration organisations."""
    from services import operating

    operating.run(port)


@app.command(name="serve")
def serve_some(services: Names = None, port: Port = PORT_DEFAULT, host: str = "127.0.0.1") -> None:
    """Serve one service or several, on the database of CONCORD_DATABASE_URL."""
    from services import operating

    operating.serve_some(services, port, host)


@app.command()
def work(names: Names = None) -> None:
    """Run followers and time workers until stopped."""
    from services import operating

    operating.work(names)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from services import operating

    operating.migrate()


@app.command()
def replay(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Services, or one's read model such as scoring.gaps; all when none is named."),
    ] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Change nothing; compare live rows with a replay.")] = False,  # noqa: FBT002
) -> None:
    """Rebuild read models from their events, while the system serves; with one go the others of its service."""
    from services import operating

    raise typer.Exit(1 if operating.replay(names, verify=verify) else 0)


@app.command()
def resume(followers: Names = None) -> None:
    """Let followers that stopped at an event try it again, once the cause is mended."""
    from services import operating

    operating.resume(followers)


@app.command()
def verify(
    export: Annotated[Path, typer.Argument(help="The zip from GET /ledger/v1/ledgers/{id}/export, or its folder.")],
    held: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint kept earlier; may be given several times.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Whose signatures count, and how many; a file of yours.")] = None,
    party_key: Annotated[
        list[str] | None, typer.Option(help="ORGANISATION_ID=BASE64: a key that is truly that party's; repeatable.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,  # noqa: FBT002
) -> None:
    """Check an exported ledger, offline, and say what is wrong at which entry. Exit code 1 when something is."""
    raise typer.Exit(verify_export(export, held or [], json, policy, party_key or ()))


@app.command()
def demo() -> None:
    """Play the demonstration alliance through the HTTP API, on a database of its own, in under a minute."""
    from services import operating

    shared.logging.configure(level="ERROR")
    raise typer.Exit(operating.demo())


@app.command()
def openapi(folder: Path = Path("openapi")) -> None:
    """Write the OpenAPI documents: one a service and the merged one."""
    from services import operating

    operating.openapi(folder)


app.command()(partner.witness)
app.command()(partner.mirror)
app.command()(partner.compare)


def complain(words: str) -> None:
    say = Console(stderr=True, soft_wrap=True)
    say.print("[bold red]Cannot start.[/]", escape(words), highlight=False)


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
