"""Our own part in Schemathesis: what the schema allows is never refused for its form, and a short run sends less."""

from __future__ import annotations

import os
import re
from collections import Counter
from http import HTTPStatus
from typing import Any

import schemathesis
from schemathesis import GenerationMode
from schemathesis.generation.meta import CoveragePhaseData

OF_FORM = (
    "-type",
    "-parsing",
    "missing",
    "extra-forbidden",
    "string-too",
    "string-pattern",
    "too-long",
    "too-short",
    "literal-error",
    "greater-than",
    "less-than",
)


ALIKE_MAX = int(os.environ.get("CONCORD_ALIKE_MAX", "0"))
"""How many cases of one kind for one parameter of an operation are sent for the sake of coverage; 0 sends all."""
ONE_IN = 10
"""Of those beyond it, one in so many is sent all the same, so that the last fields of a large body have their turn."""

alike: Counter[tuple[Any, ...]] = Counter()


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    data = case.meta.phase.data if case.meta else None
    if not ALIKE_MAX or not isinstance(data, CoveragePhaseData):
        return True
    kind = case.operation.label, data.scenario, data.parameter
    alike[kind] += 1
    return alike[kind] <= ALIKE_MAX or alike[kind] % ONE_IN == 0


@schemathesis.check
def schema_is_as_strict_as_the_service(ctx: Any, response: Any, case: Any) -> None:
    if response.status_code != HTTPStatus.UNPROCESSABLE_ENTITY or case.meta is None:
        return
    if case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    errors = response.json().get("errors") or []
    formal = [e for e in errors if any(mark in e["code"] for mark in OF_FORM) and not sent_against_schema(case, e)]
    assert not formal, f"The schema allows what the service refuses for its form: {formal}"


def sent_against_schema(case: Any, error: dict[str, str]) -> bool:
    """Whether the tool itself sent a header that the pattern declared for it does not allow, as it does for some."""
    if not error["pointer"].startswith("header/"):
        return False
    name = error["pointer"].removeprefix("header/")
    declared = next(p for p in case.operation.definition.raw["parameters"] if p["name"].lower() == name.lower())
    return not re.fullmatch(declared["schema"].get("pattern", ""), str((case.headers or {}).get(name)))


@schemathesis.serializer("text/csv", "application/x-ndjson")
def as_it_is(ctx: Any, value: Any) -> bytes:
    """Bodies of these types are texts already."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
