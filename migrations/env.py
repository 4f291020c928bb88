"""Alembic's environment: one history for all schemas, run on a connection that the caller hands in."""

from alembic import context
from sqlalchemy import Connection, text

from shared.database.schemas import all_metadata

LOCK_TIMEOUT = "5s"
"""A migration that cannot get its lock gives up rather than queue every writer behind it."""


def run(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    context.configure(
        connection=connection,
        target_metadata=all_metadata(),
        include_schemas=True,
        version_table="alembic_version",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
