"""Isolation of governance's operations on meetings, actions, issues and disputes; see expect.py."""

from __future__ import annotations

from shared.auth.caller import READERS
from tests.acceptance.isolation.expect import joint, open_to_all, own, private
from tests.acceptance.isolation.world import World

READS, WRITES = "governance:read", "governance:write"

LINES = {
    "get_my_inbox": own(),
    "get_alliance_inbox": joint(READS),
    "list_forums": joint(READS),
    "list_meetings": joint(READS),
    "schedule_meeting": joint(WRITES),
    "get_meeting": joint(READS),
    "get_meeting_agenda": joint(READS),
    "reschedule_meeting": joint(WRITES),
    "cancel_meeting": joint(WRITES),
    "hold_meeting": joint(WRITES),
    "keep_minutes": joint(WRITES),
    "attach_minutes": joint(WRITES, body="Minutes.", query={"media_type": "text/plain"}),
    "list_actions": joint(READS),
    "agree_action": joint(WRITES),
    "get_action": joint(READS),
    "reassign_action": joint(WRITES),
    "postpone_action": joint(WRITES),
    "finish_action": joint(WRITES),
    "drop_action": joint(WRITES),
    "list_issues": joint(READS),
    "log_issue": joint(WRITES),
    "get_issue": joint(READS),
    "assign_issue": joint(WRITES),
    "resolve_issue": joint(WRITES),
    "reopen_issue": joint(WRITES),
    "escalate_issue": joint(WRITES),
    "open_calendar_feed": own(),
    "list_calendar_feeds": own(),
    "revoke_calendar_feed": private(),
    "get_calendar": open_to_all(),
    "rehearse_governance_model": joint(READS, roles=READERS, dry=True, body={}),
    "list_disputes": joint(READS),
    "open_dispute": joint(),
    "get_dispute": joint(READS),
    "state_position": joint(),
    "advance_dispute": joint(),
    "propose_resolution": joint(),
    "accept_resolution": joint(),
    "withdraw_dispute": joint(),
}


def seed(world: World) -> dict[str, str]:
    """One of each; the owner of everything is who asks."""
    path, owner = f"/governance/v1/alliances/{world.alliance}", world.owner
    me = {"side": owner.org, "person_id": owner.person}
    meetings = owner.get(f"{path}/meetings", status="scheduled")["items"]
    action = owner.post(f"{path}/actions", {"title": "Send it", "owner": me, "due_on": "2030-03-20"})
    issue = owner.post(f"{path}/issues", {"title": "It fails at night", "severity": "low"})
    dispute = owner.post(f"{path}/disputes", {"subject": "Who pays"})
    feed = owner.post("/governance/v1/calendar-feeds", None)
    secret = {"feed_id": feed["id"], "secret": feed["path"].split("/")[4]}
    made = {**secret, "action_id": action["id"], "issue_id": issue["id"], "dispute_id": dispute["id"]}
    return {"meeting_id": meetings[0]["id"], **made}
