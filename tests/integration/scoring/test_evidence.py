"""Files as evidence over HTTP: kept once, named by their digest, and only the organisation's own."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from shared.testing.api import Member
from tests.integration.scoring.road import ROOM, brief, candidate, opened, rating, status, submit

PLAN = b"%PDF-1.7 their plan"
DIGEST = sha256(PLAN).hexdigest()


def send(member: Member, content: bytes, media_type: str = "application/pdf") -> Any:
    told = member.headers({"Content-Type": "application/octet-stream"})
    return member.api.client.post(
        f"{ROOM}/evidence-files", content=content, params={"media_type": media_type}, headers=told
    )


def test_a_file_is_kept_named_and_read_again(ana: Member, ben: Member, stranger: Member) -> None:
    for _ in range(2):
        kept = send(ana, PLAN)
        assert (kept.status_code, kept.json()["sha256"], kept.json()["bytes"]) == (201, DIGEST, len(PLAN))
    round_ = opened(ana, candidate(ana, brief(ana)["id"])["id"], ana, ben)
    evidence = {"text": "Their plan.", "links": [], "files": [DIGEST]}
    mine = submit(ana, round_, [rating("strategic_fit", 5, evidence=evidence)])
    assert mine["ratings"][0]["ratings"][0]["evidence"] == evidence
    assert DIGEST not in str(ben.get(f"{ROOM}/assessments/{round_['id']}"))
    path = f"{ROOM}/evidence-files/{DIGEST}"
    read = ana.api.client.get(path, headers=ana.headers())
    assert (read.content, read.headers["x-content-type-options"]) == (PLAN, "nosniff")
    assert status(stranger, path) == 404


def test_a_file_that_is_not_kept_is_no_evidence(ana: Member) -> None:
    round_ = opened(ana, candidate(ana, brief(ana)["id"])["id"], ana)
    evidence = {"text": "Gone.", "files": ["0" * 64]}
    found = submit(ana, round_, [rating("strategic_fit", 5, evidence=evidence)], expect=422)
    assert found["errors"][0]["pointer"] == "/ratings/0/evidence/files/0"
    assert send(ana, b"").status_code == 422
    assert send(ana, b"x", "text/html").status_code == 422
