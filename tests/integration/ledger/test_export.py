"""An export is sound as it comes over HTTP; every way of changing it, or the database before it, is named."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema  # type: ignore[import-untyped]
import pytest
import rfc8785

from services.ledger import verification
from services.ledger.checkpointing.signing import copies_of
from services.ledger.domain.export import read_bundle, read_manifest, tiles_of
from services.ledger.verification import NOT_SOUND, SOUND, UNREADABLE, verify_export
from shared.events import governance
from shared.events.governance_terms import Choice
from shared.events.ledger import ErasureExecuted, ErasureGround
from shared.events.metrics import BatchCounts, BatchIngested, Remark
from shared.ids import uuid7
from shared.log.entry import decode_entry, encode_entry
from tests.integration.ledger.conftest import TIMES, Joint, World, completed, erase, proposed, raised, submitted
from tests.integration.ledger.tampering import Files, back_dated, damaged, entries, flipped, inserted, tampered
from tests.signing import sign

CONTENT = b"kpi,period,value\nseats,2013-01,41\n"
BATCH, DECISION, VOTE, LAST = 1, 2, 3, 302


@dataclass(frozen=True)
class Shipped:
    """A ledger of two bundles, its export as it came, and a checkpoint that was kept while it was shorter."""

    joint: Joint
    path: Path
    held: Path
    attachment: str


@pytest.fixture(scope="module")
def shipped(world: World, tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    world.api.set_clock(TIMES[0])
    joint, ana, ben = world.joint_ledger(), world.ana, world.ben
    folder = tmp_path_factory.mktemp("export")
    attachment = joint.attach(CONTENT)
    joint.record(f"alliance/{joint.id}", 0, proposed(ana, ben), by=ana)
    joint.record(f"batch/{uuid7()}", 0, batch(attachment, UUID(ana.org)), by=ana)
    joint.record(f"decision/{uuid7()}", 0, raised(ana, ben), vote(ben.org), by=ana, at=TIMES[1])
    held = folder / "checkpoint"
    joint.sign()
    held.write_bytes(joint.bytes_of("/checkpoint"))
    world.api.set_clock(TIMES[2])
    joint.fill(LAST - VOTE)
    return Shipped(joint, saved(joint, folder / "export.zip"), held, attachment.sha256)


def batch(attachment: Any, side: UUID) -> BatchIngested:
    return BatchIngested(
        side=side,
        source=None,
        counts=BatchCounts(accepted=1, corrected=0, duplicate=0, rejected=0),
        kpis=("seats",),
        rows=attachment,
        rest=None,
        remarks=(Remark("1", "Counted by hand", ""),),
    )


def vote(side: str) -> governance.VoteCast:
    return governance.VoteCast(side=UUID(side), choice=Choice.APPROVE, reason="It fits")


def saved(joint: Joint, path: Path, **query: Any) -> Path:
    path.write_bytes(joint.bytes_of("/export", **query))
    return path


@dataclass
class Checked:
    """What the command says of an export: its exit code and, by seq, what it found."""

    code: int
    document: dict[str, Any]

    @property
    def found(self) -> list[tuple[int | None, str]]:
        return [(one["seq"], one["code"]) for one in self.document.get("findings", ())]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Callable[..., Checked]:
    def run(path: Path, *held: Path) -> Checked:
        code = verify_export(path, list(held), as_json=True)
        return Checked(code, json.loads(capsys.readouterr().out))

    return run


def test_an_export_is_sound_by_itself_and_against_an_earlier_checkpoint(
    shipped: Shipped, check: Callable[..., Checked]
) -> None:
    alone = check(shipped.path)
    assert (alone.code, alone.document["verdict"], alone.found) == (SOUND, "sound", [])
    with_held = check(shipped.path, shipped.held)
    assert with_held.code == SOUND
    figures = with_held.document["figures"]
    assert (figures["entries"], figures["attachments"], figures["erased"], figures["withheld"]) == (LAST + 1, 1, 0, 0)
    # Scope, remarks, subject and options, and the reason of the vote.
    assert figures["disclosures"] == 5
    assert figures["checkpoints"] == 2


@pytest.mark.parametrize(
    ("change", "findings"),
    [
        (entries(0, lambda b: [*b[:117], flipped(b[117]), *b[118:]]), [(117, "entry-changed")]),
        (entries(0, lambda b: [*b[:117], *b[118:]]), [(117, "entry-missing")]),
        (entries(1, lambda b: b[:-1]), [(LAST, "entry-missing")]),
        (entries(0, lambda b: [*b[:40], b[41], b[40], *b[42:]]), [(40, "entry-changed"), (41, "entry-changed")]),
        (entries(0, lambda b: [*b[:200], inserted(b[199]), *b[200:]]), [(200, "entry-misplaced")]),
        (
            entries(1, lambda b: [back_dated(b[0]), *b[1:]]),
            [(256, "recorded-backwards"), (256, "entry-changed")],
        ),
    ],
    ids=["one byte changed", "removed", "the last removed", "two swapped", "inserted", "back-dated"],
)
def test_a_changed_history_is_named_at_its_entry(
    shipped: Shipped,
    tmp_path: Path,
    check: Callable[..., Checked],
    change: Callable[[Files], None],
    findings: list[tuple[int, str]],
) -> None:
    checked = check(tampered(shipped.path, tmp_path, change))
    assert checked.code == NOT_SOUND
    assert set(findings) <= set(checked.found), checked.found


def test_the_state_of_an_export_is_the_one_that_is_served_and_is_compared(
    shipped: Shipped, tmp_path: Path, check: Callable[..., Checked]
) -> None:
    served = shipped.joint.get("/state", limit=200)
    things = {one["stream"]: one for group in served["groups"] for one in group["things"]}
    with zipfile.ZipFile(shipped.path) as archive:
        lines = [json.loads(line) for line in archive.read("state.ndjson").splitlines()]
    assert {line["stream"]: (line["version"], line["last_seq"]) for line in lines} == {
        stream: (one["version"], one["last_seq"]) for stream, one in things.items()
    }
    for line in lines:
        assert {n: one["value"] for n, one in line["fields"].items()} == things[line["stream"]]["fields"]
    assert check(shipped.path).document["figures"]["things"] == len(lines)

    def change(files: Files) -> None:
        files["state.ndjson"] = files["state.ndjson"].replace(b"Fares for the summer", b"Fares for the winter")

    checked = check(tampered(shipped.path, tmp_path, change))
    [finding] = checked.document["findings"]
    decision = next(line["stream"] for line in lines if line["first_seq"] == DECISION)
    assert (checked.code, finding["seq"], finding["code"]) == (NOT_SOUND, DECISION, "state-differs")
    assert (finding["thing"], finding["field"]) == (decision, "subject")


def test_an_entry_that_says_another_state_is_named_by_thing_and_field(
    shipped: Shipped, tmp_path: Path, check: Callable[..., Checked]
) -> None:
    def altered(entry: bytes) -> bytes:
        was = decode_entry(entry)
        return encode_entry(was.seq, was.recorded_us, was.body.replace(b'"type":"pricing"', b'"type":"slotting"'))

    checked = check(
        tampered(
            shipped.path, tmp_path, entries(0, lambda b: [*b[:DECISION], altered(b[DECISION]), *b[DECISION + 1 :]])
        )
    )
    found = {(one["seq"], one["code"], one["field"]) for one in checked.document["findings"]}
    assert found == {(DECISION, "entry-changed", None), (DECISION, "state-differs", "type")}


def test_a_large_export_is_checked_by_two_processes_and_told_as_by_one(
    shipped: Shipped, tmp_path: Path, check: Callable[..., Checked], monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(files: Files) -> None:
        files["state.ndjson"] = files["state.ndjson"].replace(b"Fares for the summer", b"Fares for the winter")

    path = tampered(shipped.path, tmp_path, change)
    by_one = check(path), check(shipped.path)
    monkeypatch.setattr(verification, "LARGE_BYTES_MIN", 0)
    assert (check(path), check(shipped.path)) == by_one
    assert [one.code for one in by_one] == [NOT_SOUND, SOUND]


def test_a_missing_or_changed_attachment_is_named_at_its_entry(
    shipped: Shipped, tmp_path: Path, check: Callable[..., Checked]
) -> None:
    name = f"attachments/{shipped.attachment}"
    missing = check(tampered(shipped.path, tmp_path, lambda files: files.pop(name)))
    assert (missing.code, missing.found) == (NOT_SOUND, [(BATCH, "attachment-missing")])
    changed = check(tampered(shipped.path, tmp_path, lambda files: files.update({name: CONTENT + b"!"})))
    assert (changed.code, changed.found) == (NOT_SOUND, [(BATCH, "attachment-changed")])


def test_a_disclosure_that_does_not_match_is_named_at_its_entry(
    shipped: Shipped, tmp_path: Path, check: Callable[..., Checked]
) -> None:
    def change(files: Files) -> None:
        lines = [json.loads(line) for line in files["disclosures.ndjson"].splitlines()]
        [of_vote] = [line for line in lines if line["seq"] == VOTE]
        of_vote["disclosure"] = next(line["disclosure"] for line in lines if line["seq"] != VOTE)
        files["disclosures.ndjson"] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    checked = check(tampered(shipped.path, tmp_path, change))
    assert (checked.code, checked.found) == (NOT_SOUND, [(VOTE, "disclosure-changed")])


def test_a_checkpoint_of_another_ledger_is_told_apart(
    shipped: Shipped, tmp_path: Path, check: Callable[..., Checked]
) -> None:
    other = tmp_path / "other"
    sign(shipped.joint.world.workers, UUID(shipped.joint.world.eve.org))
    other.write_bytes(shipped.joint.world.ana.api.client.get(  # the stranger's own ledger
        f"/ledger/v1/ledgers/{shipped.joint.world.eve.org}/checkpoint", headers=shipped.joint.world.eve.headers()
    ).content)  # fmt: skip
    checked = check(shipped.path, other)
    assert (checked.code, checked.found) == (NOT_SOUND, [(None, "checkpoint-of-another-ledger")])


def test_an_operator_who_rewrites_one_event_is_caught_by_what_one_side_kept(
    world: World, tmp_path: Path, check: Callable[..., Checked]
) -> None:
    """As superuser, triggers off, hashes recomputed, old checkpoints gone, and a new one signed with the log's key."""
    world.api.set_clock(TIMES[0])
    joint, ben = world.joint_ledger(), world.ben
    kept = []
    for number in range(3):
        joint.record(f"decision/{uuid7()}", 0, raised(world.ana, ben), vote(ben.org), by=ben)
        joint.sign()
        kept.append(tmp_path / f"checkpoint-{number}")
        kept[-1].write_bytes(joint.bytes_of("/checkpoint"))
    joint.superuser(
        "UPDATE log.events SET body = convert_to(replace(convert_from(body, 'UTF8'), 'approve', 'reject'), 'UTF8')"
        " WHERE ledger_id = %(ledger)s AND seq = 3",
        "UPDATE log.events SET leaf = sha256('\\x0001'::bytea || int8send(seq) || int8send(recorded_us) || body)"
        " WHERE ledger_id = %(ledger)s AND seq = 3",
    )
    assert joint.get("/events/3")["event"]["data"]["choice"] == "reject"
    alone = check(saved(joint, tmp_path / "export.zip"))
    assert (4, "checkpoint-differs") in alone.found or (2, "checkpoint-differs") in alone.found
    joint.superuser(
        "DELETE FROM ledger.checkpoints WHERE ledger_id = %(ledger)s",
        "DELETE FROM ledger.signers WHERE ledger_id = %(ledger)s",
        "DELETE FROM ledger.tile_roots WHERE ledger_id = %(ledger)s",
    )
    copies_of(world.workers.settings).path(joint.id).unlink()  # type: ignore[union-attr]
    assert joint.sign()
    rewritten = saved(joint, tmp_path / "export.zip")
    assert check(rewritten).code == SOUND, "by itself, nothing tells that it was rewritten"
    caught = check(rewritten, *kept)
    # Entries 0 and 1 are as the first checkpoint has them; the second tells that one of 2 and 3 is not.
    assert (caught.code, caught.found) == (NOT_SOUND, [(2, "checkpoint-differs"), (2, "checkpoint-differs")])
    assert "between entry 2 and entry 3" in caught.document["findings"][0]["words"]


