"""How a recommendation shows the rules behind it."""

from __future__ import annotations

from typing import Any

from services.scoring.domain.rules import BOOK
from shared.http.types import Answer, Count


class FiredRule(Answer):
    """A rule that fired: what it says, why, and the answers it used."""

    rule: str
    outcome: str
    because: str
    answers: dict[str, str]


class TestVerdict(Answer):
    """What one test says. The first of the rules that fired decided."""

    test: str
    outcome: str
    fired: list[FiredRule]


class PublishedRule(Answer):
    """A rule as it stands in the book: it fires when all its conditions hold."""

    on: str
    rule: str
    outcome: str
    because: str
    when: dict[str, dict[str, Any]]
    otherwise: bool


class RuleBook(Answer):
    """Every rule that a recommendation can come from, in order; and the checklist of each pattern."""

    rules_version: Count
    rules: list[PublishedRule]
    checklists: dict[str, list[str]]

    @classmethod
    def of_the_house(cls) -> RuleBook:
        rules = [
            PublishedRule(
                on=each.on,
                rule=each.rule,
                outcome=each.outcome,
                because=each.because,
                when={name: {how: what} for name, how, what in each.when},
                otherwise=each.otherwise,
            )
            for each in BOOK.rules
        ]
        checklists = {pattern: list(parts) for pattern, parts in BOOK.checklists.items()}
        return cls(rules_version=BOOK.version, rules=rules, checklists=checklists)
