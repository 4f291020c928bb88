"""The tables of what an organisation makes of its alliances: signals and the portfolio."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import protect

BYTEWISE = sa.Text(collation="C")
MOMENT = sa.DateTime(timezone=True)


def create() -> None:
    signals()
    signal_thresholds()
    looks()
    partnerships()
    portfolio_places()
    investments()
    concentration_limits()
    portfolio_reviews()
    protect(
        "metrics",
        "signals",
        "signal_thresholds",
        "looks",
        "partnerships",
        "portfolio_places",
        "investments",
        "concentration_limits",
        "portfolio_reviews",
    )


def signals() -> None:
    op.create_table(
        "signals",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("alliance", sa.Uuid, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("advice", sa.Text, nullable=False),
        sa.Column("measured", sa.Text, nullable=False),
        sa.Column("threshold", sa.Text, nullable=False),
        sa.Column("evidence", JSONB, nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("cleared_at", MOMENT),
        schema="metrics",
    )


def signal_thresholds() -> None:
    op.create_table(
        "signal_thresholds",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("limits", JSONB, nullable=False),
        sa.Column("muted", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="metrics",
    )


def looks() -> None:
    op.create_table(
        "looks",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("alliance", sa.Uuid, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("looked_at", MOMENT),
        schema="metrics",
    )


def partnerships() -> None:
    op.create_table(
        "partnerships",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("intent", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("parties", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("launched_at", MOMENT),
        schema="metrics",
    )


def portfolio_places() -> None:
    op.create_table(
        "portfolio_places",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("alliance", sa.Uuid, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("region", sa.Text),
        sa.Column("gap", sa.Uuid),
        schema="metrics",
    )


def investments() -> None:
    op.create_table(
        "investments",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("alliance", sa.Uuid, primary_key=True),
        sa.Column("month", BYTEWISE, primary_key=True),
        sa.Column("amount", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        schema="metrics",
    )


def concentration_limits() -> None:
    op.create_table(
        "concentration_limits",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("share_max", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="metrics",
    )


def portfolio_reviews() -> None:
    op.create_table(
        "portfolio_reviews",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("quarter", BYTEWISE, primary_key=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("verdicts", JSONB, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="metrics",
    )