def test_what_the_database_lost_or_changed_is_exported_as_it_is_and_named(
    world: World, tmp_path: Path, check: Callable[..., Checked]
) -> None:
    joint = world.joint_ledger()
    joint.fill(10)
    joint.superuser("UPDATE log.events SET recorded_us = 1 WHERE ledger_id = %(ledger)s AND seq = 4")
    found = check(saved(joint, tmp_path / "changed.zip"))
    assert (found.code, found.found) == (NOT_SOUND, [(4, "recorded-backwards"), (4, "entry-changed")])
    joint.superuser("DELETE FROM log.events WHERE ledger_id = %(ledger)s AND seq = 7")
    assert (7, "entry-missing") in check(saved(joint, tmp_path / "shorter.zip")).found
    response = world.api.client.get(f"{joint.path}/root", headers=world.ana.headers())
    assert response.status_code == 500, "there is no true root to give"


def test_an_export_of_fewer_entries_is_sound_and_of_that_size(
    shipped: Shipped, tmp_path: Path, check: Callable[..., Checked]
) -> None:
    for size in (0, 1, 256, 257):
        path = saved(shipped.joint, tmp_path / f"{size}.zip", size=size)
        checked = check(path)
        assert (checked.code, checked.document["figures"]["entries"]) == (SOUND, size)
    ahead = check(saved(shipped.joint, path, size=2), shipped.held)
    assert (ahead.code, ahead.found) == (NOT_SOUND, [(2, "checkpoint-ahead")])


