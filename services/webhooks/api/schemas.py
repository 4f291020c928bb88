"""What webhooks' endpoints take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, WithJsonSchema

from services.webhooks.catalogue import patterns
from services.webhooks.deliveries import ATTEMPTS_SHOWN
from services.webhooks.domain.addresses import URL_CHARACTERS_MAX
from services.webhooks.domain.endpoint import SECRETS_MAX
from services.webhooks.domain.wishes import (
    ALLIANCES_MAX,
    CONCURRENCY_DEFAULT,
    CONCURRENCY_MAX,
    DESCRIPTION_CHARACTERS_MAX,
    EVENT_TYPES_MAX,
    FILTER_CHARACTERS_MAX,
    FILTER_VALUES_MAX,
    FILTERS_MAX,
    HEADER_CHARACTERS_MAX,
    HEADERS_MAX,
    RATE_PER_MINUTE_MAX,
)
from shared.http.types import NO_NUL, Answer, Count, Id, Schema, Timestamp

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
FilterValue = Annotated[
    str, StringConstraints(min_length=1, max_length=FILTER_CHARACTERS_MAX, pattern=NO_NUL), Field(examples=["approve"])
]
EndpointStatus = Literal["enabled", "paused", "disabled"]
DisabledReason = Literal["gone", "failing", "by_owner"]
DeliveryState = Literal["waiting", "delivered", "dead", "ended"]


class Header(Schema):
    """A header of your own. Those that say who sends, or how, are Concord's."""

    name: str = Field(pattern=r"^[Xx]-[A-Za-z0-9-]{1,60}$|^[Aa]uthorization$", max_length=63)
    value: str = Field(pattern=r"^[!-~]([ -~]{0,998}[!-~])?$", max_length=HEADER_CHARACTERS_MAX)


class Filter(Schema):
    """One condition on the data of an event; where the field is a list, one of its members is enough."""

    field: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62}){0,4}$",
        max_length=320,
        description="As in the catalogue's schema, with full stops into what is nested.",
    )
    one_of: list[FilterValue] = Field(
        min_length=1, max_length=FILTER_VALUES_MAX, description="Numbers and truths as texts: 3, true."
    )


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
    description: (
        Annotated[str, StringConstraints(min_length=1, max_length=DESCRIPTION_CHARACTERS_MAX, pattern=NO_NUL)] | None
    ) = None
    filters: list[Filter] = Field(
        default_factory=list, max_length=FILTERS_MAX, description="All must hold for an event to be sent."
    )
    headers: list[Header] = Field(
        default_factory=list,
        max_length=HEADERS_MAX,
        description="Sent along with every request. The values are never shown again.",
    )
    concurrency: int = Field(
        default=CONCURRENCY_DEFAULT, ge=1, le=CONCURRENCY_MAX, description="Requests under way at once."
    )
    rate_per_minute: int | None = Field(default=None, ge=1, le=RATE_PER_MINUTE_MAX, description="Null: no limit.")
    fifo: bool = Field(
        default=False,
        description="Within each alliance one after another, in the order of its ledger; one that fails holds back the"
        " others until it is delivered or given up.",
    )

    @property
    def headers_by_name(self) -> dict[str, str]:
        return {header.name.lower(): header.value for header in self.headers}


class FilterShown(Answer):
    """One condition on the data of an event."""

    field: str
    one_of: list[str]


class Endpoint(Answer):
    """An endpoint as it can be seen afterwards: never its secret, never the values of its headers."""

    id: Id
    url: str
    event_types: list[str]
    alliances: list[Id]
    description: str | None = Field(description="Null also once it was erased.")
    filters: list[FilterShown]
    headers: list[str] = Field(description="Their names.")
    concurrency: Count
    rate_per_minute: Count | None
    fifo: bool
    status: EndpointStatus
    disabled_reason: DisabledReason | None
    registered_at: Timestamp
    version: Count


class EndpointWithSecret(Endpoint):
    """The only answer that ever shows this secret."""

    secret: str = Field(description="Verify signatures with it (Standard Webhooks, v1). It is shown this once.")
    public_key: str = Field(description="Or verify v1a signatures (Ed25519) with this, which is no secret.")
    jwks_url: str = Field(description="Where the public keys in force are always found.")


class JsonWebKey(Answer):
    """A public key (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    alg: Literal["EdDSA"]
    use: Literal["sig"]
    kid: str
    x: str = Field(description="The 32 bytes, in base64url.")


class JsonWebKeySet(Answer):
    """The keys that sign, newest first: several while a rotation overlaps."""

    keys: list[JsonWebKey] = Field(max_length=SECRETS_MAX)


class Attempt(Answer):
    """One attempt to deliver: the answer's status, or what kept the receiver from answering in time."""

    number: Count
    started_at: Timestamp
    duration_ms: Count
    status: Annotated[int, Field(ge=100, le=999)] | None
    error: str | None = Field(description="Such as deadline, name-unknown, tls-failed or address-private.")
    address: str | None = Field(description="The address that was called; null when there was none to call.")
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
    held_back_by: Id | None = Field(
        description="The event whose delivery is tried again first, since this endpoint is told in order."
    )
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
