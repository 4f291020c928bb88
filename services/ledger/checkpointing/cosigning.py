"""Shows each witness the newest signed checkpoint (C2SP tlog-witness) and keeps what it cosigns.

A witness that does not answer is asked again later and later; one that answers what cannot be is named, with why.
"""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import structlog

from services.ledger.checkpointing.outward import (
    RETRY_DOUBLINGS_MAX,
    RETRY_SECONDS,
    Answered,
    NotReached,
    call,
)
from services.ledger.domain.merkle import consistency_proof
from services.ledger.domain.note import (
    Key,
    MalformedNote,
    Note,
    Signature,
    holds,
    read_note,
    read_signatures,
    read_vkey,
)
from services.ledger.domain.witnessing import write_request
from services.ledger.read_models.tree import Tree
from shared.auth.authenticate import act_as_system
from shared.ed25519 import verify_ed25519
from shared.service import Runtime

log = structlog.get_logger()

ROLE = "concord_ledger"
CALLS_A_TURN = 100
CALLS_AT_ONCE = 8
CLOCK_SECONDS_MAX = 600
"""How far the clock of a witness may be from ours."""
SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
FAILURE_CHARACTERS_MAX = 500
UNFORESEEN = "Asking it failed here; what went wrong is in the operator's log. It is asked again."

DUE = (
    "SELECT w.ledger_id, w.id, w.name, w.vkey, w.url, coalesce(c.cosigned_size, 0) AS cosigned_size"
    " FROM ledger.witnesses w JOIN ledger.signers s ON s.ledger_id = w.ledger_id"
    " LEFT JOIN ledger.witness_calls c ON c.ledger_id = w.ledger_id AND c.witness_id = w.id"
    " WHERE w.withdrawn_at IS NULL AND s.signed_size > coalesce(c.cosigned_size, 0)"
    " AND coalesce(c.next_at, '-infinity') <= clock_timestamp() ORDER BY c.next_at NULLS FIRST LIMIT %s"
)
NEWEST = (
    "SELECT size, note FROM ledger.checkpoints WHERE ledger_id = %s AND note IS NOT NULL ORDER BY size DESC LIMIT 1"
)
KNOWN = "SELECT 1 FROM ledger.checkpoints WHERE ledger_id = %s AND size = %s AND note IS NOT NULL"
KEEP = (
    "UPDATE ledger.checkpoints SET cosignatures = cosignatures || %s"
    " WHERE ledger_id = %s AND size = %s AND strpos(cosignatures, %s) = 0"
)
COSIGNED = (
    "INSERT INTO ledger.witness_calls (ledger_id, witness_id, cosigned_size, cosigned_at)"
    " VALUES (%s, %s, %s, to_timestamp(%s)) ON CONFLICT (ledger_id, witness_id) DO UPDATE SET"
    " cosigned_size = greatest(witness_calls.cosigned_size, excluded.cosigned_size),"
    " cosigned_at = excluded.cosigned_at, failure = NULL, failed_times = 0, next_at = '-infinity'"
)
FAILED = (
    "INSERT INTO ledger.witness_calls AS c (ledger_id, witness_id, failure, failed_times, next_at)"
    " VALUES (%s, %s, %s, 1, clock_timestamp() + make_interval(secs => %s)) ON CONFLICT (ledger_id, witness_id)"
    " DO UPDATE SET failure = excluded.failure, failed_times = c.failed_times + 1,"
    " next_at = clock_timestamp() + make_interval(secs => %s * 2 ^ least(c.failed_times, %s))"
)


class Unhelpful(Exception):
    """The witness gave no cosignature; the words say what it did instead."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The newest signed checkpoint."""

    size: int
    note: Note


def turn(runtime: Runtime) -> int:
    """Show every witness what it has not cosigned yet; how many cosigned."""
    with runtime.engine.connect() as connection:
        act_as_system(connection, ROLE)
        due = connection.exec_driver_sql(DUE, (CALLS_A_TURN,)).all()
    with ThreadPoolExecutor(CALLS_AT_ONCE) as threads:
        return sum(threads.map(lambda witness: show(runtime, witness), due))


def show(runtime: Runtime, witness: Any) -> bool:
    """Ask one witness. Whatever goes wrong, it is noted, and costs neither the others nor other ledgers their turn."""
    try:
        return ask(runtime, witness)
    except (Unhelpful, NotReached, MalformedNote) as error:
        log.warning("no cosignature", ledger_id=str(witness.ledger_id), witness=witness.name, words=str(error))
        failed(runtime, witness, f"It was not reached: {error}." if isinstance(error, NotReached) else str(error))
    except Exception:
        log.exception("no cosignature", ledger_id=str(witness.ledger_id), witness=witness.name)
        failed(runtime, witness, UNFORESEEN)
    return False


