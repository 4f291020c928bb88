"""docs/verifying.md does what it says: each of its commands, run as it stands there, and every finding has its line."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.ids import uuid7
from tests.integration.ledger.conftest import Joint, raised
from tests.integration.ledger.tampering import entries, flipped, tampered
from tests.integration.ledger.test_signatures_page import GIVEN, PYTHON, SHELL, run

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "verifying.md").read_text()
CODE = re.compile(r"[a-z]+(?:-[a-z]+)+")
IN_A_TABLE = re.compile(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", re.MULTILINE)


def blocks() -> list[str]:
    """The blocks of shell, in order, without what is filled in."""
    return [
        block
        for found in SHELL.findall(PYTHON.sub("", PAGE))
        if (block := GIVEN.sub("", re.sub(r"^ {4}", "", found, flags=re.MULTILINE)))
    ]


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl", "openssl"))), reason="It needs bash, curl and openssl.")
def test_every_command_of_the_page(joint: Joint, tmp_path: Path) -> None:
    ana, ben = joint.world.ana, joint.world.ben
    for _ in range(2):
        joint.record(f"decision/{uuid7()}", 0, raised(ana, ben), by=ana)
    joint.fill(300)
    joint.sign()
    base = str(joint.world.api.client.base_url).rstrip("/")
    environment = {"CONCORD": base, "TOKEN": ana.token, "LEDGER": str(joint.id)}
    take, openssl = blocks()
    (tmp_path / "own.py").write_text(PYTHON.findall(PAGE)[0])
    assert run(take, tmp_path, environment).endswith("export.zip is sound.\n")
    said = run("python own.py", tmp_path, environment)
    assert said == "302 entries lead to the signed root; 4 of 4 erasable values are shown, as recorded.\n"
    assert "Signature Verified Successfully" in run(openssl, tmp_path, environment)

    def changed(found: list[bytes]) -> list[bytes]:
        return [flipped(found[0]), *found[1:]]

    tampered(tmp_path / "export.zip", tmp_path, entries(1, changed)).rename(tmp_path / "export.zip")
    with pytest.raises(AssertionError, match="these are not the entries that were signed"):
        run("python own.py", tmp_path, environment)
    (tmp_path / "text").write_text((tmp_path / "text").read_text().replace("302", "303"))
    with pytest.raises(AssertionError, match="Signature Verification Failure"):
        run(openssl.splitlines()[-1], tmp_path, environment)


def test_every_finding_has_its_line_on_a_page() -> None:
    told = {
        code
        for page in (PAGE, (ROOT / "docs" / "signatures.md").read_text())
        for cell in IN_A_TABLE.findall(page)
        for code in re.findall(r"[a-z-]+", cell.replace("`", ""))
        if CODE.fullmatch(code)
    }
    found = {
        code for path in sorted((ROOT / "services/ledger/domain").glob("*.py")) for code in codes_in(path.read_text())
    }
    assert found == told


def codes_in(source: str) -> Iterator[str]:
    """What is noted as a finding's code: given to `add` or `tell`, or assigned to `code` beside its words."""
    for node in ast.walk(ast.parse(source)):
        values: list[ast.expr] = []
        match node:
            case ast.Call(func=ast.Attribute(attr="add" | "tell"), args=values):
                pass
            case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id="code"), _])], value=ast.Tuple(elts=[code, _])):
                values = [code]
        for one in values:
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and CODE.fullmatch(one.value):
                yield one.value
