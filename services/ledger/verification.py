"""`concord verify`: opens an export, checks it offline and says in words what is wrong where."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import rfc8785
from rich.console import Console

from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.files import Unreadable
from services.ledger.domain.note import (
    NOTE_BYTES_MAX,
    PUBLIC_KEY_BYTES,
    MalformedNote,
    UntrustedNote,
    decoded,
    read_note,
    verified,
)
from services.ledger.domain.policy import MalformedPolicy, Policy, read_policy
from services.ledger.domain.report import Figures, PartyKey, Report, together
from services.ledger.domain.sentences import one_line
from services.ledger.domain.state import STATE
from services.ledger.domain.verify import check_entries, verify
from services.ledger.domain.vouched import Trust
from services.ledger.opening import bytes_of, opened
from services.ledger.state_check import beside
from shared.ed25519 import verify_ed25519

SOUND, NOT_SOUND, UNREADABLE = 0, 1, 2
LARGE_BYTES_MIN = 16 * 2**20
"""From this size on the state is checked in a process of its own, beside the entries."""


def verify_export(
    path: Path,
    held: list[Path],
    as_json: bool,  # noqa: FBT001 - as the command line gives it
    policy: Path | None = None,
    party_keys: Sequence[str] = (),
) -> int:
    """Check an export, against the checkpoints in the files `held` and the policy in a file; print the report.

    `party_keys`: `<id of an organisation>=<base64>`, the keys that are truly that party's.

    0: sound. 1: something is wrong with it. 2: it is no export that can be read, or one of `held` is no checkpoint.
    """
    say = Console(markup=False, highlight=False, soft_wrap=True)
    try:
        trusted = None if policy is None else held_policy(policy)
        checkpoints = [held_checkpoint(one, trusted) for one in held]
        report = checked(path, checkpoints, Trust(verify_ed25519, trusted, keys_by_party(party_keys)))
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


def keys_by_party(given: Sequence[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in given:
        party, _, key = one.partition("=")
        try:
            if len(decoded(key)) != PUBLIC_KEY_BYTES:
                raise Unreadable(f"{one}: a key has {PUBLIC_KEY_BYTES} bytes.")
            found.setdefault(str(UUID(party)), set()).add(key)
        except ValueError as error:
            raise Unreadable(f"{one} is no <id of an organisation>=<base64 of its key>: {error}") from error
    return {party: frozenset(keys) for party, keys in found.items()}


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
    for line in own_signatures_in_words(report.figures):
        say.print(one_line(line))
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


def own_signatures_in_words(figures: Figures) -> list[str]:
    """How many acts that bind are signed, and with whose keys; nothing where no act binds anybody."""
    if not figures.acts and not figures.party_keys:
        return []
    said = f"{figures.acts_signed:,} of {figures.acts:,} acts that bind are signed by their parties' own keys"
    if not figures.party_keys:
        return [f"{said}: no party has registered one."]
    return [
        f"{said}. Confirm with each party that these are its keys, or give them with --party-key:",
        *(f"- {key_in_words(one)}" for one in figures.party_keys),
        *([f"- and {figures.party_keys_untold:,} more"] if figures.party_keys_untold else []),
    ]


def key_in_words(one: PartyKey) -> str:
    until = "on" if one.to_seq is None else f"to entry {one.to_seq:,}"
    person = "" if one.person_id is None else f", its person {one.person_id} alone"
    return f"{one.key} of {one.side}{person}, from entry {one.from_seq:,} {until}"
