"""JSON (an array of objects) and NDJSON (an object a line) to rows; a number keeps the digits it was sent with."""

from __future__ import annotations

import json
from typing import Any

from services.metrics.domain.observation import ROWS_PER_BATCH_MAX
from services.metrics.ingestion.fields import (
    DIMENSIONS,
    decoded,
    pointer,
    rows_of,
    too_many_rows,
)
from shared.domain import Invalid
from shared.events.observations import ObservationRow, ObservationRows, Pairs

_FIELDS = frozenset(ObservationRow._fields)


def read_json(content: bytes) -> ObservationRows:
    """The rows of a JSON array; null and the empty text are not given.

    Raises `Invalid` malformed-json, name-twice, not-an-array, not-an-object, unknown-field, wrong-type, too-many-rows,
    not-utf-8.
    """
    parsed = _parse(decoded(content), "", "The body")
    if not isinstance(parsed, list):
        raise Invalid("", "not-an-array", "A batch is an array of objects.")
    return _rows(parsed)


def read_ndjson(content: bytes) -> ObservationRows:
    """The rows of newline-delimited JSON; blank lines are passed over. Raises `Invalid` as `read_json` does."""
    numbered = [(number, line) for number, line in enumerate(decoded(content).split("\n"), start=1) if line.strip()]
    if len(numbered) > ROWS_PER_BATCH_MAX:
        raise too_many_rows()
    return _rows(_at_once([line.strip() for _, line in numbered]) or _one_by_one(numbered))


def _at_once(lines: list[str]) -> list[Any] | None:
    """All lines as one array; None unless each line is an object, which takes a closer look."""
    if not all(line[0] == "{" and line[-1] == "}" for line in lines):
        return None
    try:
        parsed: list[Any] = _DECODER.decode(f"[{','.join(lines)}]")
    except (ValueError, RecursionError, Invalid):
        return None
    return parsed if len(parsed) == len(lines) else None


def _one_by_one(numbered: list[tuple[int, str]]) -> list[Any]:
    return [_parse(line, f"/{index}", f"Line {number}") for index, (number, line) in enumerate(numbered)]


def _parse(text: str, where: str, what: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}" if not where else f"column {error.colno}"
        raise Invalid(where, "malformed-json", f"{what} is no JSON at {place}: {error.msg}.") from error
    except RecursionError as error:
        raise Invalid(where, "malformed-json", f"{what} is nested too deeply.") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid("", "name-twice", f"{twice[:100]!r} stands twice in one object.")
    return found


def _no_constant(name: str) -> Any:
    raise Invalid("", "malformed-json", f"{name} is no JSON; leave out the value that is none.")


_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_constant, object_pairs_hook=_unique)


def _rows(objects: list[Any]) -> ObservationRows:
    if len(objects) > ROWS_PER_BATCH_MAX:
        raise too_many_rows()
    if not set(map(type, objects)) <= {dict}:
        index = next(index for index, fields in enumerate(objects) if not isinstance(fields, dict))
        raise Invalid(f"/{index}", "not-an-object", "A row is an object.")
    names: set[str] = set().union(*objects)
    if not names <= _FIELDS:
        index, unknown = next(
            (index, min(given)) for index, row in enumerate(objects) if (given := row.keys() - _FIELDS)
        )
        raise Invalid(pointer(str(index), unknown), "unknown-field", f"No field is called {unknown[:100]!r}.")
    columns = {name: [fields.get(name) for fields in objects] for name in names}
    dimensions = _dimensions(columns.pop(DIMENSIONS, []))
    return rows_of({name: _texts(name, values) for name, values in columns.items()}, dimensions, len(objects))


def _texts(field: str, values: list[Any]) -> list[str]:
    types = set(map(type, values))
    if not types <= {str, type(None)}:
        for index, value in enumerate(values):
            _refuse_type(value, str(index), field)
    return [value or "" for value in values] if type(None) in types else values


def _dimensions(given: list[Any]) -> list[Pairs]:
    """Each row's pairs; equal ones are one object, of which a batch has few."""
    known: dict[Any, Pairs] = {}
    found = []
    for index, pairs in enumerate(given):
        key = tuple(pairs.items()) if isinstance(pairs, dict) else pairs
        try:
            found.append(known[key])
        except (KeyError, TypeError):
            found.append(_pairs(index, pairs))
            known[key] = found[-1]
    return found


def _pairs(index: int, given: Any) -> Pairs:
    if given is None:
        return ()
    if not isinstance(given, dict):
        raise Invalid(f"/{index}/{DIMENSIONS}", "wrong-type", "Dimensions are an object of texts.")
    for name, value in given.items():
        _refuse_type(value, str(index), DIMENSIONS, name)
    return tuple(sorted((name, value) for name, value in given.items() if value))


def _refuse_type(value: Any, *where: str) -> None:
    if value is not None and not isinstance(value, str):
        raise Invalid(pointer(*where), "wrong-type", f"{where[-1][:100]!r} is a text or a number.")
