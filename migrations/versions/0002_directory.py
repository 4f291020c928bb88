"""The tables of directory, and `access`: what it tells the other services' transactions about callers and names."""

from importlib.resources import files

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import protect

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("legal_name", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("calendar", JSONB, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="directory",
    )
    op.create_table(
        "people",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("function", sa.Text),
        sa.Column("seniority", sa.Text),
        sa.Column("level", sa.Text),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="directory",
    )
    op.create_table(
        "api_keys",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("alliances", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="directory",
    )
    op.create_table(
        "api_key_secrets",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("prefix", sa.Text, primary_key=True),
        sa.Column("key_id", sa.Uuid, nullable=False),
        sa.Column("secret_hash", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Index("api_key_secrets_by_prefix", "prefix"),
        schema="directory",
    )
    op.create_table(
        "alliance_roles",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("side", sa.Uuid, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="directory",
    )
    op.create_table(
        "delegations",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("delegate_id", sa.Uuid, nullable=False),
        sa.Column("side", sa.Uuid, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("delegations_by_delegate", "ledger_id", "delegate_id"),
        schema="directory",
    )
    identities()
    invitations()
    op.create_table(
        "api_key_uses",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("key_id", sa.Uuid, primary_key=True),
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        schema="directory",
    )
    protect("directory", "api_key_uses", "invitations")
    protect("directory", "organisations", "people", "api_keys", "api_key_secrets", "alliance_roles", "delegations")
    protect("directory", "issuers", "identities")
    for script in ("access", "erasure"):
        op.execute(files("migrations.sql").joinpath(f"0002_{script}.sql").read_text())


def identities() -> None:
    op.create_table(
        "issuers",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("issuers_by_address", "issuer"),
        schema="directory",
    )
    op.create_table(
        "identities",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("identities_by_subject", "ledger_id", "issuer", "subject"),
        schema="directory",
    )


def invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("legal_name", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Index("invitations_by_prefix", "prefix"),
        schema="directory",
    )


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
