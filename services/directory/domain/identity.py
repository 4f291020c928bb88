"""How people sign in: the identity provider that speaks for an organisation, and what it calls each of its people.

One issuer speaks for one organisation, so no issuer can speak for another company.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from services.directory.domain.person import Identity, Person, require_active
from services.directory.domain.wording import require_words
from shared.auth.hosts import of_this_network
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.directory_access import IdentityLinked, IdentityUnlinked, IssuerBound, IssuerUnbound


@dataclass(frozen=True, slots=True, kw_only=True)
class BindIssuer:
    """`taken`: another organisation has this issuer. `plain_http`: one of this machine may be, without TLS."""

    at: datetime
    issuer: str
    audience: str
    taken: bool = False
    plain_http: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnbindIssuer:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIdentity:
    """`issuer` is the organisation's, None while it has none; `taken`: it calls somebody else by this subject."""

    at: datetime
    issuer: str | None
    subject: str
    taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkIdentity:
    at: datetime


@dataclass(frozen=True, slots=True)
class SignIn:
    """The identity provider of an organisation, if any."""

    issuer: str | None = None
    audience: str | None = None


def evolve(state: SignIn, event: Event) -> SignIn:
    match event:
        case IssuerBound():
            return SignIn(event.issuer, event.audience)
        case IssuerUnbound():
            return SignIn()
    return state


SIGN_IN = Aggregate("sign-in", SignIn(), evolve)


def bind_issuer(command: BindIssuer, sign_in: SignIn) -> list[Event]:
    require_words("/audience", command.audience)
    require_address(command)
    if command.taken:
        raise Refused("issuer-bound-elsewhere", "This issuer speaks for another organisation, and for one only.")
    if (sign_in.issuer, sign_in.audience) == (command.issuer, command.audience):
        return []
    return [IssuerBound(issuer=command.issuer, audience=command.audience)]


def unbind_issuer(_: UnbindIssuer, sign_in: SignIn) -> list[Event]:
    if sign_in.issuer is None:
        raise Refused("no-issuer", "This organisation has no identity provider.")
    return [IssuerUnbound(issuer=sign_in.issuer)]


def link_identity(command: LinkIdentity, person: Person) -> list[Event]:
    person_id = require_active(person)
    require_words("/subject", command.subject)
    if command.issuer is None:
        raise Refused("no-issuer", "Your organisation has no identity provider yet; the operator binds it.")
    if command.taken:
        raise Refused("subject-taken", "This subject signs in as a colleague; take it from them first.")
    if person.identity == Identity(command.issuer, command.subject):
        return []
    return [IdentityLinked(person_id=person_id, issuer=command.issuer, subject=command.subject)]


def unlink_identity(_: UnlinkIdentity, person: Person) -> list[Event]:
    if person.person_id is None or person.identity is None:
        raise Refused("no-identity", "No sign-in is linked to this person.")
    return [IdentityUnlinked(person_id=person.person_id)]


def require_address(command: BindIssuer) -> None:
    """An issuer is an https address without query or fragment (OpenID Connect Discovery 1.0, section 3)."""
    try:
        parts = urlsplit(command.issuer)
        plain = command.plain_http and parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        _ = parts.port
    except ValueError as error:
        raise Invalid("/issuer", "no-address", f"This is no address: {error}.") from error
    if not (parts.scheme == "https" or plain) or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise Invalid("/issuer", "no-address", "An issuer is an https address without user, query and fragment.")
    if not command.plain_http and of_this_network(parts.hostname):
        words = "This address is of Concord's own machine or network; give the issuer's public one, by its name."
        raise Invalid("/issuer", "not-public", words)
