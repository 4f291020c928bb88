"""Signed checkpoints, who signs them, and proofs against them in the formats that others' tools read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import PlainTextResponse, Response

from services.ledger.api.bounds import SCOPE, Number, invalid, opened
from services.ledger.api.witness_schemas import CosignedBy, Signing
from services.ledger.api.witnesses import calls
from services.ledger.domain.merkle import consistency_proof, inclusion_proof
from services.ledger.domain.policy import write_policy
from services.ledger.domain.tlog_proof import write_tlog_proof
from services.ledger.domain.witnessing import write_request
from services.ledger.naming import origin_of
from services.ledger.read_models.checkpoints import (
    Signed,
    log_keys,
    policy_of,
    signed_checkpoints,
    signed_so_far,
)
from services.ledger.read_models.ledgers import Ledger
from services.ledger.read_models.tree import Tree
from services.ledger.read_models.witnesses import in_service
from shared.http.problems import problem
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("ledger", "checkpoints")

NOT_KEPT = {"Cache-Control": "no-store"}


@router.read("/ledgers/{ledger_id}/checkpoint", scope=SCOPE, media_type="text/plain")
def get_ledger_checkpoint(session: Session, ledger_id: Id) -> Response:
    """The newest signed checkpoint, with the cosignatures there are: what to keep elsewhere.

    A signed note (C2SP tlog-checkpoint). Whoever has kept one notices every rewriting of the entries before it:
    `concord verify EXPORT.zip --held FILE`.
    """
    held = opened(session, ledger_id)
    return PlainTextResponse(newest(session, held).note.whole, headers=NOT_KEPT)


@router.read("/ledgers/{ledger_id}/signing", scope=SCOPE, as_of=False)
def get_ledger_signing(session: Session, ledger_id: Id) -> Signing:
    """How far the ledger is signed and cosigned, by side; and why not further, when that was refused."""
    held = opened(session, ledger_id)
    so_far = signed_so_far(session.connection, ledger_id, up_to=held.size)
    named = session.view(ledger_id).all(in_service(ledger_id))
    told_of = calls(session, ledger_id, named)
    cosigned: dict[Id, int] = {}
    for one in named:
        size = told_of[one.id].cosigned_size if one.id in told_of else 0
        cosigned[one.side] = max(cosigned.get(one.side, 0), min(size, held.size))
    return Signing(
        origin=origin_of(session.runtime.settings, ledger_id),
        size=held.size,
        signed_size=so_far.size,
        signed_at=so_far.at,
        refusal=so_far.refusal,
        cosigned=[CosignedBy(side=side, cosigned_size=size) for side, size in sorted(cosigned.items())],
        log_keys=[key.vkey for key in log_keys(session.connection, ledger_id)],
    )


@router.read("/ledgers/{ledger_id}/policy", scope=SCOPE, as_of=False, media_type="text/plain")
def get_ledger_policy(session: Session, ledger_id: Id) -> Response:
    """Whose signatures count: the log's keys, the witnesses of each side, and one of each side as the quorum.

    A policy file (C2SP tlog-policy), for `concord verify --policy`. Compare its keys with what your partners told you.
    """
    opened(session, ledger_id)
    witnesses = session.view(ledger_id).all(in_service(ledger_id))
    return PlainTextResponse(write_policy(policy_of(session.connection, ledger_id, witnesses)), headers=NOT_KEPT)


@router.read("/ledgers/{ledger_id}/tlog-proof", scope=SCOPE, media_type="text/plain")
def prove_inclusion_as_text(session: Session, ledger_id: Id, seq: Number) -> Response:
    """The proof that an entry is in the ledger, with the signed checkpoint, as text that stands by itself.

    C2SP tlog-proof: `index`, hashes, checkpoint. It can be verified offline, for ever, by others' tools too.
    """
    held = opened(session, ledger_id)
    if seq >= held.size:
        raise problem("not-found", f"This ledger has {held.size:,} entries; there is no entry {seq:,} yet.")
    signed = newest(session, held)
    if seq >= signed.checkpoint.size:
        raise problem("not-found", f"Entry {seq:,} is not signed yet; it will be within seconds.")
    tree = Tree(session.connection, held.id, held.size)
    hashes = inclusion_proof(seq, signed.checkpoint.size, tree.node)
    return PlainTextResponse(write_tlog_proof(seq, hashes, signed.note.whole))


@router.read("/ledgers/{ledger_id}/tlog-consistency", scope=SCOPE, media_type="text/plain")
def prove_consistency_as_text(
    session: Session,
    ledger_id: Id,
    old: Annotated[Number, Query(alias="from", description="The size of the checkpoint that you hold.")],
) -> Response:
    """The proof that the newest signed checkpoint grew out of an earlier one, as witnesses are shown it.

    The body of C2SP tlog-witness `add-checkpoint`: `old`, hashes, checkpoint. From 0 the proof is empty.
    """
    held = opened(session, ledger_id)
    signed = newest(session, held)
    if old > signed.checkpoint.size:
        words = f"The newest signed checkpoint has {signed.checkpoint.size:,} entries."
        raise invalid("from", words, "from-beyond-signed")
    tree = Tree(session.connection, held.id, held.size)
    proof = consistency_proof(old, signed.checkpoint.size, tree.node)
    return PlainTextResponse(write_request(old, proof, signed.note.whole))


def newest(session: Session, held: Ledger) -> Signed:
    found = signed_checkpoints(session.connection, held.id, up_to=held.size, limit=1)
    if not found:
        raise problem("not-found", "No checkpoint of this ledger is signed yet; the first is, seconds after an entry.")
    return found[0]
