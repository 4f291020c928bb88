"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.log.envelope import Actor

OPERATOR: Literal["operator"] = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person, a partner's system with an API key, or the operator of this installation."""

    kind: Literal["person", "system", "operator", "invited"]
    org: UUID | None
    sub: UUID | None
    roles: frozenset[str] = frozenset()
    """A person's roles in their organisation: owner, admin, member, auditor; of one who is invited to it, that."""
    scopes: frozenset[str] = frozenset()
    """What a system's key is for, such as metrics:push."""
    alliances: frozenset[UUID] = frozenset()
    """The alliances a system's key is bound to; none means all of its organisation's."""

    @property
    def actor(self) -> Actor:
        return Actor(system=OPERATOR) if self.kind == OPERATOR else Actor(org=self.org, sub=self.sub)

    @property
    def organisation(self) -> UUID:
        """The caller's organisation; the operator has none and is kept from all that needs one."""
        assert self.org is not None
        return self.org

    @property
    def person(self) -> UUID:
        assert self.sub is not None
        return self.sub

    def may_enter(self, ledger_id: UUID) -> bool:
        """Whether the credential itself allows this ledger; whether the organisation may read it is asked elsewhere."""
        return not self.alliances or ledger_id in self.alliances


@dataclass(frozen=True, slots=True)
class Need:
    """What an operation asks of its caller: a scope of systems; of people, one of these roles in their organisation."""

    scope: str | None
    roles: frozenset[str]
    operator: bool = False

    def met_by(self, caller: Caller) -> bool:
        match caller.kind:
            case "operator":
                return self.operator
            case "system":
                return self.scope is not None and self.scope in caller.scopes
            case "person" | "invited":
                return not self.operator and bool(self.roles & caller.roles)


READERS = frozenset({"owner", "admin", "member", "auditor"})
WRITERS = frozenset({"owner", "admin", "member"})
ADMINS = frozenset({"owner", "admin"})
INVITED = frozenset({"invited"})
"""Who holds an open invitation of an organisation, and is nobody there yet."""
OVERSEERS = ADMINS | {"auditor"}
"""Who may look at how an organisation is run: at its keys, invitations and sign-ins."""
OWNERS = frozenset({"owner"})
