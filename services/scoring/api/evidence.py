"""Files that evidence rests on: kept once by their SHA-256, in the organisation's own ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from fastapi import Path, Query
from starlette.responses import Response

from services.scoring.api.schemas.assessments import EvidenceFile
from shared.domain import Invalid
from shared.events.values import Attachment
from shared.http.problems import not_found, problem
from shared.http.router import Router
from shared.http.session import Session

router = Router("scoring", "evidence")

FILE_BYTES_MAX = 5 * 1024 * 1024
OCTETS = "application/octet-stream"
FileType = Annotated[
    Literal["application/pdf", "image/png", "image/jpeg", "text/plain", "text/csv"],
    Query(description="What the file is."),
]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The SHA-256 of the file, in hex.")]
SELECT_FILES = (
    "SELECT sha256, octet_length(content), media_type FROM log.attachments WHERE ledger_id = %s AND sha256 = ANY(%s)"
)


@router.create("/evidence-files", scope="scoring:write", raw=True, takes=(OCTETS,), body_bytes_max=FILE_BYTES_MAX)
def add_evidence_file(session: Session, body: bytes, media_type: FileType) -> EvidenceFile:
    """Keep a file, to be named by its SHA-256 in the evidence of a rating. The same file is kept once."""
    if not body:
        raise problem("invalid", "Send the file as the body: it is empty.")
    organisation_id = session.enter(session.caller.organisation)
    kept = session.attach(organisation_id, body, media_type)
    return EvidenceFile.model_validate(kept)


@router.read("/evidence-files/{sha256}", scope="scoring:read", as_of=False, media_type=OCTETS)
def get_evidence_file(session: Session, sha256: Digest) -> Response:
    """A file of your organisation, by its SHA-256. It comes to be saved, never to be shown or run."""
    organisation_id = session.enter(session.caller.organisation)
    if sha256 not in files(session, [sha256]):
        raise not_found()
    headers = {"Content-Disposition": f'attachment; filename="{sha256}"', "X-Content-Type-Options": "nosniff"}
    return Response(session.log.attachment(organisation_id, sha256), media_type=OCTETS, headers=headers)


def files(session: Session, digests: Iterable[str]) -> Mapping[str, Attachment]:
    """By SHA-256, those of the files that the caller's organisation keeps."""
    asked = (session.caller.organisation, sorted(set(digests)))
    rows = session.connection.exec_driver_sql(SELECT_FILES, asked)
    return {digest: Attachment(digest, size, media_type) for digest, size, media_type in rows}


def require_files(session: Session, named: Iterable[tuple[str, str]]) -> Mapping[str, Attachment]:
    """The files of (pointer, SHA-256); raises Invalid for the first that is not kept."""
    wanted = list(named)
    kept = files(session, (digest for _, digest in wanted)) if wanted else {}
    for pointer, digest in wanted:
        if digest not in kept:
            raise Invalid(pointer, "unknown-file", "Send this file to /scoring/v1/evidence-files first.")
    return kept
