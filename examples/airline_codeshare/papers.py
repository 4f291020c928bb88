"""The joint documents of two airlines, as each side would write them: the content of every kind of agreement."""

from __future__ import annotations

from typing import Any

Paper = dict[str, Any]
Owners = tuple[dict[str, str], ...]
"""One person of each side, as `{"side": …, "person_id": …}`."""


def value_thesis(united: str, express: str, due_on: str) -> Paper:
    return {
        "kind": "value_thesis",
        "objective": "Fly the regional routes out of New York on time, at a cost that neither reaches alone.",
        "why_not_build": "Own regional crews and aircraft would take three years.",
        "why_not_buy": "A merger is out of question for both sides.",
        "outcomes": [
            {"outcome": "Two more daily rotations on each of ten routes", "within_months": 12},
            {"outcome": "Missed connections down by a quarter", "within_months": 18},
        ],
        "contributions": [
            {"side": united, "what": "Slots, the network and the passengers"},
            {"side": express, "what": "Aircraft of 50 seats and their crews"},
        ],
        "in_scope": ["Regional flights out of Newark, LaGuardia and Kennedy"],
        "out_of_scope": ["Cargo"],
        "assumptions": [
            {
                "key": "on_time",
                "statement": "Seven flights of ten leave on time within the first quarter.",
                "test": {"kpi": "regional_on_time_rate", "comparison": "at_least", "value": "0.70"},
                "due_on": due_on,
            }
        ],
        "risks": [{"risk": "Pilots become scarce", "mitigation": "A joint training course from spring on"}],
        "decision_principles": ["The passenger first", "Who pays decides, within the matrix"],
    }


def value_exchange(united: str, express: str) -> Paper:
    return {
        "kind": "value_exchange",
        "exchanges": [
            {
                "giver": united,
                "receivers": [express],
                "resource": "market_access",
                "description": "Passengers of the network on regional flights",
                "value": {"amount": "40000000", "currency": "USD"},
                "valuation": "estimated",
            },
            {
                "giver": express,
                "receivers": [united],
                "resource": "people",
                "description": "Crews and aircraft for regional flights",
                "value": {"amount": "31000000", "currency": "USD"},
                "valuation": "measured",
            },
        ],
        "economics": [
            {
                "mechanism": "revenue_sharing",
                "terms": "Fares of connecting passengers are shared by distance.",
                "shares": [{"side": united, "percent": "62.5"}, {"side": express, "percent": "37.5"}],
            }
        ],
        "when_value_exceeds": "Above 110 % of plan the surplus is shared half and half.",
        "when_value_misses": "Below 80 % of plan the steering looks at prices within 30 days.",
        "exit_economics": "Each side keeps what it brought; joint investments are paid out at book value.",
    }


def term_sheet(starts_on: str, ends_on: str) -> Paper:
    return {
        "kind": "term_sheet",
        "operating_model": "ExpressJet flies, United sells.",
        "economic_model": "As in the value exchange.",
        "governance_model": "As ratified.",
        "ip_made_together": "Owned by both; each may use it without asking.",
        "ip_after_the_end": "Both keep a licence for five years.",
        "exclusivity": "None beyond the ten routes.",
        "territories": ["New York"],
        "account_ownership": "Passengers are United's; crews are ExpressJet's.",
        "non_compete": "Neither flies the ten routes with a third side.",
        "starts_on": starts_on,
        "ends_on": ends_on,
        "renewal": "By two years, unless one side gives notice.",
        "notice_days": 60,
        "material_breach": "A safety finding of the authority that stays open, or two unpaid invoices.",
        "cure_days": 30,
        "kpi_triggers": [
            {
                "key": "unpunctual",
                "description": "The on-time rate of a month falls below one half.",
                "met_when": {"kpi": "regional_on_time_rate", "comparison": "at_most", "value": "0.50"},
            }
        ],
        "wind_down": "Flights that are sold are flown.",
        "wind_down_days": 45,
    }


def operating_annex() -> Paper:
    return {
        "kind": "operating_annex",
        "planning_rhythm": "The flight plan is made together each quarter.",
        "reporting": "Each side reports its figures daily.",
        "change_control": "Scope and roadmap change by a signed change request.",
        "dispute_steps": ["Working team", "Operational council", "Executive steering", "Sponsors", "Mediation"],
        "exit_triggers": ["Material breach", "Notice", "End of the term", "On-time rate below one half"],
    }


