"""Isolation of directory's operations; expect.py says how to add a line."""

from __future__ import annotations

from shared.auth.caller import ADMINS, INVITED, OWNERS
from tests.acceptance.isolation.expect import joint, operators, own, private
from tests.acceptance.isolation.world import World

LINES = {
    "list_alliance_roles": joint("directory:read"),
    "assign_alliance_role": joint(
        roles=ADMINS, body={"person_id": "{person_id}", "role": "legal", "starts_on": "2026-01-01"}
    ),
    "end_alliance_role": joint(roles=ADMINS, body={"until": "2026-06-01"}),
    "list_delegations": joint("directory:read"),
    "name_delegate": joint(body={"delegate_id": "{person_id}", "starts_on": "2026-03-03", "until": "2026-03-04"}),
    "end_delegation": joint(body={"until": "2026-03-03"}),
    "note_absence": private(body={"delegate_id": "{person_id}", "starts_on": "2026-03-03", "until": "2026-03-04"}),
    "list_api_keys": own(roles=ADMINS),
    "issue_api_key": own(roles=ADMINS, body={"name": "A", "scopes": ["metrics:read"], "expires_at": "{next_year}"}),
    "get_api_key": private(roles=ADMINS),
    "list_api_key_uses": private(roles=ADMINS),
    "rotate_api_key": private(roles=ADMINS, body={"expires_at": "{next_year}"}),
    "revoke_api_key": private(roles=ADMINS),
    "issue_development_token": operators(),
    "register_organisation": operators(),
    "get_organisation": private("directory:read"),
    "list_organisations": own("directory:read", bound=True),
    "rename_organisation": private(roles=ADMINS),
    "change_working_calendar": private(roles=ADMINS),
    "close_organisation": private(roles=OWNERS),
    "bind_issuer": operators(),
    "unbind_issuer": operators(),
    "list_issuers": own(),
    "list_identities": own(roles=ADMINS),
    "link_identity": private(roles=ADMINS),
    "unlink_identity": private(roles=ADMINS),
    "invite_person": own(roles=ADMINS),
    "invite_organisation": own(roles=ADMINS),
    "list_invitations": own(roles=ADMINS),
    "get_invitation": private(roles=ADMINS),
    "revoke_invitation": private(roles=ADMINS),
    "see_invitation": own(roles=INVITED),
    "accept_invitation": own(roles=INVITED),
    "found_invited_organisation": own(roles=INVITED),
    "get_me": own(),
    "list_people": own("directory:read"),
    "add_person": own(roles=ADMINS),
    "get_person": private("directory:read"),
    "change_person_details": private(roles=ADMINS),
    "deactivate_person": private(roles=ADMINS),
    "erase_person": private(roles=ADMINS),
    "erase_values": own(roles=ADMINS, body={"values": [{"ledger_id": "{alliance_id}", "seq": 0, "field": "name"}]}),
    "reactivate_person": private(roles=ADMINS),
    "grant_organisation_role": private(roles=ADMINS),
    "withdraw_organisation_role": private(roles=ADMINS),
}


def seed(world: World) -> dict[str, str]:
    roles = f"/directory/v1/alliances/{world.alliance}/roles"
    away = {"delegate_id": world.owner.person, "starts_on": "2026-03-03", "until": "2026-03-09"}
    delegation = world.united.sponsor.post(f"/directory/v1/alliances/{world.alliance}/delegations", away)
    invited = {"name": "Ida Berg", "email": "ida@example.com", "roles": ["member"]}
    return {
        "invitation_id": world.owner.post("/directory/v1/invitations", invited)["id"],
        "assignment_id": world.owner.get(roles)["items"][0]["id"],
        "delegation_id": delegation["id"],
        "organisation_id": world.united.org,
        "person_id": world.united.worker.person,
        "key_id": world.owner.get("/directory/v1/api-keys")["items"][0]["id"],
    }
