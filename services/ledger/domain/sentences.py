"""History in words: who did what, from the predicate an event declares and the data it holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from services.ledger.domain.thing import Change
from shared.events.declare import CALLED

ERASED = "[erased]"
NOTHING = "nothing"
UNSAID = "…"
VALUE_CHARACTERS_MAX = 200
TITLE_CHARACTERS_MAX = 80
CHANGED_CHARACTERS_MAX = 60
"""Of a value before or after."""
CHANGES_MAX = 3
LIST_ITEMS_MAX = 10
PLACEHOLDER = re.compile(r"( ?)\{([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*)\}")
KEY = re.compile(r"[a-z]+(?:_[a-z]+)+")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:T.*)?")
NOT_FOR_READERS = "sha256"
"""How the fields are called that hold the digest of another one."""


def sentence(
    says: str,
    data: Mapping[str, Any] | None,
    *,
    actor: str | None,
    organisation: str | None = None,
    on_behalf_of: str | None = None,
    called: str | None = None,
    names: Mapping[str, str] | None = None,
    erased: Collection[str] = (),
    changes: Sequence[Change] = (),
) -> str:
    """A sentence such as `Ana Ruiz of United voted approve on the decision “Fares in summer”.` with its full stop.

    Of a delegate, who acted `on_behalf_of` a colleague: `Lee Park of United, for Ana Ruiz, voted approve.`
    `says` is the predicate of the event's type and `data` its fields as JSON; `{a.b}` reaches inside, `{called}` is the
    title of the thing. `names` gives the readable name of an id. Fields in `erased`, and those that are not there, read
    `[erased]`; None reads `nothing`; where `data` is None, being held back, all of them read `…`. `changes` follow in
    brackets, before and after.
    It never raises: what it cannot fill in, it shows as it is.
    """
    who = f"{actor or ERASED} of {organisation}" if organisation else actor or ERASED
    who = f"{who}, for {on_behalf_of}," if on_behalf_of else who

    def filled(found: re.Match[str]) -> str:
        if found[2] == CALLED:
            return "" if called is None else found[1] + quoted(called)
        if data is None:
            return found[1] + UNSAID
        return found[1] + in_words(value_at(found[2].split("."), data, erased), names or {})

    changed = changes_in_words(changes, names or {})
    return one_line(f"{who} {PLACEHOLDER.sub(filled, says)}{f' ({changed})' if changed else ''}.")


def quoted(title: str) -> str:
    return title if title == ERASED else f"“{shortened(title, TITLE_CHARACTERS_MAX)}”"


def changes_in_words(changes: Sequence[Change], names: Mapping[str, str]) -> str:
    """Such as `due on: 1 March 2026 → 5 March 2026; stage: pilot → launch; and 2 more`."""
    told = [one for one in changes if not one.field.endswith(NOT_FOR_READERS)]
    shown = [change_in_words(one, names) for one in told[:CHANGES_MAX]]
    return "; ".join([*shown, f"and {len(told) - CHANGES_MAX} more"] if len(told) > CHANGES_MAX else shown)


def change_in_words(change: Change, names: Mapping[str, str]) -> str:
    before, after = (
        ERASED if change.erased and value is None else glimpse(value, names) for value in (change.before, change.after)
    )
    return f"{change.field.replace('.', ' ').replace('_', ' ')}: {before} → {after}"


def glimpse(value: object, names: Mapping[str, str]) -> str:
    """A value at a length that leaves room for another; of a list of objects how many there are."""
    if isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        return f"{len(value)} entries" if len(value) > 1 else "1 entry"
    return shortened(in_words(value, names), CHANGED_CHARACTERS_MAX) or NOTHING


def value_at(path: list[str], data: Mapping[str, Any], erased: Collection[str]) -> object:
    value: object = data
    if path[0] in erased:
        return ERASED
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return ERASED
        value = value[key]
    return value


def in_words(value: object, names: Mapping[str, str]) -> str:
    """A JSON value as a person reads it: money, durations, days and times, lists, names for ids."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case str():
            return shortened(names.get(value) or day_in_words(value) or unkeyed(value))
        case Mapping():
            return object_in_words(value, names)
        case list() | tuple():
            return listed([in_words(inner, names) for inner in value])
        case _:
            return shortened(str(value))


def unkeyed(text: str) -> str:
    """A key such as `alliance_manager` as words; any other text as it is."""
    return text.replace("_", " ") if KEY.fullmatch(text) else text


def object_in_words(value: Mapping[str, Any], names: Mapping[str, str]) -> str:
    match value:
        case {"amount": amount, "currency": currency}:
            return f"{in_words(amount, {})} {in_words(currency, {})}"
        case {"value": number, "unit": unit}:
            return f"{in_words(number, {})} {in_words(unit, {}).replace('_', ' ')}"
        case _:
            return listed([f"{key} {in_words(inner, names)}" for key, inner in value.items()])


def listed(words: list[str]) -> str:
    if len(words) > LIST_ITEMS_MAX:
        words = [*words[: LIST_ITEMS_MAX - 1], f"{len(words) - LIST_ITEMS_MAX + 1} more"]
    if not words:
        return NOTHING
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last


def day_in_words(text: str) -> str | None:
    if not DAY.fullmatch(text):
        return None
    try:
        if len(text) == len("2026-03-01"):
            day = date.fromisoformat(text)
            return f"{day.day} {day:%B %Y}"
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    zone = "UTC" if moment.utcoffset() is not None and not moment.utcoffset() else moment.strftime("%z")
    return f"{moment.day} {moment:%B %Y, %H:%M} {zone}".rstrip()


def shortened(text: str, characters_max: int = VALUE_CHARACTERS_MAX) -> str:
    text = one_line(text)
    return text if len(text) <= characters_max else f"{text[: characters_max - 1]}…"


def one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
