"""People of sides, as requests name them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from shared.events.governance_terms import Member


class Named(Protocol):
    """A person of a side in a request."""

    @property
    def side(self) -> UUID: ...
    @property
    def person_id(self) -> UUID: ...


def members(named: Iterable[Named]) -> tuple[Member, ...]:
    return tuple(Member(one.side, one.person_id) for one in named)
