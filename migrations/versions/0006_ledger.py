"""The tables of ledger."""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import protect

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "tile_roots",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("level", sa.SmallInteger, primary_key=True),
        sa.Column("index", sa.BigInteger, primary_key=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        schema="ledger",
    )
    protect("ledger", "tile_roots")


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
