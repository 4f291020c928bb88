"""Whether one row means something: its KPI, reporter, period, numbers, dimensions and remarks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple, TypeVar
from uuid import UUID

from services.metrics.domain.observation import (
    DIMENSION_CHARACTERS_MAX,
    NUMBER_CHARACTERS_MAX,
    OBSERVATION_ID_CHARACTERS_MAX,
    REMARK_CHARACTERS_MAX,
)
from services.metrics.domain.period import BadPeriod, Period, month_of, parse_period
from shared.events.metrics import Aggregation, KpiTerms
from shared.events.observations import ObservationRow, Pairs

T = TypeVar("T")
Closed = AbstractSet[str]
"""Months, as `2013-06`, whose figures are only restated."""
EXPONENT_MAX = 30
EARLIEST_CALENDAR = timedelta(hours=14)
"""At UTC+14 a day begins first; a period that has begun nowhere on Earth is in the future."""

PERIODS_KEPT = 10_000

known_period = lru_cache(maxsize=PERIODS_KEPT)(parse_period)
"""Batches of a side speak of the same periods, each KPI of each."""
_PLAIN = "0123456789.-"
_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(NUMBER_CHARACTERS_MAX + 1))


class Fault(NamedTuple):
    """Why a row is refused: the field at fault (a pointer below the row), a stable code, a sentence."""

    field: str
    code: str
    detail: str


def exact(text: str) -> Decimal | None:
    """The number a text writes exactly (`-12.50`, `1e-05`), or None; at most 40 characters and exponents of ±30."""
    if len(text) > NUMBER_CHARACTERS_MAX or (text.strip(_PLAIN) and not _has_small_exponent(text)):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _has_small_exponent(text: str) -> bool:
    mantissa, _, exponent = text.lower().partition("e")
    digits = exponent[1:] if exponent[:1] in ("+", "-") else exponent
    return not mantissa.strip(_PLAIN) and digits.isascii() and digits.isdigit() and int(digits) <= EXPONENT_MAX


class _Remembered(dict[str, T]):
    """What a function says of each text, found out once a batch."""

    def __init__(self, find: Callable[[str], T]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, text: str) -> T:
        found = self[text] = self._find(text)
        return found


class _Rules:
    """What one KPI asks of a row, prepared once a batch."""

    __slots__ = ("closed", "dimensions", "faults_of_corrected", "faults_of_periods", "is_ratio", "is_reporter", "terms",
                 "today", "tomorrow")  # fmt: skip

    def __init__(self, terms: KpiTerms, side: UUID, at: datetime, closed: Closed) -> None:
        self.terms = terms
        self.is_reporter = side in terms.reported_by
        self.is_ratio = terms.aggregation is Aggregation.RATIO_OF_SUMS
        self.dimensions = frozenset(terms.dimensions)
        self.today = at.date()
        self.tomorrow = (at + EARLIEST_CALENDAR).date() + timedelta(days=1)
        self.closed = closed
        self.faults_of_periods = _Remembered(self._fault_of_new)
        self.faults_of_corrected = _Remembered(self._fault_of_period)

    def _fault_of_new(self, text: str) -> Fault | None:
        return self._fault_of_period(text) or self._fault_of_time(known_period(text))

    def _fault_of_period(self, text: str) -> Fault | None:
        try:
            period = known_period(text)
        except BadPeriod as bad:
            return Fault("period", "bad-period", str(bad))
        if period.frequency is not self.terms.frequency:
            wanted, given = self.terms.frequency, period.frequency
            return Fault("period", "wrong-frequency", f"{self.terms.key} is reported by {wanted}; {text} is a {given}.")
        if period.first >= self.tomorrow + timedelta(days=self.terms.future_days_max):
            return Fault("period", "future-period", f"{text} has not begun.")
        return None

    def _fault_of_time(self, period: Period) -> Fault | None:
        """What stands against a first report, and not against the correction of one."""
        if month_of(period) in self.closed:
            return Fault("period", "period-closed", f"{month_of(period)} is closed: its figures are only restated.")
        late = self.terms.late_days_max
        if late is not None and self.today > period.last + timedelta(days=late):
            return Fault("period", "too-late", f"{self.terms.key} is first reported within {late} days.")
        return None


class RowCheck:
    """The check of one side's rows at one moment against the agreed KPIs, by key, and the closed months."""

    def __init__(self, kpis: Mapping[str, KpiTerms], side: UUID, at: datetime, closed: Closed = frozenset()) -> None:
        self._rules = {key: _Rules(terms, side, at, closed) for key, terms in kpis.items()}
        self._numbers = _Remembered(exact)

    def fault(self, row: ObservationRow) -> Fault | None:
        """The first thing wrong with the row, or None. The decimal context must be wide enough for exact products."""
        identity, key, period, value, numerator, denominator, dimensions, occurred_at, supersedes, note, reason = row
        if not 1 <= len(identity) <= OBSERVATION_ID_CHARACTERS_MAX or not identity.isprintable():
            limit = f"1 to {OBSERVATION_ID_CHARACTERS_MAX} printable characters"
            return Fault("observation_id", "bad-observation-id", f"The source's own id of a row has {limit}.")
        rules = self._rules.get(key)
        if rules is None:
            return Fault("kpi", "unknown-kpi", f"The parties have agreed on no KPI {key[:63]!r}.")
        if not rules.is_reporter:
            return Fault("kpi", "not-a-reporter", f"By its terms, {key} is reported by others.")
        fault = (rules.faults_of_corrected if supersedes else rules.faults_of_periods)[period] or self._fault_of_figure(
            rules, value, numerator, denominator
        )
        if fault is None and dimensions:
            fault = _fault_of_dimensions(dimensions, rules)
        if fault is None and occurred_at:
            fault = _fault_of_occurrence(occurred_at)
        if fault is None and (note or reason):
            fault = _fault_of_remarks(note, reason)
        return fault

    def takes_period(self, key: str, period: str) -> bool:
        """Whether the side reports this KPI, and for such a period."""
        rules = self._rules.get(key)
        return rules is not None and rules.is_reporter and rules.faults_of_periods[period] is None

    def takes_dimensions(self, key: str, dimensions: Pairs) -> bool:
        return not dimensions or _fault_of_dimensions(dimensions, self._rules[key]) is None

    def is_ratio(self, key: str) -> bool:
        return self._rules[key].is_ratio

    def _fault_of_figure(self, rules: _Rules, value: str, numerator: str, denominator: str) -> Fault | None:
        number = self._numbers[value]
        if number is None:
            return _not_a_number("value", value)
        if not rules.is_ratio:
            if not numerator and not denominator:
                return None
            field = "numerator" if numerator else "denominator"
            return Fault(field, "not-a-ratio", f"{rules.terms.key} is no ratio of sums; it has a value alone.")
        above, below = self._numbers[numerator], self._numbers[denominator]
        if above is None:
            return _not_a_number("numerator", numerator)
        if below is None:
            return _not_a_number("denominator", denominator)
        if below <= 0:
            return Fault("denominator", "denominator-not-positive", "A ratio of nothing is no figure: leave it out.")
        # Less than one unit of the last digit given: rounded and truncated quotients both pass. No division, so exact.
        if abs(above - number * below) >= _last_place(number, value) * below:
            return Fault("value", "ratio-inconsistent", f"{numerator} ÷ {denominator} is not {value}.")
        return None


