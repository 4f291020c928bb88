"""Signing in with a company's own identity provider, a real process, through its rotations, its faults and attacks."""

from __future__ import annotations

import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.auth.discovery import FETCH_SECONDS
from shared.auth.oidc import ASK_AGAIN_SECONDS, FRESH_SECONDS, STALE_SECONDS, Issuers
from shared.settings import Settings
from shared.testing.api import OPERATOR_KEY, Api, Member

PROGRAM = Path(__file__).with_name("identity_provider.py")
PEOPLE = "/directory/v1/people"


@dataclass(frozen=True)
class Provider:
    """An identity provider, spoken to by its address."""

    address: str
    http: httpx.Client

    def token(self, header: dict[str, Any] | None = None, key: str = "own", **claims: Any) -> str:
        now = int(time.time())
        said = {"iss": self.address, "aud": "concord", "sub": "s-1", "iat": now, "nbf": now, "exp": now + 600, **claims}
        told = {"header": header or {}, "claims": {k: v for k, v in said.items() if v is not None}, "with": key}
        return str(self.http.post("/sign", json=told).json()["token"])

    def rotate(self) -> None:
        self.http.post("/rotate")

    def behave(self, how: str) -> None:
        self.http.post("/behave", json={"how": how})

    @property
    def asked(self) -> int:
        return int(self.http.get("/asked").json()["asked"])


