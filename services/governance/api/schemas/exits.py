"""What the endpoints of exits take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from services.governance.api.schemas.plan_content import UnwindDisposition
from shared.http.types import Answer, Count, Day, Id, KeyText, Schema, Text, Timestamp

ExitGround = Literal["material_breach", "no_fault", "end_of_term", "kpi_condition"]


class TriggerExit(Schema):
    """On what ground your side leaves; for a material breach what it is, for a KPI condition which one."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"ground": "no_fault", "reason": "Our network moves to another city."}}
    )

    ground: ExitGround
    condition: KeyText | None = Field(default=None, description="The key of the KPI trigger in the term sheet.")
    reason: Text | None = None


class GiveReceipt(Schema):
    """The disposition of the unwind plan that is done as far as your side sees."""

    model_config = ConfigDict(json_schema_extra={"example": {"key": "data"}})

    key: KeyText
    note: Text | None = None


class ExitDisposition(UnwindDisposition, Answer):
    """A disposition of the signed unwind plan, who has given the receipt, and whether it is overdue."""

    receipted_by: list[Id]
    overdue: bool


class ExitClosing(Answer):
    """What a side asks for while the `silent` ones say nothing: it is closed at `stands_at` unless one of them does."""

    side: Id
    silent: list[Id]
    stands_at: Timestamp
    reason: str | None


class ExitDates(Answer):
    """When an exit takes effect. `leaving` are the parties that go; the alliance goes on with the others."""

    ground: ExitGround
    leaving: list[Id]
    alliance_ends: bool
    term_sheet: Id | None
    condition: str | None
    cure_ends_at: Timestamp | None
    effective_at: Timestamp
    unwound_by: Day


class Exit(ExitDates):
    """An exit. `curing`: a breach can still be mended; `notice`: it will take effect; `effective`: it has."""

    id: Id
    alliance_id: Id
    side: Id
    reason: str | None
    status: Literal["curing", "notice", "effective", "completed", "cured", "withdrawn"]
    triggered_at: Timestamp
    unwind_plan: Id | None
    dispositions: list[ExitDisposition]
    closing: ExitClosing | None
    closed_over_silence: bool = Field(description="Completed though receipts, or a signed plan, are missing.")
    version: Count


class ExitDuty(Answer):
    """Something that is still to be done before the exit is complete; `by` is null where no day is agreed."""

    code: Literal["give-notice", "cure", "sign-unwind-plan", "receipt", "commitment", "milestone", "decision"]
    detail: str
    by: Day | None


class ExitRehearsal(Answer):
    """What an exit at this moment would bring: its dates, its duties, what becomes of things. Nothing is recorded."""

    refusal: str | None = Field(description="Why the ground would be refused, as a stable code; null when it holds.")
    detail: str | None
    dates: ExitDates | None
    duties: list[ExitDuty]
    dispositions: list[UnwindDisposition] = Field(description="Those of an unwind plan on the table or in force.")
    areas_open: list[Literal["assets", "data", "clients", "ip", "people", "communication"]] = Field(
        description="What no unwind plan speaks of yet."
    )
