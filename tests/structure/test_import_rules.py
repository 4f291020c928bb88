"""The import contracts hold, and a service that imports another breaks them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def copy(to: Path) -> Path:
    for folder in ("services", "shared"):
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


def test_the_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_a_service_that_imports_another_fails(tmp_path: Path) -> None:
    app = copy(tmp_path) / "services" / "scoring" / "app.py"
    app.write_text(app.read_text() + "\nfrom services.governance.app import GOVERNANCE\n")
    done = lint(tmp_path)
    assert done.returncode != 0
    assert "services.scoring is not allowed to import services.governance" in " ".join(done.stdout.split())


def test_a_domain_that_reaches_for_the_database_fails(tmp_path: Path) -> None:
    person = copy(tmp_path) / "services" / "directory" / "domain" / "person.py"
    person.write_text(person.read_text() + "\nimport sqlalchemy\n")
    assert lint(tmp_path).returncode != 0
