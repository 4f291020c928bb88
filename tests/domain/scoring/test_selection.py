"""A selection cites the ranking it was made from, and says why where it differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.ranking import Ranking
from services.scoring.domain.selection import SELECTION, SelectPartners, select
from shared.domain import Refused
from shared.events.scoring import PartnersSelected
from shared.events.scoring_terms import Placing
from shared.testing.scenario import scenario

ANA, BRIEF, RANKING = (UUID(int=n) for n in range(3))
FIRST, SECOND, THIRD, STRANGER = (UUID(int=n) for n in range(10, 14))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def placing(place: int, candidate: UUID) -> Placing:
    return Placing(place, candidate, UUID(int=99), Decimal(3), Decimal(3), (Decimal(1),), None, not_recommended=False)


RANKED = Ranking(BRIEF, tuple(placing(n, c) for n, c in enumerate((FIRST, SECOND, THIRD), start=1)))
SELECT = SelectPartners(
    by=ANA,
    at=NOON,
    brief=BRIEF,
    ranking_id=RANKING,
    ranking_seq=41,
    ranking=RANKED,
    not_recommended=(),
    primary=FIRST,
    backup=SECOND,
)
SELECTED = PartnersSelected(ranking=RANKING, ranking_seq=41, primary=FIRST, backup=SECOND)
WHY = "They are already in Lisbon."


def test_follows_the_order_without_a_word() -> None:
    scenario(SELECTION).when(select, SELECT).then(SELECTED)


def test_differs_from_the_order_with_a_reason() -> None:
    for primary, backup in ((SECOND, FIRST), (FIRST, THIRD), (FIRST, None)):
        other = replace(SELECT, primary=primary, backup=backup)
        scenario(SELECTION).when(select, other).then_refused("reason-missing")
        scenario(SELECTION).when(select, replace(other, reason=" ")).then_refused("reason-missing")
        told = replace(SELECTED, primary=primary, backup=backup, reason=WHY)
        scenario(SELECTION).when(select, replace(other, reason=WHY)).then(told)


def test_of_one_candidate_there_is_no_backup() -> None:
    alone = replace(SELECT, ranking=Ranking(BRIEF, (placing(1, FIRST),)), backup=None)
    scenario(SELECTION).when(select, alone).then(replace(SELECTED, backup=None))


def test_is_changed_with_a_reason() -> None:
    scenario(SELECTION).given(SELECTED).when(select, SELECT).then_refused("reason-missing")
    scenario(SELECTION).given(SELECTED).when(select, replace(SELECT, reason=WHY)).then_includes(PartnersSelected)


def test_the_primary_is_recommended_or_its_concerns_waived() -> None:
    warned = replace(SELECT, not_recommended=(FIRST,), reason=WHY)
    scenario(SELECTION).when(select, warned).then_refused("not-recommended")


def test_a_backup_with_a_concern_takes_a_reason() -> None:
    doubtful = replace(SELECT, not_recommended=(SECOND,))
    scenario(SELECTION).when(select, doubtful).then_refused("reason-missing")
    scenario(SELECTION).when(select, replace(doubtful, reason=WHY)).then(replace(SELECTED, reason=WHY))


def test_the_backup_is_another() -> None:
    scenario(SELECTION).when(select, replace(SELECT, backup=FIRST)).then_refused("backup-is-primary")


def test_only_who_was_ranked_is_selected() -> None:
    scenario(SELECTION).when(select, replace(SELECT, primary=STRANGER)).then_refused("not-ranked")
    scenario(SELECTION).when(select, replace(SELECT, backup=STRANGER)).then_refused("not-ranked")


def test_the_ranking_is_of_the_same_brief() -> None:
    scenario(SELECTION).when(select, replace(SELECT, brief=STRANGER)).then_refused("other-brief")
    scenario(SELECTION).when(select, replace(SELECT, ranking=Ranking())).then_refused("other-brief")


candidates = st.sampled_from([FIRST, SECOND, THIRD, STRANGER])
commands = st.builds(
    lambda p, b, w, n: replace(SELECT, primary=p, backup=b, reason=w, not_recommended=n),
    candidates,
    st.none() | candidates,
    st.sampled_from([None, WHY]),
    st.frozensets(candidates, max_size=2),
)


@settings(max_examples=100)
@given(st.lists(commands, max_size=8))
def test_who_is_selected_was_ranked_and_recommended(commands: list[SelectPartners]) -> None:
    history: list[Any] = []
    for command in commands:
        try:
            history += select(command, SELECTION.replay(history))
        except Refused:
            continue
        selection = SELECTION.replay(history)
        assert selection.primary in RANKED.order
        assert selection.primary not in command.not_recommended
        assert selection.backup != selection.primary
        assert command.reason or (selection.primary, selection.backup) == RANKED.order[:2]
