"""A side's own signatures over the acts that bind it: its keys, which acts these are, and what is signed.

The keys stand in the alliance's ledger, so that every party's export has them. What is signed follows from the entry
that records the act: whoever verifies needs nothing else, and a signature fits one place of one ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.events.declare import Erasable, event, names_of
from shared.events.governance import ModelSigned, VoteCast
from shared.events.governance_agreements import AgreementSigned, AgreementTerminationAsked, ModelReaffirmed

CONTEXT = "concord/act/v1"


@event("governance.signing-key-registered.v1", says="registered a key that signs for their side: {key}")
class SigningKeyRegistered:
    """`key`: the 32 bytes of an Ed25519 public key in standard base64.

    `person_id`: who alone signs with it; None: anybody who may act for the side.
    """

    side: UUID
    key: str
    person_id: UUID | None = None


@event("governance.signing-key-withdrawn.v1", says="withdrew a key that signed for their side")
class SigningKeyWithdrawn:
    side: UUID
    reason: Erasable[str] = None


ACTS_THAT_BIND = names_of(VoteCast, AgreementSigned, AgreementTerminationAsked, ModelSigned, ModelReaffirmed)
"""The events that a side with a key in force signs itself: each has `side` and `signature`."""


def statement(ledger: UUID, stream: str, version: int, act: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the signature of an act is over, once it is written as canonical JSON (RFC 8785).

    `version`: that of the thing before the act, which `If-Match` named. `act`: the event's name. `data`: as the entry
    has it; erasable values are not in there, so an erasure leaves the signature valid.
    """
    return {
        "context": CONTEXT,
        "ledger": str(ledger),
        "stream": stream,
        "version": version,
        "type": act,
        "data": {name: value for name, value in data.items() if name != "signature"},
    }
