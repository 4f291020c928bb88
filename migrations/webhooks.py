"""The tables of webhooks beside its endpoints: the queue, replays and the feed. Only replays are a read model."""

import sqlalchemy as sa
from alembic import op

WORKING = ("deliveries", "attempts", "failing", "hands", "feed", "feed_heads", "replay_places")
TIME = sa.DateTime(timezone=True)


def create_secrets() -> None:
    op.create_table(
        "secrets",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("private_key", sa.Text, nullable=False),
        sa.Column("until", TIME),
        sa.Index("secrets_by_endpoint", "endpoint_id"),
        schema="webhooks",
    )
    op.create_table(
        "headers",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        schema="webhooks",
    )


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
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("first_at", TIME),
        sa.Column("delivered_at", TIME),
        sa.Column("replay_id", sa.Uuid),
        schema="webhooks",
    )
    endpoint = ["ledger_id", "endpoint_id"]
    for name, columns, where in (
        ("deliveries_waiting", [*endpoint, "next_attempt_at", "seq"], "state = 'waiting'"),
        ("deliveries_in_order", [*endpoint, "source", "seq"], "state = 'waiting'"),
        ("deliveries_dead", [*endpoint, "event_id"], "state = 'dead'"),
        ("deliveries_replayed", ["ledger_id", "replay_id"], "state = 'waiting' AND replay_id IS NOT NULL"),
    ):
        op.create_index(name, "deliveries", columns, schema="webhooks", postgresql_where=sa.text(where))
    create_attempts()
    create_sending()


def create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("answer", sa.Text),
        schema="webhooks",
    )


def create_sending() -> None:
    """Who sends to which endpoint, and who has been failing."""
    op.create_table(
        "hands",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, primary_key=True),
        sa.Column("sender", sa.Uuid, nullable=False),
        sa.Column("until", TIME, nullable=False),
        schema="webhooks",
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "failing",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, primary_key=True),
        sa.Column("since", TIME, nullable=False),
        schema="webhooks",
    )


def create_replays() -> None:
    op.create_table(
        "replays",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("event_types", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("alliances", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("deliveries", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="webhooks",
    )
    op.create_index(
        "replays_running",
        "replays",
        ["ledger_id", "id"],
        schema="webhooks",
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "replay_places",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("replay_id", sa.Uuid, primary_key=True),
        sa.Column("source", sa.Uuid, primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False),
        sa.Column("over", sa.Boolean, nullable=False),
        sa.Column("queued", sa.BigInteger, nullable=False),
        schema="webhooks",
    )


def create_feed() -> None:
    """All that an organisation is told, in one order: what streams and polling read."""
    op.create_table(
        "feed",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("place", sa.BigInteger, primary_key=True),
        sa.Column("source", sa.Uuid, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        schema="webhooks",
    )
    op.create_table(
        "feed_heads",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        schema="webhooks",
        postgresql_with={"fillfactor": "50"},
    )
