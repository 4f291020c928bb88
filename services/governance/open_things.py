"""What is open in an alliance, in whose court it is and until when: what agendas, inboxes and calendars are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from services.governance.domain.moment import end_of
from services.governance.read_models.actions import actions_of
from services.governance.read_models.decisions import decisions_of
from services.governance.read_models.disputes import disputes_of
from services.governance.read_models.governance_models import governance_models
from services.governance.read_models.issues import issues_of
from services.governance.read_models.milestones import milestones_of
from services.governance.read_models.reviews import reviews_of
from services.governance.read_models.risks import risks_of
from shared.events.governance_meetings import AgendaItemKind
from shared.events.governance_terms import Layer
from shared.http.view import View

OPEN_THINGS_MAX = 500
"""Of one alliance and kind, in an agenda, an inbox or a calendar; the lists have all."""
FORTNIGHT = timedelta(days=14)
NEVER = datetime.max.replace(tzinfo=UTC)
SEVERE = 15
"""Likelihood times impact, of 25, from which a risk is spoken of."""
STEERING, COUNCIL, WORKING = Layer.EXECUTIVE_STEERING, Layer.OPERATIONAL_COUNCIL, Layer.WORKING_TEAM


@dataclass(frozen=True)
class Open:
    """`sides` and `people` are those in whose court it is; none of them: everybody. `layers`: who speaks of it where.

    A thing that stands with a forum is on that forum's agenda alone, unless `layers` says more.
    """

    kind: AgendaItemKind
    alliance_id: UUID
    thing: UUID
    title: str | None
    why: str
    due_at: datetime | None
    sides: tuple[UUID, ...] = ()
    people: tuple[UUID, ...] = ()
    forum: str | None = None
    layers: tuple[Layer, ...] = ()

    def on_agenda_of(self, forum: str, layer: str) -> bool:
        return self.forum == forum or layer in self.layers

    def is_for(self, side: UUID, person_id: UUID) -> bool:
        if self.people:
            return person_id in self.people
        return not self.sides or side in self.sides


def open_things(view: View, alliance_id: UUID, at: datetime) -> list[Open]:
    """Everything open, what is due first in front."""
    members = members_in_force(view, alliance_id)
    found = [
        *_decisions(_rows(view, decisions_of(alliance_id, "open")), members),
        *_actions(_rows(view, actions_of(alliance_id, "open")), at),
        *_issues(_rows(view, issues_of(alliance_id, "open"))),
        *_disputes(_rows(view, disputes_of(alliance_id, "open")), members),
        *_milestones(_rows(view, milestones_of(alliance_id))),
        *_reviews(_rows(view, reviews_of(alliance_id))),
        *_risks(_rows(view, risks_of(alliance_id, "open"))),
    ]
    return in_order(found)


def in_order(found: Iterable[Open]) -> list[Open]:
    """What is due first in front, then what is never due."""
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or NEVER, one.kind, str(one.thing)))


def members_in_force(view: View, alliance_id: UUID) -> Mapping[str, list[tuple[UUID, UUID]]]:
    """The members of each forum of the governance model in force, as side and person."""
    model = governance_models
    in_force = select(model.c.content).where(model.c.ledger_id == alliance_id, model.c.status == "in_force")
    row = view.first(in_force)
    forums = [] if row is None else row.content["forums"]
    return {
        forum["key"]: [(UUID(member["side"]), UUID(member["person_id"])) for member in forum["members"]]
        for forum in forums
    }


def _rows(view: View, statement: Select[Any]) -> list[Any]:
    return list(view.all(statement.limit(OPEN_THINGS_MAX)))


def _decisions(rows: list[Any], members: Mapping[str, list[tuple[UUID, UUID]]]) -> Iterator[Open]:
    for row in rows:
        in_charge = {UUID(side): UUID(person) for side, person in row.assigned.items()}
        people: list[UUID] = []
        for side in row.waits_for:
            seats = [person for of, person in members.get(row.forum or "", []) if of == side]
            people += [in_charge[side]] if side in in_charge else seats
        layers = (STEERING,) if row.breached else ()
        yield Open(
            AgendaItemKind.DECISION,
            row.ledger_id,
            row.id,
            row.subject or row.title,
            "breached" if row.breached else "paused" if row.due_at is None and row.original_due_at else "open",
            row.due_at,
            tuple(row.waits_for),
            tuple(people),
            row.forum,
            layers if row.forum else (*layers, COUNCIL),
        )


def _actions(rows: list[Any], at: datetime) -> Iterator[Open]:
    for row in rows:
        why = "overdue" if row.overdue or row.due_at <= at else "open"
        kind, owner = AgendaItemKind.ACTION, (row.owner_side,)
        people, layers = (row.owner_id,), (COUNCIL, WORKING)
        yield Open(kind, row.ledger_id, row.id, row.title, why, row.due_at, owner, people, layers=layers)


def _issues(rows: list[Any]) -> Iterator[Open]:
    for row in rows:
        sides = () if row.owner is None else (UUID(row.owner["side"]),)
        people = () if row.owner is None else (UUID(row.owner["person_id"]),)
        layers = (WORKING, COUNCIL) if row.breached else (WORKING,)
        why = "breached" if row.breached else row.severity
        kind = AgendaItemKind.ISSUE
        yield Open(kind, row.ledger_id, row.id, row.title, why, row.due_at, sides, people, layers=layers)


def _disputes(rows: list[Any], members: Mapping[str, list[tuple[UUID, UUID]]]) -> Iterator[Open]:
    for row in rows:
        people = tuple(person for _, person in members.get(row.forum or "", []))
        layers = () if row.forum else (STEERING,)
        why = "breached" if row.breached else "open"
        kind = AgendaItemKind.DISPUTE
        yield Open(kind, row.ledger_id, row.id, row.subject, why, row.due_at, (), people, row.forum, layers)


def _milestones(rows: list[Any]) -> Iterator[Open]:
    for row in rows:
        if row.status not in ("reached", "dropped"):
            people = tuple(UUID(owner["person_id"]) for owner in row.owners)
            sides = tuple(UUID(owner["side"]) for owner in row.owners)
            why = "missed" if row.missed else row.status
            kind, due_at = AgendaItemKind.MILESTONE, end_of(row.due_on)
            yield Open(kind, row.ledger_id, row.id, row.title, why, due_at, sides, people, layers=(COUNCIL,))


def _reviews(rows: list[Any]) -> Iterator[Open]:
    for row in rows:
        if row.status in ("scheduled", "open", "missed"):
            title = f"{row.kind.replace('_', ' ')} review"
            kind, layers = AgendaItemKind.REVIEW, () if row.status == "scheduled" else (STEERING,)
            yield Open(kind, row.ledger_id, row.id, title, row.status, row.due_at, layers=layers)


def _risks(rows: list[Any]) -> Iterator[Open]:
    for row in rows:
        severe = row.likelihood * row.impact >= SEVERE
        people = () if row.owner is None else (UUID(row.owner["person_id"]),)
        layers = (COUNCIL, STEERING) if severe else ()
        why, kind = "severe" if severe else "open", AgendaItemKind.RISK
        yield Open(kind, row.ledger_id, row.id, row.title, why, None, (), people, layers=layers)
