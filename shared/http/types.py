"""Field types of request bodies: JSON Schema's types and nothing else. No text for a number, no number for a text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

INT_MAX = 2**53 - 1
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.IGNORECASE)
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
DECIMAL = r"^-?(0|[1-9]\d{0,29})(\.\d{1,30})?$"


class Schema(BaseModel):
    """The base of request bodies: exact types, and unknown fields are refused by name."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Answer(BaseModel):
    """The base of answers: built from rows or states by name."""

    shown_once: ClassVar[tuple[str, ...]] = ()
    """Fields that are null where the answer is kept, and hence when it is given again: secrets."""

    model_config = ConfigDict(from_attributes=True)


def uuid_of(value: Any) -> Any:
    if isinstance(value, UUID):
        return value
    if isinstance(value, str) and UUID_TEXT.match(value):
        return UUID(value)
    raise ValueError("an id is a UUID such as 0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d")


def moment_of(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, str) and TIMESTAMP.match(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"no such moment: {error}") from error
    raise ValueError("a time is RFC 3339 with its zone, such as 2026-03-01T09:30:00Z")


def day_of(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and DAY.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"no such day: {error}") from error
    raise ValueError("a day is YYYY-MM-DD")


def decimal_of(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and re.match(DECIMAL, value) and value.isascii():
        return Decimal(value)
    raise ValueError('an exact number is a text such as "12.50", at most 30 digits on each side of the point')


def z(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Id = Annotated[UUID, BeforeValidator(uuid_of), WithJsonSchema({"type": "string", "format": "uuid"})]
Timestamp = Annotated[
    datetime,
    BeforeValidator(moment_of),
    PlainSerializer(z, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Day = Annotated[date, BeforeValidator(day_of), WithJsonSchema({"type": "string", "format": "date"})]
DecimalText = Annotated[
    Decimal,
    BeforeValidator(decimal_of),
    PlainSerializer(lambda d: format(d, "f"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": DECIMAL, "examples": ["12.50"]}),
]
Count = Annotated[int, Field(ge=0, le=INT_MAX)]
NO_NUL = r"^[^\x00]*$"
"""PostgreSQL holds no NUL, and the frame refuses it in any text (400); the schema says so too."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=NO_NUL)]
KeyText = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,62}$")]
