"""Isolation of webhooks' operations; expect.py says how to add a line."""

from __future__ import annotations

from shared.auth.caller import ADMINS
from tests.acceptance.isolation.expect import open_to_all, own, private
from tests.acceptance.isolation.world import World

LINES = {
    "list_endpoints": own("webhooks:read", whole=True),
    "register_endpoint": own("webhooks:write", roles=ADMINS, whole=True),
    "remove_endpoint": private("webhooks:write", roles=ADMINS, whole=True),
    "get_endpoint": private("webhooks:read", whole=True),
    "change_endpoint": private("webhooks:write", roles=ADMINS, whole=True),
    "pause_endpoint": private("webhooks:write", roles=ADMINS, whole=True),
    "resume_endpoint": private("webhooks:write", roles=ADMINS, whole=True),
    "rotate_endpoint_secret": private("webhooks:write", roles=ADMINS, whole=True),
    "send_test_event": private("webhooks:write", roles=ADMINS, whole=True),
    "list_deliveries": private("webhooks:read", whole=True),
    "get_delivery": private("webhooks:read", whole=True),
    "resend_delivery": private("webhooks:write", roles=ADMINS, whole=True),
    "count_replay": private("webhooks:write", roles=ADMINS, whole=True),
    "list_replays": private("webhooks:read", whole=True),
    "get_replay": private("webhooks:read", whole=True),
    "start_replay": private("webhooks:write", roles=ADMINS, whole=True),
    "cancel_replay": private("webhooks:write", roles=ADMINS, whole=True),
    "list_events": own("webhooks:read"),
    "stream_events": own("webhooks:read"),
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
