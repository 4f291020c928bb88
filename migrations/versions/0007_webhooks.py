"""The tables of webhooks."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
