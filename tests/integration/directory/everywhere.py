"""All that an installation holds, as bytes to look for a text in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from examples.airline_codeshare.partner import Partner
from shared.log.followers import Following
from shared.testing.api import Api


def follow(api: Api) -> None:
    """Bring every follower to the end of the ledgers."""
    for service in api.runtime.services:
        for follower in service.followers:
            while Following(api.runtime.engine, follower).turn():
                pass


def dump(api: Api) -> Iterator[tuple[str, bytes]]:
    """The database as text: every row of every table of every schema."""
    listed = (
        "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    with api.runtime.engine.begin() as connection:
        for table in connection.exec_driver_sql(listed).scalars().all():
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):
                yield table, b" | ".join(as_bytes(value) for value in row)


def as_bytes(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return (value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)).encode()


def forms(text: str) -> set[bytes]:
    """A text as it may be written: as it is, and as JSON writes it, twice over where JSON stands in JSON."""
    once = json.dumps(text, ensure_ascii=False)[1:-1]
    escaped = {once, json.dumps(once, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]}
    return {form.encode() for form in {text, *escaped}}


def holds(raw: bytes, texts: frozenset[str]) -> list[str]:
    return [text for text in texts if any(form in raw for form in forms(text))]


def bearer(person: Partner) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.token}"}
