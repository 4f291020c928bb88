"""JSON (an array of objects) and NDJSON (an object a line) to rows; a number keeps the digits it was sent with."""

from __future__ import annotations

import json
from typing import Any

from services.metrics.domain.observation import ROWS_PER_BATCH_MAX
from services.metrics.ingestion.fields import DIMENSIONS, TEXT_FIELDS, decoded, pointer, too_many_rows
from shared.domain import Invalid
from shared.events.observations import ObservationRow

_FIELDS = frozenset(ObservationRow._fields)
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


def read_json(content: bytes) -> list[ObservationRow]:
    """The rows of a JSON array; null and the empty text are not given.

    Raises `Invalid` malformed-json, not-an-array, not-an-object, unknown-field, wrong-type, too-many-rows, not-utf-8.
    """
    parsed = _parse(decoded(content), "", "The body")
    if not isinstance(parsed, list):
        raise Invalid("", "not-an-array", "A batch is an array of objects.")
    if len(parsed) > ROWS_PER_BATCH_MAX:
        raise too_many_rows()
    return [_row(index, fields) for index, fields in enumerate(parsed)]


def read_ndjson(content: bytes) -> list[ObservationRow]:
    """The rows of newline-delimited JSON; blank lines are passed over. Raises `Invalid` as `read_json` does."""
    rows: list[ObservationRow] = []
    for number, line in enumerate(decoded(content).split("\n"), start=1):
        if not line or line.isspace():
            continue
        index = len(rows)
        if index == ROWS_PER_BATCH_MAX:
            raise too_many_rows()
        rows.append(_row(index, _parse(line, f"/{index}", f"Line {number}")))
    return rows


def _parse(text: str, where: str, what: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}" if not where else f"column {error.colno}"
        raise Invalid(where, "malformed-json", f"{what} is no JSON at {place}: {error.msg}.") from error
    except RecursionError as error:
        raise Invalid(where, "malformed-json", f"{what} is nested too deeply.") from error


def _row(index: int, fields: Any) -> ObservationRow:
    if not isinstance(fields, dict):
        raise Invalid(f"/{index}", "not-an-object", "A row is an object.")
    if not fields.keys() <= _FIELDS:
        unknown = min(fields.keys() - _FIELDS)
        raise Invalid(pointer(str(index), unknown), "unknown-field", f"No field is called {unknown!r}.")
    get = fields.get
    texts = [get(field, "") for field in TEXT_FIELDS]
    if set(map(type, texts)) != {str}:
        _refuse_types((str(index),), dict(zip(TEXT_FIELDS, texts, strict=True)))
        texts = [text or "" for text in texts]
    dimensions = _dimensions(index, fields[DIMENSIONS]) if get(DIMENSIONS) is not None else ()
    return ObservationRow._make((*texts[:6], dimensions, *texts[6:]))


def _dimensions(index: int, given: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, dict):
        raise Invalid(f"/{index}/{DIMENSIONS}", "wrong-type", "Dimensions are an object of texts.")
    _refuse_types((str(index), DIMENSIONS), given)
    return tuple(sorted((name, value) for name, value in given.items() if value))


def _refuse_types(where: tuple[str, ...], fields: dict[str, Any]) -> None:
    for field, value in fields.items():
        if value is not None and not isinstance(value, str):
            raise Invalid(pointer(*where, field), "wrong-type", f"{field[:100]!r} is a text or a number.")
