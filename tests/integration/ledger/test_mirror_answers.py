"""What a mirror makes of answers that are missing, too large, late or no answers at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from services.cli import app
from services.ledger.domain.note import NOTE_BYTES_MAX
from services.ledger.partner.mirror import Mirror
from services.ledger.partner.served import NotServed, Served
from services.ledger.verification import SOUND, verify_export
from shared.ids import uuid7
from tests.integration.ledger.between import Between, between
from tests.integration.ledger.conftest import NOON, Joint, raised
from tests.integration.ledger.test_access import key
from tests.integration.ledger.test_signing import passed

PAGE = b"<html><body>We are back soon.</body></html>\n"
AT = datetime.fromisoformat(NOON)


@contextmanager
def mirrored(joint: Joint, folder: Path) -> Iterator[tuple[Mirror, Between]]:
    with between(str(joint.world.api.client.base_url)) as here:
        address = f"{here.address}{joint.path}/"
        with httpx.Client(base_url=address, headers=joint.world.ana.headers()) as client:
            yield Mirror(Served(client), folder, [], now=lambda: AT), here


def test_a_ledger_that_is_gone_while_entries_are_held_is_not_called_unsigned(joint: Joint, tmp_path: Path) -> None:
    with mirrored(joint, tmp_path) as (mirror, here):
        assert mirror.turn() == 0
        joint.fill(2)
        joint.sign()
        assert mirror.turn() == 2
        here.instead = {"/checkpoint": (404, b"{}")}
        with pytest.raises(NotServed, match="had signed 2 entries, which are kept here"):
            mirror.turn()
        here.instead = {}
        assert mirror.turn() == 0


def test_a_ledger_that_never_was_is_not_called_unsigned(joint: Joint, tmp_path: Path) -> None:
    with mirrored(joint, tmp_path) as (mirror, here):
        here.instead = {"/checkpoint": (404, b"{}"), "/signing": (404, b"There is no such ledger.")}
        with pytest.raises(NotServed, match="signing is answered with 404: There is no such ledger"):
            mirror.turn()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/checkpoint", PAGE),
        ("/signing", PAGE),
        ("/signing", b"{}"),
        ("/tile/entries/000.p/5", PAGE),
        ("/tile/entries/000.p/5", b""),
        ("/disclosures/000.p/5", PAGE),
    ],
)
def test_a_page_instead_of_an_answer_is_no_answer_and_the_next_turn_succeeds(
    joint: Joint, tmp_path: Path, path: str, answer: bytes
) -> None:
    joint.fill(4)
    joint.record(f"decision/{uuid7()}", 0, raised(joint.world.ana, joint.world.ben), by=joint.world.ana)
    joint.sign()
    with mirrored(joint, tmp_path) as (mirror, here):
        here.instead = {path: (200, answer)}
        with pytest.raises(NotServed, match="not what it should be"):
            mirror.turn()
        here.instead = {}
        assert mirror.turn() == 5
    assert verify_export(tmp_path, [], as_json=False) == SOUND


def test_no_more_of_an_answer_is_read_than_it_can_have(joint: Joint, tmp_path: Path) -> None:
    joint.fill(1)
    joint.sign()
    with mirrored(joint, tmp_path) as (mirror, here):
        here.instead = {"/checkpoint": (200, b"x" * (NOTE_BYTES_MAX + 1))}
        with pytest.raises(NotServed, match="more than the 131,072 bytes that it can have"):
            mirror.turn()


def test_what_was_taken_before_a_request_failed_is_not_fetched_again(joint: Joint, tmp_path: Path) -> None:
    ana, ben = joint.world.ana, joint.world.ben
    joint.record(f"decision/{uuid7()}", 0, raised(ana, ben), by=ana)
    joint.fill(600)
    joint.sign()
    with mirrored(joint, tmp_path) as (mirror, here):
        here.instead = {"/disclosures/001": (503, b"")}
        with pytest.raises(NotServed):
            mirror.turn()
        assert not (tmp_path / "disclosures.ndjson").read_bytes()
        passed(joint, 600)
        joint.sign()
        here.instead = {}
        assert mirror.turn() == 602
        assert (here.asked["tile/entries/000"], here.asked["tile/entries/001"]) == (1, 2)
        assert len((tmp_path / "disclosures.ndjson").read_bytes().splitlines()) == 2
    assert verify_export(tmp_path, [], as_json=False) == SOUND


def test_new_values_are_added_to_those_that_are_held(joint: Joint, tmp_path: Path) -> None:
    ana, ben = joint.world.ana, joint.world.ben
    values = tmp_path / "disclosures.ndjson"
    with mirrored(joint, tmp_path) as (mirror, _):
        lines, files = [], set()
        for _ in range(3):
            joint.record(f"decision/{uuid7()}", 0, raised(ana, ben), by=ana)
            joint.sign()
            mirror.turn()
            lines.append(values.read_bytes())
            files.add(values.stat().st_ino)
    assert [later.startswith(earlier) and later != earlier for earlier, later in pairwise(lines)] == [True, True]
    assert len(files) == 1
    # Killed after values came and before their entries were held: what is torn or ahead is cut off.
    values.write_bytes(lines[-1] + b'{"seq": 3, "digest": "d", "disclosure": null}\n{"seq": 4, "dig')
    with mirrored(joint, tmp_path):
        assert values.read_bytes() == lines[-1]
    assert verify_export(tmp_path, [], as_json=False) == SOUND


def test_an_entry_that_is_back_dated_on_a_quiet_ledger_is_named(joint: Joint, tmp_path: Path) -> None:
    joint.fill(2)
    joint.sign()
    with mirrored(joint, tmp_path) as (mirror, _):
        assert (mirror.turn(), mirror.back_dated) == (2, None)
        mirror.now = lambda: AT + timedelta(days=100)
        assert (mirror.turn(), mirror.back_dated) == (0, None)
    passed(joint, 2)
    passed(joint, 3)
    joint.sign()
    with mirrored(joint, tmp_path) as (again, _):
        again.now = lambda: AT + timedelta(days=101)
        assert again.turn() == 2
        found = again.back_dated
        assert found is not None
        assert (found.seq, found.count, found.looked_at) == (2, 2, AT + timedelta(days=100))
        assert found.words in (tmp_path / "back-dated").read_text()
        assert (again.turn(), again.back_dated) == (0, None)
    assert verify_export(tmp_path, [], as_json=False) == SOUND


def test_an_entry_that_waited_for_its_signature_is_not_called_back_dated(joint: Joint, tmp_path: Path) -> None:
    joint.fill(2)
    joint.sign()
    with mirrored(joint, tmp_path) as (mirror, _):
        mirror.now = lambda: AT + timedelta(hours=24)
        mirror.turn()
        passed(joint, 2)
        joint.sign()
        assert (mirror.turn(), mirror.back_dated) == (1, None)


def test_the_ends_of_the_command(joint: Joint, tmp_path: Path) -> None:
    joint.fill(2)
    joint.sign()
    environment = {"CONCORD_API_KEY": key(joint.world.ana, "ledger:read").removeprefix("Bearer ")}

    def run(address: str) -> tuple[int, str]:
        command = ["mirror", f"{address}{joint.path}", "--folder", str(tmp_path), "--once"]
        ended = CliRunner().invoke(app, command, env=environment)
        return ended.exit_code, ended.output

    def ends(address: str, exit_code: int, words: str) -> None:
        code, said = run(address)
        assert (code, words in said) == (exit_code, True), said

    with between(str(joint.world.api.client.base_url)) as here:
        ends(here.address, 0, "2 new entries; 2 held")
        passed(joint, 2)
        joint.sign()
        ends(here.address, 1, "BACK-DATED. Entry 2 says that it was recorded on 2013-01-07 at 12:00 UTC; this mirror")
        here.instead = {"/checkpoint": (200, PAGE)}
        ends(here.address, 2, "Not now: The answer is not what it should be")
        here.instead = {}
        (tmp_path / "policy").unlink()
        (tmp_path / "policy").mkdir()
        ends(here.address, 3, "it says nothing of the ledger")
        (tmp_path / "tile" / "0" / "000.p" / "3").write_bytes(b"")
        ends(here.address, 2, "Cannot start.")
