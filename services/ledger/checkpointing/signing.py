"""Signs the checkpoints of ledgers that grew: one signer a ledger, stored before it is signed, and never two roots.

A checkpoint is stored under (ledger, size) and committed before any key is used, and only if the tree grew out of the
last one stored. So whatever was signed is in the database; where a copy or a witness shows a checkpoint that is not,
the database has lost entries, and nothing more is signed in that ledger until that is mended.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine

from services.ledger.checkpointing.copies import Copies, UnreadableCopy
from services.ledger.checkpointing.evidence import shown_by
from services.ledger.domain.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from services.ledger.domain.merkle import EMPTY_ROOT, InvalidProof, consistency_proof, root_at, verify_consistency
from services.ledger.domain.note import Key, Note, SignatureType, holds, log_signature
from services.ledger.naming import origin_of
from services.ledger.read_models.tree import LeavesMissing, Tree
from services.ledger.signing_keys import NoSigningKey, Signer, signers
from shared.auth.authenticate import act_as_system
from shared.ed25519 import verify_ed25519
from shared.service import Runtime
from shared.settings import Settings

log = structlog.get_logger()

ROLE = "concord_ledger"
LEDGERS_A_TURN = 200
AT_ONCE = 4
"""Ledgers signed side by side: their witnesses are asked first, and one that is slow holds up few others."""
SIGN_EVERY_SECONDS = 5
"""How long a ledger that grows waits at least from one checkpoint to the next."""
KEY_STORE_SILENT = "The key store gave no signature; what it said is in the operator's log. It is asked again."
UNFORESEEN = "Signing failed here; what went wrong is in the operator's log."
REFUSED_SECONDS = 30
"""How long after a refusal it is looked at again."""

DUE = (
    "SELECT l.ledger_id FROM log.ledgers l LEFT JOIN ledger.signers s ON s.ledger_id = l.ledger_id"
    " WHERE l.size > coalesce(s.signed_size, 0) AND coalesce(s.next_at, '-infinity') <= clock_timestamp()"
    " ORDER BY s.next_at NULLS FIRST LIMIT %s"
)
TAKE = "SELECT 1 FROM ledger.signers WHERE ledger_id = %s FOR UPDATE SKIP LOCKED"
LAST = "SELECT size, root, note FROM ledger.checkpoints WHERE ledger_id = %s ORDER BY size DESC LIMIT 1"
LAST_NOTE = "SELECT note FROM ledger.checkpoints WHERE ledger_id = %s AND note IS NOT NULL ORDER BY size DESC LIMIT 1"
AT_SIZE = "SELECT root FROM ledger.checkpoints WHERE ledger_id = %s AND size = %s AND note IS NOT NULL"
CHANGED = (
    "SELECT min(seq) FROM log.events WHERE ledger_id = %s AND seq >= %s AND seq < %s AND leaf <> sha256("
    "'\\x0001'::bytea || int8send(seq) || int8send(recorded_us) || body)"
)


class WillNotSign(Exception):
    """A signature here would be over a history that is not the one signed before; the words say what shows it."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A checkpoint that is stored and waits to be signed."""

    size: int
    root: bytes


def turn(runtime: Runtime) -> int:
    """Sign what has grown; how many checkpoints that gave."""
    keys = signers(runtime.settings)
    if not keys:
        return 0
    with runtime.engine.connect() as connection:
        act_as_system(connection, ROLE)
        due = list(connection.exec_driver_sql(DUE, (LEDGERS_A_TURN,)).scalars())
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(lambda ledger_id: sign_ledger(runtime, ledger_id, keys), due))


