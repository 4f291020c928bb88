"""Which ledger, and how far: the parameters that all endpoints share, and what they mean."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.ledger.domain.checkpoint import Checkpoint
from services.ledger.domain.merkle import root_at
from services.ledger.naming import origin_of
from services.ledger.read_models.ledgers import Ledger, ledger, size_at
from services.ledger.read_models.tree import Tree
from shared.http.problems import Problem, not_found, problem
from shared.http.session import Session
from shared.http.types import INT_MAX, moment_of
from shared.log.envelope import NOW, Moment, to_us

SCOPE = "ledger:read"
SEQ_DIGITS_MAX = 16

Number = Annotated[int, Query(ge=0, le=INT_MAX)]
TreeSize = Annotated[
    int | None, Query(ge=0, le=INT_MAX, description="Of the tree with this many entries; as it is now when not given.")
]
MomentText = Annotated[
    str,
    Query(
        pattern=r"^([0-9]{1,16}|[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]{8,15}([Zz]|[+-][0-9]{2}:[0-9]{2}))$",
        description="A seq, or a recorded time (RFC 3339); inclusive.",
    ),
]


def opened(session: Session, ledger_id: UUID) -> Ledger:
    """The ledger as far as the caller may read it, as of the moment that was asked for; not found otherwise."""
    held = ledger(session.connection, ledger_id, session.moment or NOW)
    if held is None or not session.caller.may_enter(ledger_id):
        raise not_found()
    return held


def sized(held: Ledger, size: int | None) -> int:
    """The size that was asked for; not found when the ledger has not come that far."""
    if size is None:
        return held.size
    if size > held.size:
        raise problem("not-found", f"This ledger has {held.size:,} entries; there is no tree of {size:,} yet.")
    return size


def entries_until(session: Session, held: Ledger, name: str, text: str) -> int:
    """How many entries there were up to this seq or recorded time, itself included."""
    return size_at(session.connection, held, moment_in(name, text))


def entries_before(session: Session, held: Ledger, name: str, text: str) -> int:
    """How many entries there were before this seq or recorded time."""
    moment = moment_in(name, text)
    if moment.seq is not None:
        return min(held.size, moment.seq)
    return size_at(session.connection, held, Moment(us=(moment.us or 0) - 1))


def moment_in(name: str, text: str) -> Moment:
    if text.isascii() and text.isdigit() and len(text) <= SEQ_DIGITS_MAX:
        return Moment(seq=int(text))
    try:
        return Moment(us=to_us(moment_of(text)))
    except ValueError as error:
        raise invalid(name, f"A seq, or {error}.", "bad-moment") from error


def invalid(name: str, detail: str, code: str) -> Problem:
    fault = {"pointer": f"query/{name}", "detail": detail, "code": code}
    return problem("invalid", f"{name} is not valid.", errors=[fault])


def checkpoint(session: Session, held: Ledger, size: int) -> Checkpoint:
    """What the ledger's checkpoint of this size says."""
    tree = Tree(session.connection, held.id, held.size)
    return Checkpoint(origin_of(session.runtime.settings, held.id), size, root_at(size, tree.node))
