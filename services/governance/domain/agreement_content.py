"""What each joint document must say so that its parts fit together, and what more it must say before it is signed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.moment import end_of
from shared.domain import Invalid, Refused
from shared.events.governance_agreement_terms import (
    AgreementContent,
    OperatingAnnex,
    TermSheet,
    ValueExchange,
    ValueThesis,
)
from shared.events.governance_plan_terms import (
    ChangeRequest,
    Consequence,
    Effect,
    OperatingPlan,
    UnwindArea,
    UnwindPlan,
)
from shared.events.governance_terms import Moment

OUTCOME_MONTHS = range(12, 19)
"""Outcomes are expected within 12 to 18 months: earlier is a quick win, later is a hope."""
MILESTONE_DAYS = (30, 60, 90)
WHOLE = Decimal(100)
TERM_ENDS = "term_ends"
ASSUMPTION = "assumption/"


def check_agreement_content(content: AgreementContent, parties: tuple[UUID, ...]) -> None:
    """Raises Invalid, with a pointer into `/content`, for the first thing that does not fit."""
    match content:
        case ValueThesis():
            _check_value_thesis(content, parties)
        case ValueExchange():
            _check_value_exchange(content, parties)
        case TermSheet():
            _check_term_sheet(content)
        case OperatingPlan():
            _check_operating_plan(content, parties)
        case ChangeRequest():
            for part in ("economics", "resources", "governance"):
                _check_consequence(getattr(content, part), f"/content/{part}")
        case UnwindPlan():
            _check_once((one.key for one in content.dispositions), "/content/dispositions", "key")
        case OperatingAnnex():
            pass


def check_complete(content: AgreementContent, parties: tuple[UUID, ...]) -> None:
    """Refused, naming all that is missing, when what stands there may be talked about but not signed yet."""
    match content:
        case ChangeRequest():
            open_ = [p for p in ("economics", "resources", "governance") if _undetermined(getattr(content, p))]
            if open_:
                listed = ", ".join(open_)
                detail = f"Say for {listed} what changes and how, or confirm that nothing does: counter with that."
                raise Refused("change-incomplete", detail)
        case OperatingPlan():
            _check_owners(content, parties)
        case UnwindPlan():
            covered = {one.area for one in content.dispositions}
            if missing := [area for area in UnwindArea if area not in covered]:
                detail = f"Say also what becomes of: {', '.join(missing)}. Nothing to do is a disposition too."
                raise Refused("unwind-plan-incomplete", detail)
        case ValueThesis() | ValueExchange() | TermSheet() | OperatingAnnex():
            pass


def moments_of(content: AgreementContent, zones: tuple[ZoneInfo, ...]) -> tuple[Moment, ...]:
    """The moments at which time alone changes something once this is in force."""
    match content:
        case TermSheet():
            return (Moment(TERM_ENDS, end_of(content.ends_on, zones)),)
        case ValueThesis():
            return tuple(Moment(f"{ASSUMPTION}{one.key}", end_of(one.due_on, zones)) for one in content.assumptions)
        case _:
            return ()


def _check_value_thesis(content: ValueThesis, parties: tuple[UUID, ...]) -> None:
    for n, outcome in enumerate(content.outcomes):
        if outcome.within_months not in OUTCOME_MONTHS:
            detail = f"An outcome is expected within {OUTCOME_MONTHS[0]} to {OUTCOME_MONTHS[-1]} months."
            raise Invalid(f"/content/outcomes/{n}/within_months", "outcome-months", detail)
    _check_sides((one.side for one in content.contributions), parties, "/content/contributions", "side")
    _check_all_sides((one.side for one in content.contributions), parties, "/content/contributions", "contributes")
    _check_once((one.key for one in content.assumptions), "/content/assumptions", "key")


def _check_value_exchange(content: ValueExchange, parties: tuple[UUID, ...]) -> None:
    givers = [one.giver for one in content.exchanges]
    _check_sides(givers, parties, "/content/exchanges", "giver")
    for n, exchange in enumerate(content.exchanges):
        _check_sides(exchange.receivers, parties, f"/content/exchanges/{n}/receivers", "")
        if exchange.giver in exchange.receivers:
            raise Invalid(f"/content/exchanges/{n}/receivers", "gives-itself", "A side gives to other sides.")
    _check_all_sides(givers, parties, "/content/exchanges", "gives")
    got = (receiver for one in content.exchanges for receiver in one.receivers)
    _check_all_sides(got, parties, "/content/exchanges", "gets")
    for n, economics in enumerate(content.economics):
        pointer = f"/content/economics/{n}/shares"
        sides = [share.side for share in economics.shares]
        _check_sides(sides, parties, pointer, "side")
        _check_once(map(str, sides), pointer, "side")
        if economics.shares and sum(share.percent for share in economics.shares) != WHOLE:
            raise Invalid(pointer, "shares-not-whole", "The shares of the sides come to 100 percent together.")


def _check_term_sheet(content: TermSheet) -> None:
    if content.ends_on <= content.starts_on:
        raise Invalid("/content/ends_on", "ends-before-it-starts", "The term ends after the day it starts.")
    _check_once((one.key for one in content.kpi_triggers), "/content/kpi_triggers", "key")


def _check_operating_plan(content: OperatingPlan, parties: tuple[UUID, ...]) -> None:
    keys = [one.key for one in content.milestones]
    _check_once(keys, "/content/milestones", "key")
    _check_sides((one.side for one in content.resources), parties, "/content/resources", "side")
    after = {one.key: one.depends_on for one in content.milestones}
    for n, milestone in enumerate(content.milestones):
        pointer = f"/content/milestones/{n}"
        if milestone.due_day not in MILESTONE_DAYS:
            raise Invalid(f"{pointer}/due_day", "milestone-day", "A milestone is due after 30, 60 or 90 days.")
        _check_sides((owner.side for owner in milestone.owners), parties, f"{pointer}/owners", "side")
        if unknown := [key for key in milestone.depends_on if key not in after]:
            raise Invalid(f"{pointer}/depends_on", "no-such-milestone", f"The plan has no milestone {unknown[0]}.")
        if _reaches(milestone.key, after):
            raise Invalid(f"{pointer}/depends_on", "depends-on-itself", "It depends on itself, by way of the others.")


def _reaches(key: str, after: dict[str, tuple[str, ...]]) -> bool:
    """Whether a milestone comes, along what it depends on, back to itself."""
    seen, ahead = set[str](), [*after[key]]
    while ahead:
        one = ahead.pop()
        if one == key:
            return True
        if one not in seen:
            seen.add(one)
            ahead.extend(after.get(one, ()))
    return False


def _check_owners(content: OperatingPlan, parties: tuple[UUID, ...]) -> None:
    for milestone in content.milestones:
        if set(parties) - {owner.side for owner in milestone.owners}:
            detail = f"The milestone {milestone.title} has no owner on some side: counter with one on each."
            raise Refused("milestone-without-owner", detail)
    if missing := [day for day in MILESTONE_DAYS if day not in {one.due_day for one in content.milestones}]:
        raise Refused("roadmap-incomplete", f"The plan has no milestone for day {missing[0]}: counter with one.")


def _check_consequence(consequence: Consequence, pointer: str) -> None:
    if (consequence.effect is Effect.CHANGED) != bool(consequence.how and consequence.how.strip()):
        raise Invalid(f"{pointer}/how", "changed-how", "Say how when it is changed, and only then.")


def _undetermined(consequence: Consequence) -> bool:
    return consequence.effect is Effect.UNDETERMINED


def _check_once(keys: Iterable[str], pointer: str, name: str) -> None:
    seen: set[str] = set()
    for n, key in enumerate(keys):
        if key in seen:
            raise Invalid(f"{pointer}/{n}/{name}", "twice", f"There is another {key}.")
        seen.add(key)


def _check_sides(sides: Iterable[UUID], parties: tuple[UUID, ...], pointer: str, name: str) -> None:
    for n, side in enumerate(sides):
        if side not in parties:
            raise Invalid(f"{pointer}/{n}/{name}".rstrip("/"), "not-a-party", "Name a party of the alliance.")


def _check_all_sides(sides: Iterable[UUID], parties: tuple[UUID, ...], pointer: str, does: str) -> None:
    if set(parties) - set(sides):
        raise Invalid(pointer, "not-every-side", f"Say for every side what it {does}.")
