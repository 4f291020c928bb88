"""One attempt: a delivery is signed and posted, and whatever comes of it is an answer. It never raises."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import structlog

from services.webhooks.domain.addresses import AUTHORITY, URL, objection_to_url
from services.webhooks.domain.envelope import cloud_event
from services.webhooks.domain.signature import signed_headers
from services.webhooks.sending.claims import Claim
from services.webhooks.sending.network import Called, Inward, NameUnknown, NotTrusted, Unreachable
from services.webhooks.sending.road import (
    HTTP_PORT,
    HTTPS_PORT,
    ConnectionLost,
    NoHttpAnswer,
    Place,
    Received,
    Road,
)

log = structlog.get_logger()

DEADLINE_SECONDS = 15.0
"""For name lookup, connection, TLS, headers and body together."""
ANSWER_CHARACTERS_KEPT = 200
RETRY_AFTER_BYTES_MAX = 100
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
USER_AGENT = "Concord-Webhooks/1"
PLACES_READY_MAX = 4_096

judged = lru_cache(PLACES_READY_MAX)(objection_to_url)
"""The same URL gets the same judgement, delivery after delivery; its name's addresses are judged each time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: the receiver's `status`, or the class of `error` that kept it from answering in time."""

    claim: Claim
    started_at: datetime
    duration_ms: int
    status: int | None = None
    retry_after: str | None = None
    error: str | None = None
    address: str | None = None
    text: str | None = None


async def attempt(
    road: Road,
    claim: Claim,
    *,
    origin: str,
    development: bool,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Answer:
    """`origin`: Concord's public address; `development` lets http and loopback pass."""
    began, started_at = time.monotonic(), datetime.now(UTC)
    objection = judged(claim.target.url, development=development)
    if objection is not None:
        return Answer(claim, started_at, 0, error=objection.code)
    if not claim.target.secrets:
        return Answer(claim, started_at, 0, error="no-secret")
    error: str | None = None
    received: Received | None = None
    called = Called()
    try:
        async with asyncio.timeout(deadline_seconds):
            received = await post(road, claim, cloud_event(claim.notice, origin), started_at, called)
    except Exception as failure:
        error = error_class(failure)
        if error == UNFORESEEN:
            log.exception("attempt failed", webhook_id=claim.webhook_id)
    duration_ms = round((time.monotonic() - began) * 1000)
    if received is None:
        return Answer(claim, started_at, duration_ms, error=error, address=called.address)
    text = received.body.decode("utf-8", "replace").replace("\0", "\ufffd")[:ANSWER_CHARACTERS_KEPT]
    asked = retry_after(received)
    return Answer(claim, started_at, duration_ms, received.status, asked, None, called.address, text)


UNFORESEEN = "unforeseen"


def error_class(failure: Exception) -> str:
    match failure:
        case Inward():
            return failure.objection.code
        case NameUnknown():
            return "name-unknown"
        case TimeoutError():
            return "deadline"
        case NotTrusted():
            return "tls-failed"
        case Unreachable():
            return "connection-failed"
        case ConnectionLost():
            return "connection-lost"
        case NoHttpAnswer():
            return "no-http-answer"
        case _:
            return UNFORESEEN


async def post(road: Road, claim: Claim, body: bytes, at: datetime, called: Called) -> Received:
    receiver = claim.target
    place = place_of(receiver.url)
    signed = signed_headers(claim.webhook_id, int(at.timestamp()), body, receiver.secrets, receiver.signers)
    headers = [
        ("Host", place.authority),
        ("Content-Type", CONTENT_TYPE),
        ("Content-Length", str(len(body))),
        ("User-Agent", USER_AGENT),
        *receiver.headers,
        *signed.items(),
    ]
    if claim.replay_id is not None:
        headers.append(("Concord-Replay", str(claim.replay_id)))
    return await road.post(place, headers, body, called)


@lru_cache(PLACES_READY_MAX)
def place_of(url: str) -> Place:
    """The URL in the parts that were judged, not as another parser might read it."""
    found = URL.fullmatch(url)
    assert found is not None
    authority = AUTHORITY.fullmatch(found["authority"])
    assert authority is not None
    tls = found["scheme"].lower() == "https"
    path = found["rest"] or "/"
    return Place(
        tls,
        authority["host"].strip("[]").lower(),
        int(authority["port"] or (HTTPS_PORT if tls else HTTP_PORT)),
        path if path.startswith("/") else f"/{path}",
        found["authority"].lower(),
    )


def retry_after(received: Received) -> str | None:
    found = received.header(b"retry-after")
    return None if found is None else found[:RETRY_AFTER_BYTES_MAX].decode("latin-1")
