"""What an endpoint's owner decides: where to, what of, how fast, and in which order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from services.webhooks.domain.addresses import objection_to_url
from shared.domain import Invalid
from shared.events.webhooks import EndpointChanged, EndpointRegistered, FieldCondition

EVENT_TYPES_MAX, ALLIANCES_MAX, DESCRIPTION_CHARACTERS_MAX = 100, 100, 500
FILTERS_MAX, FILTER_VALUES_MAX, FILTER_CHARACTERS_MAX = 10, 50, 200
HEADERS_MAX, HEADER_CHARACTERS_MAX = 10, 1_000
CONCURRENCY_MAX, CONCURRENCY_DEFAULT = 16, 2
RATE_PER_MINUTE_MAX = 60_000
PATTERN = re.compile(r"\*|[a-z]+\.\*|[a-z]+\.[a-z][a-z0-9-]*\.(\*|v[1-9][0-9]*)")
FIELD = re.compile(r"[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62}){0,4}")
HEADER_NAME = re.compile(r"authorization|x-[a-z0-9-]{1,60}")
HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")
OURS = re.compile(r"x-(concord|webhook|forwarded|real|http-method|original|rewrite)(-.*)?")
"""What the receiver's own gateways say: a custom header never poses as these, and none at all as the format's."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """`event_types` may end in `*`; no `alliances` means every one; all `filters` must hold.

    `headers`: names of custom headers, lower case. `concurrency`: requests at once. `rate_per_minute`: None is no
    limit. `fifo`: within each ledger one after another, a failing one holding back those after it.
    """

    url: str
    event_types: tuple[str, ...]
    alliances: tuple[UUID, ...] = ()
    description: str | None = None
    filters: tuple[FieldCondition, ...] = ()
    headers: tuple[str, ...] = ()
    concurrency: int = CONCURRENCY_DEFAULT
    rate_per_minute: int | None = None
    fifo: bool = False

    def cover(self, event_type: str, alliance: UUID | None, data: Mapping[str, Any]) -> bool:
        """Whether an event is asked for. `alliance`: None for the organisation's own ledger; `data`: as it is told."""
        if self.alliances and alliance not in self.alliances:
            return False
        if not any(covers(pattern, event_type) for pattern in self.event_types):
            return False
        return all(holds(condition, data) for condition in self.filters)


def wishes_in(event: EndpointRegistered | EndpointChanged) -> Wishes:
    return Wishes(**{field.name: getattr(event, field.name) for field in fields(Wishes)})


def as_fields(wishes: Wishes) -> dict[str, Any]:
    return {field.name: getattr(wishes, field.name) for field in fields(Wishes)}


def covers(pattern: str, event_type: str) -> bool:
    """`governance.*` covers every event of that service; `governance.vote-cast.*` every version of that one."""
    return event_type.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == event_type


def holds(condition: FieldCondition, data: Mapping[str, Any]) -> bool:
    """Whether the field is there and one of the values; of a list, whether one of its members is."""
    value: Any = data
    for name in condition.field.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    members = value if isinstance(value, list) else [value]
    return any(text_of(member) in condition.one_of for member in members)


def text_of(value: Any) -> str | None:
    """A scalar of JSON as it is written in a filter; None for what no filter can name."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return None


def granted(wishes: Wishes, catalogue: frozenset[str], *, development: bool) -> Wishes:
    """The wishes without repetitions, in a fixed order; raises Invalid for what cannot be granted."""
    objection = objection_to_url(wishes.url, development=development)
    if objection:
        raise Invalid("/url", objection.code, objection.words)
    check_event_types(wishes.event_types, catalogue, "/event_types")
    if len(wishes.alliances) > ALLIANCES_MAX:
        raise Invalid("/alliances", "how-many", f"An endpoint names at most {ALLIANCES_MAX} alliances; none means all.")
    if len(wishes.description or "") > DESCRIPTION_CHARACTERS_MAX:
        words = f"A description has at most {DESCRIPTION_CHARACTERS_MAX} characters."
        raise Invalid("/description", "too-long", words)
    check_filters(wishes.filters)
    check_header_names(wishes.headers)
    check_pace(wishes)
    types, alliances = sorted(set(wishes.event_types)), sorted(set(wishes.alliances))
    return replace(
        wishes, event_types=tuple(types), alliances=tuple(alliances), headers=tuple(sorted(set(wishes.headers)))
    )


def check_event_types(patterns: tuple[str, ...], catalogue: frozenset[str], pointer: str) -> None:
    if not 1 <= len(patterns) <= EVENT_TYPES_MAX:
        raise Invalid(pointer, "how-many", f"There are 1 to {EVENT_TYPES_MAX} event types.")
    for place, pattern in enumerate(patterns):
        if not PATTERN.fullmatch(pattern) or not any(covers(pattern, name) for name in catalogue):
            words = f"{pattern!r} is no event type of the catalogue, and no wildcard (governance.*) that covers one."
            raise Invalid(f"{pointer}/{place}", "unknown-event-type", words)


def check_filters(filters: tuple[FieldCondition, ...]) -> None:
    if len(filters) > FILTERS_MAX:
        raise Invalid("/filters", "how-many", f"An endpoint has at most {FILTERS_MAX} filters.")
    for place, condition in enumerate(filters):
        if not FIELD.fullmatch(condition.field):
            words = "A field is named as in the event's data, with full stops into what is nested: period.kind."
            raise Invalid(f"/filters/{place}/field", "field-name", words)
        if not 1 <= len(condition.one_of) <= FILTER_VALUES_MAX:
            words = f"A filter names 1 to {FILTER_VALUES_MAX} values."
            raise Invalid(f"/filters/{place}/one_of", "how-many", words)
        if any(len(value) > FILTER_CHARACTERS_MAX for value in condition.one_of):
            words = f"A value has at most {FILTER_CHARACTERS_MAX} characters."
            raise Invalid(f"/filters/{place}/one_of", "too-long", words)


def check_header_names(names: tuple[str, ...]) -> None:
    if len(names) > HEADERS_MAX:
        raise Invalid("/headers", "how-many", f"An endpoint has at most {HEADERS_MAX} headers of its own.")
    for name in names:
        if not HEADER_NAME.fullmatch(name) or OURS.fullmatch(name):
            words = (
                f"A header of your own is authorization or x-…, and says nothing about who sends or how; not {name!r}."
            )
            raise Invalid(f"/headers/{name}", "header-name", words)


def check_header_values(headers: Mapping[str, str]) -> None:
    """Raises Invalid for what no header can hold."""
    for name, value in headers.items():
        if len(value) > HEADER_CHARACTERS_MAX or not HEADER_VALUE.fullmatch(value):
            words = f"A header's value is 1 to {HEADER_CHARACTERS_MAX} printable ASCII characters."
            raise Invalid(f"/headers/{name}", "header-value", words)


def check_pace(wishes: Wishes) -> None:
    if not 1 <= wishes.concurrency <= CONCURRENCY_MAX:
        raise Invalid("/concurrency", "out-of-range", f"Requests at once are 1 to {CONCURRENCY_MAX}.")
    if wishes.rate_per_minute is not None and not 1 <= wishes.rate_per_minute <= RATE_PER_MINUTE_MAX:
        raise Invalid("/rate_per_minute", "out-of-range", f"A rate is 1 to {RATE_PER_MINUTE_MAX:,} a minute.")