def _not_a_number(field: str, text: str) -> Fault:
    if not text:
        return Fault(field, "missing", f"The {field} is missing.")
    limit = f"at most {NUMBER_CHARACTERS_MAX} characters, like -12.50"
    return Fault(field, "not-a-decimal", f"{text[:NUMBER_CHARACTERS_MAX]!r} is no exact decimal ({limit}).")


def _last_place(number: Decimal, text: str) -> Decimal:
    if "e" in text or "E" in text:
        return Decimal(1).scaleb(int(number.as_tuple().exponent))
    point = text.find(".")
    return _UNITS[len(text) - point - 1] if point >= 0 else _UNITS[0]


def _fault_of_dimensions(dimensions: Pairs, rules: _Rules) -> Fault | None:
    for name, value in dimensions:
        if name not in rules.dimensions:
            return Fault("dimensions", "undeclared-dimension", f"{rules.terms.key} has no dimension {name[:63]!r}.")
        if not value or len(value) > DIMENSION_CHARACTERS_MAX or not value.isprintable():
            limit = f"1 to {DIMENSION_CHARACTERS_MAX} printable characters"
            return Fault(f"dimensions/{name}", "bad-dimension", f"A dimension's value has {limit}.")
    return None


def _fault_of_occurrence(text: str) -> Fault | None:
    try:
        aware = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        aware = False
    if aware and len(text) <= NUMBER_CHARACTERS_MAX and text.isascii() and text.isprintable():
        return None
    return Fault("occurred_at", "bad-time", "A time is written with its offset, as 2013-03-01T09:00:00Z.")


def _fault_of_remarks(note: str, reason: str) -> Fault | None:
    for field, text in (("note", note), ("reason", reason)):
        storable = text.encode(errors="ignore").decode() == text and "\0" not in text
        if len(text) > REMARK_CHARACTERS_MAX or not storable:
            return Fault(field, "bad-remark", f"A {field} is plain text of at most {REMARK_CHARACTERS_MAX} characters.")
    return None
