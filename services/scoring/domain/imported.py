"""What the rows of an imported table say: candidates for a long list, and one assessor's ratings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from services.scoring.domain.assessment import check_ratings
from services.scoring.domain.csv_table import Cells, Fault, Unreadable
from services.scoring.domain.opportunity import PERCENT_MAX
from shared.domain import Invalid
from shared.events.scoring_terms import Confidence, Evidence, Rating, Template

NAME_CHARACTERS_MAX = 200
SCORE_DIGITS_MAX = 3
OVERLAPS = ("overlap_now_percent", "overlap_in_three_years_percent")


@dataclass(frozen=True, slots=True)
class ImportedCandidate:
    """`overlap`: per cent now, and in three years; None where neither is given."""

    row: int
    name: str
    organisation: UUID | None
    reason: str | None
    overlap: tuple[Decimal, Decimal] | None


def candidates_from(
    rows: Sequence[Cells], columns: Mapping[str, str | None], listed: Collection[str]
) -> tuple[list[ImportedCandidate], list[Fault]]:
    """With all that is wrong. A name on the list is: a table sent twice lists nobody twice."""
    found, faults, names = [], [], set(listed)
    for cells in rows:
        name, row = cells.values["name"] or "", cells.row
        wrong = []
        if len(name) > NAME_CHARACTERS_MAX:
            wrong.append(fault(row, columns, "name", "too-long", f"At most {NAME_CHARACTERS_MAX} characters."))
        if name in names:
            wrong.append(fault(row, columns, "name", "listed-already", f"{name} is on the list already."))
        names.add(name)
        organisation = as_id(cells, wrong, columns)
        overlap = as_overlap(cells, wrong, columns)
        faults += wrong
        found.append(ImportedCandidate(row, name, organisation, cells.values.get("reason"), overlap))
    return found, faults or no_rows(rows)


def as_id(cells: Cells, wrong: list[Fault], columns: Mapping[str, str | None]) -> UUID | None:
    text = cells.values.get("organisation_id")
    try:
        return None if text is None else UUID(text)
    except ValueError:
        wrong.append(fault(cells.row, columns, "organisation_id", "malformed", "An id is a UUID."))
        return None


def as_overlap(cells: Cells, wrong: list[Fault], columns: Mapping[str, str | None]) -> tuple[Decimal, Decimal] | None:
    texts = [cells.values.get(name) for name in OVERLAPS]
    if texts == [None, None]:
        return None
    percents = []
    for name, text in zip(OVERLAPS, texts, strict=True):
        percent = percent_of(text or "")
        if percent is None:
            wrong.append(fault(cells.row, columns, name, "out-of-range", f"Both, from 0 to {PERCENT_MAX} per cent."))
            return None
        percents.append(percent)
    return percents[0], percents[1]


def percent_of(text: str) -> Decimal | None:
    try:
        percent = Decimal(text)
    except InvalidOperation:
        return None
    fits = percent.is_finite() and 0 <= percent <= PERCENT_MAX and percent == round(percent, 6)
    return round(percent, 6).normalize() + 0 if fits else None


def ratings_from(
    rows: Sequence[Cells], columns: Mapping[str, str | None], template: Template, candidates: Mapping[str, UUID]
) -> tuple[dict[UUID, tuple[Rating, ...]], list[Fault]]:
    """By candidate what one assessor says of it, with all that is wrong.

    `candidates`: by id and by name, those this assessor may rate now.
    """
    said: dict[UUID, dict[str, Rating]] = defaultdict(dict)
    faults = []
    for cells in rows:
        candidate = candidates.get(cells.values["candidate"] or "")
        if candidate is None:
            words = "You have no rating of it to submit under this template; name it by its id or its name."
            faults.append(fault(cells.row, columns, "candidate", "nothing-to-submit", words))
        try:
            rating = rating_of(cells, columns, template)
        except Unreadable as wrong:
            faults += wrong.faults
            continue
        if candidate is None:
            continue
        if rating.criterion in said[candidate]:
            faults.append(fault(cells.row, columns, "criterion", "repeated", "Rate each criterion once."))
        said[candidate][rating.criterion] = rating
    return {candidate: tuple(ratings.values()) for candidate, ratings in said.items()}, faults or no_rows(rows)


def no_rows(rows: Sequence[Cells]) -> list[Fault]:
    return [] if rows else [Fault(0, "", "no-rows", "There is no row below the first line.")]


def rating_of(cells: Cells, columns: Mapping[str, str | None], template: Template) -> Rating:
    score, sureness, evidence = (cells.values.get(name) for name in ("score", "confidence", "evidence"))
    try:
        confidence = Confidence((sureness or Confidence.MEDIUM).lower())
    except ValueError:
        wrong = fault(cells.row, columns, "confidence", "unknown", f"One of {', '.join(Confidence)}.")
        raise Unreadable([wrong]) from None
    if score is None or not (score.isascii() and score.isdigit() and len(score) <= SCORE_DIGITS_MAX):
        raise Unreadable([fault(cells.row, columns, "score", "malformed", "A score is a whole number.")])
    said = None if evidence is None else Evidence(evidence, (), ())
    rating = Rating(cells.values["criterion"] or "", int(score), confidence, (), said)
    try:
        check_ratings((rating,), template)
    except Invalid as invalid:
        field = invalid.pointer.rsplit("/", 1)[-1]
        raise Unreadable([fault(cells.row, columns, field, invalid.code, invalid.detail)]) from None
    return rating


def fault(row: int, columns: Mapping[str, str | None], field: str, code: str, detail: str) -> Fault:
    return Fault(row, columns.get(field) or "", code, detail)
