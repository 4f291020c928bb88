"""One request decides on one state of a thing; once it has waited for its turn, on what is there by then."""

from __future__ import annotations

from uuid import UUID

from services.governance.app import GOVERNANCE
from services.governance.domain.alliance import ALLIANCE
from shared.http.session import Session
from shared.ids import uuid7
from shared.testing.api import Api
from tests.integration.governance.road import ROOM, Side, proposed


def test_what_was_loaded_before_a_turn_is_loaded_anew(api: Api, united: Side, hansa: Side) -> None:
    alliance_id = UUID(proposed(united, hansa))
    with api.runtime.engine.connect() as connection:
        credential = f"Bearer {united.sponsor.token}"
        caller, at = api.runtime.authenticator.begin(connection, GOVERNANCE.role, credential)
        session = Session(connection, api.runtime, GOVERNANCE, caller, at, str(uuid7()))
        before = session.load(ALLIANCE, alliance_id, alliance_id)
        hansa.sponsor.change(f"{ROOM}/alliances/{alliance_id}/accept", None, before.version)
        assert session.load(ALLIANCE, alliance_id, alliance_id) == before
        session.take_turn("a test", alliance_id)
        assert session.load(ALLIANCE, alliance_id, alliance_id).version > before.version