def sign_ledger(runtime: Runtime, ledger_id: UUID, keys: list[Signer]) -> bool:
    """Sign one ledger as it is; false when there was nothing to sign, or another process is at it.

    Whatever goes wrong in one ledger is said there, and costs no other its turn.
    """
    try:
        return signed_now(runtime, ledger_id, keys)
    except WillNotSign as refusal:
        log.error("checkpoint refused", ledger_id=str(ledger_id), words=str(refusal))  # noqa: TRY400 - the words say it all
        refuse(runtime.engine, ledger_id, str(refusal))
    except NoSigningKey as error:
        log.error("no signature", ledger_id=str(ledger_id), words=str(error))  # noqa: TRY400 - the words say it all
        refuse(runtime.engine, ledger_id, KEY_STORE_SILENT)
    except Exception:
        log.exception("no signature", ledger_id=str(ledger_id))
        refuse(runtime.engine, ledger_id, UNFORESEEN)
    return False


def signed_now(runtime: Runtime, ledger_id: UUID, keys: list[Signer]) -> bool:
    copies = copies_of(runtime.settings)
    require_nothing_lost(runtime, ledger_id, copies)
    if not store(runtime.engine, ledger_id):
        return False
    note = sign(runtime, ledger_id, keys)
    if note is not None and copies is not None:
        copies.keep(ledger_id, note)
    return note is not None


def copies_of(settings: Settings) -> Copies | None:
    if settings.checkpoint_copies is not None:
        return Copies(settings.checkpoint_copies)
    return None if settings.env == "production" else Copies(settings.home / "checkpoints")


def require_nothing_lost(runtime: Runtime, ledger_id: UUID, copies: Copies | None) -> None:
    """Whatever was signed under this origin is known here. Raises WillNotSign, naming who shows that it is not."""
    if copies is not None:
        try:
            kept = copies.newest(ledger_id)
        except UnreadableCopy as error:
            raise WillNotSign(f"The copy of the last checkpoint cannot be read: {error}.") from error
        require_known(runtime.engine, ledger_id, kept, f"The copy {copies.path(ledger_id).name}")
    for witness, shown in shown_by(runtime, ledger_id):
        try:
            require_known(runtime.engine, ledger_id, shown.checkpoint, f"The witness {witness}")
        except WillNotSign:
            if copies is not None:  # the witness may be silent, or withdrawn, when this is looked at again
                copies.keep(ledger_id, shown.note.whole)
            raise


def require_known(engine: Engine, ledger_id: UUID, shown: Checkpoint | None, who: str) -> None:
    if shown is None or (shown.size, shown.root) == (0, EMPTY_ROOT):
        return
    with engine.connect() as connection:
        act_as_system(connection, ROLE)
        root = connection.exec_driver_sql(AT_SIZE, (ledger_id, shown.size)).scalar_one_or_none()
    if root is None:
        raise WillNotSign(
            f"{who} has a checkpoint of {shown.size:,} entries that was signed here, and the database knows nothing of"
            " it: it was restored, and has lost entries. Bring them back, from a mirror or a later backup."
        )
    if bytes(root) != shown.root:
        raise WillNotSign(
            f"{who} has another root of the first {shown.size:,} entries, signed here: there are two histories."
        )


def store(engine: Engine, ledger_id: UUID) -> bool:
    """Store what is to be signed, unless something waits already; false when there is nothing, or another is at it."""
    with engine.begin() as connection:
        if not take(connection, ledger_id):
            return False
        last = connection.exec_driver_sql(LAST, (ledger_id,)).first()
        if last is not None and last.note is None:
            return True
        before = Pending(last.size, bytes(last.root)) if last else Pending(0, EMPTY_ROOT)
        size = connection.exec_driver_sql(
            "SELECT size FROM log.ledgers WHERE ledger_id = %s", (ledger_id,)
        ).scalar_one()
        if size == before.size:
            return False
        root = grown_root(connection, ledger_id, before, size)
        connection.exec_driver_sql(
            "INSERT INTO ledger.checkpoints (ledger_id, size, root) VALUES (%s, %s, %s)", (ledger_id, size, root)
        )
        return True


