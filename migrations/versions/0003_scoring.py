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
    looking_closer()
    signing()
    protect(
        "scoring",
        "gaps",
        "opportunity_thresholds",
        "briefs",
        "candidates",
        "candidate_steps",
        "templates",
        "assessments",
        "rankings",
        "placings",
        "selections",
        "diligences",
        "diligence_items",
        "risks",
        "signing_tests",
        "shared_summaries",
    )


def choosing() -> None:
    op.create_table(
        "gaps",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("terms", JSONB, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("route", JSONB),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="scoring",
    )
    op.create_table(
        "opportunity_thresholds",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("importance", sa.Numeric, nullable=False),
        sa.Column("feasibility", sa.Numeric, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="scoring",
    )
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
        sa.Column("review_on", sa.Date, nullable=False),
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
        sa.Column("overlap", JSONB),
        sa.Column("importance", sa.Numeric),
        sa.Column("feasibility", sa.Numeric),
        sa.Column("opportunity", JSONB),
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
        sa.Column("completed_at", sa.DateTime(timezone=True)),
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


def looking_closer() -> None:
    op.create_table(
        "diligences",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("candidate_id", sa.Uuid, primary_key=True),
        sa.Column("items", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="scoring",
    )
    op.create_table(
        "diligence_items",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("candidate_id", sa.Uuid, primary_key=True),
        sa.Column("place", sa.BigInteger, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("evidence", JSONB),
        sa.Column("finding", sa.Text),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        schema="scoring",
    )
    op.create_table(
        "risks",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("candidate_id", sa.Uuid, nullable=False),
        sa.Column("item", sa.Text),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("likelihood", sa.BigInteger, nullable=False),
        sa.Column("impact", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.Uuid, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("residual", JSONB),
        sa.Column("mitigation", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("risks_by_candidate", "ledger_id", "candidate_id", "id"),
        schema="scoring",
    )


def signing() -> None:
    op.create_table(
        "signing_tests",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("candidate_id", sa.Uuid, primary_key=True),
        sa.Column("rules_version", sa.BigInteger, nullable=False),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("contributions", JSONB, nullable=False),
        sa.Column("commitments", JSONB, nullable=False),
        sa.Column("contribution_asymmetry", sa.Numeric),
        sa.Column("commitment_asymmetry", sa.Numeric),
        sa.Column("verdicts", JSONB, nullable=False),
        sa.Column("cautions", JSONB, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="scoring",
    )
    op.create_table(
        "shared_summaries",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("side", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("intent", sa.Text),
        sa.Column("objectives", JSONB, nullable=False),
        sa.Column("scores", JSONB, nullable=False),
        sa.Column("recommendations", JSONB, nullable=False),
        sa.Column("risks", JSONB, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="scoring",
    )


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
