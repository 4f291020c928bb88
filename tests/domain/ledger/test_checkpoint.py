"""What a checkpoint says."""

from __future__ import annotations

import pytest

from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint, write_checkpoint

CHECKPOINT = Checkpoint("concord.example/0190", 20_852_163, bytes(range(32)))
TEXT = "concord.example/0190\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


def test_the_text_that_is_signed_is_fixed() -> None:
    assert write_checkpoint(CHECKPOINT) == TEXT


def test_it_is_read_with_and_without_signatures() -> None:
    assert read_checkpoint(TEXT) == CHECKPOINT
    assert read_checkpoint(f"{TEXT}\n— concord.example/0190 AAAA\n— witness BBBB\n") == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.removesuffix("\n"),
        TEXT.replace("20852163", "020852163"),
        TEXT.replace("20852163", "-1"),
        TEXT.replace("20852163", "٣"),
        TEXT.replace("8=", "9="),
        TEXT.replace("AAEC", "AA"),
        TEXT + "extension\n",
        "\n" + TEXT,
    ],
)
def test_other_text_is_no_checkpoint(text: str) -> None:
    with pytest.raises(MalformedCheckpoint):
        read_checkpoint(text)


@pytest.mark.parametrize(
    "wrong", [Checkpoint("", 1, bytes(32)), Checkpoint("a\nb", 1, bytes(32)), Checkpoint("a", 1, b"")]
)
def test_what_would_not_read_back_is_not_written(wrong: Checkpoint) -> None:
    with pytest.raises(MalformedCheckpoint):
        write_checkpoint(wrong)
