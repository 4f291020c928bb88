"""From the proposal to the day on which the alliance operates and may be announced."""

from __future__ import annotations

from dataclasses import replace

from examples.airline_codeshare import papers
from examples.airline_codeshare.governing import advance, agree, ally, sign_governance_model, sign_plan
from examples.airline_codeshare.partner import NotAnswered
from examples.alliance_year.people import Stage, do

TERM = "2026-01-01", "2027-06-30"
LAUNCHED = "2026-01-12"
ON_TIME = "regional_on_time_rate"


def form(stage: Stage) -> Stage:
    """Proposed, accepted, owners named, the governance model and the papers signed."""
    stage = replace(stage, alliance=ally(stage.united, stage.express))
    advance(stage.alliance, stage.united, "designing")
    sign_governance_model(stage.alliance, *stage.sides)
    orgs = stage.united.owner.org, stage.express.owner.org
    for content in (
        papers.value_thesis(*orgs, due_on="2026-04-12"),
        papers.value_exchange(*orgs),
        papers.term_sheet(*TERM),
        papers.operating_annex(),
    ):
        agree(stage.alliance, content, *stage.sides)
    return stage


def launch(stage: Stage) -> str:
    """Launched; an announcement that comes too early is refused, and made once nothing is missing; the refusal."""
    advance(stage.alliance, stage.united, "launching")
    announcement = {"on": "2026-01-13", "text": "Two airlines, one network around New York."}
    try:
        stage.made("announcements", announcement)
    except NotAnswered as answer:
        too_early = str(answer)
    agree_on_time(stage)
    sign_plan(stage.alliance, *stage.sides, LAUNCHED)
    advance(stage.alliance, stage.united, "operating")
    stage.made("announcements", announcement)
    return too_early


def agree_on_time(stage: Stage) -> None:
    """One KPI, reported by the month by ExpressJet."""
    terms = {
        "key": ON_TIME,
        "title": "Regional on-time rate",
        "definition": "ExpressJet's flights that leave within 15 minutes of plan ÷ all that leave, in the month.",
        "area": "execution",
        "group": "health",
        "unit": "ratio",
        "direction": "up",
        "frequency": "month",
        "aggregation": "last",
        "nature": "measured",
        "leading": False,
        "reported_by": [stage.express.owner.org],
        "tolerance": {"kind": "absolute", "amount": "0.01"},
        "until_settled": "reporter",
        "due_days": 5,
    }
    path = f"/metrics/v1/alliances/{stage.alliance}/kpis"
    made = stage.express.manager.post(path, {"terms": terms})
    stage.united.manager.change(f"{path}/{made['id']}/accept", of=f"{path}/{made['id']}")


def promise(stage: Stage) -> None:
    """What each side brings, who answers whom, and what is watched from the first day on."""
    stage.made("counterparts", papers.counterparts(stage.owners))
    stage.made("risks", papers.RISK)
    stage.made("tracks", papers.track(stage.owners))
    planners = {**papers.commitment("2026-06-30"), "starts_on": "2026-01-12"}
    kept = stage.made("commitments", planners)
    stage.made(
        "commitments",
        {**planners, "title": "A spare aircraft in Newark", "amount": "1", "unit": "aircraft"},
        stage.express,
    )
    do(stage.united.manager, f"commitments/{kept['id']}", "deliver", {"amount": "2"})
    do(stage.express.manager, f"commitments/{kept['id']}", "confirm", {"amount": "2"})


def report_months(stage: Stage, figures: dict[str, str]) -> None:
    """ExpressJet's system reports the on-time rate of each month; both sides confirm, which publishes it."""
    key = stage.express.manager.post(
        "/directory/v1/api-keys",
        {"name": "Operations", "scopes": ["metrics:push"], "expires_at": "2030-01-01T00:00:00Z"},
    )["key"]
    system = replace(stage.express.owner, token=key)
    path = f"/metrics/v1/alliances/{stage.alliance}"
    rows = [
        {"observation_id": f"ev-{month}", "kpi": ON_TIME, "period": month, "value": value}
        for month, value in figures.items()
    ]
    system.post(f"{path}/observations?source=expressjet-ops", rows)
    for month in figures:
        for side in stage.sides:
            side.manager.change(f"{path}/months/{month}/confirm", of=f"{path}/months/{month}")
