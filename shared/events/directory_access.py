"""The events by which people and systems come in and are forgotten: invitations, identities, keys, erasure."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.directory import OrganisationRole


@event("directory.person-invited.v1", says="invited {name}", person="person_id")
class PersonInvited:
    """`person_id` is whom they will be here; `secret_hash` the SHA-256 of the secret in lower-case hex."""

    person_id: UUID
    roles: tuple[OrganisationRole, ...]
    prefix: str
    secret_hash: str
    expires_at: datetime
    name: Erasable[str] = None
    email: Erasable[str] = None


@event("directory.organisation-invited.v1", says="invited the organisation {legal_name}", person="person_id")
class OrganisationInvited:
    """A company that is not here yet. `organisation_id` and `person_id` are who it and its first owner will be here."""

    organisation_id: UUID
    person_id: UUID
    legal_name: str
    prefix: str
    secret_hash: str
    expires_at: datetime
    name: Erasable[str] = None
    email: Erasable[str] = None
    message: Erasable[str] = None


@event("directory.invitation-accepted.v1", says="accepted the invitation")
class InvitationAccepted:
    """By `person_id`; `organisation_id` is the one invited, or the one that the invited person now belongs to."""

    organisation_id: UUID
    person_id: UUID


@event("directory.invitation-revoked.v1", says="took the invitation of {called} back")
class InvitationRevoked:
    reason: Erasable[str] = None


@event("directory.issuer-bound.v1", says="bound the identity provider {issuer} to the organisation")
class IssuerBound:
    """Tokens of `issuer` for `audience` speak for people of this organisation, and for nobody else."""

    issuer: str
    audience: str


@event("directory.issuer-unbound.v1", says="took the identity provider {issuer} from the organisation")
class IssuerUnbound:
    issuer: str


@event("directory.identity-linked.v1", says="linked a sign-in to {person_id}", person="person_id")
class IdentityLinked:
    """`subject` is what the issuer calls the person: the claim `sub` of its tokens."""

    person_id: UUID
    issuer: str
    subject: Erasable[str] = None


@event("directory.identity-unlinked.v1", says="took the sign-in from {person_id}", person="person_id")
class IdentityUnlinked:
    person_id: UUID


@event("directory.api-key-seen.v1", says="(an API key) was used from a new address")
class ApiKeySeen:
    """The first use of a key from an address; later uses from there are no events."""

    address: Erasable[str] = None


@event("directory.person-erased.v1", says="erased {person_id}", person="person_id")
class PersonErased:
    """What was known of the person is gone, here and in every ledger of the organisation's alliances."""

    person_id: UUID
