"""What webhooks' endpoints take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, WithJsonSchema

from services.webhooks.catalogue import patterns
from services.webhooks.deliveries import ATTEMPTS_SHOWN
from services.webhooks.domain.addresses import URL_CHARACTERS_MAX
from services.webhooks.domain.endpoint import ALLIANCES_MAX, DESCRIPTION_CHARACTERS_MAX, EVENT_TYPES_MAX
from shared.http.types import Answer, Count, Id, Schema, Timestamp

USUAL_URL = (
    r"^https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z][a-z0-9-]{0,61}[a-z0-9](:(443|8443))?"
    r"(/[!$-;=?-Z\[\]_a-z~]*)?$"
)
"""For the API's description; the domain judges, and says what is wrong."""
EventPattern = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    WithJsonSchema({"type": "string", "enum": patterns()}),
]
Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=URL_CHARACTERS_MAX),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": URL_CHARACTERS_MAX,
            "pattern": USUAL_URL,
        }
    ),
    Field(description="https to a public name; with CONCORD_WEBHOOKS_ALLOW_HTTP also http and loopback."),
]
EndpointStatus = Literal["enabled", "paused", "disabled"]
DisabledReason = Literal["gone", "failing", "by_owner"]
DeliveryState = Literal["waiting", "delivered", "dead", "ended"]


class EndpointWishes(Schema):
    """Where to send, what, and of which alliances."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "url": "https://hooks.united.example/concord",
                "event_types": ["governance.*"],
                "alliances": [],
                "description": "Decisions, for our own calendar.",
            }
        }
    )

    url: Url
    event_types: list[EventPattern] = Field(
        min_length=1, max_length=EVENT_TYPES_MAX, description="Names from the catalogue, and wildcards over them."
    )
    alliances: list[Id] = Field(
        default_factory=list,
        max_length=ALLIANCES_MAX,
        description="Empty: all of your alliances, and what concerns your organisation alone.",
    )
    description: Annotated[str, StringConstraints(min_length=1, max_length=DESCRIPTION_CHARACTERS_MAX)] | None = None


class Endpoint(Answer):
    """An endpoint as it can be seen afterwards: never its secret."""

    id: Id
    url: str
    event_types: list[str]
    alliances: list[Id]
    description: str | None = Field(description="Null also once it was erased.")
    status: EndpointStatus
    disabled_reason: DisabledReason | None
    registered_at: Timestamp
    version: Count


class EndpointWithSecret(Endpoint):
    """The only answer that ever shows this secret."""

    secret: str = Field(description="Verify signatures with it (Standard Webhooks, v1). It is shown this once.")


class Attempt(Answer):
    """One attempt to deliver: the answer's status, or what kept the receiver from answering in time."""

    number: Count
    started_at: Timestamp
    duration_ms: Count
    status: Annotated[int, Field(ge=100, le=999)] | None
    error: str | None = Field(description="Such as deadline, name-unknown, tls-failed or address-private.")
    address: str | None = Field(description="The address that answered.")
    answer: str | None = Field(description="The first 200 characters of it.")


class Delivery(Answer):
    """One event for one endpoint."""

    endpoint_id: Id
    event_id: Id
    webhook_id: str = Field(description="The `webhook-id` header, the same at every attempt.")
    event_type: str
    ledger_id: Id
    seq: Count | None = Field(description="The event's place in its ledger; null for a test event.")
    state: DeliveryState
    created_at: Timestamp
    next_attempt_at: Timestamp | None = Field(description="Null unless it is waiting.")
    attempt_count: Count
    attempts: list[Attempt] = Field(max_length=ATTEMPTS_SHOWN, description="The last ones, oldest first.")


class EventTypeDescription(Answer):
    """One type of event: what it means, and what of it is told."""

    model_config = ConfigDict(serialize_by_alias=True)

    name: str
    description: str
    data_schema: dict[str, Any] = Field(serialization_alias="schema", description="The JSON Schema of `data`.")
    example: dict[str, Any] = Field(description="A whole body, as it is posted.")


class EventTypes(Answer):
    """The catalogue, in the order of the names."""

    items: list[EventTypeDescription] = Field(max_length=1_000)
