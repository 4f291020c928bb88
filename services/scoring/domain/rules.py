"""The rules behind every recommendation, read from rules.json: data that anybody can check."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any

from shared.events.scoring_rules import FiredRule

Answer = bool | int | Decimal | str
Answers = Mapping[str, Answer]
Condition = tuple[str, str, Any]
"""The name of an answer, how to compare it, and with what."""

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": lambda answer, wanted: answer == wanted,
    "in": lambda answer, wanted: answer in wanted,
    "at_least": lambda answer, bound: answer >= bound,
    "at_most": lambda answer, bound: answer <= bound,
    "below": lambda answer, bound: answer < bound,
    "above": lambda answer, bound: answer > bound,
}
OF_NUMBERS = frozenset({"at_least", "at_most", "below", "above"})


@dataclass(frozen=True, slots=True)
class Rule:
    """`otherwise`: it fires only where no rule before it on the same thing did."""

    on: str
    rule: str
    outcome: str
    because: str
    when: tuple[Condition, ...]
    otherwise: bool

    def holds(self, answers: Answers) -> bool:
        return all(name in answers and compared(answers, name, how, what) for name, how, what in self.when)

    def asks(self, answers: Answers) -> dict[str, None]:
        """The answers that its conditions look at, those they compare with included, in their order."""
        looked_at = {name: None for name, _, _ in self.when if name in answers}
        return looked_at | {what: None for _, how, what in self.when if how in OF_NUMBERS and what in answers}

    def fire(self, answers: Answers, passed: Sequence[Rule] = ()) -> FiredRule:
        """With the answers that it used; `passed`: the rules that had to fail for it, whose answers it used too."""
        used = self.asks(answers)
        for rule in passed:
            used |= rule.asks(answers)
        return FiredRule(self.rule, self.outcome, self.because, {name: as_text(answers[name]) for name in used})


@dataclass(frozen=True, slots=True)
class RuleBook:
    version: int
    rules: tuple[Rule, ...]
    checklists: Mapping[str, tuple[str, ...]]


def compared(answers: Answers, name: str, how: str, what: Any) -> bool:
    if how in OF_NUMBERS:
        what = answers[what] if what in answers else Decimal(what)
    return COMPARISONS[how](answers[name], what)


def as_text(answer: Answer) -> str:
    return json.dumps(answer) if isinstance(answer, bool | int) else str(answer)


def read_book(text: str) -> RuleBook:
    """The rules in their order; raises KeyError for one that says less, or compares otherwise, than it should."""
    written = json.loads(text)
    rules = tuple(
        Rule(
            on=each["on"],
            rule=each["rule"],
            outcome=each["outcome"],
            because=each["because"],
            when=tuple(condition(name, asked) for name, asked in each["when"].items()),
            otherwise=each.get("otherwise", False),
        )
        for each in written["rules"]
    )
    return RuleBook(written["version"], rules, {key: tuple(parts) for key, parts in written["checklists"].items()})


def condition(name: str, asked: Mapping[str, Any]) -> Condition:
    ((how, what),) = asked.items()
    if how not in COMPARISONS:
        raise KeyError(f"{name} is compared by {how!r}, which is none of {', '.join(COMPARISONS)}.")
    return name, how, what


BOOK = read_book(files(__package__).joinpath("rules.json").read_text("utf-8"))


def fired(on: str, answers: Answers, book: RuleBook = BOOK) -> tuple[FiredRule, ...]:
    """Every rule on one thing that fired, in the order of the book: the first decides. None where none fired."""
    found: list[FiredRule] = []
    passed: list[Rule] = []
    for rule in book.rules:
        if rule.on != on:
            continue
        if rule.holds(answers) and not (rule.otherwise and found):
            found.append(rule.fire(answers, passed if rule.otherwise else ()))
        passed.append(rule)
    return tuple(found)
