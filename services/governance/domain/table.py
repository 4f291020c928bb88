"""What lies on the table between the sides: one put it there, another counters it, each signs it by its hash."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from shared.domain import Refused


class OnTheTable(Protocol):
    """An agreement or a governance model, as far as it is a document that the sides put to each other."""

    @property
    def author(self) -> UUID | None:
        """The side whose content it is now."""

    @property
    def content_sha256(self) -> str | None: ...

    @property
    def countered(self) -> frozenset[str]:
        """The hashes of contents that lay there before."""

    @property
    def signed_by(self) -> frozenset[UUID]: ...


def check_counter(side: UUID, sha256: str, document: OnTheTable) -> None:
    if side == document.author:
        raise Refused("own-proposal", "The content on the table is your side's own; another side answers.")
    if sha256 == document.content_sha256:
        raise Refused("same-content", "This is the content on the table; sign it, or change something.")


def check_signature(side: UUID, sha256: str, document: OnTheTable) -> None:
    """A side signs what it has read, once: the content that lies there now."""
    if sha256 in document.countered:
        raise Refused("content-countered", "This content was countered; read and sign the content on the table.")
    if sha256 != document.content_sha256:
        raise Refused("other-content", f"The content on the table has the SHA-256 {document.content_sha256}.")
    if side in document.signed_by:
        raise Refused("signed-already", "Your side has signed this content already.")
