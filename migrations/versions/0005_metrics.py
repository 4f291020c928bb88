"""The tables of metrics. Observations come by COPY, which takes the table's owner: `concord_copier`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations import metrics_portfolio_tables, metrics_tables
from migrations.tenancy import protect

revision = "0005"
down_revision = "0004"

BYTEWISE = sa.Text(collation="C")
"""Compared byte by byte, as cursors and Python do, whatever the database's locale."""


def upgrade() -> None:
    op.create_table(
        "kpis",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("terms", JSONB, nullable=False),
        sa.Column("revision", JSONB),
        sa.Column("proposed_by", sa.Uuid, nullable=False),
        sa.Column("parties", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("accepted_by", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("retired_by", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("definition_notes", JSONB, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("agreed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("kpis_by_key", "ledger_id", "key", unique=True, postgresql_where=sa.text("status <> 'withdrawn'")),
        schema="metrics",
    )
    op.create_table(
        "batches",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("side", sa.Uuid, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("sent_by", sa.Uuid),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("corrected", sa.Integer, nullable=False),
        sa.Column("duplicate", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.Column("withheld", sa.Integer, nullable=False),
        sa.Column("kpis", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("rows_sha256", sa.Text),
        sa.Column("rest_sha256", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("batches_by_seq", "ledger_id", "seq", unique=True),
        schema="metrics",
    )
    op.create_table(
        "observations",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("side", sa.Uuid, primary_key=True),
        sa.Column("observation_id", BYTEWISE, primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("kpi", BYTEWISE, nullable=False),
        sa.Column("period", BYTEWISE, nullable=False),
        sa.Column("value", BYTEWISE, nullable=False),
        sa.Column("numerator", BYTEWISE),
        sa.Column("denominator", BYTEWISE),
        sa.Column("dimensions", BYTEWISE, nullable=False),
        sa.Column("occurred_at", BYTEWISE),
        sa.Column("supersedes", BYTEWISE),
        sa.Column("note", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Index("observations_by_period", "ledger_id", "kpi", "starts_on"),
        sa.Index(
            "observations_by_superseded",
            "ledger_id",
            "side",
            "supersedes",
            postgresql_where=sa.text("supersedes IS NOT NULL"),
        ),
        schema="metrics",
    )
    protect("metrics", "kpis", "batches", "observations")
    metrics_tables.create()
    metrics_portfolio_tables.create()
    give_to_copier("metrics", "observations")


def give_to_copier(schema: str, table: str) -> None:
    """Make `concord_copier` the table's owner; who migrates is its member, and may still alter and rebuild it.

    Roles belong to the whole cluster, so another database of it may have made this one already, even just now.
    """
    op.execute("""
    DO $$ BEGIN
      CREATE ROLE concord_copier NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """)
    op.execute("""
    DO $$ BEGIN
      IF NOT pg_has_role(current_user, 'concord_copier', 'MEMBER') THEN
        EXECUTE format('GRANT concord_copier TO %I', current_user);
      END IF;
    END $$
    """)
    op.execute(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO concord_copier")
    op.execute(f"ALTER TABLE {schema}.{table} OWNER TO concord_copier")
    op.execute(f"REVOKE CREATE ON SCHEMA {schema} FROM concord_copier")


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
