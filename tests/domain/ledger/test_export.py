"""The names and bytes of an export's files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.export import (
    DisclosureLine,
    MalformedExport,
    Manifest,
    Tile,
    all_tiles_of,
    attachment_name,
    checkpoint_name,
    read_bundle,
    read_disclosure_line,
    read_manifest,
    read_tile,
    schema_name,
    tile_path,
    tiles_of,
    write_bundle,
    write_disclosures,
    write_manifest,
    write_tile,
)
from shared.log.entry import ENTRY_BYTES_MAX

MANIFEST = Manifest(UUID(int=7), "concord.example/7", 300, bytes(range(32)), datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("index", "width", "path"),
    [
        (0, 256, "000"),
        (67, 256, "067"),
        (1000, 256, "x001/000"),
        (1_234_067, 256, "x001/x234/067"),
        (1_234_067, 1, "x001/x234/067.p/1"),
        (0, 255, "000.p/255"),
    ],
)
def test_the_path_of_a_tile(index: int, width: int, path: str) -> None:
    assert tile_path(index, width) == path
    assert Tile(2, index, width).name == f"tile/2/{path}"
    assert Tile(0, index, width).bundle_name == f"tile/entries/{path}"


@pytest.mark.parametrize(("index", "width"), [(-1, 256), (0, 0), (0, 257)])
def test_there_is_no_other_tile(index: int, width: int) -> None:
    with pytest.raises(MalformedExport, match="no tile"):
        tile_path(index, width)


def test_the_tiles_of_the_example_in_tlog_tiles() -> None:
    widths = {(tile.level, tile.index): tile.width for tile in all_tiles_of(70_000)}
    assert len([level for level, _ in widths if level == 0]) == 274
    assert widths[0, 273] == 112
    assert (widths[1, 0], widths[1, 1]) == (256, 17)
    assert widths[2, 0] == 1
    assert max(widths) == (2, 0)
    assert list(tiles_of(0)) == list(all_tiles_of(0)) == []
    assert [tile.width for tile in tiles_of(512)] == [256, 256]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=256))
def test_a_bundle_reads_back(entries: list[bytes]) -> None:
    assert read_bundle(write_bundle(entries)) == entries


def test_a_bundle_takes_the_largest_entry_after_its_length() -> None:
    bundle = write_bundle([bytes(ENTRY_BYTES_MAX), b"x"])
    assert bundle[:2] == b"\xff\xff"
    assert bundle[-3:] == b"\x00\x01x"
    assert read_bundle(bundle) == [bytes(ENTRY_BYTES_MAX), b"x"]


@pytest.mark.parametrize("entries", [[], [b""] * 257, [bytes(ENTRY_BYTES_MAX + 1)]])
def test_what_makes_no_bundle(entries: list[bytes]) -> None:
    with pytest.raises(MalformedExport):
        write_bundle(entries)


@pytest.mark.parametrize("raw", [b"\x00", b"\x00\x02x", bytes(2 * 257)])
def test_what_is_no_bundle(raw: bytes) -> None:
    with pytest.raises(MalformedExport):
        read_bundle(raw)


def test_a_tile_is_its_hashes() -> None:
    hashes = [bytes([n]) * 32 for n in range(3)]
    assert write_tile(hashes) == b"".join(hashes)
    assert read_tile(write_tile(hashes), 3) == hashes
    with pytest.raises(MalformedExport):
        read_tile(write_tile(hashes), 2)
    with pytest.raises(MalformedExport):
        write_tile([b"short"])


def test_the_manifest_reads_back() -> None:
    assert read_manifest(write_manifest(MANIFEST)) == MANIFEST
    assert b'"made_at": "2026-03-01T12:00:00Z"' in write_manifest(MANIFEST)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        write_manifest(MANIFEST).replace(b"export/1", b"export/2"),
        write_manifest(MANIFEST).replace(b'"size": 300', b'"size": "300"'),
        write_manifest(MANIFEST).replace(b'"size": 300', b'"size": true'),
        write_manifest(MANIFEST).replace(b'"size": 300', b'"size": -1'),
        write_manifest(MANIFEST).replace(b'"concord.example/7"', b"7"),
        write_manifest(MANIFEST).replace(b"00Z", b"00"),
        write_manifest(MANIFEST).replace(b'"ledger"', b'"lodger"'),
        write_manifest(replace(MANIFEST, root=b"short")),
    ],
)
def test_what_is_no_manifest(raw: bytes) -> None:
    with pytest.raises(MalformedExport):
        read_manifest(raw)


def test_disclosures_read_back_line_by_line() -> None:
    lines = [DisclosureLine(1, "a", "b"), DisclosureLine(2, "c", "d")]
    assert [read_disclosure_line(raw) for raw in write_disclosures(lines)] == lines


@pytest.mark.parametrize("raw", [b"x", b"3", b'{"seq":"1","digest":"a","disclosure":"b"}', b'{"seq":1,"digest":"a"}'])
def test_what_is_no_disclosure_line(raw: bytes) -> None:
    with pytest.raises(MalformedExport):
        read_disclosure_line(raw)


def test_the_other_names() -> None:
    assert attachment_name("0f" * 32) == "attachments/" + "0f" * 32
    assert schema_name("governance.vote-cast.v1") == "schemas/governance.vote-cast.v1.json"
    assert checkpoint_name(70_000) == "checkpoints/70000"
    for wrong in ("../secret", "0F" * 32, "0f" * 31):
        with pytest.raises(MalformedExport):
            attachment_name(wrong)
        with pytest.raises(MalformedExport):
            schema_name(wrong)
