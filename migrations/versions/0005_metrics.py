"""The tables of metrics."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("The log is append-only and its schema only moves forward; restore a backup instead.")
