"""The condition of a `sometimes`: a small form that people read and that gives one answer, with nothing to run in it.

    amount > 100000
    amount >= 50000.00 and not (region in ["EU", "UK"])
    affects_other_side or market == "new"

A name is a value given when a decision is raised. Compared with a number it is a number, compared with a text in double
quotes (by `==`, `!=` or `in`) a text; by itself it is a flag, `true` or `false`. `not` binds closer than `and`, `and`
closer than `or`. Numbers are exact decimals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from shared.domain import Invalid

MAX_CHARACTERS = 1_000
MAX_TOKENS = 200
MAX_NESTING = 20
KEPT = 1_000

TOKEN = re.compile(
    r'\s*(?:(?P<text>"[^"\x00-\x1f]*")|(?P<number>-?\d{1,30}(?:\.\d{1,30})?)(?![\w.])|(?P<name>[a-z][a-z0-9_]{1,62})'
    r"|(?P<sign>==|!=|<=|>=|<|>|\(|\)|\[|\]|,))",
    re.ASCII,
)
NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)
WORDS = frozenset({"and", "or", "not", "in"})
COMPARISONS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}
FLAGS = {"true": True, "false": False}

Values = Mapping[str, str]
Test = Callable[[Values], bool]


class Kind(StrEnum):
    """What the values of a name are."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"


class Unreadable(ValueError):
    """The text is no condition; the message says where and why."""


@dataclass(frozen=True)
class Condition:
    """`names` are the values it needs, each with its kind."""

    names: Mapping[str, Kind]
    test: Test = field(compare=False)


def holds(text: str, values: Values, pointer: str) -> tuple[bool, dict[str, str]]:
    """Whether it holds, and the values it looked at. Invalid below `pointer` for one that is missing or of no use."""
    condition = read_condition(text)
    for name, kind in condition.names.items():
        if name not in values:
            detail = f"Whether this is joint depends on {name}, a {kind}: {text}"
            raise Invalid(f"{pointer}/{name}", "value-missing", detail)
        if not _fits(values[name], kind):
            raise Invalid(f"{pointer}/{name}", f"not-a-{kind}", f"{name} is a {kind} in the condition: {text}")
    used = {name: values[name] for name in condition.names}
    return condition.test(used), used


@lru_cache(maxsize=KEPT)
def read_condition(text: str) -> Condition:
    """Raises Unreadable."""
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(f"A condition has at most {MAX_CHARACTERS} characters.")
    reader = _Reader(_tokens(text))
    test = reader.disjunction(0)
    reader.expect_end()
    return Condition(reader.names, test)


def _fits(value: str, kind: Kind) -> bool:
    if kind is Kind.NUMBER:
        return NUMBER.fullmatch(value) is not None
    return kind is Kind.TEXT or value in FLAGS


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = TOKEN.match(text, place)
        if match is None:
            raise Unreadable(f"Not understood from character {place + 1}: {text[place : place + 20].strip()}")
        kind = match.lastgroup or ""
        word = match.group(kind)
        found.append(("word" if word in WORDS else kind, word))
        place = match.end()
    if not found or len(found) > MAX_TOKENS:
        raise Unreadable(f"A condition has 1 to {MAX_TOKENS} words and signs.")
    return found


class _Reader:
    """Reads tokens by recursive descent; what it returns tests the values."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.place = 0
        self.names: dict[str, Kind] = {}

    def disjunction(self, depth: int) -> Test:
        tests = [self.conjunction(depth)]
        while self.took("word", "or"):
            tests.append(self.conjunction(depth))
        return lambda values: any(test(values) for test in tests)

    def conjunction(self, depth: int) -> Test:
        tests = [self.negation(depth)]
        while self.took("word", "and"):
            tests.append(self.negation(depth))
        return lambda values: all(test(values) for test in tests)

    def negation(self, depth: int) -> Test:
        if depth > MAX_NESTING:
            raise Unreadable(f"It is nested more than {MAX_NESTING} deep.")
        if self.took("word", "not"):
            negated = self.negation(depth + 1)
            return lambda values: not negated(values)
        if self.took("sign", "("):
            inner = self.disjunction(depth + 1)
            self.expect("sign", ")")
            return inner
        return self.comparison(self.expect("name"))

    def comparison(self, name: str) -> Test:
        if self.took("word", "in"):
            self.expect("sign", "[")
            texts = {self.expect("text")}
            while self.took("sign", ","):
                texts.add(self.expect("text"))
            self.expect("sign", "]")
            return self.about(name, Kind.TEXT, lambda value: f'"{value}"' in texts)
        sign = self.ahead[1] if self.ahead[0] == "sign" and self.ahead[1] in COMPARISONS else None
        if sign is None:
            return self.about(name, Kind.FLAG, lambda value: FLAGS[value])
        self.place += 1
        if self.ahead[0] == "text" and sign in ("==", "!="):
            text = self.expect("text")
            return self.about(name, Kind.TEXT, lambda value: (f'"{value}"' == text) is (sign == "=="))
        number, compare = Decimal(self.expect("number")), COMPARISONS[sign]
        return self.about(name, Kind.NUMBER, lambda value: compare(Decimal(value), number))

    def about(self, name: str, kind: Kind, test: Callable[[str], bool]) -> Test:
        known = self.names.setdefault(name, kind)
        if known is not kind:
            raise Unreadable(f"{name} is a {known} in one place and a {kind} in another.")
        return lambda values: test(values[name])

    @property
    def ahead(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "the end")

    def took(self, kind: str, word: str) -> bool:
        if self.ahead != (kind, word):
            return False
        self.place += 1
        return True

    def expect(self, kind: str, word: str | None = None) -> str:
        found = self.ahead
        if found[0] != kind or word not in (None, found[1]):
            raise Unreadable(f"{word or f'A {kind}'} is expected where {found[1]} stands.")
        self.place += 1
        return found[1]

    def expect_end(self) -> None:
        if self.ahead[0] != "end":
            raise Unreadable(f"{self.ahead[1]} stands where the condition should end, or `and` or `or` should follow.")
