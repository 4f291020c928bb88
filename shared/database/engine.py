"""The engine: psycopg 3 in a bounded pool; no session state, so that a transaction pooler may stand between."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

POOL_WAIT_SECONDS = 10


def make_engine(url: str, *, pool_size: int, prepare_statements: bool = True) -> Engine:
    """`url` is any libpq URI. Connections are made on demand, at most `pool_size`."""
    return create_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        connect_args={
            "prepare_threshold": 5 if prepare_statements else None,
            "application_name": "concord",
            "connect_timeout": POOL_WAIT_SECONDS,
        },
    )


def sqlalchemy_url(url: str) -> str:
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
