"""A fixed example of any event class, made from its types alone: for golden bytes."""

from __future__ import annotations

import dataclasses
import types
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

PLAIN: dict[type, Any] = {
    str: "text",
    int: 1,
    bool: True,
    Decimal: Decimal("12.50"),
    UUID: UUID("0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"),
    datetime: datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    date: date(2026, 3, 1),
}


def example_of(kind: Any) -> Any:
    """An instance of a type that events may hold. Raises TypeError for one that they may not, such as float."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return example_of(arguments[0])
    if origin in (Union, types.UnionType):
        return example_of(next(a for a in arguments if a is not type(None)))
    if origin is Literal:
        return arguments[0]
    if origin is tuple:
        return (example_of(arguments[0]),)
    if origin is dict:
        return {example_of(arguments[0]): example_of(arguments[1])}
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        return cast("Any", kind)(**{f.name: example_of(hints[f.name]) for f in dataclasses.fields(kind)})
    raise TypeError(f"No event may hold {kind}.")
