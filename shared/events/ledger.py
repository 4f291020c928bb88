"""The events of services/ledger: its part of the published language."""

from __future__ import annotations

from enum import StrEnum

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
