"""The scorecard templates that come with Concord."""

from __future__ import annotations

from decimal import Decimal

from shared.events.scoring_terms import (
    Criterion,
    RedFlag,
    Scale,
    Severity,
    Template,
)

ONE_TO_FIVE = Scale(1, 5)


def criterion(key: str, weight: str, title: str, question: str, *red_flags: RedFlag) -> Criterion:
    return Criterion(key, title, question, Decimal(weight), None, red_flags)


def warning(key: str, title: str) -> RedFlag:
    return RedFlag(key, title, Severity.WARNING)


STAR = Template(
    "star",
    1,
    "Alliance star",
    ONE_TO_FIVE,
    (
        criterion("strategic_fit", "0.25", "Strategic fit", "Do both sides want the same thing from the alliance?"),
        criterion(
            "trust_and_culture",
            "0.25",
            "Trust and culture",
            "Would we work well together, and keep our word under strain?",
        ),
        criterion(
            "asset_complementarity",
            "0.25",
            "Asset complementarity",
            "Does each bring what the other lacks and cannot get quickly?",
            warning("overlap", "What they bring overlaps with what we have"),
        ),
        criterion(
            "relationship_economics", "0.25", "Relationship economics", "Is it worth more to each than it costs to run?"
        ),
    ),
)

PARTNER_EVALUATION = Template(
    "partner_evaluation",
    1,
    "Partner evaluation",
    ONE_TO_FIVE,
    (
        criterion(
            "strategic_fit",
            "0.2",
            "Strategic fit",
            "Does the alliance serve the strategy of both sides for years to come?",
            warning("stepping_stone", "Uses us as a stepping stone to compete"),
        ),
        criterion(
            "cultural_alignment",
            "0.2",
            "Cultural alignment",
            "Do both sides decide, and take risks, in ways that go together?",
            warning("far_apart", "Far apart in decision process or risk appetite"),
        ),
        criterion(
            "financial_health",
            "0.2",
            "Financial health",
            "Can they carry their share through a bad year?",
            warning("needs_the_deal", "Falling revenue, layoffs, or needs the deal"),
        ),
        criterion(
            "track_record",
            "0.2",
            "Track record",
            "How have their earlier alliances gone?",
            warning("short_lived", "Short-lived alliances or complaints of partners"),
        ),
        criterion(
            "executive_commitment",
            "0.2",
            "Executive commitment",
            "Does somebody with authority and budget stand behind it?",
            warning("left_to_juniors", "Left to juniors without budget"),
        ),
    ),
)

PARTNER_FIT = Template(
    "partner_fit",
    1,
    "Partner fit",
    ONE_TO_FIVE,
    (
        criterion("strategic_fit", "0.2", "Strategic fit", "Do the aims of both sides go together?"),
        criterion(
            "capability_complementarity",
            "0.15",
            "Capability complementarity",
            "Does each do well what the other does not?",
        ),
        criterion(
            "value_symmetry", "0.15", "Symmetry of value capture", "Does each gain in proportion to what it gives?"
        ),
        criterion("operating_fit", "0.15", "Operating fit", "Are decision speed and process maturity alike?"),
        criterion("cultural_fit", "0.15", "Cultural fit", "Do conflict style and transparency go together?"),
        criterion("compliance_and_security", "0.1", "Compliance and security", "Do they meet what we must meet?"),
        criterion("sponsorship", "0.1", "Strength of sponsorship", "How strong is the sponsor on their side?"),
    ),
)

LANDSCAPE = Template(
    "landscape",
    1,
    "Landscape scan",
    ONE_TO_FIVE,
    (
        criterion("strategic_fit", "0.4", "Strategic fit", "Would an alliance with them serve our strategy?"),
        criterion(
            "operational_compatibility", "0.3", "Operational compatibility", "Could our operations work together?"
        ),
        criterion("risk_profile", "0.3", "Risk profile", "How safe is it to depend on them? More is safer."),
    ),
)

SHIPPED = {template.key: template for template in (STAR, PARTNER_EVALUATION, PARTNER_FIT, LANDSCAPE)}
