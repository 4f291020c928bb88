"""A scorecard template weighs its criteria to 1, in versions that never change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.shipped_templates import PARTNER_EVALUATION, SHIPPED, STAR
from services.scoring.domain.template import (
    CRITERIA_MAX,
    RED_FLAGS_MAX,
    TEMPLATE,
    PublishTemplate,
    check_template,
    publish,
)
from shared.domain import Invalid, Refused
from shared.events.scoring import TemplatePublished
from shared.events.scoring_terms import (
    Criterion,
    RedFlag,
    Scale,
    Severity,
    Template,
)
from shared.testing.scenario import scenario

ANA = UUID(int=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FLAG = RedFlag("late", "Comes late", Severity.BLOCKER)
FIT = Criterion("fit", "Fit", "Do we fit?", Decimal("0.6"), Decimal("2.5"), (FLAG,))
COST = Criterion("cost", "Cost", "Is it worth it?", Decimal("0.4"), None, ())
OURS = Template("ours", 1, "Our own", Scale(1, 5), (FIT, COST))
PUBLISH = PublishTemplate(by=ANA, at=NOON, key="ours", title="Our own", scale=Scale(1, 5), criteria=(FIT, COST))


def test_is_published_in_versions() -> None:
    first, second = TemplatePublished(template=OURS), TemplatePublished(template=replace(OURS, version=2))
    scenario(TEMPLATE).when(publish, PUBLISH).then(first)
    scenario(TEMPLATE).given(first).when(publish, PUBLISH).then(second)


def test_what_ships_is_not_published_anew() -> None:
    scenario(TEMPLATE).when(publish, replace(PUBLISH, key="star")).then_refused("template-ships")


def test_versions_are_of_one_template() -> None:
    other = replace(PUBLISH, key="theirs")
    scenario(TEMPLATE).given(TemplatePublished(template=OURS)).when(publish, other).then_refused("other-template")


def test_four_ship() -> None:
    assert list(SHIPPED) == ["star", "partner_evaluation", "partner_fit", "landscape"]
    assert [len(template.criteria) for template in SHIPPED.values()] == [4, 5, 7, 3]
    for template in SHIPPED.values():
        check_template(template)
    assert all(criterion.red_flags for criterion in PARTNER_EVALUATION.criteria)
    assert STAR.criteria[2].red_flags[0].severity is Severity.WARNING


def criteria(**part: Any) -> dict[str, Any]:
    return {"criteria": (replace(FIT, **part), COST)}


@pytest.mark.parametrize(
    ("part", "pointer", "code"),
    [
        ({"key": "Ours"}, "/key", "malformed"),
        ({"title": ""}, "/title", "blank"),
        ({"scale": Scale(5, 5)}, "/scale", "out-of-range"),
        ({"scale": Scale(-1, 5)}, "/scale", "out-of-range"),
        ({"criteria": ()}, "/criteria", "out-of-range"),
        ({"criteria": (FIT,) * (CRITERIA_MAX + 1)}, "/criteria", "out-of-range"),
        ({"criteria": (FIT, replace(COST, key="fit"))}, "/criteria", "repeated"),
        (criteria(key=""), "/criteria/0/key", "malformed"),
        (criteria(title=""), "/criteria/0/title", "blank"),
        (criteria(question=""), "/criteria/0/question", "blank"),
        (criteria(floor=Decimal("5.1")), "/criteria/0/floor", "out-of-range"),
        (criteria(red_flags=(FLAG,) * (RED_FLAGS_MAX + 1)), "/criteria/0/red_flags", "too-many"),
        (criteria(red_flags=(FLAG, FLAG)), "/criteria/0/red_flags", "repeated"),
        (criteria(red_flags=(replace(FLAG, key="-"),)), "/criteria/0/red_flags/0/key", "malformed"),
        (criteria(red_flags=(replace(FLAG, title=""),)), "/criteria/0/red_flags/0/title", "blank"),
        (criteria(weight=Decimal("0.61")), "/criteria", "weights-do-not-sum-to-1"),
        (criteria(weight=Decimal("0.6000001")), "/criteria", "weight"),
        (criteria(weight=Decimal("-0.6")), "/criteria", "weight"),
        (criteria(weight=Decimal("NaN")), "/criteria", "weight"),
    ],
)
def test_a_template_that_cannot_be_scored_by_is_invalid(part: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        publish(replace(PUBLISH, **part), TEMPLATE.empty)
    assert (invalid.value.pointer, invalid.value.code) == (pointer, code)


shares = st.integers(0, 10).map(lambda n: Decimal(n) / 10)
acts = st.builds(
    lambda key, a, b: replace(PUBLISH, key=key, criteria=(replace(FIT, weight=a), replace(COST, weight=b))),
    st.sampled_from(["ours", "theirs", "star"]),
    shares,
    shares,
)


@settings(max_examples=50)
@given(st.lists(acts, max_size=10))
def test_every_published_version_can_be_scored_by(commands: list[PublishTemplate]) -> None:
    history: list[Any] = []
    for command in commands:
        try:
            history += publish(command, TEMPLATE.replay(history))
        except (Refused, Invalid):
            continue
    versions = TEMPLATE.replay(history).versions
    assert [template.version for template in versions] == list(range(1, len(versions) + 1))
    assert len({template.key for template in versions}) <= 1
    assert all(sum(criterion.weight for criterion in template.criteria) == 1 for template in versions)
