"""Batches and observations as they are sent and shown."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import Header, Query
from pydantic import Field, StringConstraints

from shared.http.types import Answer, Count, Id, Timestamp

OUTCOMES_SHOWN_MAX = 1_000

Mode = Literal["partial", "atomic"]
Outcome = Literal["accepted", "corrected", "duplicate", "rejected", "withheld"]
SourceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Source = Annotated[SourceName | None, Query(description="What you call the system that these figures come from.")]
TakeMode = Annotated[Mode, Query(description="`partial` takes the good rows, `atomic` all rows or none.")]
ContentType = Annotated[str, Header(alias="content-type", include_in_schema=False)]

CSV_EXAMPLE = (
    "observation_id,kpi,period,value,numerator,denominator,dimensions.region\n"
    "ua-1,regional_on_time_rate,2013-03-01,0.547826,63,115,emea\n"
)
ROW_EXAMPLE = {
    "observation_id": "ua-1",
    "kpi": "regional_on_time_rate",
    "period": "2013-03-01",
    "value": "0.547826",
    "numerator": "63",
    "denominator": "115",
    "dimensions": {"region": "emea"},
}
TEXT_OR_NUMBER = {"type": ["string", "number", "null"]}
ROW_SCHEMA = {
    "type": "object",
    "title": "Observation row",
    "description": "A row needs observation_id, kpi, period and value; without one it is rejected, the batch is not.",
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(("observation_id", "kpi", "period", "value", "numerator", "denominator"), TEXT_OR_NUMBER),
        "dimensions": {"type": ["object", "null"], "additionalProperties": TEXT_OR_NUMBER},
        **dict.fromkeys(("occurred_at", "note", "supersedes", "reason"), TEXT_OR_NUMBER),
    },
}
BINARY = (
    "application/vnd.apache.parquet",
    "application/vnd.apache.arrow.stream",
    "application/vnd.apache.arrow.file",
)
BATCH_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The same rows give the same outcome in each format. A value is an exact decimal, kept as sent.",
        "content": {
            "application/json": {
                "schema": {"type": "array", "items": ROW_SCHEMA, "minItems": 1, "maxItems": 100_000},
                "example": [ROW_EXAMPLE],
            },
            "application/x-ndjson": {"schema": {"type": "string"}, "example": f"{json.dumps(ROW_EXAMPLE)}\n"},
            "text/csv": {"schema": {"type": "string"}, "example": CSV_EXAMPLE},
            **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in BINARY},
        },
    }
}


class BatchCounts(Answer):
    """How many rows had each outcome; `withheld`: good rows of an atomic batch that another row spoiled."""

    accepted: Count
    corrected: Count
    duplicate: Count
    rejected: Count
    withheld: Count


class RowOutcome(Answer):
    """What became of one row; `pointer` (a JSON Pointer into the batch), `code`, `detail` say why it was rejected."""

    row: Count = Field(description="Its place in the batch, from 0.")
    observation_id: str
    outcome: Outcome
    pointer: str | None = None
    code: str | None = None
    detail: str | None = None


class JudgedBatch(Answer):
    """What would come of a batch."""

    rows: Count
    counts: BatchCounts
    outcomes: list[RowOutcome] = Field(max_length=OUTCOMES_SHOWN_MAX, description="Of the first 1,000 rows.")


class Batch(Answer):
    """A batch on record: who sent it, and what came of it."""

    id: Id
    side: Id = Field(description="The organisation whose figures these are.")
    source: str | None = Field(description="What the sender calls the system they come from.")
    sent_by: Id | None
    recorded_at: Timestamp
    rows: Count
    counts: BatchCounts
    kpis: list[str] = Field(description="Keys of the KPIs of the rows taken.")
    outcomes_path: str = Field(description="Where the outcome of every row is listed.")
    version: Count


class PushedBatch(Batch):
    """A batch on record, with what became of its first rows."""

    outcomes: list[RowOutcome] = Field(max_length=OUTCOMES_SHOWN_MAX, description="Of the first 1,000 rows.")


class Observation(Answer):
    """One version of one figure, as its side sent it."""

    side: Id
    observation_id: str
    revision: Count = Field(description="0 as first reported; more when the same id was reported anew as a correction.")
    kpi: str
    period: str
    value: str
    numerator: str | None
    denominator: str | None
    dimensions: dict[str, str]
    occurred_at: str | None
    supersedes: str | None = Field(description="The observation_id that this one corrects.")
    reason: str | None
    note: str | None
    current: bool = Field(description="Whether no correction has replaced it.")
    batch_id: Id
    source: str | None
    recorded_at: Timestamp