def test_the_files_of_an_export(shipped: Shipped) -> None:
    with zipfile.ZipFile(shipped.path) as archive:
        names = set(archive.namelist())
        manifest = read_manifest(archive.read("manifest.json"))
        schemas = {n: json.loads(archive.read(n)) for n in names if n.startswith("schemas/")}
        bodies = [
            json.loads(decode_entry(entry).body)
            for tile in tiles_of(manifest.size)
            for entry in read_bundle(archive.read(tile.bundle_name))
        ]
    assert (manifest.ledger, manifest.size) == (shipped.joint.id, LAST + 1)
    assert names == {
        "manifest.json", "checkpoint", "disclosures.ndjson", f"attachments/{shipped.attachment}",
        "tile/0/000", "tile/0/001.p/47", "tile/entries/000", "tile/entries/001.p/47", "tile/1/000.p/1",
        "policy", "state.ndjson", *schemas,
    }  # fmt: skip
    assert len(bodies) == LAST + 1
    assert schemas.keys() == {f"schemas/{body['type']}.json" for body in bodies}
    for body in bodies:
        jsonschema.validate(body["data"], schemas[f"schemas/{body['type']}.json"])
        assert rfc8785.dumps(body)


def test_erased_values_are_left_out_and_the_erasure_says_so(
    world: World, tmp_path: Path, check: Callable[..., Checked]
) -> None:
    joint, ben = world.joint_ledger(), world.ben
    attachment = joint.attach(b"minutes")
    joint.record(f"batch/{uuid7()}", 0, batch(attachment, UUID(ben.org)), by=ben)
    joint.record(f"decision/{uuid7()}", 0, raised(world.ana, ben), vote(ben.org), by=ben)
    with world.api.runtime.engine.begin() as connection:
        digests = [*erase(connection, joint.id, 0), *erase(connection, joint.id, 2)]
        connection.exec_driver_sql("DELETE FROM log.attachments WHERE sha256 = %s", (attachment.sha256,))
    unexplained = check(saved(joint, tmp_path / "export.zip"))
    assert unexplained.code == NOT_SOUND
    assert unexplained.found == [(0, "disclosure-missing"), (2, "disclosure-missing"), (0, "attachment-missing")]

    gone = (attachment.sha256,)
    executed = ErasureExecuted(ground=ErasureGround.PERSON_ASKED, digests=tuple(digests), attachments=gone)
    joint.record(f"erasure/{uuid7()}", 0, executed, by=ben)
    checked = check(saved(joint, tmp_path / "export.zip"))
    assert (checked.code, checked.found, checked.document["figures"]["erased"]) == (SOUND, [], 2)
    for size in (1, 3):
        refused = world.api.client.get(f"{joint.path}/export", params={"size": size}, headers=world.ana.headers())
        assert refused.json()["errors"][0]["code"] == "erased-since"


