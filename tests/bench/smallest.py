"""The smallest FastAPI and psycopg endpoint that inserts one row and commits: what a command is measured against."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI
from psycopg_pool import ConnectionPool
from pydantic import BaseModel

TABLE = "CREATE TABLE smallest (id uuid PRIMARY KEY, title text NOT NULL, body text NOT NULL)"
URL = "BENCH_DATABASE_URL"


class Thing(BaseModel):
    title: str
    body: str


class Made(BaseModel):
    id: UUID


def app() -> FastAPI:
    """What uvicorn serves, with `--factory`."""
    made = FastAPI()
    pool: ConnectionPool[Any] = ConnectionPool(os.environ[URL], min_size=1, max_size=16, open=True)

    @made.post("/things", status_code=201)
    def make_thing(thing: Thing) -> Made:
        thing_id = uuid4()
        with pool.connection() as connection:
            connection.execute("INSERT INTO smallest VALUES (%s, %s, %s)", (thing_id, thing.title, thing.body))
        return Made(id=thing_id)

    return made
