"""A database is brought to the newest schema once, and one that edited migrations would not bring there is told."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from shared.database.migrate import MadeOtherwise, migrate, newest_revision


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    assert migrate(engine) == newest_revision()


def test_a_database_made_by_migrations_edited_since_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("COMMENT ON TABLE alembic_version IS 'another state'"))
    with pytest.raises(MadeOtherwise, match="another, unreleased state"):
        migrate(engine)
