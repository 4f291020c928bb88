"""Endpoints of the caller's organisation: where it wants to be told, and of what."""

from __future__ import annotations

from uuid import UUID

from services.webhooks.api.schemas import Endpoint, EndpointWishes, EndpointWithSecret, JsonWebKey, JsonWebKeySet
from services.webhooks.catalogue import catalogue
from services.webhooks.deliveries import forgive
from services.webhooks.domain import endpoint as rules
from services.webhooks.domain.endpoint import ENDPOINT, ROTATION_OVERLAP, Status
from services.webhooks.domain.wishes import Wishes, check_header_values
from services.webhooks.read_models.endpoints import endpoint, endpoints, endpoints_of
from services.webhooks.signing_keys import jwk
from services.webhooks.signing_secrets import (
    NewSecret,
    end_secrets,
    forget_secrets,
    keep_headers,
    keep_new_secret,
    private_keys,
)
from shared.auth.caller import ADMINS
from shared.events.webhooks import FieldCondition
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found, problem
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.log import Loaded

router = Router("webhooks", "endpoints")

READ, WRITE = "webhooks:read", "webhooks:write"


@router.create("/endpoints", scope=WRITE, roles=ADMINS)
def register_endpoint(session: Session, body: EndpointWishes) -> EndpointWithSecret:
    """Register an endpoint. It is told of what is recorded from now on; the answer alone shows its secret."""
    organisation_id = home(session)
    endpoint_id, secret_id = session.new_id(), session.new_id()
    command = rules.RegisterEndpoint(
        at=session.at,
        by=session.caller.person,
        endpoint=endpoint_id,
        secret=secret_id,
        wishes=wishes_in(session, body),
        catalogue=catalogue(),
        development=session.runtime.settings.webhooks_allow_http,
    )
    session.create(ENDPOINT, organisation_id, endpoint_id, rules.register(command, ENDPOINT.empty))
    made = keep_new_secret(session.connection, organisation_id, endpoint_id, secret_id)
    keep_headers(session.connection, organisation_id, endpoint_id, body.headers_by_name)
    return with_secret(session, endpoint_id, made)


@router.read("/endpoints", scope=READ)
def list_endpoints(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Endpoint]:
    """The endpoints of your organisation, in the order they were registered."""
    organisation_id = home(session)
    turned = session.view(organisation_id).page(
        endpoints_of(organisation_id), order=[endpoints.c.id], cursor=cursor, limit=limit
    )
    return Page[Endpoint](items=[Endpoint.model_validate(r) for r in turned.rows], next_cursor=turned.next_cursor)


@router.read("/endpoints/{endpoint_id}", scope=READ)
def get_endpoint(session: Session, endpoint_id: Id) -> Endpoint:
    """One endpoint of your organisation."""
    return shown(session, endpoint_id)


@router.change("/endpoints/{endpoint_id}", method="PUT", scope=WRITE, roles=ADMINS)
def change_endpoint(session: Session, endpoint_id: Id, body: EndpointWishes) -> Endpoint:
    """Replace what an endpoint is told and where. What waits for it already is sent to the new URL."""
    held = held_endpoint(session, endpoint_id)
    command = rules.ChangeEndpoint(
        at=session.at,
        by=session.caller.person,
        wishes=wishes_in(session, body),
        catalogue=catalogue(),
        development=session.runtime.settings.webhooks_allow_http,
    )
    session.append(ENDPOINT, held, rules.change(command, held.state))
    keep_headers(session.connection, held.ledger_id, endpoint_id, body.headers_by_name)
    return shown(session, endpoint_id)


@router.change("/endpoints/{endpoint_id}/pause", scope=WRITE, roles=ADMINS)
def pause_endpoint(session: Session, endpoint_id: Id) -> Endpoint:
    """Send nothing for now; what is recorded meanwhile waits."""
    held = held_endpoint(session, endpoint_id)
    command = rules.PauseEndpoint(session.at, session.caller.person)
    session.append(ENDPOINT, held, rules.pause(command, held.state))
    return shown(session, endpoint_id)


