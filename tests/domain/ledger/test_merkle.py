"""The tree against a naive reading of RFC 6962 §2.1, and every proof up to 130 leaves, whole and mutated."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    InvalidProof,
    consistency_proof,
    hash_children,
    inclusion_proof,
    nodes_of,
    root_at,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from shared.log.entry import leaf_hash

SIZES = 130
LEAVES = [leaf_hash(bytes([n])) for n in range(SIZES)]
NODE = nodes_of(LEAVES)
ROOTS = [root_of(LEAVES[:size]) for size in range(SIZES + 1)]

CT_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hash_children(naive_root(leaves[:k]), naive_root(leaves[k:]))


def flipped(one: bytes) -> bytes:
    return bytes([one[0] ^ 1]) + one[1:]


def mutations(proof: list[bytes]) -> list[list[bytes]]:
    changed = [[*proof[:i], flipped(proof[i]), *proof[i + 1 :]] for i in range(len(proof))]
    shortened = [proof[:i] + proof[i + 1 :] for i in range(len(proof))]
    swapped = [[*proof[:i], proof[i + 1], proof[i], *proof[i + 2 :]] for i in range(len(proof) - 1)]
    return [*changed, *shortened, *swapped, [*proof, bytes(32)], [bytes(32), *proof]]


def refuses_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    with pytest.raises(InvalidProof):
        verify_inclusion(leaf, index, size, proof, root)


def refuses_consistency(old: int, size: int, proof: list[bytes], old_root: bytes, root: bytes) -> None:
    with pytest.raises(InvalidProof):
        verify_consistency(old, size, proof, old_root, root)


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_of_the_certificate_transparency_leaves(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(text)) for text in CT_INPUTS[:size]]
    assert root_of(leaves).hex() == CT_ROOTS[size - 1]


def test_roots_equal_the_naive_definition() -> None:
    for size in range(SIZES + 1):
        assert ROOTS[size] == naive_root(LEAVES[:size]) == root_at(size, NODE)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=300))
def test_a_frontier_streams_to_the_naive_root(leaves: list[bytes]) -> None:
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    assert (frontier.size, frontier.root) == (len(leaves), naive_root(leaves))
    assert len(frontier.peaks) == len(leaves).bit_count()


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_inclusion_proof_verifies_and_no_mutated_one_does(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(index, size, NODE)
        verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
        for mutated in mutations(proof):
            refuses_inclusion(LEAVES[index], index, size, mutated, ROOTS[size])
        refuses_inclusion(flipped(LEAVES[index]), index, size, proof, ROOTS[size])
        refuses_inclusion(LEAVES[index], index, size, proof, ROOTS[size - 1])
        for other in {index - 1, index + 1, index ^ 2, size}:
            if other != index:
                refuses_inclusion(LEAVES[index], other, size, proof, ROOTS[size])


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_consistency_proof_verifies_and_no_mutated_one_does(size: int) -> None:
    for old in range(size + 1):
        proof = consistency_proof(old, size, NODE)
        verify_consistency(old, size, proof, ROOTS[old], ROOTS[size])
        for mutated in mutations(proof):
            refuses_consistency(old, size, mutated, ROOTS[old], ROOTS[size])
        refuses_consistency(old, size, proof, flipped(ROOTS[old]), ROOTS[size])
        if old > 0:
            refuses_consistency(old, size, proof, ROOTS[old], flipped(ROOTS[size]))
            refuses_consistency(old, size, proof, ROOTS[old - 1], ROOTS[size])


@given(st.integers(1, 2**63), st.data())
def test_a_proof_of_any_size_has_the_length_its_verifier_expects(size: int, data: st.DataObject) -> None:
    def node(level: int, index: int) -> bytes:
        return sha256(f"{level} {index}".encode()).digest()

    # These nodes are no tree, so that the length is all that can be right.
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, node)
    with pytest.raises(InvalidProof, match="This proof has"):
        verify_inclusion(node(0, index), index, size, [*proof, bytes(32)], bytes(32))
    with pytest.raises(InvalidProof, match="does not lead"):
        verify_inclusion(node(0, index), index, size, proof, bytes(32))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (5, 5), (6, 5), (-1, 5), (0, -1)])
def test_there_is_no_proof_of_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(InvalidProof, match="no leaf"):
        inclusion_proof(index, size, NODE)
    with pytest.raises(InvalidProof, match="no leaf"):
        verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])


@pytest.mark.parametrize(("old", "size"), [(2, 1), (1, 0), (-1, 3)])
def test_a_tree_never_shrinks(old: int, size: int) -> None:
    with pytest.raises(InvalidProof, match="does not grow"):
        consistency_proof(old, size, NODE)
    with pytest.raises(InvalidProof, match="does not grow"):
        verify_consistency(old, size, [], ROOTS[0], ROOTS[0])


def test_from_nothing_to_anything_needs_no_proof_but_the_empty_root() -> None:
    assert consistency_proof(0, 7, NODE) == []
    verify_consistency(0, 7, [], EMPTY_ROOT, ROOTS[7])
    verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    refuses_consistency(0, 7, [bytes(32)], EMPTY_ROOT, ROOTS[7])
    refuses_consistency(0, 7, [], bytes(32), ROOTS[7])
    refuses_consistency(0, 0, [], bytes(32), bytes(32))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_hash_of_another_length_is_refused(length: int) -> None:
    proof = inclusion_proof(2, 7, NODE)
    refuses_inclusion(LEAVES[2], 2, 7, [bytes(length), *proof[1:]], ROOTS[7])
    refuses_inclusion(bytes(length), 2, 7, proof, ROOTS[7])
    refuses_consistency(3, 7, [bytes(length), *consistency_proof(3, 7, NODE)[1:]], ROOTS[3], ROOTS[7])
