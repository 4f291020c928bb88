"""The tree and the entries as files that never change (C2SP tlog-tiles): for mirrors, and for others' tools."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from services.ledger.api.bounds import SCOPE, opened
from services.ledger.disclosing import disclosed
from services.ledger.domain.contents import attachments_in
from services.ledger.domain.export import WIDTH, Tile, write_bundle, write_disclosures, write_tile
from services.ledger.read_models.entries import entries_between
from services.ledger.read_models.facts import facts
from services.ledger.read_models.tree import Tree
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import INT_MAX, Id
from shared.log.rows import read_attachment

router = Router("ledger", "tiles")

ROWS = (
    "SELECT seq, recorded_us, type, body FROM log.events WHERE ledger_id = %s AND seq >= %s AND seq < %s ORDER BY seq"
)
BYTES = "application/octet-stream"
IMMUTABLE = {"Cache-Control": "private, max-age=31536000, immutable"}
INDEX = r"^(x[0-9]{3}/){0,4}[0-9]{3}(\.p/([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?$"
TileIndex = Annotated[
    str,
    Path(
        max_length=40,
        pattern=INDEX,
        description="`<N>[.p/<W>]`: 1234067 is x001/x234/067; `.p/<W>` for a tile of fewer than 256.",
        openapi_examples={"partial": {"value": "000.p/1"}},
    ),
]


@router.read("/ledgers/{ledger_id}/tile/entries/{index:path}", scope=SCOPE, as_of=False, media_type=BYTES)
def get_entry_bundle(session: Session, ledger_id: Id, index: TileIndex) -> Response:
    """Up to 256 entries, each after its length as uint16 big-endian; they hash to the tile of level 0."""
    held = opened(session, ledger_id)
    tile = tile_in(0, index, held.size)
    entries = entries_between(session.connection, ledger_id, tile.first, tile.first + tile.width)
    return Response(write_bundle(entries), media_type=BYTES, headers=IMMUTABLE)


@router.read("/ledgers/{ledger_id}/tile/{level}/{index:path}", scope=SCOPE, as_of=False, media_type=BYTES)
def get_tile(
    session: Session,
    ledger_id: Id,
    level: Annotated[
        str,
        Path(
            pattern="^([0-9]|[1-5][0-9]|6[0-3])$",
            description="0 for the leaf hashes.",
            openapi_examples={"leaves": {"value": "0"}},
        ),
    ],
    index: TileIndex,
) -> Response:
    """Up to 256 hashes of one level of the tree, one after the other."""
    held = opened(session, ledger_id)
    tile = tile_in(int(level), index, held.size)
    hashes = Tree(session.connection, ledger_id, held.size).hashes(tile.level, tile.first, tile.first + tile.width)
    return Response(write_tile(list(hashes)), media_type=BYTES, headers=IMMUTABLE)


@router.read(
    "/ledgers/{ledger_id}/disclosures/{index:path}", scope=SCOPE, as_of=False, media_type="application/x-ndjson"
)
def get_disclosures(session: Session, ledger_id: Id, index: TileIndex) -> Response:
    """The values disclosed beside the entries of a bundle, one JSON object a line; erased ones are gone.

    `disclosure` (SD-JWT, RFC 9901) hashes to a `digest` in its entry; null while it is held back from you.
    """
    held = opened(session, ledger_id)
    tile = tile_in(0, index, held.size)
    rows = session.connection.exec_driver_sql(ROWS, (ledger_id, tile.first, tile.first + tile.width)).all()
    lines = b"".join(write_disclosures(disclosed(session, ledger_id, rows)))
    return Response(lines, media_type="application/x-ndjson", headers={"Cache-Control": "no-store"})


@router.read("/ledgers/{ledger_id}/events/{seq}/attachments/{sha256}", scope=SCOPE, as_of=False, media_type=BYTES)
def get_attachment(
    session: Session,
    ledger_id: Id,
    seq: Annotated[int, Path(ge=0, le=INT_MAX)],
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
) -> Response:
    """What an entry names by its SHA-256: a batch of figures, a contract, minutes."""
    held = opened(session, ledger_id)
    rows = session.connection.exec_driver_sql(ROWS, (ledger_id, seq, min(seq + 1, held.size))).all()
    found = facts(session.connection, ledger_id, session.caller, [(row.seq, row.recorded_us, row.body) for row in rows])
    if not any(sha256 == named["sha256"] for one in found for named in attachments_in(one.data)):
        raise not_found()
    try:
        content = read_attachment(session.connection, ledger_id, sha256)
    except LookupError as error:
        raise not_found() from error
    return Response(content, media_type=BYTES, headers={"Cache-Control": "no-store"})


def tile_in(level: int, text: str, size: int) -> Tile:
    """The tile that is asked for; not found when the ledger is not that large, or spells it otherwise."""
    digits, _, width = text.partition(".p/")
    index = int(re.sub(r"\D", "", digits))
    tile = Tile(level, index, int(width) if width else WIDTH)
    if tile.name != f"tile/{level}/{text}" or tile.first + tile.width > size >> 8 * level:
        raise not_found()
    return tile
