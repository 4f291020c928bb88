"""`concord verify`: opens an export, a zip or a folder, checks it offline and says in words what is wrong where."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import rfc8785
from rich.console import Console

from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.files import Files, Unreadable
from services.ledger.domain.note import MalformedNote, UntrustedNote, read_note, verified
from services.ledger.domain.policy import MalformedPolicy, Policy, read_policy
from services.ledger.domain.report import Figures, Report, together
from services.ledger.domain.sentences import one_line
from services.ledger.domain.state import STATE
from services.ledger.domain.verify import SMALL_FILE_BYTES_MAX, check_entries, check_state, verify
from services.ledger.domain.vouched import Trust
from services.ledger.signing_keys import verify_ed25519

SOUND, NOT_SOUND, UNREADABLE = 0, 1, 2
LARGE_BYTES_MIN = 16 * 2**20
"""From this size on the state is checked in a process of its own, beside the entries."""
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


def verify_export(path: Path, held: list[Path], as_json: bool, policy: Path | None = None) -> int:  # noqa: FBT001 - as the command line gives it
    """Check an export, against the checkpoints in the files `held` and the policy in a file; print the report.

    0: sound. 1: something is wrong with it. 2: it is no export that can be read, or one of `held` is no checkpoint.
    """
    say = Console(markup=False, highlight=False, soft_wrap=True)
    try:
        trusted = None if policy is None else held_policy(policy)
        checkpoints = [held_checkpoint(one, trusted) for one in held]
        report = checked(path, checkpoints, Trust(verify_ed25519, trusted))
    except Unreadable as error:
        code = UNREADABLE
        say.print(as_document(code, str(error), None) if as_json else one_line(f"Not readable: {error}"))
        return code
    code = code_of(report)
    words = verdict(path, code, report)
    if as_json:
        say.print(as_document(code, words, report))
    else:
        say_report(say, report, words, held=len(checkpoints), policy=policy is not None)
    return code


def checked(path: Path, held: Sequence[Checkpoint], trust: Trust | None) -> Report:
    """What is wrong with the export at a path, against checkpoints of its ledger. Raises Unreadable."""
    with closing(opened(path)) as export:
        if STATE not in export.names() or bytes_of(path) < LARGE_BYTES_MIN:
            return verify(export, rfc8785.dumps, held, trust)
        try:
            with ProcessPoolExecutor(1, get_context("spawn")) as beside:
                state = beside.submit(state_of, path)
                entries = check_entries(export, rfc8785.dumps, held, trust)
                return together(entries, state.result())
        except BrokenProcessPool as error:
            raise Unreadable("The process that checks the state was ended before it was done.") from error


def state_of(path: Path) -> Report:
    with closing(opened(path)) as export:
        return check_state(export)


def bytes_of(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files if one.is_file())


def opened(path: Path) -> Export:
    if not path.exists():
        raise Unreadable(f"There is no {path}.")
    return UnpackedExport(path) if path.is_dir() else ZippedExport(path)


def held_checkpoint(path: Path, policy: Policy | None) -> Checkpoint:
    """A checkpoint that was kept; where a policy is given, one that its log has signed."""
    try:
        with path.open("rb") as held:
            raw = held.read(SMALL_FILE_BYTES_MAX)
        checkpoint = read_checkpoint(raw.decode("utf-8"))
        if policy is not None:
            keys = [key for key in policy.logs if key.name == checkpoint.origin]
            verified(read_note(raw), keys, verify_ed25519)
    except (OSError, UnicodeDecodeError, MalformedCheckpoint, MalformedNote, UntrustedNote) as error:
        raise Unreadable(f"The checkpoint {path} cannot be read: {error}") from error
    return checkpoint


def held_policy(path: Path) -> Policy:
    try:
        return read_policy(path.read_bytes())
    except (OSError, MalformedPolicy) as error:
        raise Unreadable(f"The policy {path} cannot be read: {error}") from error


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


def say_report(say: Console, report: Report, words: str, *, held: int, policy: bool) -> None:
    """What an export says is shown on one line without control characters: it may come from anybody."""
    for finding in report.findings:
        where = "        " if finding.seq is None else f"{finding.seq:>8}"
        say.print(f"{where}  {one_line(finding.words)}  [{finding.code}]")
    say.print(one_line(f"Checked {figures_in_words(report.figures)}."))
    say.print(one_line(signatures_in_words(report.figures, policy=policy)))
    if not held:
        say.print("No checkpoint of yours was compared: that it is whole is shown, that it was not rewritten is not.")
    say.print(one_line(words))


def figures_in_words(figures: Figures) -> str:
    said = [
        f"{figures.entries:,} entries",
        f"{figures.attachments:,} attachments",
        f"{figures.disclosures:,} disclosed values ({figures.erased:,} erased, {figures.withheld:,} left out)",
        f"{figures.checkpoints:,} checkpoints",
        "no state" if figures.things is None else f"the state of {figures.things:,} things",
    ]
    return ", ".join(said[:-1]) + f" and {said[-1]}"


def signatures_in_words(figures: Figures, *, policy: bool) -> str:
    if figures.signed_size is None:
        return "No checkpoint in it is signed by a key that counts: nobody vouches for it yet."
    by = (
        "your policy" if policy else "the export's own policy: give yours with --policy to know that these are the keys"
    )
    cosigned = (
        "none of it cosigned by the quorum"
        if figures.cosigned_size is None
        else f"the first {figures.cosigned_size:,} cosigned by the quorum"
    )
    return f"The first {figures.signed_size:,} entries are signed by the log, {cosigned}, by {by}."
