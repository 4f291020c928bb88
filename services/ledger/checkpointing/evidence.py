"""What witnesses show of a ledger before it is signed again: their last checkpoint, with the log's own signature.

A size that a witness merely claims proves nothing, and would let one side stop the signing for all. What it shows
(C2SP tlog-witness, monitor retrieval) proves itself: nobody but the log can have signed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from uuid import UUID

import structlog

from services.ledger.checkpointing.outward import NotReached, call
from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.note import Key, MalformedNote, SignatureType, UntrustedNote, read_note, verified
from services.ledger.naming import origin_of
from services.ledger.read_models.checkpoints import log_keys
from services.ledger.signing_keys import signers
from shared.auth.authenticate import act_as_system
from shared.ed25519 import verify_ed25519
from shared.service import Runtime

log = structlog.get_logger()

WITNESSES_ASKED_MAX = 20
TO_ASK = (
    "SELECT w.name, w.url FROM ledger.witnesses w"
    " LEFT JOIN ledger.witness_calls c ON c.ledger_id = w.ledger_id AND c.witness_id = w.id"
    " WHERE w.ledger_id = %s AND w.withdrawn_at IS NULL AND coalesce(c.next_at, '-infinity') <= clock_timestamp()"
    " ORDER BY w.id LIMIT %s"
)


def shown_by(runtime: Runtime, ledger_id: UUID) -> Iterator[tuple[str, Checkpoint]]:
    """Each witness's last checkpoint that the log's own key has signed; those that failed just now are not asked.

    All are asked at once: however many take their time, it is that of one call.
    """
    origin = origin_of(runtime.settings, ledger_id)
    with runtime.engine.connect() as connection:
        act_as_system(connection, "concord_ledger")
        asked = connection.exec_driver_sql(TO_ASK, (ledger_id, WITNESSES_ASKED_MAX)).all()
        keys = log_keys(connection, ledger_id)
    if not asked:
        return
    # After a restore to a time before the first signature the database does not know the keys; the configuration does.
    from_configuration = [Key(origin, SignatureType.LOG, one.public) for one in signers(runtime.settings)]
    trusted = list(dict.fromkeys((*keys, *from_configuration)))
    ask = partial(last_checkpoint, origin=origin, trusted=trusted, development=runtime.settings.env == "development")
    with ThreadPoolExecutor(len(asked)) as threads:
        shown = list(threads.map(ask, [one.url for one in asked]))
    yield from ((one.name, checkpoint) for one, checkpoint in zip(asked, shown, strict=True) if checkpoint is not None)


def last_checkpoint(url: str, origin: str, trusted: list[Key], *, development: bool) -> Checkpoint | None:
    address = f"{url}/{sha256(origin.encode()).hexdigest()}/checkpoint"
    try:
        answered = call("GET", address, development=development)
        if answered.status != HTTPStatus.OK:
            return None
        note = read_note(answered.body)
        checkpoint = read_checkpoint(note.text)
        verified(note, trusted, verify_ed25519)
    except (NotReached, MalformedNote, MalformedCheckpoint, UntrustedNote) as error:
        log.warning("witness shows nothing", url=url, words=str(error))
        return None
    return checkpoint if checkpoint.origin == origin else None
