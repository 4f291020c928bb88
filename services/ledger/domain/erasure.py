"""An erasure: it records, once and without personal data, which values of a ledger are gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.ledger import ErasureExecuted, ErasureGround

DIGESTS_MAX = 500
"""A digest takes 46 bytes and a SHA-256 in hex 67: 500 of each fit in one entry."""
DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
SHA256_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ExecuteErasure:
    """Record that these disclosures and attachments, all of one ledger, are deleted in the same transaction."""

    at: datetime
    ground: ErasureGround
    digests: tuple[str, ...]
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Erasure:
    """What one erasure took from one ledger."""

    digests: frozenset[str] = frozenset()
    attachments: frozenset[str] = frozenset()

    @property
    def executed(self) -> bool:
        return bool(self.digests or self.attachments)


def evolve(erasure: Erasure, event: Event) -> Erasure:
    match event:
        case ErasureExecuted(digests=digests, attachments=attachments):
            return Erasure(erasure.digests | set(digests), erasure.attachments | set(attachments))
        case _:
            return erasure


ERASURE = Aggregate("erasure", Erasure(), evolve)


def execute(command: ExecuteErasure, erasure: Erasure) -> list[Event]:
    """One event for each DIGESTS_MAX of digests or attachments."""
    if erasure.executed:
        raise Refused("erasure-executed", "This erasure was executed already; start another for what is left.")
    require("/digests", DIGEST, command.digests)
    require("/attachments", SHA256_HEX, command.attachments)
    digests, attachments = sorted(set(command.digests)), sorted(set(command.attachments))
    if not digests and not attachments:
        raise Refused("nothing-to-erase", "Nothing that can be erased is left of this person in this ledger.")
    return [
        ErasureExecuted(
            ground=command.ground,
            digests=tuple(digests[at : at + DIGESTS_MAX]),
            attachments=tuple(attachments[at : at + DIGESTS_MAX]),
        )
        for at in range(0, max(len(digests), len(attachments)), DIGESTS_MAX)
    ]


def require(pointer: str, form: re.Pattern[str], texts: tuple[str, ...]) -> None:
    for place, text in enumerate(texts):
        if not form.fullmatch(text):
            raise Invalid(f"{pointer}/{place}", "not-a-digest", "This is no digest as the ledger writes it.")
