"""What is said of witnesses and checkpoints."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from services.ledger.domain.witness import URL
from shared.http.types import Answer, Count, Id, Schema, Timestamp

VKEY = r"^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$"
Vkey = Annotated[str, StringConstraints(min_length=10, max_length=400, pattern=VKEY)]
WitnessUrl = Annotated[str, StringConstraints(min_length=8, max_length=500, pattern=f"^{URL}$")]


class WitnessToName(Schema):
    """A witness of your side, as `concord witness` introduces itself."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "vkey": "witness.example/w1+7e136b5c+BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
                "url": "https://witness.example",
            }
        }
    )

    vkey: Vkey = Field(description="Its verifier key (C2SP signed-note), of type 0x04.")
    url: WitnessUrl = Field(description="Where it takes checkpoints; https, and reachable from the internet.")


class Witness(Answer):
    """A witness of a ledger, and how far it has cosigned."""

    id: Id
    side: Id = Field(description="The organisation it speaks for.")
    name: str
    vkey: str
    url: str
    named_at: Timestamp
    withdrawn_at: Timestamp | None
    cosigned_size: Count = Field(description="The size of the last checkpoint it cosigned.")
    cosigned_at: Timestamp | None = Field(description="When, by its own clock.")
    failure: str | None = Field(description="Why it has not cosigned the newest one, when it was asked in vain.")
    version: Count


class CosignedBy(Answer):
    """How far the witnesses of one side have cosigned."""

    side: Id
    cosigned_size: Count = Field(description="The largest size that any of its witnesses cosigned; 0 for none.")


class Signing(Answer):
    """How far a ledger is signed and cosigned."""

    origin: str = Field(description="What the ledger is called in checkpoints.")
    size: Count = Field(description="How many entries it has.")
    signed_size: Count = Field(description="The size of the newest signed checkpoint; 0 for none.")
    signed_at: Timestamp | None
    refusal: str | None = Field(description="Why no newer checkpoint is signed, when that was refused.")
    cosigned: list[CosignedBy] = Field(description="By each side that has a witness.")
    log_keys: list[str] = Field(description="The verifier keys that signed its checkpoints, the oldest first.")
