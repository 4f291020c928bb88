"""The tables of governance that time and its rhythm fill: what is due, meetings, actions, issues, disputes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import protect


def create() -> None:
    due_steps()
    protect("governance", "due_steps")


def due_steps() -> None:
    op.create_table(
        "due_steps",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("noun", sa.Text, primary_key=True),
        sa.Column("thing_id", sa.Uuid, primary_key=True),
        sa.Column("steps", JSONB, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid, nullable=False),
        sa.Index("due_steps_by_due_at", "due_at"),
        schema="governance",
    )
