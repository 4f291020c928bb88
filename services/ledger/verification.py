"""`concord verify`: opens an export, checks it offline and says in words what is wrong where."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rfc8785
from rich.console import Console

from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.files import Unreadable
from services.ledger.domain.note import NOTE_BYTES_MAX, MalformedNote, UntrustedNote, read_note, verified
from services.ledger.domain.policy import MalformedPolicy, Policy, read_policy
from services.ledger.domain.report import Figures, Report, together
from services.ledger.domain.sentences import one_line
from services.ledger.domain.state import STATE
from services.ledger.domain.verify import check_entries, verify
from services.ledger.domain.vouched import Trust
from services.ledger.opening import bytes_of, opened
from services.ledger.signing_keys import verify_ed25519
from services.ledger.state_check import beside

SOUND, NOT_SOUND, UNREADABLE = 0, 1, 2
LARGE_BYTES_MIN = 16 * 2**20
"""From this size on the state is checked in a process of its own, beside the entries."""


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
        with beside(path) as state:
            entries = check_entries(export, rfc8785.dumps, held, trust)
            return together(entries, state.report())


def held_checkpoint(path: Path, policy: Policy | None) -> Checkpoint:
    """A checkpoint that was kept; where a policy is given, one that its log has signed."""
    try:
        with path.open("rb") as held:
            raw = held.read(NOTE_BYTES_MAX + 1)
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
