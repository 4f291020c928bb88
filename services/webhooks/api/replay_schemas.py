"""What replays' routes take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from services.webhooks.api.schemas import EventPattern
from services.webhooks.domain.wishes import ALLIANCES_MAX, EVENT_TYPES_MAX
from shared.http.types import Answer, Count, Id, Schema, Timestamp

ReplayedDeliveries = Literal["all", "undelivered"]


class ReplayWishes(Schema):
    """Of which time, and which of what the endpoint asks for."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"since": "2026-03-01T00:00:00Z", "event_types": ["governance.*"]}}
    )

    since: Timestamp = Field(description="The first recorded time.")
    until: Timestamp | None = Field(default=None, description="Before this recorded time; null: up to now.")
    event_types: list[EventPattern] = Field(
        default_factory=lambda: ["*"], min_length=1, max_length=EVENT_TYPES_MAX, description="Of those it asks for."
    )
    alliances: list[Id] = Field(
        default_factory=list, max_length=ALLIANCES_MAX, description="Of those it asks for; empty: all of them."
    )
    deliveries: ReplayedDeliveries = Field(
        default="all",
        description="Undelivered: only what the endpoint has never answered with 2xx; of the last 90 days, since"
        " what became of a delivery is forgotten then.",
    )


class Replay(Answer):
    """A replay, and how far it has come."""

    id: Id
    endpoint_id: Id
    since: Timestamp
    until: Timestamp
    event_types: list[str]
    alliances: list[Id]
    deliveries: ReplayedDeliveries
    count: Count = Field(
        description="Events of these types and this time when it was counted; the endpoint's filters on fields, and"
        " `undelivered`, leave out more."
    )
    queued: Count = Field(description="Deliveries made so far; see them at the endpoint's deliveries.")
    status: Literal["counted", "running", "cancelled", "finished"]
    created_at: Timestamp
    version: Count