@contextmanager
def provider() -> Iterator[Provider]:
    with subprocess.Popen([sys.executable, str(PROGRAM)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        try:
            with httpx.Client(base_url=address, timeout=30) as http:
                yield Provider(address, http)
        finally:
            process.kill()


@dataclass
class Room:
    """Ana's organisation, whose people sign in with `own`; and another company with `other`."""

    api: Api
    ana: Member
    own: Provider
    other: Provider
    now: float = 0.0

    def reads(self, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return int(self.api.client.get(f"{PEOPLE}/{self.ana.person}", headers=headers).status_code)

    @property
    def issuers(self) -> Issuers:
        return self.api.runtime.authenticator.issuers

    def forget(self) -> None:
        """As a process that has just started."""
        self.issuers.held.clear()
        self.issuers.asked_at.clear()

    def later(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(scope="module")
def together(api: Api) -> Iterator[Room]:
    with provider() as own, provider() as other:
        ana, ben = api.organisation("Ana"), api.organisation("Ben")
        room = Room(api, ana, own, other)
        object.__setattr__(api.runtime.authenticator, "issuers", Issuers(plain_http=True, clock=lambda: room.now))
        for member, bound in ((ana, own), (ben, other)):
            bind(api, member, bound)
        yield room


def bind(api: Api, member: Member, bound: Provider, subject: str = "s-1") -> Any:
    first = {"person_id": member.person, "subject": subject}
    body = {"issuer": bound.address, "audience": "concord", "first": first}
    return api.operator(f"/directory/v1/organisations/{member.org}/issuer", body)


@pytest.fixture
def room(together: Room) -> Room:
    together.later(10 * STALE_SECONDS)
    together.forget()
    together.own.behave("well")
    return together


def test_a_person_signs_in_with_the_companys_own_provider(room: Room) -> None:
    token = room.own.token()
    assert room.reads(token) == 200
    me = room.api.client.get("/directory/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert me["person"]["id"] == room.ana.person


def test_then_the_development_issuer_speaks_for_the_company_no_more(room: Room) -> None:
    assert room.reads(room.ana.token) == 401
    body = {"organisation_id": room.ana.org, "person_id": room.ana.person}
    with pytest.raises(AssertionError, match="issuer-bound"):
        room.api.operator("/directory/v1/development/tokens", body)


def attacks(room: Room) -> dict[str, str]:
    own, now = room.own, int(time.time())
    good = own.token()
    header, payload, signature = good.split(".")
    none = own.token({"alg": "none"}).split(".", 1)[0]
    another = urlsafe_b64encode(b'{"iss":"%s","sub":"s-2"}' % own.address.encode()).decode().rstrip("=")
    return {
        "alg none": own.token({"alg": "none"}),
        "alg none, with a signature": f"{none}.{payload}.{signature}",
        "HMAC with the public key": own.token({"alg": "HS256"}, key="public"),
        "wrong kid": own.token({"kid": "another"}),
        "a kid that is no text": own.token({"kid": 5, "alg": "none"}),
        "another company's issuer": room.other.token(sub="s-1"),
        "another company's issuer in our name": room.other.token(iss=own.address),
        "an issuer nobody has": own.token(iss="https://login.nobody.example"),
        "another audience": own.token(aud="payroll"),
        "no audience": own.token(aud=None),
        "expired": own.token(exp=now - 61),
        "never expires": own.token(exp=None),
        "not yet valid": own.token(nbf=now + 120),
        "an unknown subject": own.token(sub="s-99"),
        "an empty subject": own.token(sub=""),
        "a subject that is no text": own.token(sub=["s-1"]),
        "no subject": own.token(sub=None),
        "another subject under the same signature": f"{header}.{another}.{signature}",
        "a cut signature": good[:-8],
        "oversized": own.token(padding="x" * 9_000),
        "a critical header we do not know": own.token({"crit": ["b64"], "b64": False}),
        "no token at all": "x.y.z",
    }


def test_the_known_attacks_are_refused(room: Room) -> None:
    assert room.reads(room.own.token()) == 200
    found = {name: room.reads(token) for name, token in attacks(room).items()}
    # Of another company's issuer comes a person of that company, to whom Ana's people do not exist.
    assert found.pop("another company's issuer") == 404
    assert found == dict.fromkeys(found, 401)
    assert room.reads(room.own.token(exp=int(time.time()) - 30)) == 200  # within the skew of clocks
    assert room.reads(room.own.token(aud=["payroll", "concord"])) == 200


def test_a_new_key_is_found_and_the_old_one_forgotten(room: Room) -> None:
    before = room.own.token()
    assert room.reads(before) == 200
    room.own.rotate()
    after = room.own.token()
    room.later(ASK_AGAIN_SECONDS)
    assert room.reads(after) == 200
    assert room.reads(before) == 401


def test_made_up_key_ids_do_not_make_us_ask_again_and_again(room: Room) -> None:
    assert room.reads(room.own.token()) == 200
    asked = room.own.asked
    assert {room.reads(room.own.token({"kid": f"made up {n}"})) for n in range(5)} == {401}
    assert room.own.asked == asked
    room.later(ASK_AGAIN_SECONDS)
    assert {room.reads(room.own.token({"kid": f"made up {n}"})) for n in range(5)} == {401}
    assert room.own.asked == asked + 2  # the discovery document and the keys, once


@pytest.mark.parametrize("how", ["hang", "drip", "huge", "lie", "fail", "zip"])
def test_a_provider_that_does_not_say_its_keys_costs_little_time(room: Room, how: str) -> None:
    token = room.own.token()
    room.own.behave(how)
    began = time.monotonic()
    answer = room.api.client.get("/directory/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert answer.headers["retry-after"] == str(ASK_AGAIN_SECONDS)
    assert time.monotonic() - began < 10 * FETCH_SECONDS
    assert room.reads(token) == 503  # at once: it is not asked again so soon
    stranger = room.api.organisation(f"Beside-{how}")
    assert stranger.get(f"{PEOPLE}/{stranger.person}")["active"] is True
    room.own.behave("well")
    room.later(ASK_AGAIN_SECONDS)
    assert room.reads(token) == 200


def test_known_keys_are_used_while_the_provider_is_away_and_not_for_ever(room: Room) -> None:
    token = room.own.token()
    assert room.reads(token) == 200
    room.own.behave("fail")
    room.later(FRESH_SECONDS)
    assert room.reads(token) == 200
    room.later(STALE_SECONDS)
    assert room.reads(token) == 503


def test_one_issuer_speaks_for_one_organisation(room: Room) -> None:
    third = room.api.organisation(f"Third-{room.now}")
    with pytest.raises(AssertionError, match="issuer-bound-elsewhere"):
        bind(room.api, third, room.own)
    for wrong in ("http://login.example", "https://u@login.example", "https://login.example/?a=b", "https:///x"):
        with pytest.raises(AssertionError, match="no-address"):
            bind(room.api, third, Provider(wrong, room.own.http))
    body = {"issuer": room.own.address, "audience": "concord"}
    path = f"/directory/v1/organisations/{third.org}/issuer"
    assert room.api.client.post(path, json=body, headers=third.headers()).status_code == 403


def test_people_are_linked_once_and_taken_off(room: Room) -> None:
    with provider() as own:
        kim = room.api.organisation(f"Kim-{room.now}")
        lee = room.api.colleague(kim, "Lee")
        version = kim.get(f"{PEOPLE}/{lee.person}")["version"]
        path = f"{PEOPLE}/{lee.person}/identity"
        assert kim.change(path, {"subject": "s-2"}, version, method="PUT", expect=409)["refusal"] == "no-issuer"
        bind(room.api, kim, own)
        signed = Member(room.api, kim.org, kim.person, own.token())
        taken = signed.change(path, {"subject": "s-1"}, version, method="PUT", expect=409)
        assert taken["refusal"] == "subject-taken"
        linked = signed.change(path, {"subject": "s-2"}, version, method="PUT")
        assert {one["subject"] for one in signed.get("/directory/v1/identities")["items"]} == {"s-1", "s-2"}
        assert signed.get("/directory/v1/issuers")["items"][0]["issuer"] == own.address
        lees = Member(room.api, kim.org, lee.person, own.token(sub="s-2"))
        assert lees.get("/directory/v1/me")["person"]["id"] == lee.person
        signed.change(f"{path}/unlink", None, linked["version"], expect=204)
        assert room.api.client.get("/directory/v1/me", headers=lees.headers()).status_code == 401
        unbind = f"/directory/v1/organisations/{kim.org}/issuer/unbind"
        operator = {"Authorization": f"Bearer {OPERATOR_KEY}"}
        assert room.api.client.post(unbind, headers=operator).status_code == 204
        assert room.api.client.get("/directory/v1/me", headers=signed.headers()).status_code == 401
        assert room.api.client.post(unbind, headers=operator).json()["refusal"] == "no-issuer"


def test_the_development_issuer_is_never_in_production() -> None:
    production = {"env": "production", "database_url": "postgresql://x/y", "secret": "s", "operator_key": "o"}
    assert Settings(**production).settled().signs_tokens is False  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="CONCORD_DEVELOPMENT_ISSUER"):
        Settings(**production, development_issuer=True).settled()  # type: ignore[arg-type]
    assert Settings(development_issuer=False).signs_tokens is False