def test_what_is_held_back_is_left_out_and_nothing_else(
    world: World, tmp_path: Path, check: Callable[..., Checked]
) -> None:
    joint, ben, stream = world.joint_ledger(), world.ben, f"assessment/{uuid7()}"
    photo = joint.attach(b"a photograph")
    joint.record(stream, 0, submitted(ben, 4, photo), by=ben)

    def figures(by: Any) -> tuple[int, ...]:
        path = tmp_path / "export.zip"
        path.write_bytes(joint.bytes_of("/export", by=by))
        checked = check(path)
        assert (checked.code, checked.found) == (SOUND, [])
        found = checked.document["figures"]
        return found["entries"], found["disclosures"], found["attachments"], found["withheld"]

    assert figures(world.ana) == (1, 0, 0, 1)
    assert figures(ben) == (1, 1, 1, 0)
    joint.record(stream, 1, completed(), by=ben)
    assert figures(world.ana) == (2, 1, 1, 0)


def test_an_unpacked_export_verifies_too(shipped: Shipped, tmp_path: Path, check: Callable[..., Checked]) -> None:
    with zipfile.ZipFile(shipped.path) as archive:
        archive.extractall(tmp_path)
    assert check(tmp_path, shipped.held).code == SOUND
    (tmp_path / "tile/0/000").unlink()
    assert check(tmp_path).found == [(0, "tile-unreadable")]


