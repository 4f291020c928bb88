"""The rules of the house, as tests: sizes, names, and what must never be committed."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted(p for folder in ("services", "shared", "migrations") for p in (ROOT / folder).rglob("*.py"))
FUNCTION_LINES_MAX = 40
MODULE_LINES_MAX = 300
FORBIDDEN_NAMES = {"utils", "common", "helpers", "core", "managers"}
OWED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplemented\b|pytest\.mark\.(skip|xfail)\b")
# Put together here, so that this file does not name what it looks for.
MACHINE_PATHS = re.compile("|".join(["/" + "work/main", "/" + "work/shared", "/" + "tmp/t/", "/root/\\.py" + "env"]))
PACKAGE_HOSTS = re.compile("|".join(["py" + "pi\\.org", "files\\.python" + "hosted", "registry\\.npm" + "js"]))


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_small_enough_to_read(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= MODULE_LINES_MAX, "Look for the noun that wants out."
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "versions" not in path.parts:
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{node.name} has {lines} lines"


def test_every_module_says_what_it_is() -> None:
    silent = [p for p in CODE if p.read_text().strip() and not ast.get_docstring(ast.parse(p.read_text()))]
    assert silent == []


def test_no_place_for_odds_and_ends() -> None:
    assert [p for p in CODE if FORBIDDEN_NAMES & {*p.parts, p.stem}] == []


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, PACKAGE_HOSTS], ids=["a path of a machine", "a package host"])
def test_never_committed(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".yml", ".yaml", ".sql", ".json", ".lock", "", ".mako", ".conf"}
        for match in [pattern.search(path.read_text(errors="replace"))]
        if match
    ]
    assert found == []


def test_nothing_is_owed() -> None:
    here = Path(__file__)
    owed = [p for p in tracked() if p.suffix == ".py" and p != here and OWED.search(p.read_text())]
    allowed = {p for p in owed if p.parent.name == "versions"}  # a migration refuses to go back
    assert set(owed) - allowed == set()


def test_the_rules_catch_what_they_are_for() -> None:
    assert OWED.search("# TO" + "DO: later")
    assert MACHINE_PATHS.search("see /" + "work/main/README.md")
    assert PACKAGE_HOSTS.search("https://py" + "pi.org/simple")
