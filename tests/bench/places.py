"""Where things of the repository are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
FOLDER = ROOT / ".bench"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