def test_what_cannot_be_read(
    shipped: Shipped, tmp_path: Path, check: Callable[..., Checked], capsys: pytest.CaptureFixture[str]
) -> None:
    whole = shipped.path.read_bytes()
    path = tmp_path / "export.zip"
    assert check(path).code == UNREADABLE
    for content in (b"", b"not a zip", whole[: len(whole) // 2]):
        path.write_bytes(content)
        assert check(path).code == UNREADABLE
    path.write_bytes(damaged(whole))
    assert (0, "bundle-unreadable") in check(path).found
    assert check(tampered(shipped.path, tmp_path, lambda files: files.pop("manifest.json"))).code == UNREADABLE
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("manifest.json", b"{}")
    assert "twice" in check(path).document["words"]
    malformed = tmp_path / "held"
    malformed.write_text("concord\n")
    assert check(shipped.path, malformed).code == UNREADABLE
    assert verify_export(path, [], as_json=False) == UNREADABLE
    assert capsys.readouterr().out.startswith("Not readable: ")


def test_the_report_in_words(shipped: Shipped, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_export(shipped.path, [shipped.held], as_json=False) == SOUND
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == "export.zip is sound."
    assert "Checked 303 entries, 1 attachments, 5 disclosed values" in said
    path = tampered(shipped.path, tmp_path, entries(0, lambda b: [*b[:117], flipped(b[117]), *b[118:]]))
    assert verify_export(path, [], as_json=False) == NOT_SOUND
    said = capsys.readouterr().out
    assert "     117  Entry 117 was changed" in said
    assert "that it was not rewritten is not" in said
    assert said.splitlines()[-1].startswith("tampered.zip is NOT sound: ")


def test_control_characters_of_an_export_do_not_reach_the_terminal(
    shipped: Shipped, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tampered(shipped.path, tmp_path, lambda files: files.update({"attachments/\x1b[2J[bold]": b""}))
    assert verify_export(path, [], as_json=False) == NOT_SOUND
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "[bold]" in said
