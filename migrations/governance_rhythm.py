"""The tables of governance that time and its rhythm fill: what is due, meetings, actions, issues, disputes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import protect


def create() -> None:
    due_steps()
    meetings()
    actions()
    issues()
    disputes()
    feeds()
    protect("governance", "due_steps", "meetings", "actions", "issues", "disputes", "feeds")


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


def meetings() -> None:
    op.create_table(
        "meetings",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("forum", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("layer", sa.Text, nullable=False),
        sa.Column("members", JSONB, nullable=False),
        sa.Column("chair", sa.Uuid),
        sa.Column("quorum", sa.BigInteger, nullable=False),
        sa.Column("scheduled_by", sa.Uuid),
        sa.Column("occurs_on", sa.Date),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("missed", sa.Boolean, nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True)),
        sa.Column("quorate", sa.Boolean),
        sa.Column("attendance", JSONB, nullable=False),
        sa.Column("agenda", JSONB, nullable=False),
        sa.Column("minutes", sa.Text),
        sa.Column("minutes_file", JSONB),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="governance",
    )


def actions() -> None:
    op.create_table(
        "actions",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.Text),
        sa.Column("meeting_id", sa.Uuid),
        sa.Column("owner_side", sa.Uuid, nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("overdue", sa.Boolean, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("note", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="governance",
    )


def issues() -> None:
    op.create_table(
        "issues",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.Text),
        sa.Column("description", sa.Text),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("logged_by", sa.Uuid, nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", JSONB),
        sa.Column("sla", JSONB, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unsolved", sa.Text, nullable=False),
        sa.Column("decision_type", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("cycle", sa.BigInteger, nullable=False),
        sa.Column("breached", sa.Boolean, nullable=False),
        sa.Column("became", JSONB),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("cycle_minutes", sa.BigInteger),
        sa.Column("resolution", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="governance",
    )


def disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("subject", sa.Text),
        sa.Column("opened_by", sa.Uuid),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("thing", sa.Uuid),
        sa.Column("steps", JSONB, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("forum", sa.Text),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("breached", sa.Boolean, nullable=False),
        sa.Column("ready", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("positions", JSONB, nullable=False),
        sa.Column("resolution", JSONB),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("elapsed_minutes", sa.BigInteger),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="governance",
    )


def feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("secret_sha256", sa.Text, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("feeds_by_secret", "secret_sha256"),
        schema="governance",
    )
