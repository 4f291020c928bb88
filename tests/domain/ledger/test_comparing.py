"""Two checkpoints, one from each side: the same history, one that grew, two of them, or not enough to tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.ledger.domain.policy import write_policy
from services.ledger.partner.comparing import compare_checkpoints
from tests.domain.ledger.test_verify import ENTRIES, ORIGIN, SIZE, checkpoint_of, entry, export
from tests.domain.ledger.test_vouched import LOG_KEY, OTHER, POLICY, signed

REWRITTEN = [*ENTRIES[:117], entry(117, data={"n": 118}), *ENTRIES[118:]]
Answer = tuple[int, str, str]


@pytest.fixture
def compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> object:
    def run(mine: bytes, theirs: bytes, copy: list[bytes] | None = None, *, policy: bool = False) -> Answer:
        for name, content in (("mine", mine), ("theirs", theirs), ("policy", write_policy(POLICY).encode())):
            (tmp_path / name).write_bytes(content)
        for name, content in export(copy or []).content.items():
            path = tmp_path / "copy" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for one in tmp_path.glob("copy/checkpoints/*") if policy else ():
            one.write_bytes(signed(int(one.name)))
        if policy and copy is not None:
            (tmp_path / "copy" / "checkpoint").write_bytes(signed(SIZE))
        code = compare_checkpoints(
            tmp_path / "mine",
            tmp_path / "theirs",
            None if copy is None else tmp_path / "copy",
            tmp_path / "policy" if policy else None,
            as_json=True,
        )
        said = json.loads(capsys.readouterr().out)
        return code, said["verdict"], said["words"]

    return run


def at(size: int, entries: list[bytes] = ENTRIES) -> bytes:
    return checkpoint_of(entries, size)


def test_the_same_history(compare: object) -> None:
    assert callable(compare)
    assert compare(at(SIZE), at(SIZE))[:2] == (0, "same")


def test_two_histories_of_one_size_are_a_fork_and_the_signatures_say_whose(compare: object) -> None:
    assert callable(compare)
    code, verdict, words = compare(at(SIZE), at(SIZE, REWRITTEN))
    assert (code, verdict) == (1, "forked")
    assert "give --policy" in words
    code, verdict, words = compare(signed(SIZE), signed(SIZE, entries=REWRITTEN), policy=True)
    assert (code, verdict) == (1, "forked")
    assert "The log's key signed both" in words


def test_one_that_the_log_has_not_signed_proves_nothing(compare: object) -> None:
    assert callable(compare)
    forged = signed(SIZE, by=type(LOG_KEY)(ORIGIN, LOG_KEY.type, OTHER.public), entries=REWRITTEN)
    code, verdict, words = compare(signed(SIZE), forged, policy=True)
    assert (code, verdict) == (2, "unknown")
    assert "cannot be read" in words


def test_of_two_sizes_a_copy_tells_whether_one_grew_out_of_the_other(compare: object) -> None:
    assert callable(compare)
    assert compare(at(200), at(SIZE))[:2] == (2, "unknown")
    assert compare(at(200), at(SIZE), ENTRIES)[:2] == (0, "grown")
    assert compare(at(SIZE), at(200), ENTRIES)[:2] == (0, "grown")
    code, verdict, words = compare(at(200, REWRITTEN), at(SIZE), ENTRIES)
    assert (code, verdict) == (1, "forked")
    assert "between entry 100 and entry 199" in words
    assert compare(at(200), at(SIZE), ENTRIES[:292])[:2] == (2, "unknown")


def test_a_copy_that_no_witness_cosigned_tells_of_a_fork_all_the_same(compare: object) -> None:
    assert callable(compare)
    code, verdict, words = compare(signed(200, entries=REWRITTEN), signed(SIZE), ENTRIES, policy=True)
    assert (code, verdict) == (1, "forked"), words
    assert "The log's key signed both" in words


def test_two_ledgers_are_not_compared(compare: object) -> None:
    assert callable(compare)
    other = at(SIZE).replace(ORIGIN.encode(), b"concord.example/8")
    code, verdict, words = compare(at(SIZE), other)
    assert (code, verdict) == (2, "unknown")
    assert "different ledgers" in words
