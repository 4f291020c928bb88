"""The tree of an export, grown again, and held against what was signed or kept.

Two trees: from its entries, and from the hashes shipped with them. Where they differ, the one that leads to the stated
root is the true one, and the other was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

from services.ledger.domain.checkpoint import Checkpoint
from services.ledger.domain.export import WIDTH, MalformedExport, Manifest, all_tiles_of, read_tile
from services.ledger.domain.files import Files, Unreadable, read
from services.ledger.domain.merkle import HASH_BYTES, Frontier, bag, root_of_perfect
from services.ledger.domain.report import Notes
from shared.log.entry import leaf_hash

NO_HASH = bytes(HASH_BYTES)
TILE_BYTES_MAX = WIDTH * HASH_BYTES


@dataclass(slots=True)
class Grown:
    """A tree of full tiles and the leaves of the last one. `roots`: of the full tiles, the leaves of level 1."""

    tiles: Frontier = field(default_factory=Frontier)
    roots: list[bytes] = field(default_factory=list)
    rest: Sequence[bytes] = ()

    def add(self, leaves: Sequence[bytes]) -> None:
        """The next tile; only the last one has fewer than 256."""
        if len(leaves) == WIDTH:
            self.roots.append(root_of_perfect(list(leaves)))
            self.tiles = self.tiles.append(self.roots[-1])
        else:
            self.rest = leaves

    def root_with(self, leaves: Sequence[bytes]) -> bytes:
        """The root once these leaves, fewer than a tile, follow the full tiles."""
        return bag((*self.tiles.peaks, *reduce(Frontier.append, leaves, Frontier()).peaks))

    @property
    def root(self) -> bytes:
        return self.root_with(self.rest)


@dataclass(slots=True)
class Regrown:
    """Give it what is to be met on the way, then each tile in order, then let it judge."""

    notes: Notes
    found: Grown = field(default_factory=Grown)
    given: Grown = field(default_factory=Grown)
    differing: list[int] = field(default_factory=list)
    expected: dict[int, list[tuple[str, Checkpoint]]] = field(default_factory=dict)
    to_come: list[int] = field(default_factory=list)
    """The sizes of those, the next one last."""
    agreed: int = 0
    """The largest size at which all checkpoints agreed so far: what is wrong comes after it."""

    def expect(self, manifest: Manifest, checkpoints: Iterable[tuple[str, Checkpoint]]) -> None:
        """Checkpoints to meet on the way, each with where it comes from."""
        for source, checkpoint in checkpoints:
            self.notes.figures.checkpoints += 1
            called = f"The checkpoint of size {checkpoint.size} {source}"
            if checkpoint.origin != manifest.origin:
                words = f"{called} is of {checkpoint.origin}; this export says it is of {manifest.origin}."
                self.notes.add(None, "checkpoint-of-another-ledger", words)
            elif checkpoint.size > manifest.size:
                words = f"{called} is ahead of this export, which ends at size {manifest.size}: entries were left out."
                self.notes.add(manifest.size, "checkpoint-ahead", words)
            else:
                self.expected.setdefault(checkpoint.size, []).append((called, checkpoint))
        self.to_come = sorted(self.expected, reverse=True)
        self.meet(0, [], [])

    def add(self, first: int, entries: Sequence[bytes | None], shipped: Sequence[bytes | None]) -> None:
        """The entries of the next tile, and their hashes as shipped; None for what is missing."""
        computed = [None if entry is None else leaf_hash(entry) for entry in entries]
        if computed == list(shipped) or not any(shipped):
            found = given = [one or NO_HASH for one in computed]
        else:
            found = [one or other or NO_HASH for one, other in zip(computed, shipped, strict=True)]
            given = [other or one or NO_HASH for one, other in zip(computed, shipped, strict=True)]
            different = (
                n for n, (one, other) in enumerate(zip(computed, shipped, strict=True)) if one and other != one
            )
            self.differing += [first + n for n in different if shipped[n]][: WIDTH - len(self.differing)]
        while self.to_come and self.to_come[-1] < first + WIDTH:
            size = self.to_come.pop()
            if first < size <= first + len(found):
                self.meet(size, found[: size - first], given[: size - first])
        self.found.add(found)
        self.given.add(given)
        if len(found) == WIDTH:
            self.meet(first + WIDTH, [], [])

    def meet(self, size: int, found: Sequence[bytes], given: Sequence[bytes]) -> None:
        met = self.expected.pop(size, [])
        if not met:
            return
        roots = {self.found.root_with(found), self.given.root_with(given)}
        wrong = [called for called, checkpoint in met if checkpoint.root not in roots]
        for called in wrong:
            words = (
                f"{called} has another root: the first {size} entries are not those it was made of."
                f" What was changed lies between entry {self.agreed} and entry {size - 1}."
            )
            self.notes.add(self.agreed, "checkpoint-differs", words)
        if not wrong:
            self.agreed = size

    def judge(self, manifest: Manifest, files: Files) -> None:
        """Say which of two differing hashes is wrong, and whether the tree has the root the manifest states."""
        if self.given.root == manifest.root:
            code, words = "entry-changed", "Entry {} was changed: it does not give the hash it had in the ledger."
        elif self.found.root == manifest.root:
            code, words = "tile-changed", "The shipped hash of entry {} was changed; the entry itself is true."
        else:
            code, words = "entry-or-tile-changed", "Entry {} and its shipped hash differ, and neither gives the root."
            stated = f"The {manifest.size} entries do not give the root that the manifest states."
            self.notes.add(None, "root-differs", stated)
        for seq in self.differing:
            self.notes.add(seq, code, words.format(seq))
        self.judge_upper_tiles(manifest.size, files)

    def judge_upper_tiles(self, size: int, files: Files) -> None:
        """The tiles above the leaves: made when the entries were recorded, they tell near where a rewriting was."""
        hashes, level = [self.found.roots, self.given.roots], 1
        names = files.names()
        for tile in all_tiles_of(size):
            if tile.level == 0 or tile.name not in names:
                continue
            while tile.level > level:
                hashes, level = [above(one) for one in hashes], level + 1
            self.judge_upper_tile(files, tile.name, tile.first, tile.width, level, hashes)

    def judge_upper_tile(
        self, files: Files, name: str, first: int, width: int, level: int, hashes: list[list[bytes]]
    ) -> None:
        span = WIDTH**level
        try:
            shipped = read_tile(read(files, name, TILE_BYTES_MAX), width)
        except (Unreadable, MalformedExport) as error:
            self.notes.add(first * span, "tile-unreadable", f"{name} cannot be read: {error}")
            return
        for index, one in enumerate(shipped, first):
            if all(index >= len(roots) or roots[index] != one for roots in hashes):
                words = f"Entries {index * span} to {(index + 1) * span - 1} do not give the hash above them in {name}."
                self.notes.add(index * span, "upper-tile-differs", words)


def above(roots: list[bytes]) -> list[bytes]:
    """The roots of the full tiles that these fill."""
    return [root_of_perfect(roots[at : at + WIDTH]) for at in range(0, len(roots) - WIDTH + 1, WIDTH)]
