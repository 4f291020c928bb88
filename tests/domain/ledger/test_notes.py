"""Signed notes, keys, cosignatures, policies and proofs: the examples of the specifications, and what is refused."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.checkpoint import Checkpoint, write_checkpoint
from services.ledger.domain.merkle import InvalidProof, consistency_proof, inclusion_proof, nodes_of, root_of
from services.ledger.domain.note import (
    SIGNATURES_MAX,
    Key,
    MalformedNote,
    Note,
    SignatureType,
    UntrustedNote,
    cosignature,
    cosigned_message,
    log_signature,
    read_note,
    read_vkey,
    verified,
)
from services.ledger.domain.policy import MalformedPolicy, policy_of_sides, read_policy, write_policy
from services.ledger.domain.tlog_proof import MalformedProof, read_tlog_proof, verify_tlog_proof, write_tlog_proof
from services.ledger.domain.witnessing import MalformedRequest, judge, read_request, write_request
from services.ledger.signing_keys import Signer, in_memory
from shared.ed25519 import verify_ed25519
from shared.log.entry import leaf_hash
from tests.signing import private_key_of

# The example of C2SP signed-note (CC BY 4.0).
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
ORIGIN = "concord.example/7"
LEAVES = [leaf_hash(bytes([n])) for n in range(20)]


def signer(number: int) -> Signer:
    return in_memory(private_key_of(number))


LOG, WITNESS = signer(1), signer(2)
LOG_KEY = Key(ORIGIN, SignatureType.LOG, LOG.public)
WITNESS_KEY = Key("witness.example/w", SignatureType.COSIGNATURE, WITNESS.public)


def signed(size: int, leaves: list[bytes] | None = None) -> Note:
    text = write_checkpoint(Checkpoint(ORIGIN, size, root_of((leaves or LEAVES)[:size])))
    return Note(text, (log_signature(LOG_KEY, LOG.sign(text.encode())),))


def cosigned(note: Note, at: int = 1_700_000_000) -> Note:
    made = cosignature(WITNESS_KEY, at, WITNESS.sign(cosigned_message(note.text, at)))
    return note.with_signatures([made])


def test_the_example_of_the_specification_verifies() -> None:
    key, note = read_vkey(VKEY), read_note(NOTE.encode())
    assert key.vkey == VKEY
    assert note.whole == NOTE
    assert list(verified(note, [key], verify_ed25519)) == [key]


@pytest.mark.parametrize("name", ["n" * 300, "zero\u200bwidth", "\U0010ffff"])
def test_a_key_that_nobody_here_knows_may_be_called_anything(name: str) -> None:
    note = read_note(NOTE.encode() + f"— {name} AAAAAAAA\n".encode())
    assert list(verified(note, [read_vkey(VKEY)], verify_ed25519)) == [read_vkey(VKEY)]
    assert read_vkey(Key(name, SignatureType.LOG, bytes(32)).vkey).name == name


def test_sixteen_post_quantum_signatures_fit() -> None:
    theirs = f"— pq.example/{'w' * 100} {b64encode(bytes(5_000)).decode()}\n".encode()
    assert len(read_note(NOTE.encode() + theirs * 15).signatures) == 16


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"text\n",
        NOTE.encode() + "— no\u00a0space AAAAAAAA\n".encode(),
        NOTE.encode() + "— no\u2028line AAAAAAAA\n".encode(),
        b"text\n\n",
        NOTE.removesuffix("\n").encode(),
        NOTE.replace("— ", "- ").encode(),
        NOTE.replace("example.com/foo ", " ").encode(),
        NOTE.replace("example.com/foo ", "a+b ").encode(),
        NOTE.replace("=", "").encode(),
        NOTE.replace("Uw2Q", "Uw2!").encode(),
        NOTE.replace("message", "mess\x07age").encode(),
        NOTE.replace("message", "mess\rage").encode(),
        NOTE.encode() + b"\n",
        NOTE.encode().replace(b"example m", b"\xff m"),
        b"text\n\n" + "— name AAAA\n".encode(),
        b"text\n\n" + "— name AAAAAAA=\n".encode() * (SIGNATURES_MAX + 1),
    ],
)
def test_what_is_no_note(raw: bytes) -> None:
    with pytest.raises(MalformedNote):
        read_note(raw)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        VKEY.replace("530d", "530e"),
        VKEY.replace("+Ae", "+Be"),
        VKEY[:-2],
        f" {VKEY}",
        VKEY.replace("+5", " +5"),
    ],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(MalformedNote):
        read_vkey(text)


def test_whose_signature_counts() -> None:
    note, key = read_note(NOTE.encode()), read_vkey(VKEY)
    stranger = Key(key.name, key.type, bytes(32))
    with pytest.raises(UntrustedNote):
        verified(note, [stranger], verify_ed25519)
    with pytest.raises(UntrustedNote):
        verified(Note("Another message.\n", note.signatures), [key], verify_ed25519)
    both = cosigned(signed(3))
    assert list(verified(both, [LOG_KEY, WITNESS_KEY], verify_ed25519)) == [LOG_KEY, WITNESS_KEY]
    moved = Note(both.text, (both.signatures[0], cosignature(WITNESS_KEY, 5, both.signatures[1].body[8:])))
    with pytest.raises(UntrustedNote):
        verified(moved, [LOG_KEY, WITNESS_KEY], verify_ed25519)
    assert list(verified(moved, [LOG_KEY], verify_ed25519)) == [LOG_KEY]


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise_than_by_saying_so(raw: bytes) -> None:
    for read, refusal in (
        (read_note, MalformedNote), (read_request, MalformedRequest), (read_tlog_proof, MalformedProof),
        (read_policy, MalformedPolicy),
    ):  # fmt: skip
        try:
            read(raw)
        except refusal:
            continue


def request(old: int, size: int, leaves: list[bytes] | None = None) -> bytes:
    proof = consistency_proof(old, size, nodes_of(leaves or LEAVES)) if old <= size else []
    return write_request(old, proof, signed(size, leaves).whole)


def answer(raw: bytes, held: int | None = None, trusted: tuple[Key, ...] = (LOG_KEY,)) -> int:
    last = None if held is None else Checkpoint(ORIGIN, held, root_of(LEAVES[:held]))
    refusal = judge(read_request(raw), trusted, last, verify_ed25519)
    return 200 if refusal is None else int(refusal.status)


FORKED = [*LEAVES[:2], bytes(32), *LEAVES[3:]]


@pytest.mark.parametrize(
    ("raw", "held", "status"),
    [
        (request(0, 7), None, 200),
        (request(0, 0), None, 200),
        (request(0, 0), 0, 200),
        (request(5, 7), 5, 200),
        (request(8, 20), 8, 200),
        (request(7, 7), 7, 200),
        (request(5, 7), None, 409),
        (request(5, 7), 6, 409),
        (request(0, 7), 5, 409),
        (request(9, 7), 9, 400),
        (request(5, 7, FORKED), 5, 422),
        (request(7, 7, FORKED), 7, 422),
        (write_request(0, [bytes(32)], signed(7).whole), None, 422),
        (write_request(5, [], signed(7).whole), 5, 422),
        (write_request(7, [bytes(32)], signed(7).whole), 7, 422),
    ],
)
def test_a_witness_cosigns_what_grew_out_of_what_it_cosigned(raw: bytes, held: int | None, status: int) -> None:
    assert answer(raw, held) == status


def test_a_witness_knows_its_logs() -> None:
    assert answer(request(0, 7), trusted=()) == 404
    assert answer(request(0, 7), trusted=(Key(ORIGIN, SignatureType.LOG, WITNESS.public),)) == 403
    forged = Note(signed(7).text, signed(6).signatures)
    assert answer(write_request(0, [], forged.whole)) == 403
    text = write_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)))
    wrong = Note(text, (log_signature(LOG_KEY, LOG.sign(text.encode())),))
    assert answer(write_request(0, [], wrong.whole)) == 422


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"old 5", b"old 05"),
        (b"old 5", b"old -5"),
        (b"old 5", b"old 5 "),
        (b"old 5", b"OLD 5"),
        (b"old 5", b"old 99999999999999999999"),
        (b"old 5\n", b"old 5\nAAAA\n"),
        (b"old 5\n", b"old 5\n" + b64encode(bytes(32)) + b"\n" * 2),
        (b"old 5\n", b"old 5\n" + (b64encode(bytes(32)) + b"\n") * 64),
        (b"old 5\n", b"old 5\r\n"),
        (b"\n7\n", b"\n07\n"),
    ],
)
def test_what_is_no_request(old: bytes, new: bytes) -> None:
    raw = request(5, 7)
    assert old in raw
    with pytest.raises(MalformedRequest):
        read_request(raw.replace(old, new, 1))


def test_a_policy_reads_back_and_counts() -> None:
    other = Key("w2", SignatureType.COSIGNATURE, signer(3).public)
    policy = policy_of_sides([LOG_KEY], {"united": [WITNESS_KEY], "hansa": [other], "delta": []})
    assert read_policy(write_policy(policy).encode()) == policy
    assert policy.met_by([WITNESS_KEY, other])
    assert not policy.met_by([WITNESS_KEY])
    assert policy_of_sides([], {}).met_by([])
    text = f"# ours\n\n log {VKEY} https://example.com\nwitness a {WITNESS_KEY.vkey}\nwitness b {other.vkey}\n"
    for needed, met in (("any", True), ("1", True), ("all", False), ("2", False)):
        read = read_policy(f"{text}group both {needed} a b\nquorum both\n".encode())
        assert read.met_by([WITNESS_KEY]) is met
    assert read_policy(f"{text}quorum none".encode()).quorum is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum a\n",
        "quorum none\nquorum none\n",
        f"log {WITNESS_KEY.vkey}\nquorum none\n",
        f"witness a {LOG_KEY.vkey}\nquorum a\n",
        f"witness none {WITNESS_KEY.vkey}\nquorum none\n",
        f"witness a {WITNESS_KEY.vkey}\nwitness b {WITNESS_KEY.vkey}\nquorum a\n",
        f"witness a {WITNESS_KEY.vkey}\ngroup g 2 a\nquorum g\n",
        f"witness a {WITNESS_KEY.vkey}\ngroup g 0 a\nquorum g\n",
        f"witness a {WITNESS_KEY.vkey}\ngroup g all a a\nquorum g\n",
        f"witness a {WITNESS_KEY.vkey}\ngroup g all a\ngroup h all a\nquorum g\n",
        f"group g all a\nwitness a {WITNESS_KEY.vkey}\nquorum g\n",
        f"witness a {WITNESS_KEY.vkey}\ngroup g all\nquorum a\n",
        "watch a\nquorum none\n",
        "quorum\x0bnone\n",
    ],
)
def test_what_is_no_policy(text: str) -> None:
    with pytest.raises(MalformedPolicy):
        read_policy(text.encode())


def test_a_proof_stands_by_itself() -> None:
    note, policy = cosigned(signed(20)), policy_of_sides([LOG_KEY], {"united": [WITNESS_KEY]})
    text = write_tlog_proof(11, inclusion_proof(11, 20, nodes_of(LEAVES)), note.whole)
    proof = read_tlog_proof(text.encode())
    verify_tlog_proof(proof, LEAVES[11], policy, verify_ed25519)
    assert read_tlog_proof(text.replace("index", "extra AAAA\nindex").encode()).extra == bytes(3)
    with pytest.raises(InvalidProof):
        verify_tlog_proof(proof, LEAVES[12], policy, verify_ed25519)
    alone = read_tlog_proof(text.replace(note.whole, signed(20).whole).encode())
    with pytest.raises(UntrustedNote):
        verify_tlog_proof(alone, LEAVES[11], policy, verify_ed25519)
    late = read_tlog_proof(text.replace("index 11", "index 20").encode())
    with pytest.raises(InvalidProof):
        verify_tlog_proof(late, LEAVES[11], policy, verify_ed25519)
    for old, new in (
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"), ("index 11", "index 011"), ("index 11\n", "index 11\n\n"),
        ("index 11\n", "index 11\nAAAA\n"), ("index 11\n", ""),
    ):  # fmt: skip
        with pytest.raises(MalformedProof):
            read_tlog_proof(text.replace(old, new, 1).encode())


@pytest.mark.parametrize("name", ["none", "every-side", "united", "w1"])
def test_a_policy_reads_back_whatever_its_witnesses_are_called(name: str) -> None:
    odd = Key(name, SignatureType.COSIGNATURE, bytes(range(32)))
    policy = policy_of_sides([LOG_KEY], {"united": [odd, WITNESS_KEY], "hansa": [WITNESS_KEY], "delta": [odd]})
    assert read_policy(write_policy(policy).encode()) == policy
    assert policy.met_by([odd, WITNESS_KEY])
    assert not policy.met_by([odd])
