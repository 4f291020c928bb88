"""The world that the walk walks through: two alliances, organisations around them, and somebody of every kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.events.directory import Scope
from shared.testing.api import Api, Member
from tests.integration.governance.road import MONDAY, Side, formed, governed

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NEXT_MORNING = "2026-03-03T15:00:00Z"
NOON_OF_MONDAY = "2026-03-02T18:00:00Z"
NEXT_YEAR = "2027-03-02T00:00:00Z"
EXIT_SEQ = 1
"""The last seq that the former party may read: by then the alliance is accepted, and nothing else has happened."""
SCOPES = tuple(Scope)

Kind = Literal[
    "nobody", "stranger", "other party", "former party", "observer", "auditor", "key without the scope",
    "key of another alliance", "key of this alliance", "expired key", "revoked key", "rightful person", "rightful key",
]  # fmt: skip


@dataclass(frozen=True)
class Caller:
    """One who asks. `credential`: what they sign in with, for an operation that takes this scope."""

    kind: Kind
    credential: Callable[[str | None], str]
    roles: frozenset[str] = frozenset()
    """In their organisation; none for those who are no person."""
    reads: frozenset[str] = frozenset()
    """The ledgers that they may read."""
    outside: bool = False
    """Neither of United nor of a party of the alliance."""

    @property
    def bound(self) -> bool:
        """A key for certain alliances."""
        return self.kind in ("key of another alliance", "key of this alliance")

    @property
    def signed_in(self) -> bool:
        return self.kind not in ("nobody", "expired key", "revoked key")


@dataclass(frozen=True)
class World:
    """United and Hansa are allied. United is allied with Other too; Former has left the first alliance."""

    api: Api
    united: Side
    hansa: Side
    alliance: str
    other_alliance: str
    callers: tuple[Caller, ...]

    @property
    def owner(self) -> Member:
        """Owns United's account and manages the alliance for it."""
        return self.united.manager

    def execute(self, statement: str, *arguments: object) -> list[tuple[object, ...]]:
        """Behind all doors: as the database's superuser."""
        with self.api.runtime.engine.begin() as connection:
            found = connection.exec_driver_sql(statement, arguments)
            return [tuple(row) for row in found] if found.returns_rows else []

    def ids_in(self, ledger_id: str) -> set[str]:
        """The ids of all things that have an event in this ledger."""
        rows = self.execute("SELECT split_part(stream, '/', 2) FROM log.events WHERE ledger_id = %s", UUID(ledger_id))
        return {str(row[0]) for row in rows}

    def told_in(self, ledger_id: str, until_seq: int | None = None) -> set[str]:
        """Every id that whoever reads this ledger reads in it."""
        rows = self.execute(
            "SELECT stream || convert_from(body, 'UTF8') FROM log.events WHERE ledger_id = %s"
            " AND seq <= coalesce(%s, 9223372036854775807)",
            UUID(ledger_id), until_seq,
        )  # fmt: skip
        return {found for row in rows for found in UUID_TEXT.findall(str(row[0]))} | {ledger_id}

    def secret_from(self, caller: Caller) -> set[str]:
        """The ids of this world's things that no answer to this caller may hold."""
        known = set[str]().union(*(self.told_in(ledger) for ledger in caller.reads))
        if caller.kind == "former party":
            known |= self.told_in(self.alliance, EXIT_SEQ)
        theirs = {self.alliance, self.other_alliance, self.united.org, self.hansa.org}
        return set[str]().union(*(self.ids_in(ledger) for ledger in theirs - caller.reads)) - known

    def size(self, ledger_id: str) -> int:
        (row,) = self.execute("SELECT size FROM log.ledgers WHERE ledger_id = %s", UUID(ledger_id))
        return int(str(row[0]))


def build(api: Api) -> World:
    api.set_clock(MONDAY)
    united, hansa = side(api, "United"), side(api, "Hansa")
    other, former, stranger = side(api, "Other"), side(api, "Former"), side(api, "Stranger")
    alliance, other_alliance = governed(united, hansa), formed(united, other)
    observer, auditor = united.worker, colleague(api, united.manager, "auditor")
    observes = {"person_id": observer.person, "role": "observer", "starts_on": "2026-01-01"}
    united.manager.post(f"/directory/v1/alliances/{alliance}/roles", observes)
    mine = frozenset({united.org, alliance, other_alliance})
    owner = frozenset({"owner"})
    callers = (
        Caller("nobody", lambda _: ""),
        person("stranger", stranger.manager, owner, frozenset({stranger.org}), outside=True),
        person("other party", other.manager, owner, frozenset({other.org, other_alliance}), outside=True),
        person("former party", former.manager, owner, frozenset({former.org}), outside=True),
        person("observer", observer, frozenset({"member"}), mine),
        person("auditor", auditor, frozenset({"auditor"}), mine),
        keys_without(united.manager, mine),
        key("key of another alliance", united.manager, frozenset({other_alliance}), other_alliance),
        key("key of this alliance", united.manager, frozenset({alliance}), alliance),
        key("expired key", united.manager, mine, until=NOON_OF_MONDAY),
        revoked(key("revoked key", united.manager, mine), united.manager),
        key("rightful key", united.manager, mine),
        person("rightful person", united.manager, owner, mine),
    )
    world = World(api, united, hansa, alliance, other_alliance, callers)
    # A party that left in due form is one that the log shows the ledger up to its last seq.
    left = "INSERT INTO log.readers (ledger_id, org_id, until_seq) VALUES (%s, %s, %s)"
    world.execute(left, UUID(alliance), UUID(former.org), EXIT_SEQ)
    return world


def side(api: Api, name: str) -> Side:
    """A party whose owner manages its alliances."""
    owner = api.organisation(name)
    return Side(api.colleague(owner, f"Sponsor of {name}"), owner, api.colleague(owner, f"Worker of {name}"))


def colleague(api: Api, of: Member, role: str) -> Member:
    body = {"name": "Ada Lund", "email": f"{role}@example.com", "level": "working", "roles": [role]}
    return api.sign_in(of.org, of.post("/directory/v1/people", body)["id"])


def person(
    kind: Kind, member: Member, roles: frozenset[str], reads: frozenset[str], *, outside: bool = False
) -> Caller:
    return Caller(kind, lambda _: member.token, roles, reads, outside)


def issued(owner: Member, *scopes: str, alliances: tuple[str, ...] = (), until: str = NEXT_YEAR) -> str:
    body = {"name": "A system", "scopes": scopes, "alliances": alliances, "expires_at": until}
    return str(owner.post("/directory/v1/api-keys", body)["key"])


def key(kind: Kind, owner: Member, reads: frozenset[str], *alliances: str, until: str = NEXT_YEAR) -> Caller:
    """A system's key with every scope there is."""
    made = issued(owner, *SCOPES, alliances=alliances, until=until)
    return Caller(kind, lambda _: made, frozenset(), reads)


def keys_without(owner: Member, reads: frozenset[str]) -> Caller:
    """For each scope a key that has all others."""
    made = {scope: issued(owner, *(s for s in SCOPES if s != scope)) for scope in SCOPES}
    all_scopes = issued(owner, *SCOPES)
    return Caller("key without the scope", lambda s: made[Scope(s)] if s else all_scopes, frozenset(), reads)


def revoked(caller: Caller, owner: Member) -> Caller:
    newest = owner.get("/directory/v1/api-keys", limit=200)["items"][-1]
    owner.change(f"/directory/v1/api-keys/{newest['id']}/revoke", {"reason": "Lost."}, newest["version"])
    return caller
