"""What makes the terms of a KPI valid, whoever offers them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.domain import Invalid
from shared.events.metrics import Aggregation, Derivation, Direction, KpiTerms, Unit, UntilSettled

KEY_CHARACTERS_MIN, KEY_CHARACTERS_MAX = 2, 63
TITLE_CHARACTERS_MAX = 200
DEFINITION_CHARACTERS_MAX = 4_000
DIMENSIONS_MAX = 16
TARGETS_MAX = 200
REPORTERS_MAX = 2
CURRENCY_CHARACTERS = 3
DUE_DAYS_MAX = 366
LIMIT_DAYS_MAX = 3_660
SETTLE_DAYS_MAX = 366
COUNTED = frozenset({Derivation.CONFLICTS, Derivation.MEETINGS_HELD})
"""Derivations that count; all others are ratios: so many of so many, or days over things."""

_KEY_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
Fault = tuple[str, str, str]


def check_terms(terms: KpiTerms, parties: Sequence[UUID]) -> None:
    """Raise `Invalid` (pointer below `/terms`) for the first term that means nothing valid between these parties."""
    for pointer, code, detail in _faults(terms, parties):
        raise Invalid(f"/terms{pointer}", code, detail)


def is_key(text: str) -> bool:
    """Whether the text is `[a-z][a-z0-9_]{1,62}`: the form of KPI keys and dimension names."""
    fits = KEY_CHARACTERS_MIN <= len(text) <= KEY_CHARACTERS_MAX
    return fits and "a" <= text[0] <= "z" and _KEY_CHARACTERS.issuperset(text)


def target_on(terms: KpiTerms, day: date) -> Decimal | None:
    """The target in force on a day, in the KPI's unit; None before the first one."""
    begun = [target for target in terms.targets if target.since <= day]
    return max(begun, key=lambda target: target.since).value if begun else None


def _faults(terms: KpiTerms, parties: Sequence[UUID]) -> Iterator[Fault]:
    yield from _faults_of_words(terms)
    yield from _faults_of_people(terms, parties)
    yield from _faults_of_figures(terms)
    yield from _faults_of_targets(terms)
    yield from _faults_of_derivation(terms)
    yield from _faults_of_limits(terms)


def _faults_of_words(terms: KpiTerms) -> Iterator[Fault]:
    if not is_key(terms.key):
        yield "/key", "bad-key", "A key is 2 to 63 of a-z, 0-9 and _, and begins with a letter."
    if not 1 <= len(terms.title.strip()) <= TITLE_CHARACTERS_MAX:
        yield "/title", "bad-title", f"A title has 1 to {TITLE_CHARACTERS_MAX} characters."
    if not 1 <= len(terms.definition.strip()) <= DEFINITION_CHARACTERS_MAX:
        yield "/definition", "bad-definition", f"A definition has 1 to {DEFINITION_CHARACTERS_MAX} characters."
    if len(terms.dimensions) > DIMENSIONS_MAX:
        yield "/dimensions", "too-many-dimensions", f"A KPI has at most {DIMENSIONS_MAX} dimensions."
    for index, name in enumerate(terms.dimensions):
        if not is_key(name) or name in terms.dimensions[:index]:
            yield f"/dimensions/{index}", "bad-dimension", "Dimensions are named like keys, each once."


def _faults_of_people(terms: KpiTerms, parties: Sequence[UUID]) -> Iterator[Fault]:
    if not terms.reported_by and terms.derived is None:
        yield "/reported_by", "no-reporter", "At least one party reports the KPI."
    if len(terms.reported_by) > REPORTERS_MAX:
        yield "/reported_by", "too-many-reporters", "One side reports a KPI, or two do."
    for index, side in enumerate(terms.reported_by):
        if side not in parties or side in terms.reported_by[:index]:
            yield f"/reported_by/{index}", "bad-reporter", "Reporters are parties of the alliance, each named once."
    owned = [owner.side for owner in terms.owners]
    for index, side in enumerate(owned):
        if side not in parties or side in owned[:index]:
            yield f"/owners/{index}/side", "bad-owner", "Each party of the alliance names at most one owner."


def _faults_of_figures(terms: KpiTerms) -> Iterator[Fault]:
    if (terms.currency is not None) != (terms.unit is Unit.CURRENCY):
        yield "/currency", "currency-mismatch", "A currency is given when, and only when, the unit is currency."
    if terms.currency is not None and not _is_currency(terms.currency):
        yield "/currency", "bad-currency", "A currency is a three-letter ISO 4217 code in capitals."
    if not terms.tolerance.amount.is_finite() or terms.tolerance.amount < 0:
        yield "/tolerance/amount", "bad-tolerance", "A tolerance is a number that is not negative."
    if terms.baseline is not None and not terms.baseline.is_finite():
        yield "/baseline", "bad-baseline", "A baseline is a number."
    if not 0 <= terms.due_days <= DUE_DAYS_MAX:
        yield "/due_days", "bad-due-days", f"Figures are due 0 to {DUE_DAYS_MAX} days after the period ends."
    if terms.until_settled is UntilSettled.MEAN and len(terms.reported_by) < REPORTERS_MAX:
        yield "/until_settled", "one-reporter", "A mean needs two reporters."


def _faults_of_targets(terms: KpiTerms) -> Iterator[Fault]:
    if terms.direction is Direction.TO_TARGET and not terms.targets:
        yield "/targets", "no-target", "A KPI that should reach a target names one."
    if len(terms.targets) > TARGETS_MAX:
        yield "/targets", "too-many-targets", f"A KPI has at most {TARGETS_MAX} targets."
    starts = [target.since for target in terms.targets]
    for index, target in enumerate(terms.targets):
        if not target.value.is_finite() or target.since in starts[:index]:
            yield f"/targets/{index}", "bad-target", "Each target is a number, and no two start on the same day."


def _faults_of_derivation(terms: KpiTerms) -> Iterator[Fault]:
    if terms.derived is None:
        return
    if terms.reported_by:
        yield "/reported_by", "derived-is-not-reported", "A derived KPI is told by events; nobody reports it."
    if terms.dimensions:
        yield "/dimensions", "derived-has-no-dimensions", "A derived KPI has no dimensions."
    needed = Aggregation.SUM if terms.derived in COUNTED else Aggregation.RATIO_OF_SUMS
    if terms.aggregation is not needed:
        yield "/aggregation", "wrong-aggregation", f"{terms.derived} is aggregated as {needed}."


def _faults_of_limits(terms: KpiTerms) -> Iterator[Fault]:
    if terms.alarm is not None and (not terms.alarm.is_finite() or terms.direction is Direction.TO_TARGET):
        yield "/alarm", "bad-alarm", "An alarm is a number, of a KPI that should go up or down."
    if terms.late_days_max is not None and not terms.due_days <= terms.late_days_max <= LIMIT_DAYS_MAX:
        yield "/late_days_max", "bad-late-days", f"First reports are taken for due_days to {LIMIT_DAYS_MAX} days."
    if not 0 <= terms.future_days_max <= LIMIT_DAYS_MAX:
        yield "/future_days_max", "bad-future-days", f"Figures may run ahead by 0 to {LIMIT_DAYS_MAX} days."
    if not 1 <= terms.settle_days <= SETTLE_DAYS_MAX:
        yield "/settle_days", "bad-settle-days", f"A difference is to be settled in 1 to {SETTLE_DAYS_MAX} days."


def _is_currency(code: str) -> bool:
    return len(code) == CURRENCY_CHARACTERS and code.isascii() and code.isalpha() and code.isupper()
