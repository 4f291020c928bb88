"""Signing for a side by a key of its own, as a client of the API does: from what the answers show, and nothing else."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from shared.testing.api import Member
from tests.integration.governance.road import ROOM
from tests.signing import private_key_of

VOTE, SIGN = "governance.vote-cast.v1", "governance.agreement-signed.v1"
TERMINATE = "governance.agreement-termination-asked.v1"
SIGN_MODEL, REAFFIRM = "governance.model-signed.v1", "governance.model-reaffirmed.v1"


def public(number: int) -> str:
    """The public half of a fixed key for each number, in base64."""
    return b64encode(private_key_of(number).public_key().public_bytes_raw()).decode()


def register(by: Member, alliance_id: str, number: int, *, expect: int = 201, **more: Any) -> Any:
    body = {"key": public(number), **more}
    return by.post(f"{ROOM}/alliances/{alliance_id}/signing-keys", body, expect=expect)


def withdraw(by: Member, key: Any, *, expect: int = 200) -> Any:
    return by.change(f"{ROOM}/signing-keys/{key['id']}/withdraw", {"reason": "Lost"}, key["version"], expect=expect)


def statement(alliance_id: str, thing: str, version: int, act: str, **data: str) -> bytes:
    """What is signed. The standard library writes RFC 8785 where there are plain texts and small integers alone."""
    said = {
        "context": "concord/act/v1",
        "ledger": alliance_id,
        "stream": thing,
        "version": version,
        "type": act,
        "data": data,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def signed(number: int, message: bytes) -> dict[str, str]:
    return {"key": public(number), "value": b64encode(private_key_of(number).sign(message)).decode()}


def signed_vote(
    number: int, member: Member, decision: Any, choice: str = "approve", version: int | None = None
) -> dict[str, str]:
    """The signature of a vote on a decision as it was shown."""
    on = decision["version"] if version is None else version
    thing = f"decision/{decision['id']}"
    return signed(number, statement(decision["alliance_id"], thing, on, VOTE, choice=choice, side=member.org))


def signed_paper(number: int, member: Member, agreement: Any, act: str = SIGN) -> dict[str, str]:
    noun = "governance-model" if act in (SIGN_MODEL, REAFFIRM) else "agreement"
    data = {} if act == TERMINATE else {"content_sha256": agreement["content_sha256"]}
    thing, alliance = f"{noun}/{agreement['id']}", agreement["alliance_id"]
    return signed(number, statement(alliance, thing, agreement["version"], act, side=member.org, **data))
