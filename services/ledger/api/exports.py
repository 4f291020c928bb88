"""The whole ledger to take away and verify without us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from starlette.responses import Response, StreamingResponse

from services.ledger.api.bounds import SCOPE, TreeSize, invalid, opened, sized
from services.ledger.exporting import ErasedSince, export
from services.ledger.naming import origin_of
from shared.http.problems import RETRY_AFTER_SECONDS, problem
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("ledger", "exports")

CHUNK_BYTES = 1 << 18


@router.read("/ledgers/{ledger_id}/export", scope=SCOPE, as_of=False, media_type="application/zip")
def export_ledger(session: Session, ledger_id: Id, size: TreeSize = None) -> Response:
    """One zip with every entry, hash, attachment and disclosed value; `concord verify` checks it offline.

    Values that are held back from you for now, such as the ratings of an open assessment, are marked as left out.
    """
    held = opened(session, ledger_id)
    wanted = sized(held, size)
    try:
        content = export(session, replace(held, size=wanted), origin=origin_of(session.runtime.settings, ledger_id))
    except ErasedSince as error:
        if size is not None and size < held.size:
            words = "Something in these entries was erased later: export enough to include the entry that records it."
            raise invalid("size", words, "erased-since") from error
        wait = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        raise problem(
            "unavailable", "Something was erased while the export was made; ask again.", headers=wait
        ) from error
    length = content.seek(0, 2)
    content.seek(0)
    name = f"{ledger_id}-{wanted}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(length)}
    return StreamingResponse(chunks(content), media_type="application/zip", headers=headers)


def chunks(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while chunk := content.read(CHUNK_BYTES):
            yield chunk
