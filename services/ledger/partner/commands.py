"""`concord witness`, `concord mirror` and `concord compare`: what a partner runs on its own machine."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Annotated, NoReturn

import httpx
import typer
import uvicorn
from rich.console import Console

from services.ledger.domain.note import MalformedNote, SignatureType, UntrustedNote, read_vkey
from services.ledger.partner.comparing import compare_checkpoints
from services.ledger.partner.mirror import Damaged, Mirror
from services.ledger.partner.served import TIMEOUT_SECONDS, Contradicted, NotServed, Served
from services.ledger.partner.witness import Witness, log_keys, witness_app
from shared.sockets import GRACE_SECONDS, bind, server_config

say = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
PORT_DEFAULT = 8100
EXIT_CONTRADICTED, EXIT_CANNOT_START, EXIT_BROKE_OFF = 1, 2, 3


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
    say.print(f"Witnessing {len(trusted)} ledger(s) on {where}, remembering in {folder}.")
    say.print(f"Name it in Concord by this key: {running.key.vkey}")
    config = server_config(witness_app(running), server_header=False, timeout_graceful_shutdown=GRACE_SECONDS)
    uvicorn.Server(config).run(sockets=[door])


def mirror(
    ledger: Annotated[str, typer.Argument(help="The ledger: https://…/ledger/v1/ledgers/<id>")],
    folder: Annotated[Path, typer.Option(help="The copy; `concord verify` checks it like an export.")] = Path("mirror"),
    api_key: Annotated[str, typer.Option(envvar="CONCORD_API_KEY", help="A key with the scope ledger:read.")] = "",
    log_key: Annotated[
        list[str] | None, typer.Option(help="A verifier key of the log; else those it shows first.")
    ] = None,
    every: Annotated[float, typer.Option(help="Seconds from one look to the next.")] = 10.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,  # noqa: FBT002
) -> None:
    """Keep a copy of a ledger, and check it as it grows.

    Exit code 1 when the log contradicts itself, 2 when there is nothing to begin with, 3 when this machine fails.
    """
    headers = {"Authorization": f"Bearer {api_key}"}
    try:
        with httpx.Client(base_url=f"{ledger.rstrip('/')}/", headers=headers, timeout=TIMEOUT_SECONDS) as client:
            copy = Mirror(Served(client), folder, [read_vkey(one) for one in log_key or ()])
            keep_looking(copy, every, once=once)
    except (MalformedNote, httpx.InvalidURL, Damaged) as error:
        stop(str(error))
    except (Contradicted, UntrustedNote) as error:
        say.print(f"STOP. {error} Do not trust this ledger until it is explained; compare with your partners.")
        raise typer.Exit(EXIT_CONTRADICTED) from error
    except (typer.Exit, KeyboardInterrupt):
        raise
    except Exception as error:  # whatever it is: its exit code must not be that of a contradiction
        say.print_exception()
        say.print(f"Broke off, and it says nothing of the ledger: {error}")
        raise typer.Exit(EXIT_BROKE_OFF) from error


def keep_looking(copy: Mirror, every: float, *, once: bool) -> None:
    look(copy, once=once)
    while not once:
        time.sleep(every)
        look(copy, once=once)


def compare(
    mine: Annotated[Path, typer.Argument(help="A checkpoint that you kept; your mirror's file `checkpoint` is one.")],
    theirs: Annotated[Path, typer.Argument(help="One that the other side kept.")],
    copy: Annotated[
        Path | None, typer.Option(help="Your mirror or an export, where the two are of different sizes.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Whose signatures count: both must bear the log's.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,  # noqa: FBT002
) -> None:
    """Were both sides shown the same history? Exit code 1 when not, 2 when it cannot be told from what is given."""
    raise typer.Exit(compare_checkpoints(mine, theirs, copy, policy, as_json=json))


def look(copy: Mirror, *, once: bool) -> None:
    """One turn. A ledger that does not answer is looked for again; what contradicts itself is raised."""
    try:
        came = copy.turn()
    except NotServed as error:
        say.print(f"Not now: {error}")
        if once:
            raise typer.Exit(EXIT_CANNOT_START) from error
        return
    if copy.held is None:
        say.print("Nothing of this ledger is signed yet.")
    elif came or once:
        say.print(f"{came:,} new entries; {copy.held.size:,} held, as the log signed them.")
    if copy.back_dated is not None:
        say.print(f"BACK-DATED. {copy.back_dated.words} Ask who recorded it, and why it says so.")
        if once:
            raise typer.Exit(EXIT_CONTRADICTED)


def stop(words: str) -> NoReturn:
    say.print(f"Cannot start. {words}")
    raise typer.Exit(EXIT_CANNOT_START)
