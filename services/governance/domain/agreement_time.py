"""What time brings to an agreement in force: its term ends, and the day comes on which an assumption is judged."""

from __future__ import annotations

from services.governance.domain.agreement import Agreement, AgreementStatus, LapseAgreement, lapse_agreement
from services.governance.domain.agreement_content import ASSUMPTION, TERM_ENDS
from services.governance.domain.moment import Due, is_met
from shared.domain import Event
from shared.events.governance_agreement_terms import Assumption, ValueThesis
from shared.events.governance_agreements import AssumptionJudged, LapseCause, Verdict
from shared.events.governance_terms import Moment


def ahead(agreement: Agreement) -> tuple[Moment, ...]:
    if agreement.status is not AgreementStatus.IN_FORCE:
        return ()
    left = [one for one in agreement.moments if one.step.removeprefix(ASSUMPTION) not in agreement.judged]
    return tuple(sorted(left, key=lambda moment: moment.at))


def fire_agreement(due: Due, agreement: Agreement) -> list[Event]:
    """The end of a term sheet's term, or the day of an assumption."""
    if agreement.status is not AgreementStatus.IN_FORCE:
        return []
    if due.step == TERM_ENDS:
        return lapse_agreement(LapseAgreement(due.at, LapseCause.TERM_ENDED), agreement)
    assumption = assumption_of(due.step, agreement)
    if assumption is None or assumption.key in agreement.judged:
        return []
    reading = due.reading
    verdict = Verdict.NO_FIGURES
    if reading is not None:
        verdict = Verdict.CONFIRMED if is_met(assumption.test, reading.value) else Verdict.REFUTED
    return [
        AssumptionJudged(
            key=assumption.key,
            test=assumption.test,
            due_on=assumption.due_on,
            verdict=verdict,
            value=None if reading is None else reading.value,
            period=None if reading is None else reading.period,
        )
    ]


def assumption_of(step: str, agreement: Agreement) -> Assumption | None:
    """The assumption of a value thesis that a step is about."""
    if not isinstance(agreement.content, ValueThesis):
        return None
    return next((one for one in agreement.content.assumptions if step == f"{ASSUMPTION}{one.key}"), None)
