"""Proofs that nothing was rewritten, to be checked by anyone with a hash function."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated

from fastapi import Query

from services.ledger.api.bounds import SCOPE, Number, TreeSize, checkpoint, invalid, opened, sized
from services.ledger.api.schemas import ConsistencyProof, InclusionProof, TreeRoot
from services.ledger.domain.merkle import consistency_proof, inclusion_proof, root_at
from services.ledger.read_models.ledgers import Ledger
from services.ledger.read_models.tree import Tree
from shared.http.problems import problem
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("ledger", "proofs")


@router.read("/ledgers/{ledger_id}/root", scope=SCOPE)
def get_ledger_root(session: Session, ledger_id: Id, size: TreeSize = None) -> TreeRoot:
    """The Merkle root of the ledger, now or when it had fewer entries."""
    held = opened(session, ledger_id)
    stated = checkpoint(session, held, sized(held, size))
    return TreeRoot(origin=stated.origin, size=stated.size, root=text(stated.root))


@router.read("/ledgers/{ledger_id}/proof/inclusion", scope=SCOPE)
def prove_inclusion(session: Session, ledger_id: Id, seq: Number, size: TreeSize = None) -> InclusionProof:
    """The proof that an entry is in the ledger."""
    held = opened(session, ledger_id)
    within = sized(held, size)
    if seq >= held.size:
        raise problem("not-found", f"This ledger has {held.size:,} entries; there is no entry {seq:,} yet.")
    if seq >= within:
        raise invalid("seq", f"A tree of {within:,} entries ends before entry {seq:,}.", "seq-beyond-size")
    return inclusion(session, held, seq, within)


@router.read("/ledgers/{ledger_id}/proof/consistency", scope=SCOPE)
def prove_consistency(
    session: Session,
    ledger_id: Id,
    old: Annotated[Number, Query(alias="from", description="The size of the earlier tree.")],
    new: Annotated[TreeSize, Query(alias="to")] = None,
) -> ConsistencyProof:
    """The proof that the ledger only grew from one size to another."""
    held = opened(session, ledger_id)
    from_size, to_size = sized(held, old), sized(held, new)
    if from_size > to_size:
        raise invalid("from", f"A tree of {from_size:,} entries does not grow to {to_size:,}.", "from-beyond-to")
    tree = Tree(session.connection, held.id, held.size)
    return ConsistencyProof(
        from_size=from_size,
        to_size=to_size,
        from_root=text(root_at(from_size, tree.node)),
        to_root=text(root_at(to_size, tree.node)),
        hashes=[text(one) for one in consistency_proof(from_size, to_size, tree.node)],
    )


def inclusion(session: Session, held: Ledger, seq: int, size: int) -> InclusionProof:
    tree = Tree(session.connection, held.id, held.size)
    tree.look_up(seq, size - 1)
    return InclusionProof(
        seq=seq,
        size=size,
        leaf=text(tree.node(0, seq)),
        root=text(root_at(size, tree.node)),
        hashes=[text(one) for one in inclusion_proof(seq, size, tree.node)],
    )


def text(digest: bytes) -> str:
    return b64encode(digest).decode("ascii")
