"""The files of an opened export, wherever they lie: a zip, a folder, a test."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import BinaryIO, Protocol


class Unreadable(Exception):
    """A file is missing, damaged, or larger than it can rightly be."""


class Files(Protocol):
    """An opened export."""

    def names(self) -> AbstractSet[str]: ...

    def open(self, name: str) -> BinaryIO:
        """The file, to be closed by who asked. To open it, and to read from it, raises nothing but Unreadable."""
        ...


def read(files: Files, name: str, bytes_max: int) -> bytes:
    """A whole small file. Raises Unreadable when it has more than `bytes_max` bytes."""
    with files.open(name) as opened:
        content = opened.read(bytes_max + 1)
    if len(content) > bytes_max:
        raise Unreadable(f"{name} has more than {bytes_max:,} bytes.")
    return content
