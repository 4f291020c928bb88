"""One attempt: a delivery is signed and posted, and whatever comes of it is an answer. It never raises."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from weakref import WeakKeyDictionary

import httpcore
import structlog
from httpcore import AsyncNetworkStream

from services.webhooks.domain.addresses import AUTHORITY, URL, objection_to_url
from services.webhooks.domain.envelope import cloud_event
from services.webhooks.domain.signature import signed_headers
from services.webhooks.sending.claims import Claim
from services.webhooks.sending.network import Inward, NameUnknown

log = structlog.get_logger()

DEADLINE_SECONDS = 15.0
"""For name lookup, connection, TLS, headers and body together."""
ANSWER_BYTES_MAX = 65_536
ANSWER_CHARACTERS_KEPT = 200
RETRY_AFTER_BYTES_MAX = 100
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
USER_AGENT = "Concord-Webhooks/1"
TARGETS_READY_MAX = 4_096


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


@dataclass(frozen=True, slots=True)
class Received:
    """The receiver's answer, its body cut at ANSWER_BYTES_MAX."""

    status: int
    retry_after: str | None
    address: str | None
    body: bytes


async def attempt(
    pool: httpcore.AsyncConnectionPool,
    claim: Claim,
    *,
    origin: str,
    development: bool,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Answer:
    """`origin`: Concord's public address; `development` lets http and loopback pass."""
    began, started_at = time.monotonic(), datetime.now(UTC)
    objection = objection_to_url(claim.target.url, development=development)
    if objection is not None:
        return Answer(claim, started_at, 0, error=objection.code)
    if not claim.target.secrets:
        return Answer(claim, started_at, 0, error="no-secret")
    error: str | None = None
    received: Received | None = None
    try:
        async with asyncio.timeout(deadline_seconds):
            received = await post(pool, claim, cloud_event(claim.notice, origin), started_at)
    except Exception as failure:
        error = error_class(failure)
        if error == UNFORESEEN:
            log.exception("attempt failed", webhook_id=claim.webhook_id)
    duration_ms = round((time.monotonic() - began) * 1000)
    if received is None:
        return Answer(claim, started_at, duration_ms, error=error)
    text = received.body.decode("utf-8", "replace").replace("\0", "\ufffd")[:ANSWER_CHARACTERS_KEPT]
    return Answer(claim, started_at, duration_ms, received.status, received.retry_after, None, received.address, text)


UNFORESEEN = "unforeseen"


def error_class(failure: Exception) -> str:
    match failure:
        case Inward():
            return failure.objection.code
        case NameUnknown():
            return "name-unknown"
        case TimeoutError():
            return "deadline"
        case httpcore.ConnectError() if isinstance(failure.__context__, ssl.SSLError):
            return "tls-failed"
        case httpcore.ConnectError() | httpcore.ConnectTimeout():
            return "connection-failed"
        case httpcore.NetworkError():
            return "connection-lost"
        case httpcore.ProtocolError():
            return "no-http-answer"
        case _:
            return UNFORESEEN


async def post(pool: httpcore.AsyncConnectionPool, claim: Claim, body: bytes, at: datetime) -> Received:
    receiver = claim.target
    url, host = target(receiver.url)
    signed = signed_headers(claim.webhook_id, int(at.timestamp()), body, receiver.secrets, receiver.signers)
    headers: list[tuple[bytes | str, bytes | str]] = [
        ("Host", host),
        ("Content-Type", CONTENT_TYPE),
        ("User-Agent", USER_AGENT),
        *receiver.headers,
        *signed.items(),
    ]
    if claim.replay_id is not None:
        headers.append(("Concord-Replay", str(claim.replay_id)))
    async with pool.stream("POST", url, headers=headers, content=body) as response:
        address = address_of(response.extensions["network_stream"])
        taken = bytearray()
        async for chunk in response.aiter_stream():
            taken += chunk
            if len(taken) >= ANSWER_BYTES_MAX:
                break
        return Received(
            response.status,
            retry_after(response),
            address,
            bytes(taken[:ANSWER_BYTES_MAX]),
        )


@lru_cache(TARGETS_READY_MAX)
def target(url: str) -> tuple[httpcore.URL, str]:
    """The URL in the parts that were judged, not as another parser might read it; and its Host header."""
    found = URL.fullmatch(url)
    assert found is not None
    authority = AUTHORITY.fullmatch(found["authority"])
    assert authority is not None
    path = found["rest"] or "/"
    parts = httpcore.URL(
        scheme=found["scheme"].lower(),
        host=authority["host"].strip("[]").lower(),
        port=int(authority["port"]) if authority["port"] else None,
        target=path if path.startswith("/") else f"/{path}",
    )
    return parts, found["authority"].lower()


ADDRESSES: WeakKeyDictionary[AsyncNetworkStream, str | None] = WeakKeyDictionary()


def address_of(stream: AsyncNetworkStream) -> str | None:
    """The address at the other end. Asking the socket costs more than signing, so it is asked once a connection."""
    if stream not in ADDRESSES:
        found = stream.get_extra_info("server_addr")
        ADDRESSES[stream] = str(found[0]) if found else None
    return ADDRESSES[stream]


def retry_after(response: httpcore.Response) -> str | None:
    found = next((value for name, value in response.headers if name.lower() == b"retry-after"), None)
    return None if found is None else found[:RETRY_AFTER_BYTES_MAX].decode("latin-1")