def failed(runtime: Runtime, witness: Any, words: str) -> None:
    values = (witness.ledger_id, witness.id, one_line(words), RETRY_SECONDS, RETRY_SECONDS, RETRY_DOUBLINGS_MAX)
    with runtime.engine.begin() as connection:
        act_as_system(connection, ROLE)
        connection.exec_driver_sql(FAILED, values)


def ask(runtime: Runtime, witness: Any) -> bool:
    """Ask from the size it last cosigned for us, and once more from where it says it is.

    Raises Unhelpful, NotReached, MalformedNote.
    """
    shown, answered = post(runtime, witness, witness.cosigned_size)
    if answered.status == HTTPStatus.CONFLICT:
        shown, answered = post(runtime, witness, size_in(runtime, witness.ledger_id, answered))
    keep(runtime, witness, shown, cosignature_in(answered, shown.note, read_vkey(witness.vkey)))
    return True


def post(runtime: Runtime, witness: Any, old: int) -> tuple[Shown, Answered]:
    with runtime.engine.connect() as connection:
        act_as_system(connection, ROLE)
        row = connection.exec_driver_sql(NEWEST, (witness.ledger_id,)).one()
        shown = Shown(row.size, read_note(row.note.encode()))
        if old > shown.size:
            raise Unhelpful(
                f"It says that it has cosigned {old:,} entries; no more than {shown.size:,} were ever signed."
            )
        tree = Tree(connection, witness.ledger_id, shown.size)
        body = write_request(old, consistency_proof(old, shown.size, tree.node), row.note)
    development = runtime.settings.env == "development"
    return shown, call("POST", f"{witness.url}/add-checkpoint", body, development=development)


def size_in(runtime: Runtime, ledger_id: UUID, answered: Answered) -> int:
    """Where a witness says it is (409); only what was signed here can be meant."""
    found = SIZE.fullmatch(answered.body)
    if found is None:
        raise Unhelpful("It refuses, and says no size that it is at: it cosigned another tree of this size (409).")
    size = int(found[1])
    with runtime.engine.connect() as connection:
        act_as_system(connection, ROLE)
        if size and connection.exec_driver_sql(KNOWN, (ledger_id, size)).first() is None:
            raise Unhelpful(f"It says that it has cosigned {size:,} entries, of which nothing was signed here.")
    return size


def cosignature_in(answered: Answered, note: Note, key: Key) -> Signature:
    """The witness's own signature over this note, made about now. Raises Unhelpful."""
    match answered.status:
        case HTTPStatus.OK:
            pass
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            raise Unhelpful("It refuses: what it cosigned before is no beginning of this ledger (422).")
        case HTTPStatus.FORBIDDEN:
            raise Unhelpful("It does not trust the key that signed this checkpoint (403).")
        case HTTPStatus.NOT_FOUND:
            raise Unhelpful("It does not know this ledger: start it with the key of the log (404).")
        case status:
            raise Unhelpful(f"It answered {status}.")
    for one in signatures_in(answered.body):
        if not one.seems_of(key):
            continue
        if not holds(note.text, one, key, verify_ed25519):
            raise Unhelpful("What it sent bears its name and is no signature of its key over this checkpoint.")
        if abs(one.cosigned_at - time.time()) > CLOCK_SECONDS_MAX:
            raise Unhelpful("Its clock is more than ten minutes from ours.")
        return one
    raise Unhelpful("Its answer holds no signature of its key.")


def signatures_in(body: bytes) -> tuple[Signature, ...]:
    """Raises Unhelpful."""
    try:
        return read_signatures(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unhelpful("Its answer is not UTF-8.") from error
    except MalformedNote as error:
        raise Unhelpful(f"Its answer is no signature: {error}") from error


def keep(runtime: Runtime, witness: Any, shown: Shown, made: Signature) -> None:
    with runtime.engine.begin() as connection:
        act_as_system(connection, ROLE)
        mark = f"— {made.name} "
        connection.exec_driver_sql(KEEP, (made.line, witness.ledger_id, shown.size, mark))
        values = (witness.ledger_id, witness.id, shown.size, made.cosigned_at)
        connection.exec_driver_sql(COSIGNED, values)


def one_line(words: str) -> str:
    return " ".join(words.split())[:FAILURE_CHARACTERS_MAX]
