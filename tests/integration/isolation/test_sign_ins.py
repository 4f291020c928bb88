"""Failed sign-ins are counted and slowed; who is known to be good is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.directory.app import DIRECTORY
from shared.http.problems import Problem
from shared.http.sign_ins import BLOCK_SECONDS_MAX, FORGOTTEN_AFTER_SECONDS, SUSPECTS_KEPT, SignIns
from shared.testing.api import Api, serve

PEOPLE = "/directory/v1/people"
FREE = 3
HERE, THERE = "192.0.2.1", "192.0.2.2"


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sign_ins(clock: Clock) -> SignIns:
    return SignIns(FREE, clock)


def wait(sign_ins: SignIns, address: str, credential: str = "guess") -> int:
    """How many seconds this one has to wait."""
    try:
        sign_ins.refuse_blocked(address, credential)
    except Problem as refused:
        return int(refused.headers["Retry-After"])
    return 0


def test_each_failure_past_the_free_ones_doubles_the_wait(sign_ins: SignIns, clock: Clock) -> None:
    waits = []
    for _ in range(12):
        sign_ins.failed(HERE, "guess")
        waits.append(wait(sign_ins, HERE))
        clock.now += waits[-1]
        assert wait(sign_ins, HERE) == 0
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, *[BLOCK_SECONDS_MAX] * 4]


def test_an_address_is_slowed_alone_and_a_key_wherever_it_is_tried(sign_ins: SignIns) -> None:
    for n in range(FREE):
        sign_ins.failed(HERE, f"ck_abc_{n}")
    assert wait(sign_ins, HERE)
    assert wait(sign_ins, THERE) == 0
    assert wait(sign_ins, THERE, "ck_abc_another")
    assert wait(sign_ins, THERE, "ck_xyz_another") == 0


def test_an_ipv6_network_is_one_address(sign_ins: SignIns) -> None:
    for n in range(FREE):
        sign_ins.failed(f"2001:db8::{n}", "guess")
    assert wait(sign_ins, "2001:db8::ffff")
    assert wait(sign_ins, "2001:db8:0:1::1") == 0


def test_what_was_long_ago_is_forgotten(sign_ins: SignIns, clock: Clock) -> None:
    for _ in range(FREE):
        sign_ins.failed(HERE, "guess")
    clock.now += FORGOTTEN_AFTER_SECONDS + 1
    sign_ins.failed(HERE, "guess")
    assert wait(sign_ins, HERE) == 0


def test_memory_is_bounded(sign_ins: SignIns) -> None:
    for n in range(SUSPECTS_KEPT + 500):
        sign_ins.failed(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", "ck_abc_guess")
    assert len(sign_ins.suspects) == SUSPECTS_KEPT


@pytest.fixture
def slowing(url: str) -> Iterator[Api]:
    with serve(url, (DIRECTORY,), failed_sign_ins_free=FREE) as api:
        yield api


def test_guessing_is_counted_and_slowed_and_the_colleague_behind_the_same_address_works_on(slowing: Api) -> None:
    ana = slowing.organisation("Ana")
    ben = slowing.colleague(ana, "Ben")
    ana.get(PEOPLE)  # known from now on; Ben is not

    def ask(credential: str) -> Any:
        return slowing.client.get(PEOPLE, headers={"Authorization": f"Bearer {credential}"} if credential else {})

    before = counted("key")
    assert [ask("ck_aaaaaaaaaaaa_guess").status_code for _ in range(FREE)] == [401] * FREE
    refused = ask("ck_aaaaaaaaaaaa_guess")
    assert refused.status_code == 429
    assert refused.json()["type"] == "/problems/too-many-failures"
    assert int(refused.headers["retry-after"]) >= 1
    assert counted("key") == before + FREE, "whoever is refused at once is not counted again"
    assert ask(ana.token).status_code == 200
    assert ask(ben.token).status_code == 429, "nobody knows Ben here yet; his next try comes after the wait"
    assert ask("").status_code == 401, "no credential is no guess"


def counted(kind: str) -> float:
    return REGISTRY.get_sample_value("concord_failed_sign_ins_total", {"credential": kind}) or 0.0
