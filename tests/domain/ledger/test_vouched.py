"""Whose word stands behind an export: forged and foreign checkpoints, a quorum not met, times that cannot be."""

from __future__ import annotations

import pytest

from services.ledger.domain.checkpoint import Checkpoint, write_checkpoint
from services.ledger.domain.merkle import root_of
from services.ledger.domain.note import Key, Note, SignatureType, cosignature, cosigned_message, log_signature
from services.ledger.domain.policy import Policy, policy_of_sides, write_policy
from services.ledger.domain.report import Report
from services.ledger.domain.verify import verify
from services.ledger.domain.vouched import CLOCKS_SECONDS_MAX, LATE_SECONDS_MAX, Trust
from services.ledger.signing_keys import in_memory
from shared.ed25519 import verify_ed25519
from shared.log.codec import canonical
from shared.log.entry import leaf_hash
from tests.domain.ledger.test_verify import ENTRIES, ORIGIN, SIZE, START_US, Shipment, entry, export
from tests.signing import private_key_of

LOG, WITNESS, OTHER = (in_memory(private_key_of(number)) for number in (1, 2, 3))
LOG_KEY = Key(ORIGIN, SignatureType.LOG, LOG.public)
WITNESS_KEY = Key("witness.example", SignatureType.COSIGNATURE, WITNESS.public)
POLICY = policy_of_sides([LOG_KEY], {"hansa": [WITNESS_KEY]})
START_SECONDS = START_US // 1_000_000


def signed(size: int, *, by: Key = LOG_KEY, at: int | None = None, entries: list[bytes] | None = None) -> bytes:
    leaves = [leaf_hash(one) for one in (entries or ENTRIES)[:size]]
    text = write_checkpoint(Checkpoint(ORIGIN, size, root_of(leaves)))
    secret = LOG if by.public == LOG.public else OTHER
    note = Note(text, (log_signature(by, secret.sign(text.encode())),))
    if at is not None:
        note = note.with_signatures([cosignature(WITNESS_KEY, at, WITNESS.sign(cosigned_message(text, at)))])
    return note.whole.encode()


def report_of(
    checkpoints: dict[str, bytes], entries: list[bytes] | None = None, policy: Policy | None = None
) -> Report:
    made = export(entries or ENTRIES)
    rest = {name: content for name, content in made.content.items() if not name.startswith("checkpoint")}
    shipment = Shipment({**rest, "policy": write_policy(POLICY).encode(), **checkpoints})
    return verify(shipment, canonical, (), Trust(verify_ed25519, policy))


def report(*, policy: Policy | None = None, entries: list[bytes] | None = None, **checkpoints: bytes) -> Report:
    """Of an export with these checkpoints: `checkpoints_100` stands for `checkpoints/100`."""
    return report_of({name.replace("_", "/"): one for name, one in checkpoints.items()}, entries, policy)


def codes(found: Report) -> list[str]:
    return [one.code for one in found.findings]


def test_signed_and_cosigned_sizes_are_told() -> None:
    now = START_SECONDS + 10
    found = report(policy=POLICY, checkpoint=signed(SIZE), checkpoints_100=signed(100, at=now))
    assert codes(found) == []
    assert (found.figures.signed_size, found.figures.cosigned_size) == (SIZE, 100)
    alone = report(checkpoint=signed(SIZE))
    assert (codes(alone), alone.figures.cosigned_size) == ([], None)


def test_a_forged_checkpoint_is_told_apart() -> None:
    forged = Key(ORIGIN, SignatureType.LOG, OTHER.public)
    assert codes(report(checkpoint=signed(SIZE, by=forged))) == ["checkpoint-forged"]
    assert codes(report(checkpoint=signed(SIZE).replace(b"\n300\n", b"\n299\n"))) == ["checkpoint-forged"]
    assert codes(report(checkpoint=b"concord")) == ["checkpoint-unreadable"]
    both = report(policy=POLICY, checkpoint=signed(SIZE, by=forged), checkpoints_9=signed(9, at=START_SECONDS))
    assert codes(both) == ["checkpoint-forged"]


def test_who_brings_a_policy_asks_for_its_keys_and_its_quorum() -> None:
    assert codes(report(policy=POLICY, checkpoint=signed(SIZE))) == ["quorum-not-met"]
    assert codes(report(policy=POLICY)) == ["not-signed"]
    foreign = policy_of_sides([Key(ORIGIN, SignatureType.LOG, OTHER.public)], {})
    assert codes(report(policy=foreign, checkpoint=signed(SIZE))) == ["checkpoint-forged", "not-signed"]


@pytest.mark.parametrize(
    ("moved", "found"),
    [
        (START_US, []),
        (START_US + (CLOCKS_SECONDS_MAX + 20) * 1_000_000, [(250, "recorded-after-cosigned")]),
    ],
)
def test_what_a_witness_saw_was_recorded_before(moved: int, found: list[tuple[int, str]]) -> None:
    entries = [*ENTRIES[:250], *(entry(seq, recorded_us=moved + seq) for seq in range(250, SIZE))]
    told = report(entries=entries, checkpoint=signed(SIZE, at=START_SECONDS + 10, entries=entries))
    assert [(one.seq, one.code) for one in told.findings] == found


def test_what_was_back_dated_past_a_cosignature_is_named() -> None:
    late = START_SECONDS + LATE_SECONDS_MAX + 100
    told = report(checkpoint=signed(SIZE), checkpoints_200=signed(200, at=late))
    assert [(one.seq, one.code) for one in told.findings] == [(200, "recorded-before-cosigned")]


def test_tiles_above_the_leaves_tell_near_where_leaves_and_entries_were_rewritten() -> None:
    made = export(ENTRIES).content["tile/0/000"]
    rewritten = [*ENTRIES[:117], entry(117, data={"n": 118}), *ENTRIES[118:]]
    true = root_of([made[at : at + 32] for at in range(0, len(made), 32)])
    found = report_of({"tile/1/000.p/1": true}, rewritten)
    assert [(one.seq, one.code) for one in found.findings] == [(0, "upper-tile-differs")]
    assert codes(report_of({"tile/1/000.p/1": true})) == []
