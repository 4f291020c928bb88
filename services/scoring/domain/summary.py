"""A summary shared: what its author chose of a partner search, copied into an alliance's ledger for all to read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.scoring.domain.assessment_result import Result
from services.scoring.domain.brief import Brief
from services.scoring.domain.risk import Risk
from services.scoring.domain.signing_tests import SigningTests
from services.scoring.domain.wording import require_words
from shared.domain import Aggregate, Event, Refused
from shared.events.scoring_rules import FiredRule
from shared.events.scoring_signing import SharedRisk, SharedScore, SummaryShared, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSummary:
    """What is None or empty was not chosen and is not shared. `side` is the organisation of the author.

    `about` is the candidate's organisation, None when it does not use Concord; `others` the other parties, who will
    read it. Of one who is none of them nothing is shared by mistake: it takes `confirmed`.
    Of a recommendation its outcomes and reasons go along; the answers behind them stay.
    """

    by: UUID
    at: datetime
    side: UUID
    about: UUID | None
    others: Collection[UUID]
    title: str
    brief: Brief | None
    result: Result | None
    tests: SigningTests | None
    risks: Sequence[Risk]
    note: str | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    shared: bool = False


def evolve(state: Summary, event: Event) -> Summary:
    match event:
        case SummaryShared():
            return Summary(shared=True)
    return state


SUMMARY = Aggregate("summary", Summary(), evolve)


def share(command: ShareSummary, summary: Summary) -> list[Event]:
    if summary.shared:
        raise Refused("summary-shared", "What is shared stays as it is; share another summary.")
    require_words("/title", command.title)
    if command.about not in command.others and not command.confirmed:
        raise Refused(
            "other-company",
            "The candidate is not known to be a party of this alliance, and its parties read this for ever. If it is"
            " meant for them nevertheless, send confirm_other_company: true.",
        )
    if not (command.brief or command.result or command.tests or command.risks or command.note):
        raise Refused("nothing-to-share", "Choose at least one part, or say something in a note.")
    scores = () if command.result is None else command.result.criteria
    return [
        SummaryShared(
            side=command.side,
            title=command.title,
            intent=None if command.brief is None else command.brief.intent,
            objectives=() if command.brief is None else command.brief.objectives,
            scores=tuple(SharedScore(each.criterion, each.low, each.high) for each in scores),
            recommendations=() if command.tests is None else without_answers(command.tests.verdicts),
            risks=tuple(shared_risk(risk) for risk in command.risks),
            note=command.note,
        )
    ]


def without_answers(verdicts: Mapping[str, Verdict]) -> tuple[Verdict, ...]:
    """Each test with its outcome and the reasons; which answers made it stays with those who gave them."""
    return tuple(
        Verdict(each.test, each.outcome, tuple(FiredRule(r.rule, r.outcome, r.because, {}) for r in each.fired))
        for each in verdicts.values()
    )


def shared_risk(risk: Risk) -> SharedRisk:
    if risk.terms is None:
        raise Refused("risk-not-opened", "Share a risk that was opened.")
    return SharedRisk(risk.terms.title, risk.area, risk.terms.likelihood, risk.terms.impact, risk.mitigation or "")
