"""What ledger's endpoints give. It takes no bodies: what happened is recorded by the other services."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.http.types import Answer, Count, Id, Timestamp

EVENTS_A_THING_MAX = 20
PROOF_HASHES_MAX = 64

Kind = Literal["organisation", "alliance"]
Hash = Annotated[str, Field(description="32 bytes, base64.", min_length=44, max_length=44)]
JsonObject = dict[str, Any]


class LedgerParty(Answer):
    """An organisation that reads the ledger."""

    id: Id
    name: str


class Ledger(Answer):
    """A ledger that you may read; its id is that of the alliance or organisation it belongs to."""

    id: Id
    kind: Kind
    size: Count = Field(description="How many entries it has.")
    last_recorded_at: Timestamp | None = Field(description="When the last entry was recorded.")
    parties: list[LedgerParty]


class EventActor(Answer):
    """Who acted: a person or a system of an organisation, or Concord itself (`system`)."""

    org: Id | None
    sub: Id | None
    system: str | None
    name: str | None = Field(description="Null when it was erased, or is not yours to see.")
    organisation: str | None
    on_behalf_of: Id | None = Field(description="The colleague whose right this delegate used.")
    on_behalf_of_name: str | None


class FieldChange(Answer):
    """What became of one field: `field` is a path such as `terms.title`."""

    field: str
    kind: Literal["added", "changed", "removed"]
    before: Any = Field(description="The JSON value before; null when there was none.")
    after: Any = Field(description="The JSON value after; null when there is none.")
    seq: Count = Field(description="The entry that did it.")
    erased: bool = Field(description="One of the two values was erased, so both read null where they did.")


class EventThing(Answer):
    """What it happened to."""

    kind: str
    id: str
    title: str | None = Field(description="What it was called when it began; `[erased]` when that was erased.")


class LedgerEvent(Answer):
    """One entry in words and in data."""

    seq: Count
    recorded_at: Timestamp = Field(description="When Concord learned it.")
    effective_at: Timestamp = Field(description="When it became true in the world.")
    id: Id
    type: str
    stream: str = Field(description="The thing it happened to: `noun/id`.")
    version: Count = Field(description="Its place among the events of that thing, from 1.")
    actor: EventActor
    thing: EventThing
    words: str = Field(description="What happened, as a sentence.")
    data: JsonObject | None = Field(description="Its fields; erased values are null. Null as a whole while held back.")
    erased: list[str] = Field(description="The fields whose value was erased.")
    held_back: bool = Field(description="Its data is kept from you until the work it belongs to is submitted.")
    changes: list[FieldChange] = Field(description="Fields that a recent event of the same thing had otherwise.")
    raw: str | None = Field(description="The entry's bytes, base64, when asked for.")


class InclusionProof(Answer):
    """That an entry is in the tree: `hashes` lead from `leaf` to `root` (RFC 9162 §2.1.3)."""

    seq: Count
    size: Count
    leaf: Hash
    root: Hash
    hashes: list[Hash] = Field(max_length=PROOF_HASHES_MAX)


class ConsistencyProof(Answer):
    """That the tree of `from_size` entries grew into that of `to_size` with nothing rewritten (RFC 9162 §2.1.4)."""

    from_size: Count
    to_size: Count
    from_root: Hash
    to_root: Hash
    hashes: list[Hash] = Field(max_length=PROOF_HASHES_MAX)


class ProvenEvent(Answer):
    """An entry, and the proof that it is in the ledger as it is now."""

    event: LedgerEvent
    proof: InclusionProof


class TreeRoot(Answer):
    """The Merkle root over the first `size` entries."""

    origin: str = Field(description="What the ledger is called in checkpoints.")
    size: Count
    root: Hash


class Deed(Answer):
    """One event in a line."""

    seq: Count
    recorded_at: Timestamp
    type: str
    words: str


class ThingDiff(Answer):
    """What changed about one thing."""

    stream: str
    kind: str
    title: str | None = Field(description="What it was called when it began; `[erased]` when that was erased.")
    from_version: Count = Field(description="0 when it was not there yet.")
    to_version: Count
    changes: list[FieldChange]
    events: list[Deed] = Field(max_length=EVENTS_A_THING_MAX, description="The latest events that did it.")
    event_count: Count = Field(description="How many events there were in between.")


class LedgerDiff(Answer):
    """What changed between two moments, by thing and field; one page of things."""

    from_size: Count = Field(description="How many entries the ledger had at the first moment.")
    to_size: Count = Field(description="How many at the second.")
    things: list[ThingDiff]
    next_cursor: str | None = Field(description="Ask for the next page with it; null on the last page.")


class ThingState(Answer):
    """A thing as its events left it: of each field the latest value."""

    stream: str
    kind: str
    version: Count
    last_seq: Count
    fields: JsonObject
    erased: list[str] = Field(description="The fields whose value was erased.")


class KindCount(Answer):
    """How many things of a kind there are."""

    kind: str
    things: Count


class ThingsOfKind(Answer):
    """The things of one kind, on this page."""

    kind: str
    things: list[ThingState]


class LedgerState(Answer):
    """The ledger as it stood: all things by kind, a page at a time, and how many there are."""

    id: Id
    kind: Kind
    size: Count
    last_recorded_at: Timestamp | None
    parties: list[LedgerParty]
    counts: list[KindCount]
    groups: list[ThingsOfKind]
    next_cursor: str | None = Field(description="Ask for the next page with it; null on the last page.")
