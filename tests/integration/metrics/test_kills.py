"""The server killed at each step of a batch: sent again, every row is there once, and every batch on record once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.testing.api import Member
from tests.integration.metrics.killing import COMMITTED, STEPS
from tests.integration.metrics.road import JSON, Joint, Rows, everything, row, system

ROOT = Path(__file__).parents[3]
KILLED = -9
ROWS = 40


def rows_of(name: str) -> Rows:
    return [row(f"{name}-{n}", "flights", period=f"2013-03-{n % 28 + 1:02}", value=f"{n}.50") for n in range(ROWS)]


def killed_at(joint: Joint, url: str, feed: Member, steps: list[str], batches: dict[str, Rows]) -> dict[str, int]:
    """Send each batch to a server that is killed at its step; how that server ended."""
    headers = feed.headers({"Content-Type": JSON})
    sent = {"path": joint.path("observations"), "headers": headers, "rows": batches}
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.metrics.killing", url, *steps],
        cwd=ROOT,
        input=json.dumps(sent),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {step: int(code) for step, code in map(str.split, done.stdout.splitlines())}


def again(joint: Joint, feed: Member, rows: Rows, key: str) -> tuple[bool, dict[str, int]]:
    """The same request once more: whether its first answer had been kept, and what became of the rows."""
    headers = feed.headers({"Content-Type": JSON, "Idempotency-Key": key})
    response = joint.api.client.post(joint.path("observations"), content=json.dumps(rows), headers=headers)
    assert response.status_code == 201, response.text
    counts: dict[str, int] = response.json()["counts"]
    return "Idempotency-Replayed" in response.headers, counts


def nothing_lost_or_doubled(joint: Joint, url: str, steps: list[str]) -> None:
    joint.agree(joint.terms("flights"))
    feed = system(joint.united, "metrics:push", alliances=[joint.id])
    batches = {step: rows_of(step) for step in steps}
    ended = killed_at(joint, url, feed, steps, batches)
    assert ended == dict.fromkeys(steps, KILLED)
    there = {one["observation_id"] for one in all_rows(joint)}
    for step, rows in batches.items():
        ids = {one["observation_id"] for one in rows}
        committed = step.partition("/")[0] in COMMITTED
        assert there & ids == (ids if committed else set()), step
        assert again(joint, feed, rows, step) == (committed, counted(accepted=ROWS)), step
        assert joint.push(feed, rows)["counts"] == counted(duplicate=ROWS), step
    held = all_rows(joint)
    assert sorted(one["observation_id"] for one in held) == sorted(f"{step}-{n}" for step in steps for n in range(ROWS))
    assert {(one["observation_id"], one["value"]) for one in held} == {
        (one["observation_id"], one["value"]) for rows in batches.values() for one in rows
    }
    on_record = everything(joint.united, joint.path("batches"))
    assert sorted(one["counts"]["accepted"] for one in on_record) == [0] * len(steps) + [ROWS] * len(steps)


def all_rows(joint: Joint) -> list[dict[str, Any]]:
    return everything(joint.united, joint.path("observations"), versions="all")


def counted(**some: int) -> dict[str, int]:
    return {**dict.fromkeys(("accepted", "corrected", "duplicate", "rejected", "withheld"), 0), **some}


def test_killed_at_some_steps(joint: Joint, module_url: str) -> None:
    nothing_lost_or_doubled(joint, module_url, ["body:half", "copy:half", "commit:before", "commit:after"])


@pytest.mark.faults
def test_killed_at_each_step_many_times(joint: Joint, module_url: str) -> None:
    nothing_lost_or_doubled(joint, module_url, [f"{step}/{time}" for time in range(6) for step in STEPS])
