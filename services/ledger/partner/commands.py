"""`concord witness` and `concord mirror`: what a partner runs on its own machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from services.ledger.domain.note import MalformedNote, SignatureType
from services.ledger.partner.witness import Witness, log_keys, witness_app
from shared.processes import bind, serve

say = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
PORT_DEFAULT = 8100
EXIT_CANNOT_START = 2


def witness(
    url: Annotated[str, typer.Argument(help="The public address of this witness: what Concord calls.")],
    log_key: Annotated[list[str], typer.Argument(help="The verifier key of each ledger's log that it is to witness.")],
    folder: Annotated[Path, typer.Option(help="Its memory: keep it, and keep it safe.")] = Path("witness"),
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = PORT_DEFAULT,
    host: str = "127.0.0.1",
) -> None:
    """Run a witness: it cosigns the checkpoints of ledgers that only grow, and refuses those of rewritten ones."""
    try:
        trusted = log_keys(folder, log_key)
    except MalformedNote as error:
        stop(f"{error} Concord shows the keys at /ledger/v1/ledgers/<id>/signing.")
    if any(key.type != SignatureType.LOG for key in trusted):
        stop("A log signs with a key of type 0x01; this is the key of a witness.")
    running = Witness(folder, re.sub(r"^https?://", "", url).rstrip("/"), trusted)
    try:
        door = bind(host, port)
    except OSError as error:
        stop(f"Port {port} on {host} cannot be had ({error.strerror}).")
    where = f"{host}:{door.getsockname()[1]}"

    def introduce() -> None:
        say.print(f"Witnessing {len(trusted)} ledger(s) on {where}, remembering in {folder}.")
        say.print(f"Name it in Concord by this key: {running.key.vkey}")

    serve(witness_app(running), door, introduce)


def stop(words: str) -> NoReturn:
    say.print(f"Cannot start. {words}")
    raise typer.Exit(EXIT_CANNOT_START)
