"""An endpoint's life, and what it is told of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.webhooks.domain.endpoint import (
    ENDPOINT,
    ROTATION_OVERLAP,
    SECRETS_MAX,
    ChangeEndpoint,
    DisableEndpoint,
    Endpoint,
    PauseEndpoint,
    RegisterEndpoint,
    RemoveEndpoint,
    ResumeEndpoint,
    RotateSecret,
    Status,
    change,
    disable,
    pause,
    register,
    remove,
    resume,
    rotate_secret,
)
from services.webhooks.domain.wishes import Wishes
from shared.domain import Invalid, Refused
from shared.events.ledger import ErasureExecuted, ErasureGround
from shared.events.webhooks import (
    DisableReason,
    EndpointChanged,
    EndpointDisabled,
    EndpointPaused,
    EndpointRegistered,
    EndpointRemoved,
    EndpointResumed,
    EndpointSecretRotated,
)
from shared.testing.scenario import scenario

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ANA, ID, S1, S2, S3, S4 = (UUID(int=n) for n in range(1, 7))
A, B = UUID(int=11), UUID(int=12)
URL = "https://partner.example.com/hook"
CATALOGUE = dict.fromkeys(("governance.vote-cast.v1", "governance.vote-cast.v2", "metrics.kpi-defined.v1"), ("side",))
WISHES = Wishes(URL, ("governance.*",))

REGISTERED = EndpointRegistered(url=URL, event_types=("governance.*",), alliances=(), secret=S1)
PAUSED, RESUMED, REMOVED = EndpointPaused(), EndpointResumed(), EndpointRemoved()
DISABLED = EndpointDisabled(reason=DisableReason.FAILING)

PAUSE, RESUME, REMOVE = PauseEndpoint(NOON, ANA), ResumeEndpoint(NOON, ANA), RemoveEndpoint(NOON, ANA)
DISABLE = DisableEndpoint(NOON, None, DisableReason.FAILING)


def registering(wishes: Wishes = WISHES, *, development: bool = False) -> RegisterEndpoint:
    return RegisterEndpoint(NOON, ANA, ID, S1, wishes, CATALOGUE, development)


def changing(wishes: Wishes) -> ChangeEndpoint:
    return ChangeEndpoint(NOON, ANA, wishes, CATALOGUE)


def rotating(secret: UUID, at: datetime = NOON) -> RotateSecret:
    return RotateSecret(at, ANA, secret)


def rotated(secret: UUID, at: datetime = NOON) -> EndpointSecretRotated:
    return EndpointSecretRotated(secret=secret, previous_until=at + ROTATION_OVERLAP)


def state(*events: Any) -> Endpoint:
    return scenario(ENDPOINT).given(*events).state


def test_an_endpoint_is_registered_with_its_wishes_in_order() -> None:
    wishes = Wishes(URL, ("metrics.*", "governance.*", "metrics.*"), (B, A, B), "our hook")
    scenario(ENDPOINT).when(register, registering(wishes)).then(
        EndpointRegistered(
            url=URL, event_types=("governance.*", "metrics.*"), alliances=(A, B), secret=S1, description="our hook"
        )
    )


@pytest.mark.parametrize("history", [(REGISTERED,), (REGISTERED, REMOVED)])
def test_an_endpoint_is_registered_once(history: tuple[Any, ...]) -> None:
    scenario(ENDPOINT).given(*history).when(register, registering()).then_refused("endpoint-exists")


@pytest.mark.parametrize(
    ("wishes", "pointer", "code"),
    [
        (replace(WISHES, url="http://partner.example.com/"), "/url", "url-not-https"),
        (replace(WISHES, url="https://10.0.0.1/"), "/url", "address-private"),
        (replace(WISHES, event_types=()), "/event_types", "how-many"),
        (replace(WISHES, event_types=("*",) * 101), "/event_types", "how-many"),
        (replace(WISHES, event_types=("*", "scoring.*")), "/event_types/1", "unknown-event-type"),
        (replace(WISHES, event_types=("governance.vote-*",)), "/event_types/0", "unknown-event-type"),
        (replace(WISHES, event_types=("governance.vote-cast.v3",)), "/event_types/0", "unknown-event-type"),
        (replace(WISHES, alliances=(A,) * 101), "/alliances", "how-many"),
        (replace(WISHES, description="x" * 501), "/description", "too-long"),
    ],
)
def test_wishes_that_cannot_be_granted(wishes: Wishes, pointer: str, code: str) -> None:
    for given_events, decider, command in (
        ((), register, registering(wishes)),
        ((REGISTERED,), change, changing(wishes)),
    ):
        with pytest.raises(Invalid) as refused:
            scenario(ENDPOINT).given(*given_events).when(decider, command)
        assert (refused.value.pointer, refused.value.code) == (pointer, code)


def test_development_lets_loopback_pass() -> None:
    local = replace(WISHES, url="http://localhost:9000/")
    scenario(ENDPOINT).when(register, registering(local, development=True)).then_includes(EndpointRegistered)


def test_a_change_says_all_that_holds_from_now_on() -> None:
    changed = EndpointChanged(url=URL, event_types=("*",), alliances=(A,), description="new")
    scenario(ENDPOINT).given(REGISTERED).when(change, changing(Wishes(URL, ("*",), (A,), "new"))).then(changed)
    scenario(ENDPOINT).given(REGISTERED, changed).when(change, changing(WISHES)).then_includes(EndpointChanged)


def test_a_change_to_the_same_is_none() -> None:
    scenario(ENDPOINT).given(REGISTERED).when(change, changing(WISHES)).then_nothing()


def test_pausing_resuming_and_disabling() -> None:
    scenario(ENDPOINT).given(REGISTERED).when(pause, PAUSE).then(PAUSED)
    scenario(ENDPOINT).given(REGISTERED, PAUSED).when(resume, RESUME).then(RESUMED)
    scenario(ENDPOINT).given(REGISTERED).when(disable, DISABLE).then(DISABLED)
    scenario(ENDPOINT).given(REGISTERED, PAUSED).when(disable, DISABLE).then(DISABLED)
    scenario(ENDPOINT).given(REGISTERED, DISABLED).when(resume, RESUME).then(RESUMED)
    assert state(REGISTERED, DISABLED).reason is DisableReason.FAILING
    assert state(REGISTERED, DISABLED, RESUMED).reason is None


@pytest.mark.parametrize(
    ("history", "decider", "command", "code"),
    [
        ((REGISTERED, PAUSED), pause, PAUSE, "endpoint-not-enabled"),
        ((REGISTERED, DISABLED), pause, PAUSE, "endpoint-not-enabled"),
        ((REGISTERED,), resume, RESUME, "endpoint-enabled"),
        ((REGISTERED, DISABLED), disable, DISABLE, "endpoint-disabled"),
    ],
)
def test_what_a_status_does_not_allow(history: tuple[Any, ...], decider: Any, command: Any, code: str) -> None:
    scenario(ENDPOINT).given(*history).when(decider, command).then_refused(code)


ALL = [
    (change, changing(WISHES)),
    (pause, PAUSE),
    (resume, RESUME),
    (disable, DISABLE),
    (rotate_secret, rotating(S2)),
    (remove, REMOVE),
]


@pytest.mark.parametrize(("decider", "command"), ALL)
def test_nothing_is_done_with_an_endpoint_before_or_after_its_life(decider: Any, command: Any) -> None:
    scenario(ENDPOINT).when(decider, command).then_refused("endpoint-absent")
    scenario(ENDPOINT).given(REGISTERED, REMOVED).when(decider, command).then_refused("endpoint-removed")


@pytest.mark.parametrize("history", [(), (PAUSED,), (DISABLED,)])
def test_it_can_always_be_removed(history: tuple[Any, ...]) -> None:
    scenario(ENDPOINT).given(REGISTERED, *history).when(remove, REMOVE).then(REMOVED)
    assert state(REGISTERED, *history, REMOVED).signing_secrets(NOON) == ()


def test_both_secrets_sign_for_a_day_after_a_rotation() -> None:
    scenario(ENDPOINT).given(REGISTERED).when(rotate_secret, rotating(S2)).then(rotated(S2))
    endpoint = state(REGISTERED, rotated(S2))
    assert endpoint.signing_secrets(NOON + DAY - timedelta(microseconds=1)) == (S2, S1)
    assert endpoint.signing_secrets(NOON + DAY) == (S2,)


def test_rotating_again_never_prolongs_an_old_secret() -> None:
    endpoint = state(REGISTERED, rotated(S2), rotated(S3, NOON + DAY / 2))
    assert endpoint.signing_secrets(NOON + DAY / 2) == (S3, S2, S1)
    assert endpoint.signing_secrets(NOON + DAY) == (S3, S2)


def test_a_secret_is_new_and_rotations_are_few() -> None:
    twice = scenario(ENDPOINT).given(REGISTERED, rotated(S2), rotated(S3))
    scenario(ENDPOINT).given(REGISTERED).when(rotate_secret, rotating(S1)).then_refused("secret-in-use")
    twice.when(rotate_secret, rotating(S4)).then_refused("rotated-too-often")
    twice.when(rotate_secret, rotating(S4, NOON + DAY)).then_includes(EndpointSecretRotated)


@pytest.mark.parametrize(
    ("pattern", "event_type", "matches"),
    [
        ("*", "governance.vote-cast.v1", True),
        ("governance.*", "governance.vote-cast.v1", True),
        ("governance.*", "governancex.vote-cast.v1", False),
        ("governance.*", "metrics.kpi-defined.v1", False),
        ("governance.vote-cast.*", "governance.vote-cast.v2", True),
        ("governance.vote-cast.*", "governance.vote-cast-again.v1", False),
        ("governance.vote-cast.v1", "governance.vote-cast.v1", True),
        ("governance.vote-cast.v1", "governance.vote-cast.v10", False),
    ],
)
def test_event_types_and_wildcards(pattern: str, event_type: str, *, matches: bool) -> None:
    endpoint = Endpoint(Status.ENABLED, Wishes(URL, ("x.*", pattern)))
    assert endpoint.matches(event_type, A, {}) is matches


def test_alliances() -> None:
    every, one = (Endpoint(Status.ENABLED, Wishes(URL, ("*",), alliances)) for alliances in ((), (A,)))
    assert every.matches("x.y-done.v1", A, {})
    assert every.matches("x.y-done.v1", None, {})
    assert one.matches("x.y-done.v1", A, {})
    assert not one.matches("x.y-done.v1", B, {})
    assert not one.matches("x.y-done.v1", None, {})


def test_deliveries_are_made_while_paused_and_not_while_disabled() -> None:
    name = "governance.vote-cast.v1"
    assert state(REGISTERED).matches(name, A, {})
    assert state(REGISTERED, PAUSED).matches(name, A, {})
    assert not state(REGISTERED, DISABLED).matches(name, A, {})
    assert not state(REGISTERED, REMOVED).matches(name, A, {})
    assert not state().matches(name, A, {})


FOREIGN = ErasureExecuted(ground=ErasureGround.UNLAWFUL, digests=())
EVENTS = st.sampled_from([REGISTERED, PAUSED, RESUMED, DISABLED, REMOVED, rotated(S2), rotated(S3), FOREIGN])
STEPS = [
    (register, registering()),
    *ALL,
    *((rotate_secret, rotating(UUID(int=n), NOON + n * DAY / 4)) for n in range(20, 30)),
]


@given(st.lists(EVENTS, max_size=12))
def test_any_history_replays(events: list[Any]) -> None:
    endpoint = state(*events)
    assert len(endpoint.secrets) <= SECRETS_MAX
    assert state(*events, FOREIGN) == endpoint


@given(st.lists(st.sampled_from(STEPS), max_size=25))
def test_no_sequence_of_commands_leaves_a_live_endpoint_without_a_secret(steps: list[Any]) -> None:
    endpoint = Endpoint()
    for decider, command in steps:
        try:
            endpoint = ENDPOINT.replay(decider(command, endpoint), endpoint)
        except Refused:
            continue
        live = endpoint.status in (Status.ENABLED, Status.PAUSED, Status.DISABLED)
        assert bool(endpoint.signing_secrets(command.at)) == live
        assert (endpoint.reason is not None) == (endpoint.status is Status.DISABLED)
        assert len({secret.id for secret in endpoint.secrets}) == len(endpoint.secrets) <= SECRETS_MAX
