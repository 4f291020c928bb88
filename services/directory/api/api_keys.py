"""API keys for the caller's systems: shown once, stored hashed, revocable at once."""

from __future__ import annotations

import secrets
import string
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.directory.api.schemas.api_keys import ApiKey, ApiKeyUse, IssueApiKey, IssuedApiKey, RotateApiKey
from services.directory.api.schemas.people import WithReason
from services.directory.domain import api_key as rules
from services.directory.domain.api_key import API_KEY
from services.directory.read_models.api_keys import api_key, api_key_uses, api_keys, api_keys_of, last_uses, uses_of
from shared.auth.authenticate import KEY_PREFIX
from shared.auth.caller import ADMINS, OVERSEERS
from shared.events.directory import Scope
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("directory", "api-keys")

PREFIX_CHARACTERS = 12
SECRET_BYTES = 32


@router.create("/api-keys", roles=ADMINS)
def issue_api_key(session: Session, body: IssueApiKey) -> IssuedApiKey:
    """Issue a key for a system. The answer is the only place where the key is ever shown."""
    for alliance_id in body.alliances:
        session.enter(alliance_id)
    key_id = session.new_id()
    prefix, secret = new_secret()
    command = rules.IssueApiKey(
        by=session.caller.person,
        at=session.at,
        name=body.name,
        prefix=prefix,
        secret_hash=rules.hash_of(secret),
        scopes=tuple(Scope(s) for s in body.scopes),
        alliances=tuple(body.alliances),
        expires_at=body.expires_at,
    )
    session.create(API_KEY, session.caller.organisation, key_id, rules.issue(command, API_KEY.empty))
    return IssuedApiKey(**shown(session, key_id).model_dump(), key=f"{KEY_PREFIX}{prefix}_{secret}")


@router.change("/api-keys/{key_id}/rotate", roles=ADMINS)
def rotate_api_key(session: Session, key_id: Id, body: RotateApiKey) -> IssuedApiKey:
    """Give a key a new secret. The one before works beside it for `overlap_hours`; with 0 it ends at once."""
    held = session.change(API_KEY, key_id, session.caller.organisation)
    prefix, secret = new_secret()
    command = rules.RotateApiKey(
        by=session.caller.person,
        at=session.at,
        prefix=prefix,
        secret_hash=rules.hash_of(secret),
        expires_at=body.expires_at,
        previous_until=min(session.at + timedelta(hours=body.overlap_hours), body.expires_at),
    )
    session.append(API_KEY, held, rules.rotate(command, held.state))
    return IssuedApiKey(**shown(session, key_id).model_dump(), key=f"{KEY_PREFIX}{prefix}_{secret}")


@router.read("/api-keys", roles=OVERSEERS)
def list_api_keys(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[ApiKey]:
    """The keys of your organisation, without their secrets."""
    organisation_id = session.caller.organisation
    turned = session.view(organisation_id).page(
        api_keys_of(organisation_id), order=[api_keys.c.id], cursor=cursor, limit=limit
    )
    return Page[ApiKey](items=with_last_use(session, turned.rows), next_cursor=turned.next_cursor)


@router.read("/api-keys/{key_id}/uses", roles=OVERSEERS, as_of=False)
def list_api_key_uses(
    session: Session, key_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[ApiKeyUse]:
    """From which addresses a key was used, and when last."""
    shown(session, key_id)
    turned = session.view().page(
        uses_of(session.caller.organisation, key_id), order=[api_key_uses.c.address], cursor=cursor, limit=limit
    )
    return Page[ApiKeyUse](items=[ApiKeyUse.model_validate(r) for r in turned.rows], next_cursor=turned.next_cursor)


@router.read("/api-keys/{key_id}", roles=OVERSEERS)
def get_api_key(session: Session, key_id: Id) -> ApiKey:
    """One key of your organisation, without its secret."""
    return shown(session, key_id)


@router.change("/api-keys/{key_id}/revoke", roles=ADMINS)
def revoke_api_key(session: Session, key_id: Id, body: WithReason) -> ApiKey:
    """Revoke a key; the next request with it is refused, in every process."""
    held = session.change(API_KEY, key_id, session.caller.organisation)
    command = rules.RevokeApiKey(by=session.caller.person, at=session.at, reason=body.reason)
    session.append(API_KEY, held, rules.revoke(command, held.state))
    return shown(session, key_id)


def shown(session: Session, key_id: Id) -> ApiKey:
    organisation_id = session.caller.organisation
    return with_last_use(session, [session.view(organisation_id).one(api_key(organisation_id, key_id))])[0]


def with_last_use(session: Session, rows: Sequence[Any]) -> list[ApiKey]:
    found = [ApiKey.model_validate(row) for row in rows]
    if session.moment is not None:
        return found
    asked = last_uses(session.caller.organisation, [one.id for one in found])
    last = {row.key_id: row.last_at for row in session.connection.execute(asked)}
    return [one.model_copy(update={"last_used_at": last.get(one.id)}) for one in found]


def new_secret() -> tuple[str, str]:
    """A visible prefix, by which a key is found, and the secret itself."""
    prefix = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(PREFIX_CHARACTERS))
    return prefix, secrets.token_urlsafe(SECRET_BYTES)
