"""The portfolio as it is shown, and what is said of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.metrics.api.figure_schemas import Figure
from shared.http.types import Answer, Count, DecimalText, Id, Name, Schema, Text, Timestamp

HOLDINGS_MAX = 10_000
VerdictName = Literal["invest", "hold", "restructure", "exit"]
RoleName = Literal["growth", "capability", "credibility", "ecosystem"]
Quarter = Annotated[str, StringConstraints(pattern=r"^(19[1-9][0-9]|2[01][0-9]{2})-Q[1-4]$")]
MonthText = Annotated[str, StringConstraints(pattern=r"^(19[1-9][0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])$")]


class Holding(Answer):
    """One alliance in the portfolio: its return, its risk, and what they speak for."""

    alliance: Id
    name: str
    partners: list[Id] = Field(max_length=50)
    intent: str
    type: str
    stage: str
    role: RoleName | None
    region: str | None
    months: Count | None = Field(description="Since launch; null before it.")
    attained: Figure | None = Field(description="Return: the share of value targets reached in three closed months.")
    signals: Count = Field(description="Risk: how many signals are up.")
    currency: str | None
    value: Figure | None = Field(description="Published value in `currency`, all closed months.")
    invested: Figure | None
    compounding: Figure | None = Field(
        description="Value brought by a unit invested: the slope of the one by the other."
    )
    proposed: VerdictName
    grounds: list[str] = Field(max_length=20)


class PortfolioCount(Answer):
    """How many alliances have this in common."""

    by: Literal["role", "type", "stage", "region"]
    name: str
    alliances: Count


class ConcentrationShare(Answer):
    """What one partner, or one type, has of it."""

    name: str
    share: Figure


class PortfolioConcentration(Answer):
    """How much hangs on one: the largest share, and the Herfindahl index."""

    by: Literal["partner", "type"]
    of: Literal["alliances", "confirmed deals"]
    currency: str | None
    largest_share: Figure | None
    herfindahl: Figure | None
    limit: Figure | None
    over_limit: bool
    largest: list[ConcentrationShare] = Field(max_length=10)


class Portfolio(Answer):
    """An organisation over its alliances."""

    alliances: list[Holding] = Field(max_length=HOLDINGS_MAX)
    counts: list[PortfolioCount] = Field(max_length=HOLDINGS_MAX)
    concentration: list[PortfolioConcentration] = Field(max_length=200)
    gaps_open: Count = Field(description="Gaps of yours that are identified and not closed.")
    gaps_covered: Count = Field(description="How many of them an alliance is placed to cover.")


class PlaceAlliance(Schema):
    """What an alliance is for."""

    model_config = ConfigDict(json_schema_extra={"example": {"role": "growth", "region": "EMEA"}})

    role: RoleName
    region: Name | None = None
    gap: Id | None = Field(default=None, description="Your own gap that it covers.")


class RecordInvestment(Schema):
    """What an alliance cost in a month; the latest record of a month holds."""

    model_config = ConfigDict(json_schema_extra={"example": {"month": "2026-02", "amount": "25000", "currency": "EUR"}})

    month: MonthText
    amount: DecimalText
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


class ConcentrationLimit(Schema):
    """The largest share, 0 to 1, that one partner may have."""

    model_config = ConfigDict(json_schema_extra={"example": {"share_max": "0.4"}})

    share_max: DecimalText


class OpenReview(Schema):
    """The quarter that is reviewed."""

    model_config = ConfigDict(json_schema_extra={"example": {"quarter": "2026-Q1"}})

    quarter: Quarter


class GiveVerdict(Schema):
    """What becomes of an alliance. What differs from the proposal needs a reason."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"quarter": "2026-Q1", "verdict": "hold", "reason": "New sponsor in May."}}
    )

    quarter: Quarter
    verdict: VerdictName
    reason: Text | None = None


class GivenVerdict(Answer):
    """What was proposed, on what grounds, and what was decided."""

    alliance: Id
    proposed: VerdictName
    grounds: list[str] = Field(max_length=20)
    verdict: VerdictName
    reason: str | None


class PortfolioReview(Answer):
    """A quarter's review."""

    quarter: str
    opened_at: Timestamp
    closed_at: Timestamp | None
    verdicts: list[GivenVerdict] = Field(max_length=HOLDINGS_MAX)
    version: Count


class Recorded(Answer):
    """That it is on record."""

    version: Count
