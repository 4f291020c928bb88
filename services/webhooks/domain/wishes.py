"""What an endpoint's owner decides: where to, what of, how fast, and in which order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from services.webhooks.domain.addresses import objection_to_url
from shared.domain import Invalid, refuse_faults
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


Catalogue = Mapping[str, Collection[str]]
"""The event types that are told to others, each with the fields of its data."""


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


def granted(wishes: Wishes, catalogue: Catalogue, *, development: bool) -> Wishes:
    """The wishes without repetitions, in a fixed order; raises Invalid, with all that cannot be granted."""
    refuse_faults(faults_in(wishes, catalogue, development=development))
    types, alliances = sorted(set(wishes.event_types)), sorted(set(wishes.alliances))
    return replace(wishes, event_types=tuple(types), alliances=tuple(alliances), headers=tuple(sorted(wishes.headers)))


def faults_in(wishes: Wishes, catalogue: Catalogue, *, development: bool) -> Iterator[Invalid]:
    objection = objection_to_url(wishes.url, development=development)
    if objection:
        yield Invalid("/url", objection.code, objection.words)
    yield from faults_in_event_types(wishes.event_types, catalogue, "/event_types")
    if len(wishes.alliances) > ALLIANCES_MAX:
        yield Invalid("/alliances", "how-many", f"An endpoint names at most {ALLIANCES_MAX} alliances; none means all.")
    if len(wishes.description or "") > DESCRIPTION_CHARACTERS_MAX:
        words = f"A description has at most {DESCRIPTION_CHARACTERS_MAX} characters."
        yield Invalid("/description", "too-long", words)
    yield from faults_in_filters(wishes, catalogue)
    yield from faults_in_header_names(wishes.headers)
    yield from faults_in_pace(wishes)


def faults_in_event_types(patterns: tuple[str, ...], catalogue: Collection[str], pointer: str) -> Iterator[Invalid]:
    if not 1 <= len(patterns) <= EVENT_TYPES_MAX:
        yield Invalid(pointer, "how-many", f"There are 1 to {EVENT_TYPES_MAX} event types.")
    for place, pattern in enumerate(patterns):
        if not PATTERN.fullmatch(pattern) or not any(covers(pattern, name) for name in catalogue):
            words = f"{pattern!r} is no event type of the catalogue, and no wildcard (governance.*) that covers one."
            yield Invalid(f"{pointer}/{place}", "unknown-event-type", words)


def faults_in_filters(wishes: Wishes, catalogue: Catalogue) -> Iterator[Invalid]:
    if len(wishes.filters) > FILTERS_MAX:
        yield Invalid("/filters", "how-many", f"An endpoint has at most {FILTERS_MAX} filters.")
    told = {
        field
        for name, told_of_it in catalogue.items()
        if any(covers(pattern, name) for pattern in wishes.event_types)
        for field in told_of_it
    }
    for place, condition in enumerate(wishes.filters):
        if not FIELD.fullmatch(condition.field):
            words = "A field is named as in the event's data, with full stops into what is nested: period.kind."
            yield Invalid(f"/filters/{place}/field", "field-name", words)
        elif told and condition.field.split(".")[0] not in told:
            # A slip of the pen here would else keep back everything, without a word.
            words = f"None of these event types has a field {condition.field!r}; see the schemas of the catalogue."
            yield Invalid(f"/filters/{place}/field", "unknown-field", words)
        if not 1 <= len(condition.one_of) <= FILTER_VALUES_MAX:
            words = f"A filter names 1 to {FILTER_VALUES_MAX} values."
            yield Invalid(f"/filters/{place}/one_of", "how-many", words)
        if any(len(value) > FILTER_CHARACTERS_MAX for value in condition.one_of):
            words = f"A value has at most {FILTER_CHARACTERS_MAX} characters."
            yield Invalid(f"/filters/{place}/one_of", "too-long", words)


def faults_in_header_names(names: tuple[str, ...]) -> Iterator[Invalid]:
    if len(names) > HEADERS_MAX:
        yield Invalid("/headers", "how-many", f"An endpoint has at most {HEADERS_MAX} headers of its own.")
    for place, name in enumerate(names):
        if not HEADER_NAME.fullmatch(name) or OURS.fullmatch(name):
            words = (
                f"A header of your own is authorization or x-…, and says nothing about who sends or how; not {name!r}."
            )
            yield Invalid(f"/headers/{place}/name", "header-name", words)
        elif name in names[:place]:
            yield Invalid(f"/headers/{place}/name", "header-twice", f"Each header is given once; {name!r} is not.")


def check_header_values(values: Iterable[str]) -> None:
    """Raises Invalid for what no header can hold."""
    words = f"A header's value is 1 to {HEADER_CHARACTERS_MAX} printable ASCII characters."
    refuse_faults(
        Invalid(f"/headers/{place}/value", "header-value", words)
        for place, value in enumerate(values)
        if len(value) > HEADER_CHARACTERS_MAX or not HEADER_VALUE.fullmatch(value)
    )


def faults_in_pace(wishes: Wishes) -> Iterator[Invalid]:
    if not 1 <= wishes.concurrency <= CONCURRENCY_MAX:
        yield Invalid("/concurrency", "out-of-range", f"Requests at once are 1 to {CONCURRENCY_MAX}.")
    if wishes.rate_per_minute is not None and not 1 <= wishes.rate_per_minute <= RATE_PER_MINUTE_MAX:
        yield Invalid("/rate_per_minute", "out-of-range", f"A rate is 1 to {RATE_PER_MINUTE_MAX:,} a minute.")
