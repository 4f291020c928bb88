"""The tables of webhooks: its read model, and the queue, which is no read model and is not rebuilt."""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import protect

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "endpoints",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("event_types", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("alliances", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("disabled_reason", sa.Text),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="webhooks",
    )
    op.create_table(
        "secrets",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Index("secrets_by_endpoint", "ledger_id", "endpoint_id"),
        schema="webhooks",
    )
    create_queue()
    protect("webhooks", "endpoints", "secrets", "deliveries", "attempts", "failing")


def create_queue() -> None:
    op.create_table(
        "deliveries",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("source", sa.Uuid, nullable=False),
        sa.Column("seq", sa.BigInteger),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("claimed_by", sa.Uuid),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True)),
        schema="webhooks",
    )
    endpoint = ["ledger_id", "endpoint_id"]
    for name, columns, where in (
        ("deliveries_waiting", [*endpoint, "next_attempt_at"], "state = 'waiting'"),
        ("deliveries_claimed", endpoint, "claimed_until IS NOT NULL"),
        ("deliveries_dead", [*endpoint, "event_id"], "state = 'dead'"),
    ):
        op.create_index(name, "deliveries", columns, schema="webhooks", postgresql_where=sa.text(where))
    op.create_table(
        "attempts",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("answer", sa.Text),
        schema="webhooks",
    )
    op.create_table(
        "failing",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        schema="webhooks",
    )


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
