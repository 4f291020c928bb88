"""Exports as they lie on a disk: a zip, or a folder into which somebody unpacked it."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from services.ledger.domain.files import Files, Unreadable

DAMAGED = (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, ValueError)
"""What a damaged, encrypted or foreign zip makes the library raise."""


class Export(Files, Protocol):
    """The files of an opened export, to be closed."""

    def close(self) -> None: ...


class Guarded(io.RawIOBase):
    """A file that fails, if it does, with Unreadable alone."""

    def __init__(self, name: str, opened: Any) -> None:
        self.name = name
        self.opened = opened

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self.opened.read(len(buffer))
        except DAMAGED as error:
            raise Unreadable(f"{self.name} is damaged: {error}") from error
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self.opened.close()
        super().close()


class OpenedExport:
    """Whatever the files lie in: `found` are their names, `taken(name)` opens one of them."""

    def __init__(self, found: AbstractSet[str], taken: Callable[[str], Any]) -> None:
        self.found = found
        self.taken = taken

    def names(self) -> AbstractSet[str]:
        return self.found

    def open(self, name: str) -> BinaryIO:
        if name not in self.found:
            raise Unreadable(f"{name} is missing.")
        try:
            opened = self.taken(name)
        except DAMAGED as error:
            raise Unreadable(f"{name} cannot be read: {error}") from error
        return io.BufferedReader(Guarded(name, opened))

    def close(self) -> None:
        """What holds the files, if anything is held open."""


class ZippedExport(OpenedExport):
    """An export as it came: one zip. Nothing is unpacked to disk."""

    def __init__(self, path: Path) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except DAMAGED as error:
            raise Unreadable(f"{path} is no zip that can be read: {error}") from error
        twice = [name for name, times in Counter(self.archive.namelist()).items() if times > 1]
        if twice:
            self.archive.close()
            raise Unreadable(f"{path} has the file {twice[0]} twice; which of the two counts, nobody can say.")
        files = frozenset(name for name in self.archive.namelist() if not name.endswith("/"))
        super().__init__(files, self.archive.open)

    def close(self) -> None:
        self.archive.close()


class UnpackedExport(OpenedExport):
    """An export that somebody unpacked into a folder."""

    def __init__(self, path: Path) -> None:
        files = (one for one in path.rglob("*") if one.is_file())
        found = frozenset(one.relative_to(path).as_posix() for one in files)
        super().__init__(found, lambda name: (path / name).open("rb"))


def opened(path: Path) -> Export:
    if not path.exists():
        raise Unreadable(f"There is no {path}.")
    return UnpackedExport(path) if path.is_dir() else ZippedExport(path)


def bytes_of(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files if one.is_file())
