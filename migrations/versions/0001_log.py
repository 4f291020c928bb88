"""The log: ledgers, events and what stands beside them; and the append that gives every event its seq."""

from importlib.resources import files

from alembic import op

revision = "0001"
down_revision = None

SERVICES = ("directory", "scoring", "governance", "metrics", "ledger", "webhooks")


def upgrade() -> None:
    for role in ("service", *SERVICES):
        op.execute(create_role(f"concord_{role}"))
    for script in ("tables", "append", "immutable", "allowances", "rights"):
        op.execute(files("migrations.sql").joinpath(f"0001_log_{script}.sql").read_text())
    for service in SERVICES:
        op.execute(f"CREATE SCHEMA {service}; GRANT USAGE ON SCHEMA {service} TO concord_{service}")


def create_role(name: str) -> str:
    """Roles belong to the whole cluster, so another database of it may have made this one already, even just now."""
    return f"""
    DO $$ BEGIN
      CREATE ROLE {name} NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