def operating_plan(owners: Owners, starts_on: str) -> Paper:
    def milestone(key: str, title: str, area: str, due_day: int, **more: Any) -> Paper:
        return {"key": key, "title": title, "area": area, "due_day": due_day, "owners": list(owners), **more}

    return {
        "kind": "operating_plan",
        "starts_on": starts_on,
        "milestones": [
            milestone("teams", "Joint teams on board", "joint_teams", 30),
            milestone("glossary", "One glossary, one definition of on time", "glossary_and_norms", 30),
            milestone("feeds", "Both feeds connected", "integration", 60, deliverables=["Daily feed of each side"]),
            milestone("win", "First joint rotation flown", "quick_win", 60, depends_on=["teams"]),
            milestone("baseline", "KPI baseline of the first quarter", "kpi_baseline", 90, depends_on=["feeds"]),
            milestone("news", "Both staffs know why", "internal_communication", 90),
        ],
        "resources": [{"side": owners[0]["side"], "resource": "Planners", "amount": "2", "unit": "people"}],
    }


def change_request(*, complete: bool = True) -> Paper:
    """A change of scope; incomplete, it leaves the economics open."""
    economics: Paper = {"effect": "undetermined"}
    if complete:
        economics = {"effect": "changed", "how": "Cargo revenue is shared as passenger revenue is."}
    return {
        "kind": "change_request",
        "title": "Cargo too",
        "change_of": "scope",
        "description": "Carry cargo on the shared flights from summer on.",
        "economics": economics,
        "resources": {"effect": "changed", "how": "One cargo planner on each side."},
        "governance": {"effect": "confirmed_unchanged"},
    }


def unwind_plan(due_on: str) -> Paper:
    what = {
        "assets": ("Spare parts in Newark", "Go back to ExpressJet"),
        "data": ("The joint operations data", "Each side keeps a copy; the shared store is erased"),
        "clients": ("Passengers with tickets", "Flown, or rebooked by United"),
        "ip": ("The joint planning tool", "Licensed to both for five years"),
        "people": ("The joint planning team", "Everyone returns to their own side"),
        "communication": ("Staff, passengers and the press", "One joint statement on the last day"),
    }
    return {
        "kind": "unwind_plan",
        "dispositions": [
            {"key": area, "area": area, "what": thing, "disposition": disposition, "due_on": due_on}
            for area, (thing, disposition) in what.items()
        ],
    }


# --- What the sides promise, build and watch ------------------------------------------------------------------------

RISK: Paper = {
    "title": "Pilots become scarce",
    "area": "resources",
    "likelihood": 3,
    "impact": 4,
    "mitigation": "A joint training course from spring on",
}


def track(owners: Owners) -> Paper:
    return {
        "kind": "technical",
        "terms": {
            "title": "Shared operations data",
            "owners": list(owners),
            "deliverables": [
                {"key": "feed", "title": "Daily feed of delays"},
                {"key": "crew_app", "title": "One crew app", "due_on": "2026-12-31"},
            ],
            "headcount": [{"side": owner["side"], "people": "1.5"} for owner in owners],
            "kpis": ["regional_on_time_rate"],
        },
    }


def pilot(ends_on: str) -> Paper:
    on_time = {"kpi": "regional_on_time_rate", "comparison": "at_least", "value": "0.70"}
    return {
        "title": "Newark to Ithaca first",
        "ends_on": ends_on,
        "criteria": [
            {"key": "on_time", "statement": "Seven flights of ten leave on time.", "test": on_time},
            {"key": "crews", "statement": "Both crews want to go on."},
        ],
    }


def commitment(ends_on: str) -> Paper:
    return {
        "title": "Planners for the joint flight plan",
        "of": "headcount",
        "amount": "2",
        "unit": "people",
        "starts_on": "2026-03-02",
        "ends_on": ends_on,
        "ring_fenced": True,
    }


def counterparts(owners: Owners) -> Paper:
    return {"function": "operations", "level": "leadership", "people": list(owners)}
