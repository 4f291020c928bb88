"""The tables of governance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations import governance_agreements
from migrations import governance_rhythm as rhythm
from migrations.tenancy import protect

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    alliances()
    governance_models()
    decisions()
    rhythm.create()
    protect("governance", "alliances", "governance_models", "governance_model_drafts", "decisions")
    protect("governance", *governance_agreements.create())


def alliances() -> None:
    op.create_table(
        "alliances",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("intent", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("structure", sa.Text, nullable=False),
        sa.Column("scope", JSONB),
        sa.Column("parties", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("proposed_by", sa.Uuid, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("accepted_by", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("declined_by", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("stage", sa.Text),
        sa.Column("owners", JSONB, nullable=False),
        sa.Column("waivers", JSONB, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="governance",
    )


def governance_models() -> None:
    op.create_table(
        "governance_model_drafts",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("alliance_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("content_sha256", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="governance",
    )
    op.create_table(
        "governance_models",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("author", sa.Uuid, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("content_sha256", sa.Text, nullable=False),
        sa.Column("signed_by", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("in_force_since", sa.DateTime(timezone=True)),
        sa.Column("superseded_by", sa.Uuid),
        sa.Column("reaffirmed_by", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("signatures", JSONB, nullable=False),
        sa.Column("reratified_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="governance",
    )


def decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("options", JSONB),
        sa.Column("context", sa.Text),
        sa.Column("raised_by", sa.Uuid, nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model_id", sa.Uuid),
        sa.Column("outside_matrix", sa.Boolean, nullable=False),
        sa.Column("owner", JSONB, nullable=False),
        sa.Column("joint", sa.Boolean, nullable=False),
        sa.Column("condition", sa.Text),
        sa.Column("evaluated", JSONB),
        sa.Column("sides", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("votes", JSONB, nullable=False),
        sa.Column("information", JSONB, nullable=False),
        sa.Column("assigned", JSONB, nullable=False),
        sa.Column("silent", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("waits_for", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("cycle", sa.BigInteger, nullable=False),
        sa.Column("rung", sa.BigInteger, nullable=False),
        sa.Column("forum", sa.Text),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("original_due_at", sa.DateTime(timezone=True)),
        sa.Column("breached", sa.Boolean, nullable=False),
        sa.Column("acknowledged", sa.Boolean, nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="governance",
    )


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
