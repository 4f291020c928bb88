"""An export is sound as made, and every way of changing it is found and said at its entry."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any, BinaryIO
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.checkpoint import Checkpoint, write_checkpoint
from services.ledger.domain.export import (
    DisclosureLine,
    Manifest,
    Tile,
    attachment_name,
    checkpoint_name,
    read_bundle,
    tiles_of,
    write_bundle,
    write_disclosures,
    write_manifest,
    write_tile,
)
from services.ledger.domain.files import Unreadable
from services.ledger.domain.merkle import root_of
from services.ledger.domain.report import FINDINGS_MAX, Report
from services.ledger.domain.verify import check_state, verify
from shared.log.disclosure import disclose
from shared.log.entry import encode_entry, leaf_hash

SIZE = 300
ORIGIN = "concord.example/7"
FILE = b"minutes of the first meeting"
FILE_DIGEST = sha256(FILE).hexdigest()
SECRET = disclose(bytes(16), "reason", "Ana said so")
GONE = disclose(bytes(range(16)), "reason", "Ben said so")
START_US = 1_767_225_600_000_000


@dataclass
class Shipment:
    """An export in memory."""

    content: dict[str, bytes] = field(default_factory=dict)

    def names(self) -> AbstractSet[str]:
        return self.content.keys()

    def open(self, name: str) -> BinaryIO:
        if name not in self.content:
            raise Unreadable(f"{name} is missing.")
        return BytesIO(self.content[name])


def body(seq: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "type": "x.y-done.v1",
        "stream": f"thing/{seq % 3}",
        "version": seq // 3 + 1,
        "data": {"n": seq},
    }
    if seq == 5:
        said["data"]["file"] = {"sha256": FILE_DIGEST, "bytes": len(FILE), "media_type": "text/plain"}
    if seq == 7:
        said["_sd"] = sorted([SECRET.digest, GONE.digest])
    if seq == 290:
        said |= {"type": "ledger.erasure-executed.v1", "data": {"digests": [GONE.digest], "attachments": []}}
    return said


def entry(seq: int, *, recorded_us: int | None = None, **changes: Any) -> bytes:
    return encode_entry(seq, recorded_us or START_US + seq // 2, rfc8785.dumps(body(seq) | changes))


ENTRIES = [entry(seq) for seq in range(SIZE)]


def export(entries: list[bytes], *, tiles: bool = True) -> Shipment:
    leaves = [leaf_hash(one) for one in entries]
    size, root = len(entries), root_of(leaves)
    manifest = Manifest(UUID(int=7), ORIGIN, size, root, datetime(2026, 3, 1, tzinfo=UTC))
    content = {
        "manifest.json": write_manifest(manifest),
        "checkpoint": checkpoint_of(entries, size),
        attachment_name(FILE_DIGEST): FILE,
        "disclosures.ndjson": b"".join(write_disclosures([DisclosureLine(7, SECRET.digest, SECRET.disclosure)])),
    }
    if size > 100:
        content[checkpoint_name(100)] = checkpoint_of(entries, 100)
    for tile in tiles_of(size):
        content[tile.bundle_name] = write_bundle(entries[tile.first : tile.first + tile.width])
        if tiles:
            content[tile.name] = write_tile(leaves[tile.first : tile.first + tile.width])
    return Shipment(content)


def checkpoint(entries: list[bytes], size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_of(leaf_hash(one) for one in entries[:size]))


def checkpoint_of(entries: list[bytes], size: int) -> bytes:
    return f"{write_checkpoint(checkpoint(entries, size))}\n— {ORIGIN} AAAAAAA=\n".encode()


def with_bundle(shipment: Shipment, index: int, change: Callable[[list[bytes]], list[bytes]]) -> Shipment:
    name = list(tiles_of(SIZE))[index].bundle_name
    return Shipment(shipment.content | {name: write_bundle(change(read_bundle(shipment.content[name])))})


def with_entry(seq: int, changed: bytes, *, tiles: bool = True) -> Shipment:
    return with_bundle(
        export(ENTRIES, tiles=tiles), seq // 256, lambda b: [*b[: seq % 256], changed, *b[seq % 256 + 1 :]]
    )


def with_file(name: str, content: bytes | None) -> Shipment:
    rest = {key: value for key, value in export(ENTRIES).content.items() if key != name}
    return Shipment(rest if content is None else rest | {name: content})


def found(report: Report) -> list[tuple[int | None, str]]:
    return [(one.seq, one.code) for one in report.findings]


def checked(shipment: Shipment, *held: Checkpoint) -> list[tuple[int | None, str]]:
    return found(verify(shipment, rfc8785.dumps, held))


@pytest.mark.parametrize("tiles", [True, False])
def test_an_export_as_made_is_sound(*, tiles: bool) -> None:
    report = verify(export(ENTRIES, tiles=tiles), rfc8785.dumps, [checkpoint(ENTRIES, 117)])
    assert report.findings == ()
    assert report.sound
    assert report.complete
    figures = report.figures
    assert (figures.entries, figures.attachments, figures.disclosures, figures.erased) == (SIZE, 1, 1, 1)
    assert figures.checkpoints == 3


def test_an_empty_ledger_is_sound() -> None:
    shipment = export([])
    del shipment.content[attachment_name(FILE_DIGEST)], shipment.content["disclosures.ndjson"]
    assert checked(shipment) == []


def test_a_changed_byte_is_located() -> None:
    changed = entry(117, data={"n": 118})
    report = verify(with_entry(117, changed), rfc8785.dumps)
    assert found(report) == [(117, "entry-changed")]
    assert report.findings[0].words.startswith("Entry 117 was changed")


@given(st.integers(0, SIZE - 1), st.integers(0, 16), st.integers(1, 255))
def test_any_changed_header_byte_is_located(seq: int, place: int, flip: int) -> None:
    raw = bytearray(ENTRIES[seq])
    raw[place] ^= flip
    assert (seq, "entry-changed") in checked(with_entry(seq, bytes(raw)))


@given(st.integers(0, SIZE - 1), st.data())
def test_any_changed_body_byte_is_located(seq: int, data: st.DataObject) -> None:
    raw = bytearray(ENTRIES[seq])
    raw[data.draw(st.integers(17, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    assert (seq, "entry-changed") in checked(with_entry(seq, bytes(raw)))


def test_without_hashes_a_change_is_found_by_the_root_and_the_checkpoints() -> None:
    shipment = with_entry(117, entry(117, data={"n": 118}), tiles=False)
    assert checked(shipment) == [(100, "checkpoint-differs"), (None, "root-differs")]


def test_a_rewritten_ledger_is_caught_by_who_holds_an_earlier_checkpoint() -> None:
    rewritten = export([*ENTRIES[:117], entry(117, data={"n": 118}), *ENTRIES[118:]])
    assert checked(rewritten) == []
    assert checked(rewritten, checkpoint(ENTRIES, 117)) == []
    assert checked(rewritten, checkpoint(ENTRIES, 118)) == [(100, "checkpoint-differs")]


def test_a_shortened_ledger_is_caught_by_who_holds_a_later_checkpoint() -> None:
    assert (291, "checkpoint-ahead") in checked(export(ENTRIES[:291]), checkpoint(ENTRIES, SIZE))


def test_a_checkpoint_of_another_ledger() -> None:
    other = replace(checkpoint(ENTRIES, 10), origin="concord.example/8")
    assert checked(export(ENTRIES), other) == [(None, "checkpoint-of-another-ledger")]


def test_a_changed_tile_is_told_from_a_changed_entry() -> None:
    leaves = [leaf_hash(one) for one in ENTRIES[:256]]
    leaves[117] = bytes(32)
    assert checked(with_file("tile/0/000", write_tile(leaves))) == [(117, "tile-changed")]


def test_when_entry_and_tile_and_root_differ_nobody_knows_which() -> None:
    shipment = with_entry(117, entry(117, data={"n": 118}))
    manifest = json.loads(shipment.content["manifest.json"]) | {"root": b64encode(bytes(32)).decode()}
    shipment.content["manifest.json"] = json.dumps(manifest).encode()
    assert checked(shipment) == [(None, "root-differs"), (117, "entry-or-tile-changed")]


def test_a_removed_entry() -> None:
    removed = with_bundle(export(ENTRIES), 0, lambda b: b[:117] + b[118:])
    # With it went the version that its stream's next entry builds on.
    assert checked(removed) == [(0, "bundle-length"), (117, "entry-missing"), (120, "version-not-dense")]


def test_an_inserted_entry() -> None:
    inserted = with_bundle(export(ENTRIES), 1, lambda b: [*b, entry(SIZE, stream="thing/9", version=1)])
    assert checked(inserted) == [(256, "bundle-length"), (SIZE, "entry-misplaced")]
    repeated = with_bundle(export(ENTRIES), 1, lambda b: [*b, b[3]])
    assert checked(repeated) == [(256, "bundle-length"), (259, "entry-misplaced")]


def test_reordered_entries() -> None:
    swapped = with_bundle(export(ENTRIES), 0, lambda b: [*b[:10], b[11], b[10], *b[12:]])
    assert {(10, "seq-not-dense"), (11, "seq-not-dense"), (10, "entry-changed"), (11, "entry-changed")} <= set(
        checked(swapped)
    )


@pytest.mark.parametrize(
    ("seq", "changed", "code"),
    [
        (50, entry(50, recorded_us=START_US - 1), "recorded-backwards"),
        (50, entry(51, stream="thing/2", version=17), "seq-not-dense"),
        (50, entry(50, version=18), "version-not-dense"),
        (50, entry(50, version=16), "version-not-dense"),
        (0, entry(0, version=0), "version-not-dense"),
        (50, entry(50, version="17"), "body-incomplete"),
        (50, encode_entry(50, START_US + 25, b'{"a": 1}'), "body-not-canonical"),
        (50, encode_entry(50, START_US + 25, b'{"a":1,"a":1}'), "body-not-canonical"),
        (50, encode_entry(50, START_US + 25, b'{"a":NaN}'), "body-not-canonical"),
        (50, encode_entry(50, START_US + 25, b"[" * 60_000), "body-not-canonical"),
        (50, encode_entry(50, START_US + 25, b"[]"), "body-not-canonical"),
        (50, encode_entry(50, START_US + 25, b"\xff"), "body-not-canonical"),
        (50, b"\x02" + ENTRIES[50][1:], "entry-malformed"),
    ],
)
def test_a_ledger_wrong_from_the_start_is_found_though_its_hashes_are_right(
    seq: int, changed: bytes, code: str
) -> None:
    assert (seq, code) in checked(export([*ENTRIES[:seq], changed, *ENTRIES[seq + 1 :]]))


def test_attachments() -> None:
    name = attachment_name(FILE_DIGEST)
    assert checked(with_file(name, None)) == [(5, "attachment-missing")]
    assert checked(with_file(name, FILE[:-1] + b"!")) == [(5, "attachment-changed")]
    assert checked(with_file(name, FILE + b"!")) == [(5, "attachment-changed")]
    assert checked(with_file(attachment_name("0" * 64), b"")) == [(None, "attachment-unnamed")]


def test_an_erased_attachment_is_gone_and_stays_gone() -> None:
    erased = entry(290, data={"digests": [GONE.digest], "attachments": [FILE_DIGEST]})
    shipment = export([*ENTRIES[:290], erased, *ENTRIES[291:]])
    assert checked(shipment) == [(5, "erased-yet-attached")]
    del shipment.content[attachment_name(FILE_DIGEST)]
    assert checked(shipment) == []


def line(seq: int, digest: str, disclosure: str) -> bytes:
    return b"".join(write_disclosures([DisclosureLine(seq, digest, disclosure)]))


SECRET_LINE = line(7, SECRET.digest, SECRET.disclosure)


@pytest.mark.parametrize(
    ("content", "findings"),
    [
        (b"", [(7, "disclosure-missing")]),
        (line(7, SECRET.digest, GONE.disclosure), [(7, "disclosure-changed")]),
        (line(7, SECRET.digest, "!"), [(7, "disclosure-changed")]),
        (SECRET_LINE + line(7, GONE.digest, GONE.disclosure), [(7, "erased-yet-disclosed")]),
        (SECRET_LINE + SECRET_LINE, [(7, "disclosure-of-nothing")]),
        (
            SECRET_LINE + line(9, GONE.digest, GONE.disclosure),
            [(9, "disclosure-of-nothing"), (9, "erased-yet-disclosed")],
        ),
        (
            SECRET_LINE + line(3, GONE.digest, GONE.disclosure),
            [(3, "disclosure-of-nothing"), (3, "erased-yet-disclosed")],
        ),
        (SECRET_LINE + line(SIZE, "x", "y"), [(SIZE, "disclosure-of-nothing")]),
        (
            line(8, "x", "y") + SECRET_LINE,
            [(8, "disclosure-of-nothing"), (7, "disclosure-of-nothing"), (7, "disclosure-missing")],
        ),
        (SECRET_LINE + b"not json\n", [(None, "disclosures-unreadable")]),
    ],
)
def test_disclosures(content: bytes, findings: list[tuple[int | None, str]]) -> None:
    assert checked(with_file("disclosures.ndjson", content)) == findings


def test_an_export_may_leave_out_all_disclosures() -> None:
    report = verify(with_file("disclosures.ndjson", None), rfc8785.dumps)
    assert report.sound
    assert report.figures.withheld == 2


@pytest.mark.parametrize(
    ("name", "content", "finding"),
    [
        ("manifest.json", None, (None, "manifest-unreadable")),
        ("manifest.json", b" " * 70_000, (None, "manifest-unreadable")),
        ("checkpoint", b"\xff", (None, "checkpoint-unreadable")),
        ("checkpoints/100", b"", (None, "checkpoint-unreadable")),
        (Tile(0, 0).name, None, (0, "tile-unreadable")),
        (Tile(0, 1, 44).name, bytes(31), (256, "tile-unreadable")),
        (Tile(0, 0).bundle_name, None, (0, "bundle-unreadable")),
        (Tile(0, 1, 44).bundle_name, b"\x00", (256, "bundle-unreadable")),
    ],
)
def test_files_that_are_missing_or_damaged(name: str, content: bytes | None, finding: tuple[int | None, str]) -> None:
    assert finding in checked(with_file(name, content))


@pytest.mark.parametrize("strange", [None, 3, "x", [3, None, ["x"]], {"digests": [[]]}, {"digests": 3}, {"sha256": []}])
def test_strange_fields_are_no_reason_to_stop(strange: Any) -> None:
    first = entry(0, type="ledger.erasure-executed.v1", data=strange, _sd=strange)
    assert verify(export([first, *ENTRIES[1:]]), rfc8785.dumps).figures.entries == SIZE


def test_a_huge_stated_size_ends_with_an_incomplete_report() -> None:
    manifest = json.loads(export(ENTRIES).content["manifest.json"]) | {"size": 2**53}
    report = verify(with_file("manifest.json", json.dumps(manifest).encode()), rfc8785.dumps)
    assert len(report.findings) == FINDINGS_MAX
    assert not report.complete


def test_a_huge_stated_size_ends_the_check_of_the_state_too() -> None:
    shipment = export(ENTRIES)
    manifest = json.loads(shipment.content["manifest.json"]) | {"size": 2**53}
    shipment.content |= {"manifest.json": json.dumps(manifest).encode(), "state.ndjson": b""}
    assert len(check_state(shipment).findings) <= FINDINGS_MAX
