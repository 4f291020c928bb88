"""What endpoints of erasure take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from shared.http.types import Answer, Count, Id, Schema

VALUES_MAX = 500
"""Erased in one request."""
MENTIONS_MAX = 1000
"""Listed in one answer; `mentions_found` counts them all."""

Ground = Literal["person_asked", "retention_ended", "unlawful"]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class ErasePerson(Schema):
    """Why a person is erased, and what becomes of texts of your other people that name them."""

    model_config = ConfigDict(json_schema_extra={"example": {"ground": "person_asked", "mentions": "keep"}})

    ground: Ground = "person_asked"
    mentions: Literal["keep", "erase"] = "keep"


class ErasedKind(Answer):
    """How many values went from events of one type.

    Those of `directory.…` said who people are; all others are texts of your organisation, which it no longer has.
    """

    type: str
    values: Count


class ErasedLedger(Answer):
    """How many values went from one ledger, of what kinds."""

    ledger_id: Id
    values: Count
    kinds: list[ErasedKind]


class Mention(Answer):
    """A text that names the person and stays: the field of an event. `ours`: your organisation recorded it."""

    ledger_id: Id
    seq: Count
    field: str
    ours: bool


class PersonErasure(Answer):
    """What was erased, counted by ledger; none of it is shown. And where their name or address still stands."""

    person_id: Id
    ledgers: list[ErasedLedger]
    mentions: list[Mention]
    mentions_found: Count
    version: Count


class ErasableValue(Schema):
    """An erasable field of an event."""

    ledger_id: Id
    seq: Count
    field: FieldName


class EraseValues(Schema):
    """Values to erase, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "ground": "person_asked",
                "values": [{"ledger_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d", "seq": 41, "field": "reason"}],
            }
        }
    )

    ground: Ground = "person_asked"
    values: Annotated[list[ErasableValue], Field(min_length=1, max_length=VALUES_MAX)]


class ValuesErasure(Answer):
    """What was erased, counted by ledger; none of it is shown."""

    ledgers: list[ErasedLedger]
