"""Schemathesis with every check on, all phases, against the merged document and a real database: no failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.rooms import ROOMS
from shared.testing.api import Api

HERE = Path(__file__).parent
TIMEOUT_SECONDS = 1_800


def run(api: Api, *, seed: int, examples: int, folder: Path, only: str) -> None:
    """Run the tool as its users do, in a process of its own, as the owner of a new organisation."""
    token = api.organisation("Schemathesis").token
    command = [
        str(Path(sys.executable).with_name("st")),
        f"--config-file={HERE / 'schemathesis.toml'}",
        "run",
        str(api.client.base_url.join("/openapi.json")),
        f"--header=Authorization: Bearer {token}",
        f"--include-path-regex=^/{only}/",
        "--checks=all",
        "--continue-on-failure",
        f"--max-examples={examples}",
        f"--seed={seed}",
        "--no-color",
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "checks", "PYTHONPATH": str(HERE)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]


@pytest.mark.parametrize("service", [s.name for s in ROOMS])
def test_no_failure(api: Api, service: str, tmp_path: Path) -> None:
    run(api, seed=1, examples=4, folder=tmp_path, only=service)


@pytest.mark.faults
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("service", [s.name for s in ROOMS])
def test_no_failure_with_three_seeds(api: Api, service: str, seed: int, tmp_path: Path) -> None:
    run(api, seed=seed, examples=40, folder=tmp_path, only=service)
