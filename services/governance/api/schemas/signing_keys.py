"""What the endpoints of signing keys take and give, and the signature that acts carry."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from shared.events.values import Signature
from shared.http.types import Answer, Count, Id, Schema, Timestamp

PublicKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")]
"""32 bytes in the one spelling that standard base64 has for them."""
SignatureValue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{85}[AQgw]==$")]
"""64 bytes likewise."""
EXAMPLE_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
EXAMPLE_SIGNATURE = "5VZDAMNgrHKQhuLMgG6CioSHfx64SPzgEqQihFBrJcHvBVQ7hYqwAJD9JqCYqE9nM6Hjv4PGbCgFIe5vsUNnDQ=="


class OwnSignature(Schema):
    """Ed25519 by a key of your side over the statement of this act; docs/signatures.md says what is signed."""

    model_config = ConfigDict(json_schema_extra={"example": {"key": EXAMPLE_KEY, "value": EXAMPLE_SIGNATURE}})

    key: PublicKey = Field(description="The public key, 32 bytes in standard base64.")
    value: SignatureValue = Field(description="The signature, 64 bytes in standard base64.")


SIGNED = "By a key of your side, required once it has one in force in this alliance; see docs/signatures.md."

OWN_SIGNATURES = "Those by keys of the sides' own under the content as it is; each re-ratification adds its own."


def own_signature(given: OwnSignature | None) -> Signature | None:
    """The same as the published language has it."""
    return None if given is None else Signature(given.key, given.value)


class RegisterSigningKey(Schema):
    """A public key with which your side signs from now on what binds it in this alliance."""

    model_config = ConfigDict(json_schema_extra={"example": {"key": EXAMPLE_KEY}})

    key: PublicKey = Field(description="An Ed25519 public key, 32 bytes in standard base64.")
    person_id: Id | None = Field(
        default=None, description="The colleague who alone signs with it; anybody who may act for your side otherwise."
    )


class ShownSignature(Answer):
    """The signature of a side's own key that an act carries."""

    key: str
    value: str


class ActSignature(ShownSignature):
    """Who signed what of a document by a key of their own."""

    side: Id
    act: Literal["signed", "reaffirmed", "termination_asked"]


class SigningKey(Answer):
    """A key of a side. `registered_seq` and `withdrawn_seq` are its entries in the ledger."""

    id: Id
    alliance_id: Id
    side: Id
    key: str = Field(description="The Ed25519 public key, 32 bytes in standard base64.")
    person_id: Id | None = Field(description="Who alone signs with it; null: anybody who may act for the side.")
    registered_seq: Count
    registered_at: Timestamp
    withdrawn_seq: Count | None
    withdrawn_at: Timestamp | None
    version: Count
