"""The Merkle tree of a ledger over the leaf hashes in the log; the root of every full tile is kept once needed.

A tile is 256 hashes wide, so a proof reads a few tiles at each height instead of a ledger, and what is kept is less
than half a percent of the leaves. The kept roots can be dropped at any time: they are computed anew when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from psycopg import Cursor
from sqlalchemy import BigInteger, Column, Connection, LargeBinary, SmallInteger, Table, Uuid, select
from sqlalchemy.dialects.postgresql import insert

from services.ledger.domain.export import WIDTH
from services.ledger.domain.merkle import HASH_BYTES, root_of_perfect
from shared.database.schemas import schema
from shared.log.copying import driver

TILE_HEIGHT = 8
LEAVES_AT_ONCE = 1 << 16
ROWS_AT_ONCE = 1_000
LEAVES = (
    "SELECT string_agg(leaf, ''::bytea ORDER BY seq) FROM log.events WHERE ledger_id = %s AND seq >= %s AND seq < %s"
)
KEPT = (
    "SELECT count(*), string_agg(hash, ''::bytea ORDER BY index) FROM ledger.tile_roots"
    " WHERE ledger_id = %s AND level = %s AND index >= %s AND index < %s"
)

tile_roots = Table(
    "tile_roots",
    schema("ledger"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("level", SmallInteger, primary_key=True),
    Column("index", BigInteger, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
)
"""The node at `index` of `level`, which is the root of a full tile: level 8 of 256 leaves, level 16 of 256 of those."""


class LeavesMissing(Exception):
    """The log lacks entries that it has counted: somebody took them out of the database."""


@dataclass
class Tree:
    """One ledger's tree, grown to `size` leaves; `tree.node` is what proofs are built from."""

    connection: Connection
    ledger_id: UUID
    size: int
    tiles: dict[tuple[int, int], list[bytes]] = field(default_factory=dict)

    def look_up(self, *leaves: int) -> None:
        """Have the tiles over these leaves, at every height, in one round trip; those not kept yet are left out."""
        heights = range(max(1, -(-self.size.bit_length() // TILE_HEIGHT)))
        tiles = {(height, leaf >> TILE_HEIGHT * (height + 1)) for leaf in leaves for height in heights}
        asked: dict[tuple[int, int], tuple[int, Cursor[Any]]] = {}
        to = driver(self.connection)
        with to.pipeline():
            for height, tile in tiles:
                first, end = self.bounds(height, tile)
                if first < end and not height:
                    asked[height, tile] = end - first, to.execute(LEAVES, (self.ledger_id, first, end))
                elif first < end:
                    kept = to.execute(KEPT, (self.ledger_id, height * TILE_HEIGHT, first, end))
                    asked[height, tile] = end - first, kept
        for place, (count, found) in asked.items():
            (*_, joined) = found.fetchone() or (None,)
            hashes = split(bytes(joined or b""))
            if len(hashes) == count:
                self.tiles[place] = hashes

    def node(self, level: int, index: int) -> bytes:
        """The hash of a perfect subtree within the size: of the 2^level leaves from index · 2^level."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        tile, offset = divmod(first, WIDTH)
        hashes = self.tiles.get((tile_level, tile))
        if hashes is None:
            hashes = self.tiles[tile_level, tile] = self.tile(tile_level, tile)
        return root_of_perfect(hashes[offset : offset + (1 << height)])

    def tile(self, tile_level: int, tile: int) -> list[bytes]:
        """The hashes in a tile, fewer than 256 in the last of its level."""
        return list(self.hashes(tile_level, *self.bounds(tile_level, tile)))

    def bounds(self, tile_level: int, tile: int) -> tuple[int, int]:
        """The first hash of a tile, and the one behind its last."""
        return tile * WIDTH, min((tile + 1) * WIDTH, self.size >> TILE_HEIGHT * tile_level)

    def hashes(self, tile_level: int, first: int, end: int) -> Iterator[bytes]:
        """The nodes at the foot of the tiles of a level, `first` up to `end`; those not kept yet are made and kept."""
        if tile_level == 0:
            yield from self.leaves(first, end)
            return
        level = TILE_HEIGHT * tile_level
        roots = self.kept(level, first, end)
        missing = [index for index in range(first, end) if index not in roots]
        if missing:
            begin = missing[0]
            below = self.hashes(tile_level - 1, begin * WIDTH, (missing[-1] + 1) * WIDTH)
            made = {index: root_of_perfect(list(islice(below, WIDTH))) for index in range(begin, missing[-1] + 1)}
            self.keep(level, made)
            roots |= made
        yield from (roots[index] for index in range(first, end))

    def leaves(self, first: int, end: int) -> Iterator[bytes]:
        for begin in range(first, end, LEAVES_AT_ONCE):
            until = min(begin + LEAVES_AT_ONCE, end)
            row = self.connection.exec_driver_sql(LEAVES, (self.ledger_id, begin, until)).one()
            joined = bytes(row[0] or b"")
            if len(joined) != (until - begin) * HASH_BYTES:
                raise LeavesMissing(f"Ledger {self.ledger_id} lacks leaves from {begin} to {until}.")
            yield from split(joined)

    def kept(self, level: int, first: int, end: int) -> dict[int, bytes]:
        """In one value when all are there, as they nearly always are: row by row they take far longer to fetch."""
        count, joined = self.connection.exec_driver_sql(KEPT, (self.ledger_id, level, first, end)).one()
        if count == end - first:
            return dict(enumerate(split(bytes(joined or b"")), first))
        columns = tile_roots.c
        wanted = select(columns.index, columns.hash).where(
            columns.ledger_id == self.ledger_id, columns.level == level, columns.index >= first, columns.index < end
        )
        return {index: bytes(root) for index, root in self.connection.execute(wanted)}

    def keep(self, level: int, made: Mapping[int, bytes]) -> None:
        """In ascending order, as everybody does: two who fill in the same tiles at once never wait in a circle."""
        rows = [
            {"ledger_id": self.ledger_id, "level": level, "index": index, "hash": root} for index, root in made.items()
        ]
        for begin in range(0, len(rows), ROWS_AT_ONCE):
            these = rows[begin : begin + ROWS_AT_ONCE]
            self.connection.execute(insert(tile_roots).values(these).on_conflict_do_nothing())


def split(joined: bytes) -> list[bytes]:
    return [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]
