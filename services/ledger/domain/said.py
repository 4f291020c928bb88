"""What one entry says: which event of which thing, with its data and what is disclosed beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from json import JSONDecoder
from typing import Any

DECODER = JSONDecoder()


@dataclass(frozen=True, slots=True)
class Said:
    """Its data as stored, and of its digests the disclosed values and how many have none."""

    seq: int
    type: str
    stream: str
    version: int
    data: Mapping[str, Any]
    disclosed: Mapping[str, Any]
    undisclosed: int


def body_in(raw: bytes) -> dict[str, Any] | None:
    """The JSON object that these bytes begin with, canonical or not; None when there is none."""
    try:
        body, _ = DECODER.raw_decode(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def said_in(seq: int, body: dict[str, Any], disclosed: dict[str, Any], digests: int) -> Said | None:
    """None when the body lacks what every event has, which the check of the entries tells."""
    name, stream, version, data = body.get("type"), body.get("stream"), body.get("version"), body.get("data")
    if isinstance(name, str) and isinstance(stream, str) and type(version) is int and isinstance(data, dict):
        return Said(seq, name, stream, version, data, disclosed, digests - len(disclosed))
    return None


def texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
