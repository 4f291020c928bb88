"""Bring a database to the newest schema."""

from __future__ import annotations

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

MIGRATION_LOCK = 0x434F4E43
"""One migration at a time, whoever starts it."""


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    return made


def migrate(engine: Engine) -> str:
    """Run what has not run yet, in one transaction; the revision the database is at."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        return revision_of(connection) or ""


def revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    return ScriptDirectory.from_config(config()).get_current_head() or ""
