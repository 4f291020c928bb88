"""The tables of ledger."""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import protect, protect_sized

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
    protect_sized("ledger", "tile_roots", "(tile_roots.index + 1) << tile_roots.level", kept_by_readers=True)
    create_witnesses()
    create_checkpoints()


def create_witnesses() -> None:
    """The read model of who witnesses a ledger; and a working table, how far each has come."""
    op.create_table(
        "witnesses",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("side", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("vkey", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="ledger",
    )
    op.create_table(
        "witness_calls",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("witness_id", sa.Uuid, primary_key=True),
        sa.Column("cosigned_size", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("cosigned_at", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.Text),
        sa.Column("failed_times", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, server_default="-infinity"),
        sa.Column("silent_times", sa.Integer, nullable=False, server_default="0"),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False, server_default="-infinity"),
        schema="ledger",
    )
    protect("ledger", "witnesses", "witness_calls")


def create_checkpoints() -> None:
    """What was signed, never forgotten: one root a size, stored before it is signed. `signers` has a row a ledger."""
    op.create_table(
        "checkpoints",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("size", sa.BigInteger, primary_key=True),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("cosignatures", sa.Text, nullable=False, server_default=""),
        schema="ledger",
    )
    op.create_table(
        "signers",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("signed_size", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("signed_at", sa.DateTime(timezone=True)),
        sa.Column("refusal", sa.Text),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, server_default="-infinity"),
        schema="ledger",
    )
    op.create_table(
        "log_keys",
        sa.Column("ledger_id", sa.Uuid, primary_key=True),
        sa.Column("vkey", sa.Text, primary_key=True),
        sa.Column("first_size", sa.BigInteger, nullable=False),
        schema="ledger",
    )
    protect_sized("ledger", "checkpoints", "checkpoints.size")
    protect_sized("ledger", "log_keys", "log_keys.first_size")
    protect("ledger", "signers")


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
