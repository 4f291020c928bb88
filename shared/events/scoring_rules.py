"""What a recommendation shows of how it came about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule of services/scoring/domain/rules.json that fired, and the answers that made it, as they were given."""

    rule: str
    outcome: str
    because: str
    answers: dict[str, str]
