"""Our own check for Schemathesis: input that the schema allows is never refused for its form."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import GenerationMode

OF_FORM = ("_type", "_parsing", "missing", "extra_forbidden", "string_too", "string_pattern", "too_long", "too_short", "literal_error", "greater_than", "less_than")


@schemathesis.check
def schema_is_as_strict_as_the_service(ctx: Any, response: Any, case: Any) -> None:
    if response.status_code != 422 or case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    errors = response.json().get("errors") or []
    formal = [e for e in errors if any(mark in e["code"] for mark in OF_FORM)]
    assert not formal, f"The schema allows what the service refuses for its form: {formal}"
