"""The Merkle tree of a ledger: its roots, proofs that an entry is in it, and proofs that it only grew (RFC 6962, 9162).

A hash is 32 bytes. A *node* is a perfect subtree: `(level, index)` covers the 2^level leaves from index · 2^level.
Proofs are built from nodes alone, so that whoever has tiles, a table or a list of leaves can serve them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
NodeHash = Callable[[int, int], bytes]
"""`(level, index) -> hash` of a node."""


class InvalidProof(ValueError):
    """This proof does not show what it should; the words say why."""


def hash_children(left: bytes, right: bytes) -> bytes:
    """RFC 6962 §2.1: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed of the first `size` leaves to go on: the hashes of its perfect subtrees, widest first.

    At most 64 hashes, so a ledger of any length is hashed as it streams by.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        peaks, merged = list(self.peaks), leaf
        for _ in range(trailing_ones(self.size)):
            merged = hash_children(peaks.pop(), merged)
        return Frontier(self.size + 1, (*peaks, merged))

    @property
    def root(self) -> bytes:
        """RFC 6962 §2.1: the Merkle tree hash of the leaves so far."""
        return bag(self.peaks)


def root_of_perfect(hashes: list[bytes]) -> bytes:
    """The root over 2^n hashes."""
    while len(hashes) > 1:
        hashes = [hash_children(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in order."""
    return reduce(Frontier.append, leaves, Frontier()).root


def root_at(size: int, node: NodeHash) -> bytes:
    """The root of the first `size` leaves, from nodes."""
    return subtree(0, size, node)


def nodes_of(leaves: Sequence[bytes]) -> NodeHash:
    """Nodes over leaf hashes in memory; each is computed once."""

    @cache
    def node(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return hash_children(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    return node


def inclusion_proof(index: int, size: int, node: NodeHash) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, lowest first (RFC 6962 §2.1.1, RFC 9162 §2.1.3.1).

    Raises InvalidProof when there is no such leaf.
    """
    require_leaf(index, size)
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + split(end - begin)
        if index < middle:
            path.append(subtree(middle, end, node))
            end = middle
        else:
            path.append(subtree(begin, middle, node))
            begin = middle
    return path[::-1]


def consistency_proof(old: int, size: int, node: NodeHash) -> list[bytes]:
    """That the first `old` of `size` leaves are unchanged (RFC 6962 §2.1.2, RFC 9162 §2.1.4.1).

    Empty from 0 and from `size` itself. Raises InvalidProof when `old` is above `size`.
    """
    require_growth(old, size)
    if old in (0, size):
        return []
    path, begin, end = [], 0, size
    while end != old:
        middle = begin + split(end - begin)
        if old <= middle:
            path.append(subtree(middle, end, node))
            end = middle
        else:
            path.append(subtree(begin, middle, node))
            begin = middle
    # When the old tree is one node, who verifies knows its hash: it is the old root.
    known = [] if begin == 0 else [subtree(begin, end, node)]
    return [*known, *path[::-1]]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raises InvalidProof unless `proof` shows leaf hash `leaf` at `index` under `root` (RFC 9162 §2.1.3.2)."""
    require_leaf(index, size)
    require_hashes(leaf, root, *proof)
    inner, border = path_lengths(index, size)
    require_length(proof, inner + border)
    computed = up_inner(leaf, proof[:inner], index)
    if up_border(computed, proof[inner:]) != root:
        raise InvalidProof(f"The proof does not lead from leaf {index} to the root of size {size}.")


def verify_consistency(old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> None:
    """Raises InvalidProof unless `proof` shows that the tree `old` grew into the tree `size` (RFC 9162 §2.1.4.2)."""
    require_growth(old, size)
    require_hashes(*proof)
    if old != size:
        require_hashes(old_root, root)
    if (old == 0 and old_root != EMPTY_ROOT) or (size == 0 and root != EMPTY_ROOT):
        raise InvalidProof("The root of size 0 is SHA-256 of nothing.")
    if old in (0, size):
        require_length(proof, 0)
        if old == size and old_root != root:
            raise InvalidProof(f"There are two roots of size {size}.")
        return
    shift = trailing_zeros(old)
    inner, border = path_lengths(old - 1, size)
    one_node = old == 1 << shift
    require_length(proof, inner - shift + border + (not one_node))
    seed, path = (old_root, proof) if one_node else (proof[0], proof[1:])
    middle = inner - shift
    index = (old - 1) >> shift
    before = up_border(up_inner_left(seed, path[:middle], index), path[middle:])
    after = up_border(up_inner(seed, path[:middle], index), path[middle:])
    if before != old_root:
        raise InvalidProof(f"The proof does not lead to the root of size {old}.")
    if after != root:
        raise InvalidProof(f"The proof does not lead from size {old} to the root of size {size}.")


def subtree(begin: int, end: int, node: NodeHash) -> bytes:
    """The hash of leaves [begin, end), where `begin` is a multiple of the widest node inside."""
    return bag([node(level, index) for level, index in nodes_in(begin, end)])


def nodes_in(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The nodes that [begin, end) is made of, widest first, under the same condition."""
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def bag(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    return reduce(lambda right, left: hash_children(left, right), reversed(peaks))


def up_inner(seed: bytes, path: Sequence[bytes], index: int) -> bytes:
    """Up while siblings may lie on either side: bit i of `index` says on which."""
    for level, sibling in enumerate(path):
        seed = hash_children(sibling, seed) if index >> level & 1 else hash_children(seed, sibling)
    return seed


def up_inner_left(seed: bytes, path: Sequence[bytes], index: int) -> bytes:
    """The same for the old tree, in which nothing stood to the right."""
    return up_border(seed, [sibling for level, sibling in enumerate(path) if index >> level & 1])


def up_border(seed: bytes, path: Sequence[bytes]) -> bytes:
    """Up the right border of the tree, where all siblings are on the left."""
    return reduce(lambda right, left: hash_children(left, right), path, seed)


def path_lengths(index: int, size: int) -> tuple[int, int]:
    """How many siblings an audit path has below and on the right border of the tree."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def split(size: int) -> int:
    """The largest power of two below `size` (RFC 6962 §2.1)."""
    return 1 << (size - 1).bit_length() - 1


def trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def trailing_ones(number: int) -> int:
    return trailing_zeros(number + 1)


def require_leaf(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise InvalidProof(f"There is no leaf {index} in a tree of size {size}.")


def require_growth(old: int, size: int) -> None:
    if not 0 <= old <= size:
        raise InvalidProof(f"A tree of size {old} does not grow to size {size}.")


def require_hashes(*hashes: bytes) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise InvalidProof(f"A hash has {HASH_BYTES} bytes.")


def require_length(proof: Sequence[bytes], expected: int) -> None:
    if len(proof) != expected:
        raise InvalidProof(f"This proof has {expected} hashes, not {len(proof)}.")
