"""The ledgers that the caller may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query

from services.ledger.api.bounds import SCOPE, opened
from services.ledger.api.schemas import Kind, Ledger, LedgerParty
from services.ledger.read_models import ledgers as read
from services.ledger.read_models.ledgers import last_recorded_us, parties, readable
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session, as_of_needs_one_ledger
from shared.http.types import Id
from shared.log.envelope import from_us

router = Router("ledger", "ledgers")

KINDS: tuple[Kind, ...] = ("organisation", "alliance")


@router.read("/ledgers", scope=SCOPE)
def list_ledgers(
    session: Session,
    kind: Annotated[Kind | None, Query(description="Only ledgers of this kind.")] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[Ledger]:
    """The ledgers you may read: your organisation's, and those of its alliances."""
    if session.moment is not None and session.moment.seq is not None:
        raise as_of_needs_one_ledger()
    ids = [ledger_id for one in KINDS if kind in (None, one) for ledger_id in session.ledgers(one)]
    turned = session.view().page(readable(ids), order=[read.ledgers.c.ledger_id], cursor=cursor, limit=limit)
    items = shown(session, [opened(session, row.ledger_id) for row in turned.rows])
    return Page[Ledger](items=items, next_cursor=turned.next_cursor)


@router.read("/ledgers/{ledger_id}", scope=SCOPE)
def get_ledger(session: Session, ledger_id: Id) -> Ledger:
    """One ledger: how many entries it has, and who reads it."""
    return shown(session, [opened(session, ledger_id)])[0]


def shown(session: Session, held: Sequence[read.Ledger]) -> list[Ledger]:
    readers = parties(session.connection, [one.id for one in held])
    return [
        Ledger(
            id=one.id,
            kind=one.kind,
            size=one.size,
            last_recorded_at=None if (us := last_recorded_us(session.connection, one)) is None else from_us(us),
            parties=[LedgerParty.model_validate(party) for party in readers[one.id]],
        )
        for one in held
    ]
