"""Bring a database to the newest schema."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from pathlib import Path

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


class MadeOtherwise(ValueError):
    """The database was brought to the newest revision by migrations that have been edited since."""


def migrate(engine: Engine) -> str:
    """Run what has not run yet, in one transaction; the revision the database is at.

    Raises MadeOtherwise: an edited migration does not run again, and its tables would be missing later, one by one.
    """
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        if revision_of(connection) == newest_revision():
            if made_by(connection) != source():
                raise MadeOtherwise(
                    "This database was made by another, unreleased state of Concord. To start afresh, remove its data"
                    " (the folder CONCORD_HOME, by default .concord) or name another database."
                )
            return newest_revision()
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{source()}'"))
        return revision_of(connection) or ""


def made_by(connection: Connection) -> str | None:
    """The digest of the migrations that made this schema."""
    found: str | None = connection.scalar(text("SELECT obj_description('alembic_version'::regclass, 'pg_class')"))
    return found


def source() -> str:
    """The SHA-256 of all migrations, in hex."""
    folder = Path(str(files("migrations")))
    found = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".sql"))
    return sha256(b"\0".join(path.read_bytes() for path in found)).hexdigest()


def revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    return ScriptDirectory.from_config(config()).get_current_head() or ""
