"""An API key is known by the hash of its secret, scoped, expiring, rotated with an overlap, and revocable at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.domain.api_key import (
    ALLIANCES_MAX,
    API_KEY,
    IssueApiKey,
    RevokeApiKey,
    RotateApiKey,
    hash_of,
    issue,
    key_matches,
    revoke,
    rotate,
)
from shared.domain import Invalid, Refused
from shared.events.directory import ApiKeyIssued, ApiKeyRevoked, ApiKeyRotated, Scope
from shared.testing.scenario import scenario

ANA, ALLIANCE, OTHER = (UUID(int=n) for n in range(3))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPRING = NOON + 90 * 24 * HOUR
OLD, NEW = "ck_old_f00d", "ck_new_beef"

ISSUE = IssueApiKey(
    by=ANA,
    at=NOON,
    name="billing",
    prefix="ck_old",
    secret_hash=hash_of(OLD),
    scopes=(Scope.METRICS_PUSH,),
    alliances=(ALLIANCE,),
    expires_at=SPRING,
)
ROTATE = RotateApiKey(
    by=ANA,
    at=NOON,
    prefix="ck_new",
    secret_hash=hash_of(NEW),
    expires_at=SPRING + HOUR,
    previous_until=NOON + HOUR,
)
REVOKE = RevokeApiKey(by=ANA, at=NOON, reason="leaked")
ISSUED = ApiKeyIssued(
    name="billing",
    prefix="ck_old",
    secret_hash=hash_of(OLD),
    scopes=(Scope.METRICS_PUSH,),
    alliances=(ALLIANCE,),
    expires_at=SPRING,
)
ROTATED = ApiKeyRotated(prefix="ck_new", secret_hash=hash_of(NEW), expires_at=SPRING + HOUR, previous_until=NOON + HOUR)
REVOKED = ApiKeyRevoked(reason="leaked")


def test_is_issued() -> None:
    scenario(API_KEY).when(issue, ISSUE).then(ISSUED)


def test_is_issued_once() -> None:
    scenario(API_KEY).given(ISSUED).when(issue, ISSUE).then_refused("key-issued")


def test_a_secret_is_known_by_its_hash() -> None:
    # SHA-256 of "abc", FIPS 180-2, appendix B.1
    assert key_matches("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc")
    assert not key_matches("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abd")
    assert not key_matches("", "é")


def test_opens_until_it_expires() -> None:
    key = scenario(API_KEY).given(ISSUED).state
    assert key.opens(OLD, NOON)
    assert not key.opens(NEW, NOON)
    assert not key.opens(OLD, SPRING)


def test_reaches_what_it_names() -> None:
    key = scenario(API_KEY).given(ISSUED).state
    assert key.allows(Scope.METRICS_PUSH, ALLIANCE)
    assert not key.allows(Scope.METRICS_READ, ALLIANCE)
    assert not key.allows(Scope.METRICS_PUSH, OTHER)
    assert not key.allows(Scope.METRICS_PUSH)
    of_all = scenario(API_KEY).given(replace(ISSUED, alliances=())).state
    assert of_all.allows(Scope.METRICS_PUSH, OTHER)
    assert of_all.allows(Scope.METRICS_PUSH)


def test_both_secrets_open_during_a_rotation() -> None:
    scenario(API_KEY).given(ISSUED).when(rotate, ROTATE).then(ROTATED)
    key = scenario(API_KEY).given(ISSUED, ROTATED).state
    assert key.opens(OLD, NOON)
    assert key.opens(NEW, NOON)
    assert not key.opens(OLD, NOON + HOUR)
    assert key.opens(NEW, SPRING)


def test_a_rotation_does_not_lengthen_the_life_of_the_secret_before() -> None:
    long_overlap = replace(ROTATED, expires_at=SPRING + 9 * HOUR, previous_until=SPRING + 9 * HOUR)
    assert not scenario(API_KEY).given(ISSUED, long_overlap).state.opens(OLD, SPRING)


def test_one_rotation_at_a_time() -> None:
    rotating = scenario(API_KEY).given(ISSUED, ROTATED)
    rotating.when(rotate, ROTATE).then_refused("rotation-under-way")
    later = replace(ROTATE, at=NOON + HOUR, previous_until=NOON + 2 * HOUR)
    rotating.when(rotate, later).then_includes(ApiKeyRotated)


def test_an_expired_key_is_not_rotated() -> None:
    late = replace(ROTATE, at=SPRING)
    scenario(API_KEY).given(ISSUED).when(rotate, late).then_refused("key-expired")


def test_a_revoked_key_opens_nothing_for_good() -> None:
    scenario(API_KEY).given(ISSUED).when(revoke, REVOKE).then(REVOKED)
    revoked = scenario(API_KEY).given(ISSUED, ROTATED, REVOKED)
    assert not revoked.state.opens(OLD, NOON)
    assert not revoked.state.opens(NEW, NOON)
    revoked.when(rotate, ROTATE).then_refused("key-revoked")
    revoked.when(revoke, REVOKE).then_refused("key-revoked")


def test_what_was_not_issued_is_not_revoked() -> None:
    scenario(API_KEY).when(revoke, REVOKE).then_refused("key-not-issued")


@pytest.mark.parametrize(
    ("command", "pointer", "code"),
    [
        (replace(ISSUE, name=""), "/name", "missing"),
        (replace(ISSUE, scopes=()), "/scopes", "missing"),
        (replace(ISSUE, scopes=(Scope.LEDGER_READ,) * 2), "/scopes", "repeated"),
        (replace(ISSUE, alliances=(ALLIANCE,) * 2), "/alliances", "repeated"),
        (replace(ISSUE, alliances=tuple(UUID(int=n) for n in range(ALLIANCES_MAX + 1))), "/alliances", "too-many"),
        (replace(ISSUE, prefix="ck"), "/prefix", "malformed"),
        (replace(ISSUE, secret_hash=OLD), "/secret_hash", "malformed"),
        (replace(ISSUE, secret_hash=hash_of(OLD).upper()), "/secret_hash", "malformed"),
        (replace(ISSUE, expires_at=NOON), "/expires_at", "past"),
    ],
)
def test_a_key_that_cannot_be_is_invalid(command: IssueApiKey, pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        issue(command, API_KEY.empty)
    assert (invalid.value.pointer, invalid.value.code) == (pointer, code)


@pytest.mark.parametrize("until", [NOON - HOUR, SPRING + 2 * HOUR])
def test_an_overlap_is_from_now_to_the_end_of_the_new_secret(until: datetime) -> None:
    with pytest.raises(Invalid) as invalid:
        rotate(replace(ROTATE, previous_until=until), scenario(API_KEY).given(ISSUED).state)
    assert invalid.value.pointer == "/previous_until"


hours = st.integers(0, 20).map(lambda n: NOON + n * HOUR)
acts = st.one_of(
    st.builds(lambda at, to: (issue, replace(ISSUE, at=at, expires_at=to)), hours, hours),
    st.builds(
        lambda at, to, until, n: (
            rotate,
            replace(ROTATE, at=at, expires_at=to, previous_until=until, secret_hash=hash_of(str(n))),
        ),
        hours,
        hours,
        hours,
        st.integers(0, 3),
    ),
    hours.map(lambda at: (revoke, replace(REVOKE, at=at))),
)


@settings(max_examples=100)
@given(st.lists(acts, max_size=12), hours)
def test_at_most_two_secrets_ever_open_a_key_and_none_once_it_is_revoked(
    acts: list[tuple[Any, Any]], now: datetime
) -> None:
    history: list[Any] = []
    for decide, command in acts:
        try:
            history += decide(command, API_KEY.replay(history))
        except (Refused, Invalid):
            continue
        key = API_KEY.replay(history)
        assert len(key.secrets) <= 2
        assert not (key.revoked and key.live(now))
