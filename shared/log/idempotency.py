"""The first answer to each Idempotency-Key, kept in the transaction of the write it answers."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection


class InProgress(Exception):
    """Another request with this key is being worked on."""


class Mismatch(Exception):
    """This key was used for another request."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A key as one credential used it for one request. Another credential's equal key is another key."""

    org: UUID
    sub: str
    key: str
    fingerprint: bytes

    def kept(self, connection: Connection) -> KeptAnswer | None:
        """The answer given before. Takes a lock until the transaction ends. Raises InProgress or Mismatch."""
        name = sha256(f"{self.org}/{self.sub}/{self.key}".encode()).digest()
        lock = int.from_bytes(name[:8], "big", signed=True)
        row = connection.exec_driver_sql("SELECT pg_try_advisory_xact_lock(%s)", (lock,)).one()
        if not row[0]:
            raise InProgress
        found = connection.exec_driver_sql(
            "SELECT fingerprint, status, headers, answer FROM log.idempotency"
            " WHERE org_id = %s AND sub = %s AND key = %s",
            (self.org, self.sub, self.key),
        ).first()
        if found is None:
            return None
        if bytes(found[0]) != self.fingerprint:
            raise Mismatch
        return KeptAnswer(found[1], found[2], bytes(found[3]))

    def keep(self, connection: Connection, status: int, headers: dict[str, Any], body: bytes) -> None:
        connection.exec_driver_sql(
            "INSERT INTO log.idempotency (org_id, sub, key, fingerprint, status, headers, answer)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (self.org, self.sub, self.key, self.fingerprint, status, Jsonb(headers), body),
        )


def fingerprint(method: str, target: str, headers: str, body: bytes) -> bytes:
    """What must be the same for a repetition to be the same request."""
    return sha256(b"\n".join((method.encode(), target.encode(), headers.encode(), body))).digest()
