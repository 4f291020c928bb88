"""What a person, or an alliance, has to see to: the next meeting, what is overdue, and what the fortnight brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from services.governance.api.clocks import asked_at
from services.governance.api.meetings import agenda_of, as_shown
from services.governance.api.schemas.meetings import Inbox, Meeting, OpenThing
from services.governance.open_things import FORTNIGHT, OPEN_THINGS_MAX, Open, in_order, open_things
from services.governance.read_models.meetings import coming_meetings
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "inbox")


@router.read("/me/inbox", as_of=False)
def get_my_inbox(session: Session) -> Inbox:
    """Your next meeting and its agenda; what of yours is overdue; what is due, or met on, within a fortnight."""
    side, person = session.caller.organisation, session.caller.person

    def mine(row: Any) -> bool:
        return any(member["person_id"] == str(person) for member in row.members)

    return inbox(session, sorted(session.ledgers("alliance")), lambda one: one.is_for(side, person), mine)


@router.read("/alliances/{alliance_id}/inbox", scope="governance:read")
def get_alliance_inbox(session: Session, alliance_id: Id) -> Inbox:
    """The same for a whole alliance: its next meeting, what is overdue, and the coming fortnight, of all sides."""
    return inbox(session, [session.enter(alliance_id)], lambda _: True, lambda _: True)


def inbox(
    session: Session, alliances: Sequence[UUID], concerns: Callable[[Open], bool], attends: Callable[[Any], bool]
) -> Inbox:
    at = session.at if session.moment is None else asked_at(session, alliances[0])
    view = session.view(*alliances)
    coming = [row for row in view.all(coming_meetings(list(alliances), at, at + FORTNIGHT)) if attends(row)]
    found = [one for alliance in alliances for one in open_things(view, alliance, at) if concerns(one)]
    overdue = [one for one in found if one.due_at is not None and one.due_at <= at]
    soon = [one for one in found if one.due_at is not None and at < one.due_at <= at + FORTNIGHT]
    later = view.all(coming_meetings(list(alliances), at, at + 26 * FORTNIGHT)) if not coming else ()
    following = next(iter(coming), None) or next((row for row in later if attends(row)), None)
    agenda = [] if following is None else agenda_of(session, following)
    meetings = [as_open(as_shown(row)) for row in coming]
    things = sorted([*map(shown, soon), *meetings], key=lambda one: (one.due_at is None, one.due_at, str(one.thing)))
    return Inbox(
        at=at,
        next_meeting=None if following is None else as_shown(following),
        agenda=[shown(one) for one in agenda],
        overdue=[shown(one) for one in in_order(overdue)][:OPEN_THINGS_MAX],
        fortnight=things[:OPEN_THINGS_MAX],
    )


def shown(one: Open) -> OpenThing:
    return OpenThing.model_validate(one)


def as_open(meeting: Meeting) -> OpenThing:
    """A meeting among what the fortnight brings."""
    return OpenThing(
        kind="meeting",
        alliance_id=meeting.alliance_id,
        thing=meeting.id,
        title=meeting.title,
        why="scheduled",
        due_at=meeting.starts_at,
        sides=[],
        people=[member.person_id for member in meeting.members],
    )
