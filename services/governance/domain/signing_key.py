"""A side's own signing key: registered in the alliance, in force until it is withdrawn.

Registering one is a side's deliberate act: from then on every act that binds it carries a signature by a key of its own
that is in force, until it has withdrawn the last of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.domain import Aggregate, Event, Refused
from shared.events.governance_signatures import SigningKeyRegistered, SigningKeyWithdrawn
from shared.events.values import Signature

KEYS_IN_FORCE_MAX = 20
"""Of one side in one alliance."""


@dataclass(frozen=True, slots=True)
class KeyInForce:
    """`key`: base64. `person_id`: who alone signs with it; None: anybody who may act for the side."""

    key: str
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RegisterSigningKey:
    """`in_force` are the keys that the side has in this alliance so far; `withdrawn`, in base64, those it had."""

    at: datetime
    side: UUID
    key: str
    person_id: UUID | None = None
    in_force: tuple[KeyInForce, ...] = ()
    withdrawn: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WithdrawSigningKey:
    at: datetime
    side: UUID
    reason: str | None = None


@dataclass(frozen=True)
class SigningKey:
    side: UUID | None = None
    withdrawn: bool = False


def evolve(state: SigningKey, event: Event) -> SigningKey:
    match event:
        case SigningKeyRegistered():
            state = SigningKey(event.side)
        case SigningKeyWithdrawn():
            state = replace(state, withdrawn=True)
    return state


def register_signing_key(command: RegisterSigningKey, signing_key: SigningKey) -> list[Event]:
    if signing_key.side is not None:
        raise Refused("registered-already", "It has been registered already.")
    if command.key in {one.key for one in command.in_force}:
        raise Refused("key-in-force", "This key of your side is in force already.")
    if command.key in command.withdrawn:
        raise Refused("key-withdrawn", "Your side has withdrawn this key, for good; make another.")
    if len(command.in_force) >= KEYS_IN_FORCE_MAX:
        detail = f"A side has at most {KEYS_IN_FORCE_MAX} keys in force in an alliance; withdraw one first."
        raise Refused("too-many-keys", detail)
    return [SigningKeyRegistered(side=command.side, key=command.key, person_id=command.person_id)]


def withdraw_signing_key(command: WithdrawSigningKey, signing_key: SigningKey) -> list[Event]:
    if command.side != signing_key.side:
        raise Refused("not-your-key", "The side that registered a key withdraws it.")
    if signing_key.withdrawn:
        raise Refused("withdrawn-already", "This key was withdrawn already; register another.")
    return [SigningKeyWithdrawn(side=command.side, reason=command.reason)]


def check_signed(signature: Signature | None, person_id: UUID, in_force: Sequence[KeyInForce]) -> None:
    """Whether an act of this person that binds their side is signed as it must be, by a key that they may use.

    Whether the signature itself holds is for those to say who can compute it.
    """
    theirs = {one.key for one in in_force if one.person_id in (None, person_id)}
    if signature is None:
        if in_force:
            raise Refused("signature-required", _required_in_words(theirs))
    elif signature.key not in theirs:
        detail = f"{signature.key} is no key in force of your side that you may use. {_required_in_words(theirs)}"
        raise Refused("signature-of-unknown-key", detail if in_force else NONE_IN_FORCE)


NONE_IN_FORCE = "Your side has no key in force in this alliance: register one, or send no signature."


def _required_in_words(theirs: set[str]) -> str:
    if not theirs:
        return "The keys of your side belong to others: one of them acts, or a key is registered for you."
    return f"Your side signs this itself, in `signature`, with one of these keys: {', '.join(sorted(theirs))}."


SIGNING_KEY = Aggregate("signing-key", SigningKey(), evolve)
