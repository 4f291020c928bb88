"""The events of services/ledger: its part of the published language."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from shared.events.declare import event


class ErasureGround(StrEnum):
    """Why personal data was erased."""

    PERSON_ASKED = "person_asked"
    RETENTION_ENDED = "retention_ended"
    UNLAWFUL = "unlawful"


@event("ledger.erasure-executed.v1", says="erased personal data ({ground})")
class ErasureExecuted:
    """`digests`: those in this ledger whose disclosures are gone. `attachments`: the SHA-256 (hex) of those purged."""

    ground: ErasureGround
    digests: tuple[str, ...]
    attachments: tuple[str, ...] = ()


@event("ledger.witness-named.v1", says="named the witness {called}")
class WitnessNamed:
    """From now on this witness of one side is shown every checkpoint of the ledger.

    `vkey`: its verifier key (C2SP signed-note, type 0x04), which holds its name. `url`: where it takes checkpoints.
    """

    side: UUID
    name: str
    vkey: str
    url: str


@event("ledger.witness-withdrawn.v1", says="withdrew the witness {called}")
class WitnessWithdrawn:
    """What it cosigned stays cosigned."""

    side: UUID
    name: str
