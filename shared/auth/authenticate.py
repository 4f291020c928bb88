"""From the Authorization header to the caller; directory answers through its database functions (`access`)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection

from shared.auth.caller import INVITED, OPERATOR, Caller
from shared.auth.development import BadToken, DevelopmentIssuer
from shared.auth.oidc import Issuers, claimed
from shared.log.envelope import from_us

KEY_PREFIX = "ck_"
INVITATION_PREFIX = "ci_"
CREDENTIAL_CHARACTERS_MAX = 8_192
"""Of a bearer credential; tokens of the large identity providers have up to some 4,000."""

BEGIN = (
    "SELECT set_config('role', %s, true), set_config('concord.org', %s, true),"
    " set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true), log.now_us()"
)
BEGIN_BY_KEY = (
    "SELECT set_config('role', %s, true), set_config('concord.org', org_id::text, true),"
    " set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true), log.now_us() AS now_us,"
    " org_id, key_id, secret_hash, scopes, alliances, expires_at FROM access.credential(%s)"
)
STATEMENT_TIMEOUT = "30s"
LOCK_TIMEOUT = "5s"


class Unauthenticated(Exception):
    """The credential is missing, unknown, expired or revoked; which of these is not told."""


@dataclass(frozen=True)
class Authenticator:
    issuer: DevelopmentIssuer | None
    operator_key: str
    issuers: Issuers = field(default_factory=Issuers)
    """The companies' own identity providers."""

    def begin(self, connection: Connection, role: str, authorization: str | None) -> tuple[Caller, datetime]:
        """Check the credential and open the caller's transaction: role, organisation, limits. Also the moment it is.

        Raises Unauthenticated, or IssuerUnavailable when the caller's identity provider does not give its keys.
        """
        credential = bearer(authorization)
        if hmac.compare_digest(sha256(credential.encode()).digest(), sha256(self.operator_key.encode()).digest()):
            return Caller(OPERATOR, None, None), self.enter(connection, role, "system")
        if credential.startswith(KEY_PREFIX):
            return self.system(connection, role, credential)
        if credential.startswith(INVITATION_PREFIX):
            return self.invited(connection, role, credential)
        return self.person(connection, role, credential)

    def person(self, connection: Connection, role: str, token: str) -> tuple[Caller, datetime]:
        try:
            said = claimed(token)
            if self.issuer is not None and said.issuer == self.issuer.issuer:
                org, person = self.issuer.check(token)
                return self.known(connection, role, org, person, "access.development_standing(%s, %s)")
            bound = connection.exec_driver_sql(
                "SELECT org_id, audience, person_id FROM access.signed_in(%s, %s)", (said.issuer, said.subject)
            ).first()
            if bound is None:
                raise Unauthenticated
            self.issuers.check(token, said, bound.audience)
        except BadToken as error:
            raise Unauthenticated from error
        if bound.person_id is None:
            raise Unauthenticated
        return self.known(connection, role, bound.org_id, bound.person_id, "access.standing(%s, %s)")

    def known(
        self, connection: Connection, role: str, org: UUID, person: UUID, standing: str
    ) -> tuple[Caller, datetime]:
        """The transaction of a person whose token is good, in the roles they have now."""
        row = connection.exec_driver_sql(f"{BEGIN}, {standing}", (*begin(role, str(org)), org, person)).one()
        roles = row[5]
        if roles is None:
            raise Unauthenticated
        return Caller("person", org, person, roles=frozenset(roles)), from_us(row[4])

    def system(self, connection: Connection, role: str, key: str) -> tuple[Caller, datetime]:
        """One round trip opens the transaction as well; a wrong secret ends it before anything is done in it."""
        prefix, _, secret = key.removeprefix(KEY_PREFIX).partition("_")
        asked = (role, STATEMENT_TIMEOUT, LOCK_TIMEOUT, prefix)
        row = connection.exec_driver_sql(BEGIN_BY_KEY, asked).first()
        held = row.secret_hash if row else "0" * 64
        if not hmac.compare_digest(sha256(secret.encode()).hexdigest(), held) or row is None:
            raise Unauthenticated
        if row.expires_at is not None and row.expires_at <= from_us(row.now_us):
            raise Unauthenticated
        caller = Caller(
            "system", row.org_id, row.key_id, scopes=frozenset(row.scopes), alliances=frozenset(row.alliances)
        )
        return caller, from_us(row.now_us)

    def invited(self, connection: Connection, role: str, token: str) -> tuple[Caller, datetime]:
        """Who holds an open invitation: whom they will be, with the role of one who is invited and no other."""
        prefix, _, secret = token.removeprefix(INVITATION_PREFIX).partition("_")
        row = connection.exec_driver_sql(
            "SELECT org_id, person_id, secret_hash FROM access.invitation(%s)", (prefix,)
        ).first()
        held = row.secret_hash if row else "0" * 64
        if not hmac.compare_digest(sha256(secret.encode()).hexdigest(), held) or row is None:
            raise Unauthenticated
        return Caller("invited", row.org_id, row.person_id, roles=INVITED), self.enter(
            connection, role, str(row.org_id)
        )

    def enter(self, connection: Connection, role: str, org: str) -> datetime:
        return from_us(connection.exec_driver_sql(BEGIN, begin(role, org)).one()[4])


def begin(role: str, org: str) -> tuple[str, str, str, str]:
    return role, org, STATEMENT_TIMEOUT, LOCK_TIMEOUT


def bearer(authorization: str | None) -> str:
    scheme, _, credential = (authorization or "").partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential or len(credential) > CREDENTIAL_CHARACTERS_MAX:
        raise Unauthenticated
    return credential


def act_as_system(connection: Connection, role: str) -> datetime:
    """Open a worker's transaction: it acts for Concord, in the role of its service."""
    return from_us(connection.exec_driver_sql(BEGIN, begin(role, "system")).one()[4])


SYSTEM_ORG = UUID(int=0)
"""Stands for the operator where a row must name an organisation."""
