"""The proofs of another implementation's test data: what it accepts we accept, what it refuses we refuse."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from services.ledger.domain.merkle import InvalidProof, verify_consistency, verify_inclusion

VECTORS = json.loads(Path(__file__).with_name("merkle_vectors.json").read_text())


def raw(text: str | None) -> bytes:
    return b64decode(text or "")


def accepted(case: dict[str, Any]) -> bool:
    proof = [raw(one) for one in case["proof"]]
    try:
        if "size1" in case:
            verify_consistency(case["size1"], case["size2"], proof, raw(case["root1"]), raw(case["root2"]))
        else:
            verify_inclusion(raw(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, raw(case["root"]))
    except InvalidProof:
        return False
    return True


@pytest.mark.parametrize("kind", ["consistency", "inclusion"])
def test_every_public_vector_is_judged_as_its_source_judges_it(kind: str) -> None:
    cases = VECTORS[kind]
    assert len(cases) > 90
    assert {case["wantErr"] for case in cases} == {True, False}
    assert [case["desc"] for case in cases if accepted(case) is case["wantErr"]] == []
