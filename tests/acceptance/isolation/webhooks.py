"""Isolation of webhooks' operations; expect.py says how to add a line."""

from __future__ import annotations

from shared.auth.caller import ADMINS
from tests.acceptance.isolation.expect import open_to_all, own, private
from tests.acceptance.isolation.world import World

LINES = {
    "list_endpoints": own("webhooks:read"),
    "register_endpoint": own("webhooks:write", roles=ADMINS),
    "remove_endpoint": private("webhooks:write", roles=ADMINS),
    "get_endpoint": private("webhooks:read"),
    "change_endpoint": private("webhooks:write", roles=ADMINS),
    "pause_endpoint": private("webhooks:write", roles=ADMINS),
    "resume_endpoint": private("webhooks:write", roles=ADMINS),
    "rotate_endpoint_secret": private("webhooks:write", roles=ADMINS),
    "send_test_event": private("webhooks:write", roles=ADMINS),
    "list_deliveries": private("webhooks:read"),
    "get_delivery": private("webhooks:read"),
    "resend_delivery": private("webhooks:write", roles=ADMINS),
    "count_replay": private("webhooks:write", roles=ADMINS),
    "list_replays": private("webhooks:read"),
    "get_replay": private("webhooks:read"),
    "start_replay": private("webhooks:write", roles=ADMINS),
    "cancel_replay": private("webhooks:write", roles=ADMINS),
    "list_events": own("webhooks:read", bound=True),
    "stream_events": own("webhooks:read", bound=True),
    "get_endpoint_keys": open_to_all(),
    "get_asyncapi": open_to_all(),
    "list_event_types": open_to_all(),
    "get_event_type": open_to_all(),
    "get_event_type_schema": open_to_all(),
}


def seed(world: World) -> dict[str, str]:
    endpoint = world.owner.post("/webhooks/v1/endpoints", {"url": "http://127.0.0.1:9/", "event_types": ["*"]})
    sent = world.owner.post(f"/webhooks/v1/endpoints/{endpoint['id']}/test-events", None, expect=202)
    replays = f"/webhooks/v1/endpoints/{endpoint['id']}/replays"
    replay = world.owner.post(replays, {"since": "2013-01-01T00:00:00Z", "until": "2014-01-01T00:00:00Z"})
    return {
        "replay_id": replay["id"],
        "endpoint_id": endpoint["id"],
        "event_id": sent["event_id"],
        "name": "governance.vote-cast.v1",
    }
