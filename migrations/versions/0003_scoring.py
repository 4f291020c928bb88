"""The tables of scoring: all of an organisation's own ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import protect

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    choosing()
    rating()
    ranking()
    protect(
        "scoring",
        "briefs",
        "candidates",
        "candidate_steps",
        "templates",
        "assessments",
        "rankings",
        "placings",
        "selections",
    )


def choosing() -> None:
    op.create_table(
        "briefs",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("intent", sa.Text, nullable=False),
        sa.Column("objectives", JSONB, nullable=False),
        sa.Column("non_negotiables", JSONB),
        sa.Column("timeline", JSONB, nullable=False),
        sa.Column("budget", JSONB),
        sa.Column("gaps", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="scoring",
    )
    op.create_table(
        "candidates",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("brief_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("organisation_id", sa.Uuid),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("candidates_by_brief", "ledger_id", "brief_id", "id"),
        schema="scoring",
    )
    op.create_table(
        "candidate_steps",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("candidate_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text),
        schema="scoring",
    )


def rating() -> None:
    op.create_table(
        "templates",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True),
        sa.Column("template", JSONB, nullable=False),
        schema="scoring",
    )
    op.create_table(
        "assessments",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("candidate_id", sa.Uuid, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("template_version", sa.BigInteger, nullable=False),
        sa.Column("round", sa.BigInteger, nullable=False),
        sa.Column("assessors", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("submitted", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("low", sa.Numeric),
        sa.Column("high", sa.Numeric),
        sa.Column("criteria", JSONB),
        sa.Column("standing_concerns", JSONB, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("assessments_by_candidate", "ledger_id", "candidate_id", "id"),
        schema="scoring",
    )


def ranking() -> None:
    op.create_table(
        "rankings",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("brief_id", sa.Uuid, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("template_version", sa.BigInteger, nullable=False),
        sa.Column("weights", JSONB, nullable=False),
        sa.Column("draws", sa.BigInteger, nullable=False),
        sa.Column("concentration", sa.Numeric, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("candidates", sa.BigInteger, nullable=False),
        sa.Column("leader", sa.Uuid, nullable=False),
        sa.Column("weight_changes", JSONB, nullable=False),
        sa.Column("hangs_on", sa.Text),
        sa.Column("too_close_to_call", sa.Boolean, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("rankings_by_brief", "ledger_id", "brief_id", "id"),
        schema="scoring",
    )
    op.create_table(
        "placings",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("ranking_id", sa.Uuid, primary_key=True),
        sa.Column("place", sa.BigInteger, primary_key=True),
        sa.Column("candidate_id", sa.Uuid, nullable=False),
        sa.Column("assessment_id", sa.Uuid, nullable=False),
        sa.Column("low", sa.Numeric, nullable=False),
        sa.Column("high", sa.Numeric, nullable=False),
        sa.Column("shares", sa.ARRAY(sa.Numeric), nullable=False),
        sa.Column("dominated_by", sa.Uuid),
        sa.Column("not_recommended", sa.Boolean, nullable=False),
        schema="scoring",
    )
    op.create_table(
        "selections",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("brief_id", sa.Uuid, primary_key=True),
        sa.Column("primary", sa.Uuid, nullable=False),
        sa.Column("backup", sa.Uuid),
        sa.Column("ranking_id", sa.Uuid, nullable=False),
        sa.Column("ranking_seq", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("selected_by", sa.Uuid),
        sa.Column("selected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="scoring",
    )


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