def grown_root(connection: Connection, ledger_id: UUID, before: Pending, size: int) -> bytes:
    """The root at `size`, once it is proven that the tree grew there from what was signed. Raises WillNotSign."""
    changed = connection.exec_driver_sql(CHANGED, (ledger_id, before.size, size)).scalar_one()
    if changed is not None:
        raise WillNotSign(f"Entry {changed:,} was changed in the database: it does not give the hash beside it.")
    tree = Tree(connection, ledger_id, size)
    try:
        root = root_at(size, tree.node)
        proof = consistency_proof(before.size, size, tree.node)
        verify_consistency(before.size, size, proof, before.root, root)
    except LeavesMissing as error:
        raise WillNotSign(f"The database lacks entries that it has counted: {error}") from error
    except InvalidProof as error:
        raise WillNotSign(
            f"The first {before.size:,} entries are not those that were signed: somebody rewrote them. {error}"
        ) from error
    return root


def sign(runtime: Runtime, ledger_id: UUID, keys: list[Signer]) -> str | None:
    """Sign what is stored; the signed note."""
    origin = origin_of(runtime.settings, ledger_id)
    with runtime.engine.begin() as connection:
        if not take(connection, ledger_id):
            return None
        last = connection.exec_driver_sql(LAST, (ledger_id,)).first()
        if last is None or last.note is not None:
            return None
        require_same_name(connection, ledger_id, origin)
        text = write_checkpoint(Checkpoint(origin, last.size, bytes(last.root)))
        note = signed(text, origin, keys)
        connection.exec_driver_sql(
            "UPDATE ledger.checkpoints SET note = %s WHERE ledger_id = %s AND size = %s AND note IS NULL",
            (note, ledger_id, last.size),
        )
        for key in keys:
            connection.exec_driver_sql(
                "INSERT INTO ledger.log_keys (ledger_id, vkey, first_size) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (ledger_id, log_key(origin, key).vkey, last.size),
            )
        connection.exec_driver_sql(
            "UPDATE ledger.signers SET signed_size = %s, signed_at = clock_timestamp(), refusal = NULL,"
            " next_at = clock_timestamp() + make_interval(secs => %s) WHERE ledger_id = %s",
            (last.size, SIGN_EVERY_SECONDS, ledger_id),
        )
    return note


def require_same_name(connection: Connection, ledger_id: UUID, origin: str) -> None:
    """Under a second name two trees could be signed of one ledger, and nobody who holds one would see the other."""
    before = connection.exec_driver_sql(LAST_NOTE, (ledger_id,)).scalar_one_or_none()
    if before is None:
        return
    name = read_checkpoint(before).origin
    if name != origin:
        raise WillNotSign(
            f"It is signed as {name}, and would now be as {origin}: a ledger keeps its name for ever."
            " CONCORD_ORIGIN has to be set back to what it was."
        )


def signed(text: str, origin: str, keys: list[Signer]) -> str:
    """The note with a signature of every key. What a key store gives is checked before anybody sees it."""
    lines = []
    for signer in keys:
        key = log_key(origin, signer)
        made = log_signature(key, signer.sign(text.encode()))
        if not holds(text, made, key, verify_ed25519):
            raise WillNotSign("What the signing command gave does not verify by the public key that was configured.")
        lines.append(made)
    return Note(text, tuple(lines)).whole


def log_key(origin: str, signer: Signer) -> Key:
    return Key(origin, SignatureType.LOG, signer.public)


def take(connection: Connection, ledger_id: UUID) -> bool:
    """Be the one signer of this ledger until the transaction ends; false when another is."""
    act_as_system(connection, ROLE)
    connection.exec_driver_sql(
        "INSERT INTO ledger.signers (ledger_id) VALUES (%s) ON CONFLICT DO NOTHING", (ledger_id,)
    )
    return connection.exec_driver_sql(TAKE, (ledger_id,)).first() is not None


def refuse(engine: Engine, ledger_id: UUID, words: str) -> None:
    with engine.begin() as connection:
        act_as_system(connection, ROLE)
        connection.exec_driver_sql(
            "INSERT INTO ledger.signers (ledger_id, refusal, next_at)"
            " VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s)) ON CONFLICT (ledger_id)"
            " DO UPDATE SET refusal = excluded.refusal, next_at = excluded.next_at",
            (ledger_id, words, REFUSED_SECONDS),
        )
