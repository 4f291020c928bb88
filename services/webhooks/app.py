"""Webhooks, put together."""

from __future__ import annotations

from services.webhooks import forgetting, replaying
from services.webhooks.api import deliveries, endpoints, event_types, events, replays
from services.webhooks.describing import openapi_webhooks
from services.webhooks.reactions import DELIVERIES
from services.webhooks.read_models.endpoints import ENDPOINTS
from services.webhooks.read_models.replays import REPLAYS
from services.webhooks.sending.sender import LOOK_SECONDS, turn
from shared.service import Service, Worker

WEBHOOKS = Service(
    name="webhooks",
    question="Who is told? Endpoints, deliveries, event streams and the catalogue of events.",
    routers=(endpoints.router, deliveries.router, event_types.router, events.router, replays.router),
    read_models=(ENDPOINTS, REPLAYS),
    followers=(DELIVERIES,),
    webhooks=openapi_webhooks,
    workers=(
        Worker("webhooks.sender", turn, every_seconds=LOOK_SECONDS),
        Worker("webhooks.replayer", replaying.turn, every_seconds=0.5),
        Worker("webhooks.forgetter", forgetting.turn, every_seconds=600),
    ),
)
