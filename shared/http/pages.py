"""Lists: `{items, next_cursor}`, keyset pagination with signed opaque cursors that stay stable while others write."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy import Column, Select, tuple_

from shared.http.problems import problem
from shared.http.types import Answer

T = TypeVar("T")
LIMIT_DEFAULT = 50
LIMIT_MAX = 200
MAC_BYTES = 16
POINTER = "query/cursor"

Cursor = Annotated[str | None, Query(max_length=1_000, description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="How many items at most.")]


class Page(Answer, Generic[T]):
    """One page of a list."""

    items: list[T] = Field(max_length=LIMIT_MAX)
    next_cursor: str | None = Field(description="Ask for the next page with it; null on the last page.")


@dataclass(frozen=True, slots=True)
class Turned:
    """The rows of one page, and the cursor of the next."""

    rows: list[Any]
    next_cursor: str | None


def sign(secret: bytes, values: Sequence[Any]) -> str:
    raw = json.dumps([str(v) for v in values]).encode()
    mac = hmac.digest(secret, b"cursor\n" + raw, sha256)[:MAC_BYTES]
    return urlsafe_b64encode(mac + raw).decode().rstrip("=")


def open_cursor(secret: bytes, cursor: str, pointer: str = POINTER) -> list[str]:
    """The values in a cursor that we made; any other text is invalid input, at `pointer`."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (ValueError, UnicodeEncodeError):
        raw = b""
    if not hmac.compare_digest(raw[:MAC_BYTES], hmac.digest(secret, b"cursor\n" + raw[MAC_BYTES:], sha256)[:MAC_BYTES]):
        raise bad_cursor("No cursor of this list, or not one given to your organisation.", pointer)
    values: list[str] = json.loads(raw[MAC_BYTES:])
    return values


def after(statement: Select[Any], order: Sequence[Column[Any]], values: Sequence[str]) -> Select[Any]:
    try:
        typed = [python_value(column, value) for column, value in zip(order, values, strict=True)]
    except ValueError as error:
        raise bad_cursor("A cursor of another list.") from error
    return statement.where(tuple_(*order) > tuple_(*typed))


def bad_cursor(detail: str, pointer: str = POINTER) -> Exception:
    fault = {"pointer": pointer, "detail": detail, "code": "bad-cursor"}
    return problem("invalid", "The cursor is not valid.", errors=[fault])


def python_value(column: Column[Any], value: str) -> Any:
    kind = column.type.python_type
    if kind is datetime or kind is date:
        return kind.fromisoformat(value)
    return kind(value) if kind in (int, UUID) else value
