"""What endpoints about API keys take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from shared.http.types import Answer, Count, Id, Name, Schema, Timestamp

Scope = Literal[
    "metrics:push", "metrics:read", "ledger:read", "governance:read", "governance:write", "scoring:read",
    "scoring:write", "directory:read", "webhooks:read", "webhooks:write",
]  # fmt: skip


class IssueApiKey(Schema):
    """A key for one of your systems."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "KPI feed",
                "scopes": ["metrics:push"],
                "alliances": [],
                "expires_at": "2027-12-31T00:00:00Z",
            }
        }
    )

    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=20)
    alliances: list[Id] = Field(default_factory=list, max_length=100, description="Empty: all of your alliances.")
    expires_at: Timestamp


class RotateApiKey(Schema):
    """A new secret for a key, and how long the one before still works beside it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"expires_at": "2028-12-31T00:00:00Z", "overlap_hours": 24}}
    )

    expires_at: Timestamp
    overlap_hours: Annotated[int, Field(ge=0, le=720)] = 24


class ApiKeyUse(Answer):
    """From where a key is used; of the network where the address is IPv6. Noted once a minute at most."""

    address: str = Field(description="`others` stands for all beyond the first hundred.")
    first_at: Timestamp
    last_at: Timestamp


class ApiKey(Answer):
    """A key as it can be seen afterwards: never its secret."""

    id: Id
    name: str
    prefix: str
    scopes: list[Scope]
    alliances: list[Id]
    expires_at: Annotated[datetime, Timestamp]
    revoked: bool
    last_used_at: Timestamp | None = Field(
        default=None, description="To the minute. Null when it never was, and with `as_of`: uses are no history."
    )
    version: Count


class IssuedApiKey(ApiKey):
    """The only answer that ever shows the key."""

    shown_once = ("key",)

    key: str | None = Field(
        description="Send it as `Authorization: Bearer`. It is shown this once: when the request is repeated with its "
        "Idempotency-Key, this is null."
    )
