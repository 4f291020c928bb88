"""Chapter 4. A decision about the KPI's definition is raised, misses its deadline, escalates, and is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from examples.airline_codeshare.governing import Side
from examples.airline_codeshare.partner import Operator

DECISION = {
    "type": "roadmap_change",
    "subject": "Which flights count as on time: those that leave, or those that arrive, within 15 minutes?",
    "options": ["By departure, as United counts", "By arrival, as ExpressJet counts", "Both, as two KPIs"],
    "context": "The sides report the same flights and tell two stories. See the reconciliation of the on-time rate.",
}
RAISED, BREACHED, DECIDED = "2013-03-04T15:00:00Z", "2013-03-19T14:00:00Z", "2013-03-21T15:00:00Z"


@dataclass(frozen=True)
class Outcome:
    """The decision at the end, and its clock."""

    decision: dict[str, Any]
    clock: dict[str, Any]


def decide_late(operator: Operator, alliance: str, united: Side, express: Side) -> Outcome:
    operator.set_clock(RAISED)
    raised = united.manager.post(f"/governance/v1/alliances/{alliance}/decisions", DECISION)
    path = f"/governance/v1/decisions/{raised['id']}"
    united.manager.change(f"{path}/votes", {"choice": "approve", "reason": "Both, as two KPIs."}, of=path)
    operator.set_clock(BREACHED)
    united.manager.wait(path, until=lambda d: d["breached"] and d["rung"] > 0)
    operator.set_clock(DECIDED)
    express.sponsor.change(f"{path}/votes", {"choice": "approve", "reason": "Both, from April on."}, of=path)
    decided = express.manager.get(path)
    if decided["status"] == "open":
        united.sponsor.change(f"{path}/votes", {"choice": "approve", "reason": "Agreed in steering."}, of=path)
        decided = express.manager.get(path)
    return Outcome(decided, express.manager.get(f"{path}/clock"))
