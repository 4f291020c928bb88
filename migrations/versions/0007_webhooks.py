"""The tables of webhooks: its read models, and the queue and the feed, which no replay rebuilds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import protect
from migrations.webhooks import WORKING, create_feed, create_queue, create_replays, create_secrets

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
        sa.Column("filters", JSONB, nullable=False),
        sa.Column("headers", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("concurrency", sa.Integer, nullable=False),
        sa.Column("rate_per_minute", sa.Integer),
        sa.Column("fifo", sa.Boolean, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("disabled_reason", sa.Text),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="webhooks",
    )
    create_secrets()
    create_queue()
    create_replays()
    create_feed()
    protect("webhooks", "endpoints", "replays", "secrets", "headers", *WORKING)


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
