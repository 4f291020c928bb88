"""The read models that a request may ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Select

from shared.http.pages import LIMIT_DEFAULT, Turned, after, open_cursor, sign
from shared.http.problems import not_found
from shared.log.shadow import Execute


class View:
    """Read models to ask: as they are, or as they were."""

    def __init__(self, execute: Execute, secret: bytes) -> None:
        self.execute = execute
        self.secret = secret

    def one(self, statement: Select[Any]) -> Any:
        """The only row; not found when there is none."""
        row = self.execute(statement).first()
        if row is None:
            raise not_found()
        return row

    def first(self, statement: Select[Any]) -> Any | None:
        return self.execute(statement).first()

    def all(self, statement: Select[Any]) -> Sequence[Any]:
        return self.execute(statement).all()

    def page(
        self, statement: Select[Any], *, order: Sequence[Column[Any]], cursor: str | None, limit: int = LIMIT_DEFAULT
    ) -> Turned:
        """One page in the order of these columns, which together are unique and stand in the select."""
        if cursor is not None:
            statement = after(statement, order, open_cursor(self.secret, cursor))
        rows = list(self.execute(statement.order_by(*order).limit(limit + 1)))
        more = len(rows) > limit
        last = rows[limit - 1]._mapping if more else {}  # noqa: SLF001 (SQLAlchemy documents it)
        return Turned(rows[:limit], self.cursor(*(last[c.name] for c in order)) if more else None)

    def cursor(self, *values: Any) -> str:
        """What leads on from the row with these values of the order's columns."""
        return sign(self.secret, values)
