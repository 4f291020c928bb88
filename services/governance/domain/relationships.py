"""Who holds an alliance together: what each person is to it, and what breaks if that person leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.events.governance_terms import Forum, Member

THIN = 3
"""A side with fewer active people hangs on too few."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A place that somebody holds: `key` names it among its kind, `title` says it to people."""

    member: Member
    kind: str
    key: str
    title: str


def seats_of_forums(forums: Iterable[Forum]) -> list[Seat]:
    return [Seat(member, "forum", forum.key, forum.title) for forum in forums for member in forum.members]


def people(seats: Iterable[Seat]) -> tuple[Member, ...]:
    """Everybody who holds a seat, each once, in a fixed order."""
    return tuple(sorted({seat.member for seat in seats}, key=lambda member: (str(member.side), str(member.person_id))))


def held_by(person: Member, seats: Iterable[Seat], kind: str) -> tuple[str, ...]:
    """The keys of the seats of a kind that a person holds, each once."""
    return tuple(dict.fromkeys(seat.key for seat in seats if seat.member == person and seat.kind == kind))


def breaks_without(person: Member, seats: Iterable[Seat]) -> tuple[str, ...]:
    """What nobody of the same side would hold any more, in words."""
    holders: dict[tuple[str, str, str], set[UUID]] = {}
    for seat in seats:
        if seat.member.side == person.side:
            holders.setdefault((seat.kind, seat.key, seat.title), set()).add(seat.member.person_id)
    return tuple(
        f"{WORDS[kind]} {title}" for (kind, _, title), who in sorted(holders.items()) if who == {person.person_id}
    )


WORDS: Mapping[str, str] = {
    "owner": "no",
    "forum": "no member of this side in the forum",
    "pair": "no counterpart for",
    "milestone": "no owner on this side of the milestone",
    "track": "no owner on this side of the track",
}
"""How the loss of each kind of seat is said."""
