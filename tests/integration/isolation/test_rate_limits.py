"""Rate limits: by credential and by organisation, over all processes, told in headers, refused before the body."""

from __future__ import annotations

import asyncio
import random
import re
import socket
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine

from services.directory.app import DIRECTORY
from services.metrics.app import METRICS
from shared.auth.caller import Caller
from shared.http.allowances import WINDOW_SECONDS, Allowances, Name
from shared.http.problems import Problem
from shared.testing.api import Api, Member, serve

PEOPLE = "/directory/v1/people"
DAY_SECONDS = 86_400


def spent(allowances: Allowances, caller: Caller, times: int = 1) -> int:
    """How many of so many requests are let through."""

    async def all_of_them() -> int:
        passed = 0
        for _ in range(times):
            try:
                await allowances.spend(allowances.of(caller))
            except Problem:
                continue
            passed += 1
        return passed

    return asyncio.run(all_of_them())


def allowances_of(engine: Engine, *, credential: int, organisation: int = 0, **more: Any) -> Allowances:
    """A process's allowances, in a window so long that it does not end during a test."""
    limits: dict[Name, int] = {"credential": credential, "organisation": organisation}
    return Allowances(engine, limits, window_seconds=DAY_SECONDS, **more)


def person(org: uuid.UUID) -> Caller:
    return Caller("person", org, uuid.uuid4())


@pytest.fixture
def org() -> uuid.UUID:
    return uuid.uuid4()


@pytest.mark.parametrize("limit", [1, 7, 100, 1_000])
def test_never_more_than_the_limit_over_all_processes_and_nearly_all_of_it(
    engine: Engine, org: uuid.UUID, limit: int
) -> None:
    """Four processes take turns at random; what one leased and did not use is all that may be missing."""
    chance, who = random.Random(limit), person(org)
    processes = [allowances_of(engine, credential=limit) for _ in range(4)]
    passed = sum(spent(chance.choice(processes), who) for _ in range(limit + 40))
    assert limit * 15 // 16 <= passed <= limit


def test_an_organisation_has_a_limit_of_its_own_over_its_people(engine: Engine, org: uuid.UUID) -> None:
    allowances = allowances_of(engine, credential=40, organisation=60)
    first, second, other = person(org), person(org), person(uuid.uuid4())
    assert spent(allowances, first, 50) == 40
    assert spent(allowances, second, 50) == 20
    assert spent(allowances, other, 50) == 40


def test_a_new_window_begins_anew(engine: Engine, org: uuid.UUID) -> None:
    now = [1_000.0]
    allowances = allowances_of(engine, credential=3, organisation=0, clock=lambda: now[0])
    who = person(org)
    assert spent(allowances, who, 5) == 3
    account = allowances.of(who)[0]
    with engine.begin() as connection:  # as if it had been a minute ago
        connection.exec_driver_sql("UPDATE log.allowances SET window_no = window_no - 1")
    assert spent(allowances, who) == 0, "until the window ends nobody is asked"
    now[0] = account.ends + 0.001
    assert spent(allowances, who, 5) == 3


def test_what_was_spent_before_it_was_known_is_charged(engine: Engine, org: uuid.UUID) -> None:
    allowances, who = allowances_of(engine, credential=5, organisation=0), person(org)
    allowances.charge(allowances.of(who))
    allowances.charge(allowances.of(who))
    assert spent(allowances, who, 9) == 3


def test_leases_are_few(engine: Engine, org: uuid.UUID) -> None:
    allowances, asked = allowances_of(engine, credential=6_000, organisation=30_000), 0
    ask = allowances.asked

    def counted(lease: Any) -> Any:
        nonlocal asked
        asked += 1
        return ask(lease)

    allowances.asked = counted  # type: ignore[method-assign,assignment]
    assert spent(allowances, person(org), 6_000) >= 5_990
    assert asked < 140


@pytest.fixture(scope="module")
def limited(module_url: str) -> Iterator[Api]:
    with serve(
        module_url,
        (DIRECTORY, METRICS),
        requests_per_minute_credential=20,
        requests_per_minute_organisation=30,
    ) as api:
        yield api


def exhausted(who: Member, path: str = PEOPLE) -> Any:
    """Its first answer that is refused."""
    for _ in range(200):
        answer = who.api.client.get(path, headers=who.headers())
        if answer.status_code == 429:
            return answer
    pytest.fail("never refused")


def test_the_headers_say_what_is_left_and_the_refusal_when_to_come_again(limited: Api) -> None:
    ana = limited.organisation("Headers")
    first, second = (limited.client.get(PEOPLE, headers=ana.headers()) for _ in range(2))
    assert first.headers["ratelimit-policy"] == '"credential";q=20;w=60, "organisation";q=30;w=60'
    left = re.fullmatch(r'"credential";r=(\d+);t=(\d+), "organisation";r=(\d+);t=(\d+)', second.headers["ratelimit"])
    assert left
    assert int(left[1]) <= 18
    assert int(left[3]) <= 28
    assert 1 <= int(left[2]) <= WINDOW_SECONDS
    refused = exhausted(ana)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "/problems/rate-limited"
    assert 1 <= int(refused.headers["retry-after"]) <= WINDOW_SECONDS
    assert '"credential";r=0' in refused.headers["ratelimit"]
    assert limited.client.get("/problems/rate-limited").json()["status"] == 429


def test_a_refused_body_is_not_read(limited: Api) -> None:
    """The answer comes while the body, announced as 60 MB, has not been sent at all."""
    ana = limited.organisation("Unread")
    exhausted(ana)
    assert b" 429 " in answer_before_body(ana, f"/metrics/v1/alliances/{ana.org}/observations", ana.token)


def test_a_strangers_large_body_is_not_read(limited: Api) -> None:
    ana = limited.organisation("Stranger")
    path = f"/metrics/v1/alliances/{ana.org}/observations"
    assert b" 401 " in answer_before_body(ana, path, "ck_aaaaaaaaaaaa_nonsense")


def test_a_body_that_says_it_is_too_large_is_not_read(limited: Api) -> None:
    ana = limited.organisation("Large")
    assert b" 413 " in answer_before_body(ana, PEOPLE, ana.token)


def answer_before_body(who: Member, path: str, credential: str) -> bytes:
    """The status line that comes although nothing of the body was sent."""
    address = urlsplit(str(who.api.client.base_url))
    with socket.create_connection((address.hostname, address.port), timeout=20) as wire:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {credential}\r\n"
        wire.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 60000000\r\n\r\n".encode())
        return wire.recv(65_536).split(b"\r\n", 1)[0]
