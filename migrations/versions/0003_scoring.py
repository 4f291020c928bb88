"""The tables of scoring."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
