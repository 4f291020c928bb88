"""Pictures over HTTP: readable as text, in light and dark, by screen readers, and as it was."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from shared.testing.api import Member
from tests.integration.scoring.road import BRIEF, ROOM, assessed, brief, candidate, do, opened, position, rating, submit

SVG = "{http://www.w3.org/2000/svg}"
NAME = "Société <A&B> \u0001 $x^2$ 日本"
SEEN = "Société <A&B> $x^2$ 日本"


def drawn(member: Member, path: str, **query: int) -> ET.Element:
    answer = member.api.client.get(f"{ROOM}/{path}", params=query, headers=member.headers())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml"), answer.text
    assert "prefers-color-scheme: dark" in answer.text
    return ET.fromstring(answer.text)


def words(picture: ET.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def ranked(ana: Member) -> dict[str, str]:
    brief_id = brief(ana)["id"]
    first, second = assessed(ana, brief_id, NAME, 5, 5, 4), assessed(ana, brief_id, "Bolt", 3, 3)
    for candidate_id, importance in ((first, 5), (second, 2)):
        part = [{"name": "Market", "score": importance}]
        do(ana, f"candidates/{candidate_id}/opportunity", {"importance": part, "feasibility": part})
    made = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "landscape", "seed": 7})
    return {"brief": brief_id, "ranking": made["id"]}


def test_a_ranking_is_drawn_with_intervals_and_with_shares(ana: Member, ranked: dict[str, str]) -> None:
    for name in ("scores", "shares"):
        picture = drawn(ana, f"rankings/{ranked['ranking']}/{name}.svg")
        assert {f"1  {SEEN}", "2  Bolt"} <= set(words(picture))
        said = picture.findtext(f"{SVG}desc") or ""
        assert SEEN in said
        assert picture.attrib["role"] == "img"


def test_the_opportunity_matrix_is_drawn_as_it_was_too(ana: Member, ranked: dict[str, str]) -> None:
    path = f"briefs/{ranked['brief']}/opportunities.svg"
    now = words(drawn(ana, path))
    assert {"pursue", "build up", "quick win", "leave", f"1  {SEEN}", "2  Bolt"} <= set(now)
    do(ana, f"briefs/{ranked['brief']}", BRIEF | {"title": "Later"}, "PUT")
    assert words(drawn(ana, path, as_of=position(ana.api, ana.org) - 2)) == now


def test_the_spread_shows_only_what_one_may_see(ana: Member, ben: Member, eve: Member) -> None:
    round_ = opened(ana, candidate(ana, brief(ana)["id"])["id"], ana, ben)
    mine = submit(ana, round_, [rating("strategic_fit", 5)])
    path = f"assessments/{round_['id']}/spread.svg"
    assert "×1" in words(drawn(ana, path))
    assert "×1" not in words(drawn(ben, path))
    assert "×1" not in words(drawn(eve, path))
    submit(ben, mine, [rating("strategic_fit", 5)])
    assert "×2" in words(drawn(eve, path))
