"""`concord verify`: opens an export, a zip or a folder, checks it offline and says in words what is wrong where."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import rfc8785
from rich.console import Console

from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.files import Files, Unreadable
from services.ledger.domain.report import Figures, Report
from services.ledger.domain.sentences import one_line
from services.ledger.domain.verify import SMALL_FILE_BYTES_MAX, verify

SOUND, NOT_SOUND, UNREADABLE = 0, 1, 2
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


class ZippedExport:
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
        self.found = frozenset(name for name in self.archive.namelist() if not name.endswith("/"))

    def names(self) -> AbstractSet[str]:
        return self.found

    def open(self, name: str) -> BinaryIO:
        if name not in self.found:
            raise Unreadable(f"{name} is missing.")
        try:
            opened = self.archive.open(name)
        except DAMAGED as error:
            raise Unreadable(f"{name} is damaged: {error}") from error
        return io.BufferedReader(Guarded(name, opened))

    def close(self) -> None:
        self.archive.close()


class UnpackedExport:
    """An export that somebody unpacked into a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        files = (one for one in path.rglob("*") if one.is_file())
        self.found = frozenset(one.relative_to(path).as_posix() for one in files)

    def names(self) -> AbstractSet[str]:
        return self.found

    def open(self, name: str) -> BinaryIO:
        if name not in self.found:
            raise Unreadable(f"{name} is missing.")
        try:
            opened = (self.path / name).open("rb")
        except OSError as error:
            raise Unreadable(f"{name} cannot be read: {error}") from error
        return io.BufferedReader(Guarded(name, opened))

    def close(self) -> None:
        pass


def verify_export(path: Path, held: list[Path], as_json: bool) -> int:  # noqa: FBT001 - as the command line gives it
    """Check an export, and against the checkpoints in the files `held`; print the report.

    0: sound. 1: something is wrong with it. 2: it is no export that can be read, or one of `held` is no checkpoint.
    """
    say = Console(markup=False, highlight=False, soft_wrap=True)
    try:
        checkpoints = [held_checkpoint(one) for one in held]
        with closing(opened(path)) as export:
            report = verify(export, rfc8785.dumps, checkpoints)
    except Unreadable as error:
        code = UNREADABLE
        say.print(as_document(code, str(error), None) if as_json else one_line(f"Not readable: {error}"))
        return code
    code = code_of(report)
    words = verdict(path, code, report)
    if as_json:
        say.print(as_document(code, words, report))
    else:
        say_report(say, report, words, held=len(checkpoints))
    return code


def opened(path: Path) -> Export:
    if not path.exists():
        raise Unreadable(f"There is no {path}.")
    return UnpackedExport(path) if path.is_dir() else ZippedExport(path)


def held_checkpoint(path: Path) -> Checkpoint:
    try:
        with path.open("rb") as held:
            return read_checkpoint(held.read(SMALL_FILE_BYTES_MAX).decode("utf-8"))
    except (OSError, UnicodeDecodeError, MalformedCheckpoint) as error:
        raise Unreadable(f"The checkpoint {path} cannot be read: {error}") from error


def code_of(report: Report) -> int:
    if report.sound:
        return SOUND
    return UNREADABLE if any(one.code == "manifest-unreadable" for one in report.findings) else NOT_SOUND


def verdict(path: Path, code: int, report: Report) -> str:
    match code:
        case 0:
            return f"{path.name} is sound."
        case 1:
            more = "" if report.complete else " or more"
            return f"{path.name} is NOT sound: {len(report.findings):,}{more} finding(s)."
        case _:
            return f"{path.name} is no export that can be read."


def as_document(code: int, words: str, report: Report | None) -> str:
    """The report as JSON for programs."""
    said: dict[str, Any] = {"verdict": ("sound", "not_sound", "unreadable")[code], "words": words}
    if report is not None:
        said["complete"] = report.complete
        said["findings"] = [asdict(one) for one in report.findings]
        said["figures"] = asdict(report.figures)
    return json.dumps(said, indent=2)


def say_report(say: Console, report: Report, words: str, *, held: int) -> None:
    """What an export says is shown on one line without control characters: it may come from anybody."""
    for finding in report.findings:
        where = "        " if finding.seq is None else f"{finding.seq:>8}"
        say.print(f"{where}  {one_line(finding.words)}  [{finding.code}]")
    say.print(one_line(f"Checked {figures_in_words(report.figures)}."))
    if not held:
        say.print("No checkpoint of yours was compared: that it is whole is shown, that it was not rewritten is not.")
    say.print(one_line(words))


def figures_in_words(figures: Figures) -> str:
    said = [
        f"{figures.entries:,} entries",
        f"{figures.attachments:,} attachments",
        f"{figures.disclosures:,} disclosed values ({figures.erased:,} erased, {figures.withheld:,} left out)",
        f"{figures.checkpoints:,} checkpoints (their signatures are not checked)",
    ]
    return ", ".join(said[:-1]) + f" and {said[-1]}"
