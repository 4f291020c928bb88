"""The tables of governance for agreements, reviews, joint work, duties and exits; made in `0004_governance.py`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB


def create() -> tuple[str, ...]:
    """Make the tables, each with `ledger_id` first in its key; their names."""
    made = {
        **agreements(),
        **signing_keys(),
        **reviews(),
        **milestones(),
        **tracks(),
        **commitments(),
        **risks(),
        **exits(),
    }
    for name, columns in made.items():
        op.create_table(name, sa.Column("ledger_id", sa.Uuid, primary_key=True), *columns, schema="governance")
    return tuple(made)


def agreements() -> dict[str, tuple[sa.schema.SchemaItem, ...]]:
    return {
        "agreements": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("kind", sa.Text, nullable=False),
            sa.Column("status", sa.Text, nullable=False),
            sa.Column("parties", sa.ARRAY(sa.Uuid), nullable=False),
            sa.Column("author", sa.Uuid, nullable=False),
            sa.Column("content", JSONB, nullable=False),
            sa.Column("content_sha256", sa.Text, nullable=False),
            sa.Column("signed_by", sa.ARRAY(sa.Uuid), nullable=False),
            sa.Column("termination_asked_by", sa.ARRAY(sa.Uuid), nullable=False),
            sa.Column("signatures", JSONB, nullable=False),
            sa.Column("verdicts", JSONB, nullable=False),
            sa.Column("in_force_since", sa.DateTime(timezone=True)),
            sa.Column("superseded_by", sa.Uuid),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
        "agreement_drafts": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("alliance_id", sa.Uuid, nullable=False),
            sa.Column("kind", sa.Text, nullable=False),
            sa.Column("status", sa.Text, nullable=False),
            sa.Column("content", JSONB, nullable=False),
            sa.Column("content_sha256", sa.Text, nullable=False),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
    }


def signing_keys() -> dict[str, tuple[sa.schema.SchemaItem, ...]]:
    return {
        "signing_keys": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("side", sa.Uuid, nullable=False),
            sa.Column("key", sa.Text, nullable=False),
            sa.Column("person_id", sa.Uuid),
            sa.Column("registered_seq", sa.BigInteger, nullable=False),
            sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("withdrawn_seq", sa.BigInteger),
            sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
            sa.Column("version", sa.BigInteger, nullable=False),
        )
    }


def reviews() -> dict[str, tuple[sa.schema.SchemaItem, ...]]:
    return {
        "reviews": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("kind", sa.Text, nullable=False),
            sa.Column("number", sa.BigInteger, nullable=False),
            sa.Column("status", sa.Text, nullable=False),
            sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("about", sa.Uuid),
            sa.Column("agenda", JSONB, nullable=False),
            sa.Column("said", JSONB, nullable=False),
            sa.Column("outcome", sa.Text),
            sa.Column("concluded_at", sa.DateTime(timezone=True)),
            sa.Column("missed", sa.Boolean, nullable=False),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
    }


def milestones() -> dict[str, tuple[sa.schema.SchemaItem, ...]]:
    return {
        "milestones": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("plan", sa.Uuid),
            sa.Column("key", sa.Text, nullable=False),
            sa.Column("title", sa.Text, nullable=False),
            sa.Column("area", sa.Text, nullable=False),
            sa.Column("quick_win", sa.Boolean, nullable=False),
            sa.Column("due_on", sa.Date, nullable=False),
            sa.Column("owners", JSONB, nullable=False),
            sa.Column("depends_on", sa.ARRAY(sa.Uuid), nullable=False),
            sa.Column("deliverables", JSONB, nullable=False),
            sa.Column("status", sa.Text, nullable=False),
            sa.Column("late", sa.Boolean, nullable=False),
            sa.Column("missed", sa.Boolean, nullable=False),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
    }


def tracks() -> dict[str, tuple[sa.schema.SchemaItem, ...]]:
    return {
        "tracks": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("kind", sa.Text, nullable=False),
            sa.Column("title", sa.Text, nullable=False),
            sa.Column("owners", JSONB, nullable=False),
            sa.Column("headcount", JSONB, nullable=False),
            sa.Column("kpis", JSONB, nullable=False),
            sa.Column("deliverables", JSONB, nullable=False),
            sa.Column("closed", sa.Boolean, nullable=False),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
        "pilots": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("title", sa.Text, nullable=False),
            sa.Column("status", sa.Text, nullable=False),
            sa.Column("ends_on", sa.Date, nullable=False),
            sa.Column("criteria", JSONB, nullable=False),
            sa.Column("accepted_by", sa.ARRAY(sa.Uuid), nullable=False),
            sa.Column("said", JSONB, nullable=False),
            sa.Column("verdict", sa.Text),
            sa.Column("missed", sa.Boolean, nullable=False),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
    }


def commitments() -> dict[str, tuple[sa.schema.SchemaItem, ...]]:
    return {
        "commitments": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("side", sa.Uuid, nullable=False),
            sa.Column("parties", sa.ARRAY(sa.Uuid), nullable=False),
            sa.Column("title", sa.Text, nullable=False),
            sa.Column("of", sa.Text, nullable=False),
            sa.Column("amount", sa.Numeric, nullable=False),
            sa.Column("unit", sa.Text, nullable=False),
            sa.Column("starts_on", sa.Date, nullable=False),
            sa.Column("ends_on", sa.Date, nullable=False),
            sa.Column("ring_fenced", sa.Boolean, nullable=False),
            sa.Column("delivered", sa.Numeric, nullable=False),
            sa.Column("found", JSONB, nullable=False),
            sa.Column("status", sa.Text, nullable=False),
            sa.Column("missed", sa.Boolean, nullable=False),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
    }


def risks() -> dict[str, tuple[sa.schema.SchemaItem, ...]]:
    return {
        "risks": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("seq", sa.BigInteger, nullable=False),
            sa.Column("side", sa.Uuid),
            sa.Column("source", sa.Uuid),
            sa.Column("title", sa.Text, nullable=False),
            sa.Column("area", sa.Text, nullable=False),
            sa.Column("likelihood", sa.BigInteger, nullable=False),
            sa.Column("impact", sa.BigInteger, nullable=False),
            sa.Column("mitigation", sa.Text, nullable=False),
            sa.Column("owner", JSONB),
            sa.Column("status", sa.Text, nullable=False),
            sa.Column("occurred", sa.Boolean, nullable=False),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
        "counterparts": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("function", sa.Text, nullable=False),
            sa.Column("level", sa.Text, nullable=False),
            sa.Column("people", JSONB, nullable=False),
            sa.Column("parted", sa.Boolean, nullable=False),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
        "announcements": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("side", sa.Uuid, nullable=False),
            sa.Column("on", sa.Date, nullable=False),
            sa.Column("plan", sa.Uuid, nullable=False),
            sa.Column("kpis", sa.BigInteger, nullable=False),
            sa.Column("text", sa.Text),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
    }


def exits() -> dict[str, tuple[sa.schema.SchemaItem, ...]]:
    return {
        "exits": (
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("side", sa.Uuid, nullable=False),
            sa.Column("ground", sa.Text, nullable=False),
            sa.Column("parties", sa.ARRAY(sa.Uuid), nullable=False),
            sa.Column("leaving", sa.ARRAY(sa.Uuid), nullable=False),
            sa.Column("term_sheet", sa.Uuid),
            sa.Column("condition", sa.Text),
            sa.Column("reason", sa.Text),
            sa.Column("status", sa.Text, nullable=False),
            sa.Column("triggered_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("cure_ends_at", sa.DateTime(timezone=True)),
            sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("unwound_by", sa.Date, nullable=False),
            sa.Column("unwind_plan", sa.Uuid),
            sa.Column("dispositions", JSONB, nullable=False),
            sa.Column("closing", JSONB),
            sa.Column("closed_over_silence", sa.Boolean, nullable=False),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
    }
