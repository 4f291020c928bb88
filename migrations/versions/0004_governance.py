"""The tables of governance."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
