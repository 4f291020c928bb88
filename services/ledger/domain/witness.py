"""A witness of a ledger: each side names its own, and withdraws none but its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.ledger.domain.note import Key, MalformedNote, SignatureType, read_vkey
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.ledger import WitnessNamed, WitnessWithdrawn

WITNESSES_A_SIDE_MAX = 3
NAME_CHARACTERS_MAX = 255
PORT = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
"""1 to 65535: with any other no address can be called."""
URL = rf"https?://[a-zA-Z0-9.-]+(:({PORT}))?(/[a-zA-Z0-9._~/-]*)?"


@dataclass(frozen=True, slots=True)
class InService:
    """A witness of the ledger that was named before."""

    side: UUID
    name: str
    vkey: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameWitness:
    """`side`: the organisation it speaks for. `others`: those in service there. `development` lets http pass."""

    at: datetime
    side: UUID
    vkey: str
    url: str
    others: tuple[InService, ...] = ()
    development: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawWitness:
    at: datetime
    side: UUID


@dataclass(frozen=True, slots=True)
class Witness:
    """`side` is None before it is named."""

    side: UUID | None = None
    name: str = ""
    in_service: bool = False


def evolve(state: Witness, event: Event) -> Witness:
    match event:
        case WitnessNamed(side=side, name=name):
            return Witness(side, name, in_service=True)
        case WitnessWithdrawn():
            return replace(state, in_service=False)
    return state


WITNESS = Aggregate("witness", Witness(), evolve)


def name_witness(command: NameWitness, witness: Witness) -> list[Event]:
    if witness.side is not None:
        raise Refused("witness-named", "This witness was named before.")
    key = witness_key(command.vkey)
    if not re.fullmatch(URL, command.url) or (command.url.startswith("http:") and not command.development):
        raise Invalid("/url", "not-https", "The address of a witness is https://host:port/path, without user or query.")
    for one in command.others:
        if one.name == key.name or read_vkey(one.vkey).public == key.public:
            raise Refused("witness-taken", f"The witness {one.name} is in service under this name or key already.")
    if sum(one.side == command.side for one in command.others) >= WITNESSES_A_SIDE_MAX:
        raise Refused("too-many-witnesses", f"A side has at most {WITNESSES_A_SIDE_MAX} witnesses; withdraw one first.")
    return [WitnessNamed(side=command.side, name=key.name, vkey=command.vkey, url=command.url.rstrip("/"))]


def witness_key(vkey: str) -> Key:
    try:
        key = read_vkey(vkey)
    except MalformedNote as error:
        raise Invalid("/vkey", "not-a-key", str(error)) from error
    if key.type != SignatureType.COSIGNATURE:
        raise Invalid(
            "/vkey", "not-a-witness-key", "A witness signs with a key of type 0x04; `concord witness` says its."
        )
    if len(key.name) > NAME_CHARACTERS_MAX or not key.name.isprintable():
        words = f"A witness has a name of at most {NAME_CHARACTERS_MAX} characters, all of which can be seen."
        raise Invalid("/vkey", "not-a-name", words)
    return key


def withdraw_witness(command: WithdrawWitness, witness: Witness) -> list[Event]:
    if not witness.in_service:
        raise Refused("witness-not-in-service", "This witness was withdrawn before.")
    if witness.side != command.side:
        raise Refused("not-your-witness", "It speaks for the other side, which alone can withdraw it.")
    return [WitnessWithdrawn(side=command.side, name=witness.name)]
