"""Two parties with a joint ledger, a stranger, and a way to record events in it as any of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from shared.events import governance, scoring, scoring_terms
from shared.events.governance_terms import Choice, Intent, Owner, Route, Scope
from shared.events.values import Attachment
from shared.ids import uuid7
from shared.log.envelope import Actor, Cause
from shared.log.log import Log
from shared.service import Runtime
from shared.testing.api import Api, Member
from tests.signing import sign, workers_of

NOON = "2013-01-07T12:00:00Z"
EFFECTIVE = datetime(2013, 1, 7, 9, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """United and Lufthansa share ledgers; Delta reads none of them."""

    api: Api
    ana: Member
    ben: Member
    eve: Member
    workers: Runtime
    """As the workers have it: with a key that signs, and a folder for copies of checkpoints."""

    def joint_ledger(self) -> Joint:
        """A new, empty ledger of both parties."""
        ledger_id = uuid7()
        with self.api.runtime.engine.begin() as connection:
            Log(connection).open_ledger(ledger_id, "alliance", [UUID(self.ana.org), UUID(self.ben.org)])
        return Joint(self, ledger_id)


@dataclass(frozen=True)
class Joint:
    """One ledger, its paths, and what is recorded in it."""

    world: World
    id: UUID

    @property
    def path(self) -> str:
        return f"/ledger/v1/ledgers/{self.id}"

    def record(self, stream: str, version: int, *events: Any, by: Member, at: str | None = None) -> int:
        """Append to a stream that is at `version`, at a moment of the test clock; the seq of the last event."""
        if at is not None:
            self.world.api.set_clock(at)
        actor = Actor(org=UUID(by.org), sub=UUID(by.person))
        with self.world.api.runtime.engine.begin() as connection:
            log = Log(connection)
            recorded = log.append(
                self.id, stream, version, events, actor=actor, effective_at=EFFECTIVE, cause=Cause(command="test")
            )
        return recorded[-1].seq

    def fill(self, count: int) -> None:
        """As many events as it takes, all of one thing, in one append."""
        passed = [governance.CourtPassed(sides=(), since=EFFECTIVE) for _ in range(count)]
        self.record(f"decision/{self.id}", 0, *passed, by=self.world.ana)

    def sign(self) -> bool:
        """Sign it as it is now; whether there was something to sign."""
        return sign(self.world.workers, self.id)

    def leaves(self) -> list[bytes]:
        with self.world.api.runtime.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT leaf FROM log.events WHERE ledger_id = %s ORDER BY seq", (self.id,)
            )
            return [bytes(row[0]) for row in rows]

    def attach(self, content: bytes) -> Attachment:
        with self.world.api.runtime.engine.begin() as connection:
            return Log(connection).attach(self.id, content, "text/plain")

    def superuser(self, *statements: str) -> None:
        """What nobody may do, done by who owns the machine: triggers off, then these statements."""
        with self.world.api.runtime.engine.begin() as connection:
            for statement in ("SET LOCAL session_replication_role = replica", *statements):
                connection.exec_driver_sql(statement, {"ledger": self.id} if "%(ledger)s" in statement else None)

    def get(self, path: str = "", by: Member | None = None, **query: Any) -> Any:
        query = {name.rstrip("_"): value for name, value in query.items()}
        return (by or self.world.ana).get(f"{self.path}{path}", **query)

    def bytes_of(self, path: str, by: Member | None = None, **query: Any) -> bytes:
        who = by or self.world.ana
        response = who.api.client.get(f"{self.path}{path}", params=query, headers=who.headers())
        assert response.status_code == 200, response.text
        return response.content


@pytest.fixture(scope="module")
def world(api: Api, tmp_path_factory: pytest.TempPathFactory) -> World:
    api.set_clock(NOON)
    ana, ben, eve = (api.organisation(name) for name in ("United", "Lufthansa", "Delta"))
    return World(api, ana, ben, eve, workers_of(api.runtime, tmp_path_factory.mktemp("workers")))


@pytest.fixture
def joint(world: World) -> Joint:
    world.api.set_clock(NOON)
    return world.joint_ledger()


@dataclass(frozen=True)
class Told:
    """A short history: an alliance proposed and accepted, a decision raised, voted on and approved."""

    joint: Joint
    alliance: str
    decision: str


TIMES = tuple(f"2013-01-07T1{hour}:00:00Z" for hour in range(2, 7))


@pytest.fixture
def told(joint: Joint) -> Told:
    ana, ben = joint.world.ana, joint.world.ben
    alliance, decision = f"alliance/{joint.id}", f"decision/{uuid7()}"
    joint.record(alliance, 0, proposed(ana, ben), by=ana, at=TIMES[0])
    joint.record(alliance, 1, governance.AllianceAccepted(side=UUID(ben.org)), by=ben, at=TIMES[1])
    joint.record(decision, 0, raised(ana, ben), by=ana, at=TIMES[2])
    vote = governance.VoteCast(side=UUID(ben.org), choice=Choice.REJECT, reason="Too early")
    joint.record(decision, 1, vote, by=ben, at=TIMES[3])
    vote = governance.VoteCast(side=UUID(ben.org), choice=Choice.APPROVE, reason="Now it fits")
    joint.record(decision, 2, vote, by=ben, at=TIMES[4])
    joint.sign()
    return Told(joint, alliance, decision)


def proposed(ana: Member, ben: Member, name: str = "Star") -> governance.AllianceProposed:
    return governance.AllianceProposed(
        side=UUID(ana.org),
        name=name,
        intent=Intent.MARKET_ACCESS,
        type="co_marketing",
        structure="distribution",
        parties=(UUID(ana.org), UUID(ben.org)),
        scope=Scope(inside=("transatlantic",)),
    )


def raised(ana: Member, ben: Member) -> governance.DecisionRaised:
    sides = (UUID(ana.org), UUID(ben.org))
    return governance.DecisionRaised(
        side=UUID(ana.org),
        type="pricing",
        route=Route(
            title="Joint pricing", owner=Owner(roles=("alliance_manager",)), joint=True, sides=sides, parties=sides
        ),
        raised_at=EFFECTIVE,
        subject="Fares for the summer",
        options=("raise", "keep"),
    )


def submitted(by: Member, score: int = 4, *attachments: Attachment) -> scoring.RatingsSubmitted:
    evidence = scoring_terms.Evidence("Seen in the field", (), attachments)
    rating = scoring_terms.Rating("strategic_fit", score, scoring_terms.Confidence.HIGH, (), evidence)
    return scoring.RatingsSubmitted(assessor=UUID(by.person), ratings=(rating,))


def completed() -> scoring.AssessmentCompleted:
    return scoring.AssessmentCompleted(low=Decimal("4.0000"), high=Decimal("4.0000"), criteria=())


def erase(connection: Connection, ledger_id: UUID, seq: int) -> list[str]:
    """What an erasure does to the values of one entry; their digests."""
    rows = connection.exec_driver_sql(
        "UPDATE log.disclosures SET sealed = NULL WHERE ledger_id = %s AND seq = %s RETURNING digest", (ledger_id, seq)
    )
    return [row[0] for row in rows]
