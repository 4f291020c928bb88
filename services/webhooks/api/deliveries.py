"""Deliveries of an endpoint: what was tried, and sending again. They are as they are now: the queue has no history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.webhooks.api.endpoints import READ, WRITE, home
from services.webhooks.api.schemas import Attempt, Delivery, DeliveryState
from services.webhooks.catalogue import notice_of_test
from services.webhooks.deliveries import (
    State,
    deliveries,
    deliveries_of,
    delivery,
    holding_back,
    last_attempts,
    queue,
    queue_again,
    webhook_id,
)
from services.webhooks.read_models.endpoints import endpoint
from shared.auth.caller import ADMINS
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("webhooks", "deliveries")


@router.read("/endpoints/{endpoint_id}/deliveries", scope=READ, as_of=False)
def list_deliveries(
    session: Session,
    endpoint_id: Id,
    state: DeliveryState | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[Delivery]:
    """What an endpoint was sent or is to be sent, oldest event first, with the attempts made."""
    organisation_id = of_present_endpoint(session, endpoint_id)
    turned = session.view(organisation_id).page(
        deliveries_of(organisation_id, endpoint_id, state), order=[deliveries.c.event_id], cursor=cursor, limit=limit
    )
    return Page[Delivery](items=described(session, endpoint_id, turned.rows), next_cursor=turned.next_cursor)


@router.read("/endpoints/{endpoint_id}/deliveries/{event_id}", scope=READ, as_of=False)
def get_delivery(session: Session, endpoint_id: Id, event_id: Id) -> Delivery:
    """One delivery, with the attempts made."""
    of_present_endpoint(session, endpoint_id)
    return shown(session, endpoint_id, event_id)


@router.create("/endpoints/{endpoint_id}/deliveries/{event_id}/resend", scope=WRITE, roles=ADMINS, status=202)
def resend_delivery(session: Session, endpoint_id: Id, event_id: Id) -> Delivery:
    """Send a delivery again, now, whatever became of it; its schedule of retries starts anew."""
    organisation_id = of_present_endpoint(session, endpoint_id)
    session.view(organisation_id).one(delivery(organisation_id, endpoint_id, event_id))
    queue_again(session.connection, organisation_id, endpoint_id, event_id)
    return shown(session, endpoint_id, event_id)


@router.create("/endpoints/{endpoint_id}/test-events", scope=WRITE, roles=ADMINS, status=202)
def send_test_event(session: Session, endpoint_id: Id) -> Delivery:
    """Send a test event, `webhooks.test.v1`, whatever types the endpoint asks for. It is recorded in no ledger."""
    organisation_id = of_present_endpoint(session, endpoint_id)
    event_id = session.new_id()
    notice = notice_of_test(event_id, organisation_id, endpoint_id, session.at)
    queue(session.connection, organisation_id, endpoint_id, [notice])
    return shown(session, endpoint_id, event_id)


def of_present_endpoint(session: Session, endpoint_id: UUID) -> UUID:
    """The ledger of the caller's endpoints, once it is sure that this is one of them."""
    organisation_id = home(session)
    session.view(organisation_id).one(endpoint(organisation_id, endpoint_id))
    return organisation_id


def shown(session: Session, endpoint_id: UUID, event_id: UUID) -> Delivery:
    organisation_id = home(session)
    row = session.view(organisation_id).one(delivery(organisation_id, endpoint_id, event_id))
    return described(session, endpoint_id, [row])[0]


def described(session: Session, endpoint_id: UUID, rows: Sequence[Any]) -> list[Delivery]:
    """Deliveries with their attempts, asked for all at once."""
    organisation_id = home(session)
    made: dict[UUID, list[Attempt]] = defaultdict(list)
    events = [row.event_id for row in rows]
    for attempt in session.view(organisation_id).all(last_attempts(organisation_id, endpoint_id, events)):
        made[attempt.event_id].append(Attempt.model_validate(attempt))
    sources = {row.source for row in rows if row.state == State.WAITING}
    first = {
        row.source: row.event_id
        for row in session.view(organisation_id).all(holding_back(organisation_id, endpoint_id, sources))
    }
    return [description(row, made[row.event_id], first.get(row.source)) for row in rows]


def description(row: Any, made: list[Attempt], first: UUID | None) -> Delivery:
    """`first`: what holds back the other waiting deliveries of this ledger, all but tests."""
    waits = row.state == State.WAITING
    held = waits and row.seq is not None and first != row.event_id
    return Delivery(
        endpoint_id=row.endpoint_id,
        event_id=row.event_id,
        webhook_id=webhook_id(row.event_id, row.endpoint_id),
        event_type=row.event_type,
        ledger_id=row.source,
        seq=row.seq,
        state=row.state,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at if waits else None,
        held_back_by=first if held else None,
        attempt_count=row.attempts,
        attempts=made,
    )
