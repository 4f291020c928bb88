"""The keys with which a side signs, by itself, what binds it in an alliance."""

from __future__ import annotations

from base64 import b64decode
from typing import Any
from uuid import UUID

from services.governance.api.entitlement import require_colleague, require_signatory
from services.governance.api.schemas.alliances import Because
from services.governance.api.schemas.signing_keys import RegisterSigningKey, SigningKey
from services.governance.domain import signing_key as rules
from services.governance.domain.signing_key import SIGNING_KEY
from services.governance.read_models.signing_keys import (
    keys_withdrawn,
    signing_key,
    signing_keys,
    signing_keys_of,
)
from services.governance.signed_acts import in_force_of
from services.governance.standing import running
from shared.domain import Invalid
from shared.ed25519 import is_public_key
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "signing-keys")


@router.create("/alliances/{alliance_id}/signing-keys")
def register_signing_key(session: Session, alliance_id: Id, body: RegisterSigningKey) -> SigningKey:
    """Register a key of your side: from now on your side signs with it, or with another of its keys, what binds it.

    These acts are votes on decisions, signatures under agreements and governance models, re-ratifications, and asking
    for an agreement's termination. Each then needs `signature`, until your side has withdrawn its last key.
    """
    session.take_turn("signing-keys", alliance_id)
    lent_by = require_signatory(session, alliance_id, running(session, alliance_id))
    if not is_public_key(b64decode(body.key)):
        raise Invalid("/key", "no-public-key", "These 32 bytes are no Ed25519 public key that can bind anybody.")
    if body.person_id is not None:
        require_colleague(session, "/person_id", body.person_id)
    side = session.caller.organisation
    command = rules.RegisterSigningKey(
        at=session.at,
        side=side,
        key=body.key,
        person_id=body.person_id,
        in_force=in_force_of(session, alliance_id, side),
        withdrawn=frozenset(row.key for row in session.view(alliance_id).all(keys_withdrawn(alliance_id, side))),
    )
    made_id = session.new_id()
    events = rules.register_signing_key(command, SIGNING_KEY.empty)
    session.create(SIGNING_KEY, alliance_id, made_id, events, on_behalf_of=lent_by)
    return shown(session, alliance_id, made_id)


@router.read("/alliances/{alliance_id}/signing-keys", scope="governance:read")
def list_signing_keys(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[SigningKey]:
    """The keys of all sides in an alliance, in the order they were registered, the withdrawn ones too."""
    turned = session.view(alliance_id).page(
        signing_keys_of(alliance_id), order=[signing_keys.c.registered_seq], cursor=cursor, limit=limit
    )
    return Page[SigningKey](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/signing-keys/{signing_key_id}", scope="governance:read")
def get_signing_key(session: Session, signing_key_id: Id) -> SigningKey:
    """One key: whose it is, and from which entry of the ledger to which it signs."""
    return shown(session, session.home(SIGNING_KEY, signing_key_id), signing_key_id)


@router.change("/signing-keys/{signing_key_id}/withdraw")
def withdraw_signing_key(session: Session, signing_key_id: Id, body: Because) -> SigningKey:
    """Withdraw a key of your side, lost or out of use. What it signed stays signed; with it nothing more is."""
    held = session.change(SIGNING_KEY, signing_key_id)
    lent_by = require_signatory(session, held.ledger_id, running(session, held.ledger_id))
    command = rules.WithdrawSigningKey(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(SIGNING_KEY, held, rules.withdraw_signing_key(command, held.state), on_behalf_of=lent_by)
    return shown(session, held.ledger_id, signing_key_id)


def shown(session: Session, alliance_id: UUID, signing_key_id: UUID) -> SigningKey:
    return as_shown(session.view(alliance_id).one(signing_key(alliance_id, signing_key_id)))


def as_shown(row: Any) -> SigningKey:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return SigningKey(alliance_id=values.pop("ledger_id"), **values)
