"""The tables of ledger."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
