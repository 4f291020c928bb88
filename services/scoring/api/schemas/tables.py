"""What the imports and exports of tables take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from services.scoring.api.schemas.templates import ScoringKey, TemplateVersion
from services.scoring.domain.csv_table import ROWS_MAX
from shared.http.types import NO_NUL, Answer, Count, Id, Name, Schema

CSV_CHARACTERS_MAX = 800_000
CsvText = Annotated[str, StringConstraints(min_length=1, max_length=CSV_CHARACTERS_MAX, pattern=NO_NUL)]


class CandidateColumns(Schema):
    """Which column of the first line holds what; a field that is left out is not read."""

    name: Name
    organisation_id: Name | None = None
    reason: Name | None = None
    overlap_now_percent: Name | None = None
    overlap_in_three_years_percent: Name | None = None


class ImportCandidates(Schema):
    """A table of candidates: the first line names the columns, each further line is one candidate."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "csv": "Company,Why\r\nLusitania Digital,Leads its market\r\nAcme,Known from the fair\r\n",
                "columns": {"name": "Company", "reason": "Why"},
            }
        }
    )

    csv: CsvText
    columns: CandidateColumns


class RatingColumns(Schema):
    """Which column of the first line holds what. A candidate is named by its id or its name."""

    candidate: Name
    criterion: Name
    score: Name
    confidence: Name | None = None
    evidence: Name | None = None


class ImportRatings(Schema):
    """A table of your own ratings, a line a candidate and criterion, for the rounds in which you have yet to submit."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "csv": "Company,Criterion,Points\r\nAcme,strategic_fit,4\r\nAcme,risk_profile,3\r\n",
                "columns": {"candidate": "Company", "criterion": "Criterion", "score": "Points"},
                "template": "landscape",
            }
        }
    )

    csv: CsvText
    columns: RatingColumns
    template: ScoringKey
    template_version: TemplateVersion | None = None


class ImportedCandidates(Answer):
    """What was put on the long list, in the order of the table."""

    imported: Count
    candidate_ids: list[Id] = Field(max_length=ROWS_MAX)


class ImportedRatings(Answer):
    """The rounds in which your ratings were submitted."""

    rows: Count
    assessment_ids: list[Id] = Field(max_length=ROWS_MAX)
