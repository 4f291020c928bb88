"""The parties' own signatures over the acts that bind them, checked as the entries pass.

A Merkle log stops rewriting, and not forging: who owns the machine can record that a company agreed to something. Once
a side has a key in force in the ledger, no act of it counts without a signature by such a key, and every key is told
with whose it is, so that the parties can say that these are theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.ledger.domain.note import MalformedNote, Verify, decoded
from services.ledger.domain.report import Notes, PartyKey
from services.ledger.domain.vouched import Trust
from shared.events.declare import names_of, type_of
from shared.events.governance import ModelCountered, ModelDrafted
from shared.events.governance_agreements import AgreementCountered, AgreementProposed
from shared.events.governance_signatures import ACTS_THAT_BIND, SigningKeyRegistered, SigningKeyWithdrawn, statement

REGISTERED, WITHDRAWN = type_of(SigningKeyRegistered).name, type_of(SigningKeyWithdrawn).name
WITH_CONTENT = names_of(ModelDrafted, ModelCountered, AgreementProposed, AgreementCountered)
"""In a joint ledger they put on the table what is then signed by its hash."""
WATCHED = ACTS_THAT_BIND | {REGISTERED, WITHDRAWN}
KEYS_TOLD_MAX = 100
"""How many keys a report names, beside those of parties whose keys were given; it counts the others."""


@dataclass(slots=True)
class OwnSignatures:
    """Give it the body of each entry in order. It keeps the keys in force, by side and stream.

    Without `trust` it asks whether each act is signed by a key in force, and not whether the signature holds.
    """

    ledger: UUID
    canonical: Callable[[Any], bytes]
    notes: Notes
    trust: Trust | None
    in_force: dict[str, dict[str, PartyKey]] = field(default_factory=dict)
    withdrawn: set[tuple[str, str]] = field(default_factory=set)
    """Sides with those of their keys that are out of force for good."""
    contents: dict[str, str] = field(default_factory=dict)
    """By stream, the hash of the content that is on the table or in force there."""

    def check(self, seq: int, body: dict[str, Any]) -> None:
        name = body.get("type")
        if type(name) is not str:
            return
        if name in WITH_CONTENT:
            self.content(seq, body)
        if name not in WATCHED:
            return
        stream, data = body.get("stream"), body.get("data")
        side = data.get("side") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(side, str) or not isinstance(stream, str):
            words = f"Entry {seq} does not say for whom it acts, so that nobody can say whether it is signed."
            self.notes.add(seq, "signature-missing", words)
        elif name == REGISTERED:
            self.register(seq, stream, side, data)
        elif name == WITHDRAWN:
            self.withdraw(seq, stream, side)
        else:
            self.act(seq, body, side, data.get("signature"))

    def content(self, seq: int, body: dict[str, Any]) -> None:
        """The hash is what is signed: beside another text, a true signature would vouch for what nobody signed."""
        data = body.get("data")
        stated = data.get("content_sha256") if isinstance(data, dict) else None
        try:
            true = isinstance(data, dict) and sha256(self.canonical(data.get("content"))).hexdigest() == stated
        except (ValueError, RecursionError):
            true = False
        if not true:
            words = f"The content in entry {seq} does not give the hash beside it, which is what is signed."
            self.notes.add(seq, "content-differs", words)
        self.contents[str(body.get("stream"))] = str(stated)

    def register(self, seq: int, stream: str, side: str, data: dict[str, Any]) -> None:
        made = PartyKey(side, str(data.get("key")), data.get("person_id"), seq)
        before = self.in_force.setdefault(side, {}).pop(stream, None)
        if before is not None:
            before.to_seq = seq
        if before is not None or (side, made.key) in self.withdrawn:
            words = f"Entry {seq} registers a key for {side} where there was one, or one that was withdrawn before."
            self.notes.add(seq, "key-registered-again", words)
        self.in_force[side][stream] = made
        theirs = None if self.trust is None else self.trust.party_keys.get(side)
        self.tell(made, always=theirs is not None)
        if theirs is not None and made.key not in theirs:
            words = f"Entry {seq} registers the key {made.key} for {side}, which is none of those you gave as theirs."
            self.notes.add(seq, "key-not-its-partys", words)

    def withdraw(self, seq: int, stream: str, side: str) -> None:
        gone = self.in_force.get(side, {}).pop(stream, None)
        if gone is not None:
            gone.to_seq = seq
            self.withdrawn.add((side, gone.key))

    def tell(self, made: PartyKey, *, always: bool) -> None:
        figures = self.notes.figures
        if always or len(figures.party_keys) < KEYS_TOLD_MAX:
            figures.party_keys.append(made)
        else:
            figures.party_keys_untold += 1

    def act(self, seq: int, body: dict[str, Any], side: str, signature: object) -> None:
        self.notes.figures.acts += 1
        keys = self.in_force.get(side, {}).values()
        self.same_content(seq, body)
        if signature is None:
            if keys:
                words = f"Entry {seq} binds {side}, which has a key of its own by then, and is not signed with it."
                self.notes.add(seq, "signature-missing", words)
            elif side in self.in_force and self.trust is not None and side in self.trust.party_keys:
                words = (
                    f"Entry {seq} binds {side} and is not signed: its last key was withdrawn before. Ask it if it did."
                )
                self.notes.add(seq, "signature-missing", words)
            return
        key = signature.get("key") if isinstance(signature, dict) else None
        actor = body.get("actor")
        person = actor.get("sub") if isinstance(actor, dict) else None
        if not any(one.key == key and one.person_id in (None, person) for one in keys):
            words = f"Entry {seq} is signed with a key that {side} did not have, or that is not its actor's."
            self.notes.add(seq, "signature-of-unknown-key", words)
        elif self.trust is None:
            return  # nobody here can compute a signature
        elif not self.holds(body, signature, self.trust.verify):
            words = f"Entry {seq} binds {side}, and the signature in it is not that of its key over what it says."
            self.notes.add(seq, "signature-wrong", words)
        else:
            self.notes.figures.acts_signed += 1

    def same_content(self, seq: int, body: dict[str, Any]) -> None:
        signed = body["data"].get("content_sha256")
        if signed is not None and signed != self.contents.get(body["stream"]):
            words = f"Entry {seq} signs another content than the one that stands before it."
            self.notes.add(seq, "signs-other-content", words)

    def holds(self, body: dict[str, Any], signature: Any, verify: Verify) -> bool:
        """Whether the signature is that of its key over the statement that follows from the entry."""
        version = body.get("version")
        if type(version) is not int:
            return False
        said = statement(self.ledger, body["stream"], version - 1, body["type"], body["data"])
        try:
            public, value = decoded(signature["key"]), decoded(signature["value"])
            return verify(public, value, self.canonical(said))
        except (MalformedNote, KeyError, TypeError, ValueError, RecursionError):
            return False
