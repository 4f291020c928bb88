"""The tables of metrics beside KPIs and observations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import protect

BYTEWISE = sa.Text(collation="C")
MOMENT = sa.DateTime(timezone=True)


def create() -> None:
    published_figures()
    months()
    cases()
    uploads()
    happenings()
    deals()
    pulses()
    planning_cycles()
    pulse_ballots()
    pulse_marks()
    protect(
        "metrics",
        "published_figures",
        "months",
        "cases",
        "uploads",
        "happenings",
        "deals",
        "pulses",
        "planning_cycles",
        "pulse_ballots",
        "pulse_marks",
    )


def published_figures() -> None:
    op.create_table(
        "published_figures",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("kpi_id", sa.Uuid, primary_key=True),
        sa.Column("period", BYTEWISE, primary_key=True),
        sa.Column("key", BYTEWISE, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("target", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("attained", sa.Text),
        sa.Column("nature", sa.Text, nullable=False),
        sa.Column("reported", sa.Integer, nullable=False),
        sa.Column("due", sa.Integer, nullable=False),
        sa.Column("restates", sa.Boolean, nullable=False),
        schema="metrics",
    )


def months() -> None:
    op.create_table(
        "months",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("month", BYTEWISE, primary_key=True),
        sa.Column("confirmed_by", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("open_cases", sa.Integer),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="metrics",
    )


def cases() -> None:
    op.create_table(
        "cases",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kpi_id", sa.Uuid, nullable=False),
        sa.Column("key", BYTEWISE, nullable=False),
        sa.Column("period", BYTEWISE, nullable=False),
        sa.Column("month", BYTEWISE, nullable=False),
        sa.Column("dimensions", BYTEWISE, nullable=False),
        sa.Column("reporters", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("first", JSONB),
        sa.Column("second", JSONB),
        sa.Column("proposal", JSONB),
        sa.Column("settled", JSONB),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("overdue", sa.Boolean, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("cases_by_place", "ledger_id", "key", "period", "dimensions"),
        sa.Index("cases_due", "due_at", postgresql_where=sa.text("closed_at IS NULL AND NOT overdue")),
        schema="metrics",
    )


def uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("side", sa.Uuid, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("offset_bytes", sa.BigInteger, nullable=False),
        sa.Column("rows_taken", sa.BigInteger, nullable=False),
        sa.Column("header", sa.ARRAY(sa.Text)),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="metrics",
    )


def happenings() -> None:
    op.create_table(
        "happenings",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("stream", BYTEWISE, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("began_at", MOMENT),
        sa.Column("due_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("good", sa.Boolean),
        sa.Column("escalated", sa.Boolean, nullable=False),
        sa.Column("dropped", sa.Boolean, nullable=False),
        schema="metrics",
    )


def deals() -> None:
    op.create_table(
        "deals",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("side", sa.Uuid, nullable=False),
        sa.Column("external_ids", JSONB, nullable=False),
        sa.Column("account_hash", sa.Text),
        sa.Column("partner", sa.Uuid, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("amount", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("contested_because", sa.Text),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("deals_by_account", "ledger_id", "account_hash"),
        schema="metrics",
    )


def pulses() -> None:
    op.create_table(
        "pulses",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("opened_by", sa.Uuid, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("answers_min", sa.Integer, nullable=False),
        sa.Column("results", JSONB, nullable=False),
        sa.Column("too_few", JSONB, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="metrics",
    )


def planning_cycles() -> None:
    op.create_table(
        "planning_cycles",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("side", sa.Uuid, primary_key=True),
        sa.Column("year_begins_month", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="metrics",
    )


def pulse_ballots() -> None:
    op.create_table(
        "pulse_ballots",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("pulse_id", sa.Uuid, primary_key=True),
        sa.Column("side", sa.Uuid, primary_key=True),
        sa.Column("level", sa.Text, primary_key=True),
        sa.Column("question", sa.Text, primary_key=True),
        sa.Column("score", sa.Integer, primary_key=True),
        sa.Column("people", sa.Integer, nullable=False),
        schema="metrics",
    )


def pulse_marks() -> None:
    op.create_table(
        "pulse_marks",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("pulse_id", sa.Uuid, primary_key=True),
        sa.Column("mark", sa.Text, primary_key=True),
        schema="metrics",
    )