@router.change("/endpoints/{endpoint_id}/resume", scope=WRITE, roles=ADMINS)
def resume_endpoint(session: Session, endpoint_id: Id) -> Endpoint:
    """Send again, what waits first. What was recorded while the endpoint was disabled is not made up for."""
    held = held_endpoint(session, endpoint_id)
    command = rules.ResumeEndpoint(session.at, session.caller.person)
    session.append(ENDPOINT, held, rules.resume(command, held.state))
    forgive(session.connection, held.ledger_id, endpoint_id)
    return shown(session, endpoint_id)


@router.change("/endpoints/{endpoint_id}/rotate-secret", scope=WRITE, roles=ADMINS)
def rotate_endpoint_secret(session: Session, endpoint_id: Id) -> EndpointWithSecret:
    """Make a new secret and a new key pair. For 24 hours those before sign too: all signatures are in one header."""
    held = held_endpoint(session, endpoint_id)
    secret_id = session.new_id()
    command = rules.RotateSecret(session.at, session.caller.person, secret_id)
    session.append(ENDPOINT, held, rules.rotate_secret(command, held.state))
    until = session.at + ROTATION_OVERLAP
    end_secrets(session.connection, held.ledger_id, endpoint_id, until=until, now=session.at)
    made = keep_new_secret(session.connection, held.ledger_id, endpoint_id, secret_id)
    return with_secret(session, endpoint_id, made)


@router.change("/endpoints/{endpoint_id}", method="DELETE", scope=WRITE, roles=ADMINS, status=204)
def remove_endpoint(session: Session, endpoint_id: Id) -> None:
    """Remove an endpoint for good. What waits for it is not sent any more."""
    held = held_endpoint(session, endpoint_id)
    command = rules.RemoveEndpoint(session.at, session.caller.person)
    session.append(ENDPOINT, held, rules.remove(command, held.state))
    forget_secrets(session.connection, held.ledger_id, endpoint_id)
    forgive(session.connection, held.ledger_id, endpoint_id)


@router.public("/endpoints/{endpoint_id}/jwks")
def get_endpoint_keys(session: Session, endpoint_id: Id) -> JsonWebKeySet:
    """The public keys that sign for an endpoint at this moment (v1a), newest first, as a JWKS (RFC 7517, RFC 8037)."""
    keys = private_keys(session.connection, endpoint_id, session.at)
    if not keys:
        raise not_found()
    return JsonWebKeySet(keys=[JsonWebKey(**jwk(key.id, key.private_key)) for key in keys])


def home(session: Session) -> UUID:
    """The ledger of the caller's endpoints. A key bound to alliances could else be told of others through them."""
    if session.caller.alliances:
        words = "This key is bound to alliances and an endpoint is its whole organisation's; use a key that is not."
        raise problem("forbidden", words)
    return session.caller.organisation


def held_endpoint(session: Session, endpoint_id: UUID) -> Loaded[rules.Endpoint]:
    """An endpoint about to be changed; not found once it was removed."""
    organisation_id = home(session)
    if session.load(ENDPOINT, organisation_id, endpoint_id).state.status is Status.REMOVED:
        raise not_found()
    return session.change(ENDPOINT, endpoint_id, organisation_id)


def wishes_in(session: Session, body: EndpointWishes) -> Wishes:
    """Not found when one of the alliances is none that the caller may see."""
    if not set(body.alliances) <= set(session.ledgers("alliance")):
        raise not_found()
    check_header_values(header.value for header in body.headers)
    return Wishes(
        url=body.url,
        event_types=tuple(body.event_types),
        alliances=tuple(body.alliances),
        description=body.description,
        filters=tuple(FieldCondition(one.field, tuple(one.one_of)) for one in body.filters),
        headers=tuple(header.name.lower() for header in body.headers),
        concurrency=body.concurrency,
        rate_per_minute=body.rate_per_minute,
        fifo=body.fifo,
    )


def with_secret(session: Session, endpoint_id: UUID, made: NewSecret) -> EndpointWithSecret:
    keys = f"{session.runtime.settings.origin}/webhooks/v1/endpoints/{endpoint_id}/jwks"
    whole = shown(session, endpoint_id).model_dump()
    return EndpointWithSecret(**whole, secret=made.secret, public_key=made.public_key, jwks_url=keys)


def shown(session: Session, endpoint_id: UUID) -> Endpoint:
    organisation_id = home(session)
    return Endpoint.model_validate(session.view(organisation_id).one(endpoint(organisation_id, endpoint_id)))
