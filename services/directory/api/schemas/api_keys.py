"""What endpoints about API keys take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from shared.http.types import Answer, Count, Id, Name, Schema, Timestamp

Scope = Literal[
    "metrics:push", "metrics:read", "ledger:read", "governance:read", "governance:write", "scoring:read",
    "scoring:write", "directory:read", "directory:write", "webhooks:read", "webhooks:write",
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


class ApiKey(Answer):
    """A key as it can be seen afterwards: never its secret."""

    id: Id
    name: str
    prefix: str
    scopes: list[Scope]
    alliances: list[Id]
    expires_at: Annotated[datetime, Timestamp]
    revoked: bool
    version: Count


class IssuedApiKey(ApiKey):
    """The only answer that ever shows the key."""

    key: str = Field(description="Send it as `Authorization: Bearer`. It is shown this once.")
