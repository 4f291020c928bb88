"""The whole story, in the order it happened: from the first gap to the verified report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from examples.airline_codeshare.choosing import Choice, choose
from examples.airline_codeshare.deciding import Outcome, decide_late
from examples.airline_codeshare.governing import (
    Side,
    advance,
    ally,
    reach_milestones,
    sign_governance_model,
    sign_papers,
    sign_plan,
)
from examples.airline_codeshare.partner import Operator
from examples.airline_codeshare.remembering import Memory, remember
from examples.airline_codeshare.reporting import Figures, agree_kpis, push_year, read_figures

Tell = Callable[[str], None]
"""Called with a sentence before each step."""
MONTHS_BEFORE_THE_DECISION = 2


@dataclass(frozen=True)
class Story:
    """What came of each chapter."""

    alliance: str
    choice: Choice
    signed: str
    outcome: Outcome
    figures: Figures
    memory: Memory


def play(http: httpx.Client, operator_key: str, folder: Path, tell: Tell) -> Story:
    """Play it through the HTTP API of a Concord under the test clock; `folder` takes the exports."""
    operator = Operator(http, operator_key)
    operator.set_clock("2012-11-05T15:00:00Z")
    tell("Two airlines come to Concord.")
    united = side(operator, "United", "America/Chicago", ("Dana Cole", "Ana Ruiz", "Sam Okafor"))
    express = side(operator, "ExpressJet", "America/New_York", ("Kim Berg", "Lee Park", "Noor Haddad"))
    tell("United writes a brief, scores three candidates and selects.")
    choice = choose(united.manager, (united.manager, united.sponsor))
    operator.set_clock("2012-12-03T15:00:00Z")
    tell(f"United proposes an alliance to {choice.primary}; both sides name their owners.")
    alliance = ally(united, express)
    advance(alliance, united, "designing")
    tell("Both sides sign the governance model with the starter matrix.")
    signed = sign_governance_model(alliance, united, express)
    tell("They sign why they ally, what each gives and gets, and the deal.")
    sign_papers(alliance, united, express)
    advance(alliance, united, "launching")
    operator.set_clock("2012-12-17T15:00:00Z")
    tell("Both sides agree on five KPIs and on the plan of the first 90 days.")
    kpis = agree_kpis(alliance, united, express)
    sign_plan(alliance, united, express, "2012-12-17")
    advance(alliance, united, "operating")
    year = push_year(operator, alliance, united, express)
    for _ in range(MONTHS_BEFORE_THE_DECISION):
        tell(f"Each side's system pushes its figures of {next(year)}.")
    tell("All milestones of the first 90 days are reached.")
    reach_milestones(alliance, united)
    tell("A decision about the definition of the on-time rate is raised, and waits.")
    outcome = decide_late(operator, alliance, united, express)
    for month in year:
        tell(f"Each side's system pushes its figures of {month}.")
    tell("Both sides read the same figures.")
    figures = read_figures(express.manager, alliance, kpis)
    tell("The history is read, exported, verified, tampered with, and verified again.")
    memory = remember(express.manager, alliance, folder)
    return Story(alliance, choice, signed, outcome, figures, memory)


def side(operator: Operator, name: str, zone: str, people: tuple[str, str, str]) -> Side:
    """A company with its owner in Concord, the manager of the alliance, and its sponsor."""
    owner = operator.register(name, zone, people[0])
    manager = operator.colleague(owner, people[1], "leadership", ("admin", "member"))
    sponsor = operator.colleague(owner, people[2], "executive")
    return Side(name, owner, manager, sponsor)
