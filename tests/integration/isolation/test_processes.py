"""Two real processes on one database: what one revokes the other refuses at once, and neither ever logs a secret."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from shared.testing.api import OPERATOR_KEY, SECRET, Member
from shared.testing.postgres import PostgresServer, fresh_database
from tests.conftest import TEMPLATE
from tests.integration.processes.program import Program, Server, as_login, give_login, serving, working

PEOPLE = "/directory/v1/people"
KEYS = "/directory/v1/api-keys"
EFFECTIVE_WITHIN_SECONDS = 1.0
TELLING_CHARACTERS = 16
SECRET_FIELDS = re.compile(r"key|secret|token|password|feed_url|link")


@pytest.fixture(scope="module")
def login_url(server: PostgresServer) -> Iterator[str]:
    with fresh_database(server, TEMPLATE) as url:
        give_login(url)
        yield as_login(url)


@pytest.fixture(scope="module")
def first(login_url: str) -> Iterator[Server]:
    with serving(login_url, CONCORD_LOG_LEVEL="DEBUG") as running:
        yield running


@pytest.fixture(scope="module")
def second(login_url: str) -> Iterator[Server]:
    with serving(login_url, CONCORD_LOG_LEVEL="DEBUG") as running:
        yield running


@pytest.fixture(scope="module")
def workers(login_url: str) -> Iterator[Program]:
    with working(login_url) as running:
        yield running


@pytest.fixture(scope="module")
def owner(first: Server) -> Member:
    return first.api.organisation("United")


def test_a_key_revoked_in_one_process_is_refused_in_the_other_within_a_second(
    first: Server, second: Server, owner: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    made = owner.post(KEYS, {"name": "Feed", "scopes": ["directory:read"], "expires_at": "2036-01-01T00:00:00Z"})
    headers = {"Authorization": f"Bearer {made['key']}"}
    for server in (first, second, second):
        assert server.client.get(PEOPLE, headers=headers).status_code == 200, "it is known to both"
    owner.change(f"{KEYS}/{made['id']}/revoke", {"reason": "Lost."}, made["version"])
    revoked = time.monotonic()
    asked = 1
    while second.client.get(PEOPLE, headers=headers).status_code != 401:
        asked += 1
        assert time.monotonic() - revoked < EFFECTIVE_WITHIN_SECONDS
    seconds = time.monotonic() - revoked
    with capsys.disabled():
        print(f"\nrevocation: refused in the other process at request {asked}, after {seconds * 1000:.0f} ms")  # noqa: T201
    assert asked == 1, "the next request is refused, not one after it"
    assert first.client.get(PEOPLE, headers=headers).status_code == 401


def test_a_person_let_go_in_one_process_is_refused_in_the_other(first: Server, second: Server, owner: Member) -> None:
    lee = first.api.colleague(owner, "Lee Park")
    assert second.client.get(PEOPLE, headers=lee.headers()).status_code == 200
    shown = owner.get(f"{PEOPLE}/{lee.person}")
    owner.change(f"{PEOPLE}/{lee.person}/deactivate", {"reason": "Left the company."}, shown["version"])
    assert second.client.get(PEOPLE, headers=lee.headers()).status_code == 401


def test_no_process_says_a_secret_at_its_most_talkative(
    first: Server, second: Server, workers: Program, owner: Member
) -> None:
    """Every credential, used well and badly, in every place of a request; then all that was said is searched."""
    secrets = {owner.token, OPERATOR_KEY, SECRET}
    for path, body in making_secrets():
        made = owner.api.client.post(path, json=body, headers=owner.headers({"Idempotency-Key": f"secret {path}"}))
        assert made.status_code in (200, 201), f"{path}: {made.text}"
        found = set(secrets_in(made.json()))
        assert found, f"{path} answers no secret; look where it is now"
        secrets |= found
    wrong = {f"ck_abcdefghijkl_{'s3cr3t' * 6}", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.forged-by-somebody"}
    for server in (first, second):
        for secret in secrets | wrong:
            server.client.get(PEOPLE, headers={"Authorization": f"Bearer {secret}"})
            server.client.get(f"{PEOPLE}/{secret}", params={"cursor": secret, "x": secret}, headers=owner.headers())
            server.client.post(PEOPLE, json={"name": secret, "token": secret}, headers=owner.headers())
            server.client.post(PEOPLE, content=b'{"name": "' + secret.encode(), headers=owner.headers())
            basic = {"Authorization": f"Basic {secret}", "Idempotency-Key": secret[:200], "If-Match": secret}
            server.client.put(f"{PEOPLE}/{owner.person}", json={}, headers=basic)
    said = first.said + second.said + workers.said
    assert "request" in said, "they said nothing at all: nothing is proven"
    for secret in secrets | wrong:
        for part in telling_parts(secret):
            assert part not in said, said[max(0, said.index(part) - 300) : said.index(part)]


def test_a_part_too_short_to_tell_anything_is_not_looked_for() -> None:
    """Base64url holds ``_``: what follows the last one may be a single letter, which every log holds."""
    assert telling_parts("whsec_c2VjcmV0LXNlY3JldA") == {"whsec_c2VjcmV0LXNlY3JldA", "c2VjcmV0LXNlY3JldA"}
    assert telling_parts("head.c2VjcmV0LXNlY3JldA_o") == {"head.c2VjcmV0LXNlY3JldA_o", "c2VjcmV0LXNlY3JldA"}


def telling_parts(secret: str) -> set[str]:
    """A secret, and each part of it that gives it away by itself."""
    return {secret, *(part for part in re.split(r"[_.]", secret) if len(part) >= TELLING_CHARACTERS)}


def making_secrets() -> list[tuple[str, Any]]:
    """Requests whose answers show a secret, once."""
    return [
        (KEYS, {"name": "Feed", "scopes": ["metrics:push"], "expires_at": "2036-01-01T00:00:00Z"}),
        (
            "/directory/v1/invitations",
            {"name": "Ida Berg", "email": "ida@united.example", "roles": ["member"]},
        ),
        ("/webhooks/v1/endpoints", {"url": "https://hooks.united.example/concord", "event_types": ["*"]}),
    ]


def secrets_in(answer: Any) -> Iterator[str]:
    """The texts of an answer that stand under the name of a secret and are long enough to be one."""
    for name, value in answer.items():
        if isinstance(value, str) and SECRET_FIELDS.search(name) and len(value) >= 24:
            yield value
