"""Replays: send again, or for the first time, what was recorded in a time. Counted first, started then."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.webhooks.api.deliveries import of_present_endpoint
from services.webhooks.api.endpoints import READ, WRITE, home
from services.webhooks.api.replay_schemas import Replay, ReplayWishes
from services.webhooks.catalogue import told_types
from services.webhooks.domain import replay as rules
from services.webhooks.domain.endpoint import ENDPOINT
from services.webhooks.domain.replay import REPLAY, Span, check_span
from services.webhooks.read_models.replays import replay, replays, replays_of
from services.webhooks.replaying import Wanted, count, queued, take_back
from shared.auth.caller import ADMINS
from shared.events.webhooks import Replayed
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.log import Loaded

router = Router("webhooks", "replays")


@router.create("/endpoints/{endpoint_id}/replays", scope=WRITE, roles=ADMINS)
def count_replay(session: Session, endpoint_id: Id, body: ReplayWishes) -> Replay:
    """Count what a replay would send. Nothing is sent before you start it."""
    organisation_id = of_present_endpoint(session, endpoint_id)
    if not set(body.alliances) <= set(session.ledgers("alliance")):
        raise not_found()
    types, alliances = tuple(body.event_types), tuple(body.alliances)
    span = Span(body.since, body.until or session.at, types, alliances, Replayed(body.deliveries))
    check_span(span, told_types(), session.at)
    to = session.load(ENDPOINT, organisation_id, endpoint_id).state
    found = count(session.connection, Wanted(organisation_id, to, span))
    replay_id = session.new_id()
    command = rules.CountReplay(session.at, session.caller.person, endpoint_id, to, span, found)
    session.create(REPLAY, organisation_id, replay_id, rules.count(command, REPLAY.empty))
    return shown(session, endpoint_id, replay_id)


@router.read("/endpoints/{endpoint_id}/replays", scope=READ)
def list_replays(
    session: Session, endpoint_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Replay]:
    """The replays of an endpoint, oldest first."""
    organisation_id = of_present_endpoint(session, endpoint_id)
    turned = session.view(organisation_id).page(
        replays_of(organisation_id, endpoint_id), order=[replays.c.id], cursor=cursor, limit=limit
    )
    return Page[Replay](items=[described(session, row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/endpoints/{endpoint_id}/replays/{replay_id}", scope=READ)
def get_replay(session: Session, endpoint_id: Id, replay_id: Id) -> Replay:
    """A replay, and how far it has come."""
    return shown(session, endpoint_id, replay_id)


@router.change("/endpoints/{endpoint_id}/replays/{replay_id}/start", scope=WRITE, roles=ADMINS)
def start_replay(session: Session, endpoint_id: Id, replay_id: Id) -> Replay:
    """Start a replay that was counted. Each request of it bears its id in the header `Concord-Replay`."""
    held = held_replay(session, endpoint_id, replay_id)
    to = session.load(ENDPOINT, held.ledger_id, endpoint_id).state
    session.append(REPLAY, held, rules.start(rules.StartReplay(session.at, session.caller.person, to), held.state))
    return shown(session, endpoint_id, replay_id)


@router.change("/endpoints/{endpoint_id}/replays/{replay_id}/cancel", scope=WRITE, roles=ADMINS)
def cancel_replay(session: Session, endpoint_id: Id, replay_id: Id) -> Replay:
    """Cancel a replay: no more is sent, but for what is under way at this moment."""
    held = held_replay(session, endpoint_id, replay_id)
    session.append(REPLAY, held, rules.cancel(rules.CancelReplay(session.at, session.caller.person), held.state))
    take_back(session.connection, held.ledger_id, replay_id)
    return shown(session, endpoint_id, replay_id)


def held_replay(session: Session, endpoint_id: UUID, replay_id: UUID) -> Loaded[rules.Replay]:
    """A replay about to be changed, of this endpoint."""
    organisation_id = of_present_endpoint(session, endpoint_id)
    # Before the ledger's head: the worker, too, takes the replay first.
    session.view(organisation_id).one(replay(organisation_id, endpoint_id, replay_id).with_for_update())
    held = session.load(REPLAY, organisation_id, replay_id)
    if held.state.endpoint != endpoint_id:
        raise not_found()
    return session.change(REPLAY, replay_id, organisation_id)


def shown(session: Session, endpoint_id: UUID, replay_id: UUID) -> Replay:
    organisation_id = of_present_endpoint(session, endpoint_id)
    return described(session, session.view(organisation_id).one(replay(organisation_id, endpoint_id, replay_id)))


def described(session: Session, row: Any) -> Replay:
    made = queued(session.connection, home(session), row.id)
    return Replay.model_validate({**row._mapping, "queued": made})  # noqa: SLF001 (SQLAlchemy documents it)
