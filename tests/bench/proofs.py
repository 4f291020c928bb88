"""Inclusion proofs out of a very long ledger, over HTTP."""

from __future__ import annotations

import random
from uuid import UUID

from tests.bench.alliance import alliance
from tests.bench.figures import Measured, p99_of
from tests.bench.history import fill
from tests.bench.processes import concord, line
from tests.bench.stage import Stage


def inclusion(stage: Stage) -> Measured:
    entries, times = stage.scale.proof_entries, stage.scale.proofs
    with stage.database() as url, concord(url) as api:
        made = alliance(api)
        fill(url, UUID(made.id), entries)
        path = f"/ledger/v1/ledgers/{made.id}/proof/inclusion"
        with line(str(api.client.base_url), made.member.token) as reader:
            first = reader.milliseconds("GET", f"{path}?seq=0", expect=200)
            found = [
                reader.milliseconds("GET", f"{path}?seq={random.randrange(entries)}", expect=200) for _ in range(times)
            ]
        return p99_of(
            f"proofs of {times} entries at random of a ledger of {entries:,}, over HTTP; the first proof of all, which"
            f" hashes the full tiles and keeps their roots, took {first / 1_000:.1f} s and is not among them",
            found,
        )
