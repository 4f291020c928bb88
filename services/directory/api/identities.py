"""Signing in: the operator binds a company's identity provider, its admins say which subject is whom."""

from __future__ import annotations

from uuid import UUID

from services.directory.api.owners import leave_owners_to_owners
from services.directory.api.schemas.identities import BindIssuer, Identity, IdentityProvider, LinkIdentity
from services.directory.domain import identity as rules
from services.directory.domain.identity import SIGN_IN
from services.directory.domain.organisation import ORGANISATION
from services.directory.domain.person import PERSON
from services.directory.read_models.identities import (
    identities,
    identities_of,
    identity_of,
    issuer_of,
    issuers,
    with_subject,
)
from shared.auth.caller import ADMINS, OVERSEERS
from shared.domain import Refused
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("directory", "sign-in")


@router.operate("/organisations/{organisation_id}/issuer")
def bind_issuer(session: Session, organisation_id: Id, body: BindIssuer) -> IdentityProvider:
    """Bind an organisation's identity provider, in place of the one before. Only the operator may.

    From now on its tokens alone sign the organisation's people in. The operator makes sure that it is the company's
    own; an issuer that is bound to another organisation is refused. `first` is whom it signs in first: an owner, say,
    who then links the others.
    """
    organisation_there(session, organisation_id)
    taken = "SELECT org_id FROM access.signed_in(%s, '') WHERE org_id <> %s"
    session.take_turn(f"issuer/{body.issuer}")
    found = session.connection.exec_driver_sql(taken, (body.issuer, organisation_id)).first()
    command = rules.BindIssuer(
        at=session.at,
        issuer=body.issuer,
        audience=body.audience,
        taken=found is not None,
        plain_http=session.runtime.authenticator.issuers.plain_http,
    )
    held = session.log.load(SIGN_IN, organisation_id, organisation_id)
    session.append(SIGN_IN, held, rules.bind_issuer(command, held.state))
    if body.first is not None:
        session.load(PERSON, organisation_id, body.first.person_id)
        link(session, organisation_id, body.first.person_id, body.first.subject)
    return IdentityProvider.model_validate(session.view().one(issuer_of(organisation_id)))


@router.operate("/organisations/{organisation_id}/issuer/unbind", status=204)
def unbind_issuer(session: Session, organisation_id: Id) -> None:
    """Take the identity provider from an organisation: nobody signs in by it from the next request on."""
    organisation_there(session, organisation_id)
    held = session.log.load(SIGN_IN, organisation_id, organisation_id)
    session.append(SIGN_IN, held, rules.unbind_issuer(rules.UnbindIssuer(at=session.at), held.state))


@router.read("/issuers")
def list_issuers(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[IdentityProvider]:
    """The identity provider that signs your organisation's people in, if it has one."""
    organisation_id = session.caller.organisation
    turned = session.view(organisation_id).page(
        issuer_of(organisation_id), order=[issuers.c.id], cursor=cursor, limit=limit
    )
    return Page[IdentityProvider](
        items=[IdentityProvider.model_validate(r) for r in turned.rows], next_cursor=turned.next_cursor
    )


@router.read("/identities", roles=OVERSEERS)
def list_identities(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Identity]:
    """What your identity provider calls each of your people who can sign in."""
    organisation_id = session.caller.organisation
    turned = session.view(organisation_id).page(
        identities_of(organisation_id), order=[identities.c.person_id], cursor=cursor, limit=limit
    )
    return Page[Identity](items=[Identity.model_validate(r) for r in turned.rows], next_cursor=turned.next_cursor)


@router.change("/people/{person_id}/identity", method="PUT", roles=ADMINS)
def link_identity(session: Session, person_id: Id, body: LinkIdentity) -> Identity:
    """Say what your identity provider calls a person. Its tokens for that subject then sign them in.

    For an owner, an owner says it: who may say how an owner signs in could sign in as one.
    """
    organisation_id = session.caller.organisation
    held = session.change(PERSON, person_id, organisation_id)
    leave_owners_to_owners(session, held.state.roles)
    link(session, organisation_id, person_id, body.subject)
    return Identity.model_validate(session.view(organisation_id).one(identity_of(organisation_id, held.id)))


@router.change("/people/{person_id}/identity/unlink", roles=ADMINS, status=204)
def unlink_identity(session: Session, person_id: Id) -> None:
    """Take a person's sign-in away; their tokens open nothing from the next request on. An owner's, an owner takes."""
    held = session.change(PERSON, person_id, session.caller.organisation)
    leave_owners_to_owners(session, held.state.roles)
    session.append(PERSON, held, rules.unlink_identity(rules.UnlinkIdentity(at=session.at), held.state))


def link(session: Session, organisation_id: UUID, person_id: UUID, subject: str) -> None:
    """Link a subject of the organisation's issuer to one of its people."""
    session.take_turn(f"subject/{organisation_id}/{subject}")
    view = session.view()
    bound = view.first(issuer_of(organisation_id))
    issuer = None if bound is None else bound.issuer
    taken = issuer is not None and view.first(with_subject(organisation_id, issuer, subject, but=person_id)) is not None
    held = session.log.load(PERSON, organisation_id, person_id)
    command = rules.LinkIdentity(at=session.at, issuer=issuer, subject=subject, taken=taken)
    session.append(PERSON, held, rules.link_identity(command, held.state))


def organisation_there(session: Session, organisation_id: UUID) -> None:
    state = session.log.load(ORGANISATION, organisation_id, organisation_id).state
    if not state.registered:
        raise not_found()
    if state.closed:
        raise Refused("organisation-closed", "This organisation is closed; nobody of it signs in.")
