"""What witnesses show of a ledger before it is signed again: their last checkpoint, with the log's own signature.

A size that a witness merely claims proves nothing, and would let one side stop the signing for all. What it shows
(C2SP tlog-witness, monitor retrieval) proves itself: nobody but the log can have signed it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Engine

from services.ledger.checkpointing.outward import RETRY_DOUBLINGS_MAX, RETRY_SECONDS, NotReached, call
from services.ledger.domain.checkpoint import MalformedCheckpoint, read_checkpoint
from services.ledger.domain.note import Key, MalformedNote, SignatureType, UntrustedNote, read_note, verified
from services.ledger.naming import origin_of
from services.ledger.read_models.checkpoints import Signed, log_keys
from services.ledger.signing_keys import signers
from shared.auth.authenticate import act_as_system
from shared.ed25519 import verify_ed25519
from shared.service import Runtime

log = structlog.get_logger()

ROLE = "concord_ledger"
WITNESSES_ASKED_MAX = 20
LOOK_SECONDS = 5.0
"""For all of a look: others wait for their signatures meanwhile."""
PROMPT_SECONDS = 1.0
"""Whoever takes longer to say that it has nothing is looked at later and later, as one that fails is."""
TO_ASK = (
    "SELECT w.id, w.name, w.url, coalesce(c.silent_times, 0) AS silent_times FROM ledger.witnesses w"
    " LEFT JOIN ledger.witness_calls c ON c.ledger_id = w.ledger_id AND c.witness_id = w.id"
    " WHERE w.ledger_id = %s AND w.withdrawn_at IS NULL AND coalesce(c.look_at, '-infinity') <= clock_timestamp()"
    " ORDER BY w.id LIMIT %s"
)
SILENT = (
    "INSERT INTO ledger.witness_calls AS c (ledger_id, witness_id, silent_times, look_at)"
    " VALUES (%s, %s, 1, clock_timestamp() + make_interval(secs => %s)) ON CONFLICT (ledger_id, witness_id)"
    " DO UPDATE SET silent_times = c.silent_times + 1,"
    " look_at = clock_timestamp() + make_interval(secs => %s * 2 ^ least(c.silent_times, %s))"
)
SPOKE = "UPDATE ledger.witness_calls SET silent_times = 0 WHERE ledger_id = %s AND witness_id = %s"


@dataclass(frozen=True, slots=True)
class Look:
    """What a witness showed, and whether it is looked at later for it."""

    shown: Signed | None
    in_vain: bool


def shown_by(runtime: Runtime, ledger_id: UUID) -> Iterator[tuple[str, Signed]]:
    """Each witness's last checkpoint that the log's own key has signed; those that gave nothing just now are not asked.

    All are asked at once: however many take their time, it is that of one call.
    """
    origin = origin_of(runtime.settings, ledger_id)
    with runtime.engine.connect() as connection:
        act_as_system(connection, ROLE)
        asked = connection.exec_driver_sql(TO_ASK, (ledger_id, WITNESSES_ASKED_MAX)).all()
        keys = log_keys(connection, ledger_id)
    if not asked:
        return
    # After a restore to a time before the first signature the database does not know the keys; the configuration does.
    from_configuration = [Key(origin, SignatureType.LOG, one.public) for one in signers(runtime.settings)]
    trusted = list(dict.fromkeys((*keys, *from_configuration)))
    look = partial(looked, origin=origin, trusted=trusted, development=runtime.settings.env == "development")
    with ThreadPoolExecutor(len(asked)) as threads:
        looks = list(zip(asked, threads.map(look, [one.url for one in asked]), strict=True))
    remember(runtime.engine, ledger_id, looks)
    yield from ((one.name, look.shown) for one, look in looks if look.shown is not None)


def remember(engine: Engine, ledger_id: UUID, looks: list[tuple[Any, Look]]) -> None:
    """Look later at those that gave nothing. Apart from how they cosign: one that refuses to may be showing why."""
    changed = [(one, look.in_vain) for one, look in looks if look.in_vain or one.silent_times]
    if not changed:
        return
    with engine.begin() as connection:
        act_as_system(connection, ROLE)
        for one, in_vain in changed:
            if in_vain:
                values = (ledger_id, one.id, RETRY_SECONDS, RETRY_SECONDS, RETRY_DOUBLINGS_MAX)
                connection.exec_driver_sql(SILENT, values)
            else:
                connection.exec_driver_sql(SPOKE, (ledger_id, one.id))


def looked(url: str, origin: str, trusted: list[Key], *, development: bool) -> Look:
    """Whatever goes wrong with one witness stops no signature."""
    begun = time.monotonic()
    try:
        shown = last_checkpoint(url, origin, trusted, development=development)
    except (NotReached, MalformedNote, MalformedCheckpoint, UntrustedNote) as error:
        log.warning("witness shows nothing", url=url, words=str(error))
        return Look(None, in_vain=True)
    except Exception:
        log.exception("witness shows nothing", url=url)
        return Look(None, in_vain=True)
    return Look(shown, in_vain=shown is None and time.monotonic() - begun > PROMPT_SECONDS)


def last_checkpoint(url: str, origin: str, trusted: list[Key], *, development: bool) -> Signed | None:
    """None when it has none. Raises NotReached, MalformedNote, MalformedCheckpoint, UntrustedNote."""
    address = f"{url}/{sha256(origin.encode()).hexdigest()}/checkpoint"
    answered = call("GET", address, development=development, seconds=LOOK_SECONDS)
    if answered.status != HTTPStatus.OK:
        return None
    note = read_note(answered.body)
    checkpoint = read_checkpoint(note.text)
    verified(note, trusted, verify_ed25519)
    return Signed(checkpoint, note) if checkpoint.origin == origin else None
