"""Rankings and the selection made from them, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from shared.testing.api import Api, Member
from tests.integration.scoring.road import (
    LANDSCAPE,
    NOBODY,
    ROOM,
    assessed,
    brief,
    candidate,
    do,
    opened,
    position,
    rating,
    status,
    submit,
)

BY_LANDSCAPE = {"template": "landscape", "seed": 7}


def ranked(member: Member, brief_id: str, **more: Any) -> Any:
    return member.post(f"{ROOM}/briefs/{brief_id}/rankings", {**BY_LANDSCAPE, **more})


def select(member: Member, brief_id: str, expect: int = 201, **body: Any) -> Any:
    return member.post(f"{ROOM}/briefs/{brief_id}/selection", body, expect=expect)


def test_says_the_order_and_how_much_to_trust_it(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    last, first, second = (assessed(ana, brief_id, str(s), *s) for s in ((1, 2, 2), (5, 3, 3), (4, 4, 3)))
    candidate(ana, brief_id, "Not assessed")
    made = ranked(ana, brief_id)
    assert [place["candidate_id"] for place in made["placings"]] == [first, second, last]
    assert [(p["place"], p["low"], p["high"]) for p in made["placings"]] == [
        (1, "3.8000", "3.8000"),
        (2, "3.7000", "3.7000"),
        (3, "1.6000", "1.6000"),
    ]
    assert [p["dominated_by"] for p in made["placings"]] == [None, None, first]
    assert sum(float(p["shares"][0]) for p in made["placings"]) == pytest.approx(1)
    assert (made["seed"], made["draws"], made["leader"], made["candidates"]) == (7, 10_000, first, 3)
    fit, compatibility, risk = made["weight_changes"]
    assert (fit["criterion"], fit["change"], risk["change"]) == ("strategic_fit", "-0.100000", None)
    assert compatibility == {"criterion": "operational_compatibility", "change": "0.100000", "becomes": "0.363636"}
    assert (made["hangs_on"], made["too_close_to_call"]) == ("strategic_fit", False)
    assert ana.get(f"{ROOM}/rankings/{made['id']}") == made
    (listed,) = ana.get(f"{ROOM}/briefs/{brief_id}/rankings")["items"]
    assert listed == {name: made[name] for name in listed}


def test_the_same_seed_gives_the_same_ranking_and_without_one_it_is_drawn(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    for scores in ((5, 3, 3), (4, 4, 3)):
        assessed(ana, brief_id, str(scores), *scores)
    one, other = ranked(ana, brief_id), ranked(ana, brief_id)
    assert one["placings"] == other["placings"]
    drawn = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "landscape"})
    assert ranked(ana, brief_id, seed=drawn["seed"])["placings"] == drawn["placings"]


def test_takes_the_newest_complete_assessment_and_leaves_out_the_rejected(ana: Member, ben: Member) -> None:
    brief_id = brief(ana)["id"]
    one, gone = assessed(ana, brief_id, "One", 1, 1, 1), assessed(ana, brief_id, "Gone", 5, 5, 5)
    second = opened(ana, one, ana)
    submit(ana, second, [rating(criterion, 4) for criterion in LANDSCAPE])
    submit(ana, opened(ana, one, ana, ben), [rating("strategic_fit", 2)])
    ana.change(f"{ROOM}/candidates/{gone}/move", {"stage": "rejected", "reason": "Sold."}, 1)
    (place,) = ranked(ana, brief_id)["placings"]
    assert (place["candidate_id"], place["assessment_id"], place["low"]) == (one, second["id"], "4.0000")


def test_weights_of_ones_own(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    assessed(ana, brief_id, "One", 5, 1, 1)
    other = assessed(ana, brief_id, "Other", 1, 5, 1)
    weights = {"strategic_fit": "0.1", "operational_compatibility": "0.8", "risk_profile": "0.1"}
    made = ranked(ana, brief_id, weights=weights, concentration="100")
    assert (made["leader"], made["weights"], made["concentration"]) == (other, weights, "100")
    path = f"{ROOM}/briefs/{brief_id}/rankings"
    for wrong, pointer in (
        ({"weights": {"strategic_fit": "1"}}, "/weights"),
        ({"weights": {**weights, "risk_profile": "0.2"}}, "/weights"),
        ({"concentration": "0"}, "/concentration"),
        ({"seed": 2**32}, "/seed"),
        ({"template": "moon"}, "/template"),
    ):
        found = ana.post(path, {**BY_LANDSCAPE, **wrong}, expect=422)
        assert [error["pointer"] for error in found["errors"]] == [pointer]


def test_nobody_is_ranked_who_is_not_assessed(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    candidate(ana, brief_id)
    found = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", BY_LANDSCAPE, expect=409)
    assert found["refusal"] == "nobody-assessed"
    ana.post(f"{ROOM}/briefs/{NOBODY}/rankings", BY_LANDSCAPE, expect=404)


def test_partners_are_selected_from_a_ranking(api: Api, ana: Member) -> None:
    brief_id = brief(ana)["id"]
    first, second = assessed(ana, brief_id, "First", 5, 5, 5), assessed(ana, brief_id, "Second", 3, 3, 3)
    before = position(api, ana.org) - 1
    made = ranked(ana, brief_id)
    path = f"{ROOM}/briefs/{brief_id}/selection"
    assert status(ana, path) == 404
    cited = {"ranking_id": made["id"], "primary": first, "backup": second}
    selected = select(ana, brief_id, **cited)
    assert {name: selected[name] for name in cited} == cited
    assert (selected["ranking_seq"], selected["selected_by"], selected["reason"]) == (made["seq"], ana.person, None)
    assert ana.get(path) == selected
    chosen = position(api, ana.org) - 1
    again = select(ana, brief_id, **{**cited, "primary": second, "backup": first, "reason": "They are in Lisbon."})
    assert (again["primary"], again["version"]) == (second, 2)
    assert ana.get(path, as_of=chosen) == selected
    assert status(ana, path, as_of=made["seq"]) == 404
    assert ana.get(f"{ROOM}/rankings/{made['id']}", as_of=made["seq"]) == made
    assert status(ana, f"{ROOM}/rankings/{made['id']}", as_of=before) == 404
    assert ana.get(f"{ROOM}/briefs/{brief_id}/rankings", as_of=before)["items"] == []
    assert ana.get(f"{ROOM}/briefs/{brief_id}/rankings", as_of=made["seq"])["items"][0]["id"] == made["id"]


def test_a_selection_keeps_the_rules(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    first, second = assessed(ana, brief_id, "First", 5, 5, 5), assessed(ana, brief_id, "Second", 3, 3, 3)
    made = ranked(ana, brief_id)["id"]
    refused = select(ana, brief_id, 409, ranking_id=made, primary=second, backup=first)
    assert refused["refusal"] == "reason-missing"
    assert select(ana, brief_id, 409, ranking_id=made, primary=str(NOBODY))["refusal"] == "not-ranked"
    ana.change(f"{ROOM}/candidates/{second}/move", {"stage": "rejected", "reason": "Sold."}, 1)
    refused = select(ana, brief_id, 409, ranking_id=made, primary=first, backup=second)
    assert refused["refusal"] == "candidate-rejected"
    other = brief(ana)["id"]
    assert select(ana, other, 409, ranking_id=made, primary=first, backup=second)["refusal"] == "other-brief"
    unknown = select(ana, brief_id, 422, ranking_id=str(NOBODY), primary=first)
    assert unknown["errors"][0]["pointer"] == "/ranking_id"
    select(ana, str(NOBODY), 404, ranking_id=made, primary=first)


def test_who_is_not_recommended_now_is_not_selected_until_the_concern_is_waived(ana: Member, ben: Member) -> None:
    brief_id = brief(ana)["id"]
    made = candidate(ana, brief_id)
    flag = [{"key": "overlap", "severity": "blocker"}]
    round_ = opened(ana, made["id"], ben, template="star")
    done = submit(ben, round_, [rating("asset_complementarity", 4, red_flags=flag)])
    ranking = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "star"})
    assert [place["not_recommended"] for place in ranking["placings"]] == [True]
    cited = {"ranking_id": ranking["id"], "primary": made["id"]}
    assert select(ana, brief_id, 409, **cited)["refusal"] == "not-recommended"
    waiver = {"criterion": "asset_complementarity", "kind": "blocker", "reason": "They sold it."}
    ana.change(f"{ROOM}/assessments/{round_['id']}/waive", waiver, done["version"])
    assert select(ana, brief_id, **cited)["primary"] == made["id"]


def test_a_blocker_seen_under_a_newer_version_of_the_template_counts_for_an_older_ranking(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    flagged = {"key": "left", "title": "Left to juniors.", "severity": "blocker"}
    only = {"key": "fit", "title": "Fit", "question": "Do they fit?", "weight": "1", "red_flags": [flagged]}
    template = {"key": "ours", "title": "Ours", "criteria": [only]}
    ana.post(f"{ROOM}/templates", template)
    made = candidate(ana, brief_id)
    submit(ana, opened(ana, made["id"], ana, template="ours"), [rating("fit", 4)])
    ranking = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "ours"})
    ana.post(f"{ROOM}/templates", template)
    seen = [{"key": "left", "severity": "blocker"}]
    submit(ana, opened(ana, made["id"], ana, template="ours"), [rating("fit", 4, red_flags=seen)])
    cited = {"ranking_id": ranking["id"], "primary": made["id"]}
    assert select(ana, brief_id, 409, **cited)["refusal"] == "not-recommended"


def test_who_is_selected_leaves_the_funnel_and_what_was_skipped_is_said(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    first, second = assessed(ana, brief_id, "First", 5, 5, 5), assessed(ana, brief_id, "Second", 3, 3, 3)
    for stage in ("screening", "outreach", "diligence"):
        do(ana, f"candidates/{first}/move", {"stage": stage})
    chosen = select(ana, brief_id, ranking_id=ranked(ana, brief_id)["id"], primary=first, backup=second)
    skipped = {"candidate_id": second, "skipped": ["screening", "outreach", "diligence"]}
    assert chosen["warnings"] == [skipped]
    assert ana.get(f"{ROOM}/briefs/{brief_id}/selection") == chosen
    assert [ana.get(f"{ROOM}/candidates/{each}")["stage"] for each in (first, second)] == ["selected", "selected"]


def test_a_dead_heat_behind_a_blocked_leader_recommends_nobody(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    keys = [each["key"] for each in ana.get(f"{ROOM}/templates/star")["criteria"]]
    weights = {key: str(weight) for key, weight in zip(keys, ("0", "0", "0.5", "0.5"), strict=True)}
    for name, scores in {"Blocked": (5, 5), "B": (4, 3), "C": (3, 4)}.items():
        made = candidate(ana, brief_id, name)
        given = zip(keys, (3, 3, *scores), strict=True)
        said = [rating(key, score) for key, score in given]
        if name == "Blocked":
            said[2]["red_flags"] = [{"key": "overlap", "severity": "blocker"}]
        submit(ana, opened(ana, made["id"], ana, template="star"), said)
    body = {"template": "star", "weights": weights, "seed": 1}
    made = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", body)
    assert [place["low"] for place in made["placings"]] == ["5.0000", "3.5000", "3.5000"]
    assert (made["too_close_to_call"], made["recommended"]) == (True, None)
