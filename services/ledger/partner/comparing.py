"""`concord compare`: of two checkpoints, one from each side, whether both were shown the same history."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rich.console import Console

from services.ledger.domain.checkpoint import Checkpoint
from services.ledger.domain.files import Unreadable
from services.ledger.domain.policy import Policy
from services.ledger.domain.sentences import one_line
from services.ledger.domain.vouched import Trust
from services.ledger.verification import checked, held_checkpoint, held_policy
from shared.ed25519 import verify_ed25519

Verdict = Literal["same", "grown", "forked", "unknown"]
EXIT = {"same": 0, "grown": 0, "forked": 1, "unknown": 2}
WHOSE_FAULT = "Either the log showed two histories, or one of these two files is not from the log"


@dataclass(frozen=True, slots=True)
class Comparison:
    verdict: Verdict
    words: str


def compare_checkpoints(mine: Path, theirs: Path, copy: Path | None, policy: Path | None, *, as_json: bool) -> int:
    """Compare, and print the answer. 0: one history; 1: two; 2: it cannot be told, and the words say why."""
    try:
        trusted = None if policy is None else held_policy(policy)
        found = compared(held_checkpoint(mine, trusted), held_checkpoint(theirs, trusted), copy, trusted)
    except Unreadable as error:
        found = Comparison("unknown", f"Not readable: {error}")
    say = Console(markup=False, highlight=False, soft_wrap=True)
    document = json.dumps({"verdict": found.verdict, "words": found.words}, indent=2)
    say.print(document if as_json else one_line(found.words))
    return EXIT[found.verdict]


def compared(mine: Checkpoint, theirs: Checkpoint, copy: Path | None, policy: Policy | None) -> Comparison:
    """Where the sizes differ, a copy of the ledger (a mirror, an export) tells whether one grew out of the other."""
    if mine.origin != theirs.origin:
        words = f"They are of different ledgers: yours of {mine.origin}, theirs of {theirs.origin}."
        return Comparison("unknown", words)
    if mine.size == theirs.size:
        if mine.root == theirs.root:
            return Comparison("same", f"You were both shown the same history of {mine.size:,} entries.")
        return forked(f"Two different histories of {mine.size:,} entries of {mine.origin}.", policy)
    smaller, larger = sorted((mine, theirs), key=lambda one: one.size)
    if copy is None:
        words = (
            f"One is of {smaller.size:,} entries and the other of {larger.size:,}: give --copy, your mirror or an"
            f" export of at least {larger.size:,} entries, to see whether the one grew out of the other."
        )
        return Comparison("unknown", words)
    return grown(smaller, larger, copy, policy)


def grown(smaller: Checkpoint, larger: Checkpoint, copy: Path, policy: Policy | None) -> Comparison:
    # Cosignatures are not asked for: a history that no witness would cosign is just what may come out here.
    trust = None if policy is None else Trust(verify_ed25519, replace(policy, quorum=None))
    report = checked(copy, [smaller, larger], trust)
    told = {one.code: one.words for one in reversed(report.findings)}
    if report.sound:
        words = f"The history of {larger.size:,} entries grew out of that of {smaller.size:,}: nothing was rewritten."
        return Comparison("grown", words)
    if told.keys() == {"checkpoint-ahead"}:
        return Comparison("unknown", f"{copy} ends before {larger.size:,} entries; take a newer copy.")
    if told.keys() == {"checkpoint-differs"}:
        return forked(f"{copy} is whole, and cannot be the history of both: {told['checkpoint-differs']}", policy)
    first = report.findings[0].words
    return Comparison("unknown", f"{copy} is not sound, so it tells nothing; `concord verify` says why. {first}")


def forked(words: str, policy: Policy | None) -> Comparison:
    signed = (
        f"{WHOSE_FAULT}: give --policy to know whether its key signed both."
        if policy is None
        else "The log's key signed both, which it must never do: keep both files, they are the proof."
    )
    return Comparison("forked", f"FORKED. {words} {signed}")
