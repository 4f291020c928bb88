"""Faults that FastAPI and pydantic found, as a problem with a pointer for each."""

from __future__ import annotations

from typing import Any

from fastapi.exceptions import RequestValidationError

from shared.http.problems import Problem, problem

ERRORS_MAX = 100
MARK_OF_KEYS = "[key]"
"""What pydantic puts behind a key of an object that is wrong itself; there is no such place in the body."""


def faults(error: RequestValidationError) -> Problem:
    """All faults at once, each with its place; at most 100 are listed."""
    listed = [fault(one) for one in error.errors()[:ERRORS_MAX]]
    return problem("invalid", "The input is not valid; errors lists every fault.", errors=listed)


def fault(one: dict[str, Any]) -> dict[str, str]:
    where, *path = one["loc"]
    if path and path[-1] == MARK_OF_KEYS:
        path.pop()
    pointer = "".join(f"/{escaped(p)}" for p in path) if where == "body" else f"{where}/{'/'.join(map(str, path))}"
    detail = str(one["msg"]).removeprefix("Value error, ")
    return {
        "pointer": pointer,
        "detail": safe(detail[:1].upper() + detail[1:] + "."),
        "code": one["type"].replace("_", "-"),
    }


def escaped(part: Any) -> str:
    return safe(str(part).replace("~", "~0").replace("/", "~1"))


def safe(words: str) -> str:
    return words.encode("utf-8", "replace").decode()
