"""docs/signatures.md does what it says: each of its commands, run as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from examples.airline_codeshare import papers
from shared.testing.api import Api
from tests.integration.governance.road import MONDAY, ROOM, Side, governed, proposed_paper, raised, shown

PAGE = (Path(__file__).parents[3] / "docs" / "signatures.md").read_text()
SHELL = re.compile(r"(?:^ {4}.*\n)+", re.MULTILINE)
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
GIVEN = re.compile(r"^[A-Z_]+=(?:…|https:).*\n", re.MULTILINE)
"""A line that each reader fills in; here the environment has it."""


def blocks() -> list[str]:
    """The blocks of shell, in order, without what is filled in and what shows a format."""
    found = [
        GIVEN.sub("", re.sub(r"^ {4}", "", block, flags=re.MULTILINE)) for block in SHELL.findall(PYTHON.sub("", PAGE))
    ]
    return [block for block in found if block and not block.startswith("{")]


def run(script: str, folder: Path, environment: dict[str, str]) -> str:
    """What it prints; in a shell that stops at the first failure."""
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl", "openssl"))), reason="It needs bash, curl and openssl.")
def test_every_command_of_the_page(api: Api, tmp_path: Path) -> None:
    api.set_clock(MONDAY)
    united, hansa = side(api, "Readers"), side(api, "Partners")
    alliance_id = governed(united, hansa)
    agreement, decision = proposed_paper(hansa, alliance_id, papers.change_request()), raised(united, alliance_id)
    environment = {
        "CONCORD": str(api.client.base_url).rstrip("/"),
        "TOKEN": united.manager.token,
        "ALLIANCE": alliance_id,
        "SIDE": united.org,
        "DECISION": decision["id"],
        "AGREEMENT": agreement["id"],
    }
    register, see, vote, verify, withdraw = blocks()
    (tmp_path / "sign.py").write_text(PYTHON.findall(PAGE)[0])
    said = run(f"{register}{see}{vote}python sign.py >&2\n{verify}", tmp_path, environment)

    (key,) = united.worker.get(f"{ROOM}/alliances/{alliance_id}/signing-keys")["items"]
    assert [one["signature"]["key"] for one in shown(hansa.worker, decision)["votes"]] == [key["key"]]
    (signed,) = hansa.worker.get(f"{ROOM}/agreements/{agreement['id']}")["signatures"]
    assert (signed["side"], signed["act"], signed["key"]) == (united.org, "signed", key["key"])
    # Both sides had signed the governance model, before there was a key.
    assert "2 of 4 acts that bind are signed by their parties' own keys." in said
    assert said.endswith("export.zip is sound.\n")

    withdrawn = json.loads(run(withdraw, tmp_path, {**environment, "KEY_ID": key["id"]}))
    assert (withdrawn["id"], withdrawn["withdrawn_seq"] > key["registered_seq"]) == (key["id"], True)


def side(api: Api, name: str) -> Side:
    sponsor = api.organisation(name)
    return Side(sponsor, api.colleague(sponsor, f"Manager of {name}"), api.colleague(sponsor, f"Worker of {name}"))
