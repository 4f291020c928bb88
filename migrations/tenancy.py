"""The third wall: row-level security on every tenant table, by the ledgers its caller may read.

A party that has left sees no row of a table that is as of now: it may read as of its exit, which is a replay. Of what
is of one size of the ledger for ever, it sees what lies within its own.
"""

from alembic import op

NOW = (
    "(SELECT log.is_system()) OR ledger_id IN"
    " (SELECT r.ledger_id FROM log.readers r WHERE r.org_id = (SELECT log.current_org()) AND r.until_seq IS NULL)"
)


def protect(service: str, *tables: str) -> None:
    """Give `service`'s role its tables, each row visible only to those who may read the row's ledger."""
    for table in tables:
        allow(service, table, f"USING ({NOW})")


def protect_sized(service: str, table: str, size: str, *, kept_by_readers: bool = False) -> None:
    """The same of a table whose rows are each of one `size` of the ledger, an SQL expression, and never change.

    A party that has left sees those it could have seen before it left. `kept_by_readers`: whoever reads what is not
    kept yet, keeps it; otherwise who has left writes nothing.
    """
    # Second, as it is asked of each row: those who are there still are found once a statement.
    sees = (
        f"{NOW} OR EXISTS (SELECT FROM log.readers r WHERE r.org_id = (SELECT log.current_org())"
        f" AND r.ledger_id = {table}.ledger_id AND {size} <= r.until_seq + 1)"
    )
    allow(service, table, f"USING ({sees}) WITH CHECK ({sees if kept_by_readers else NOW})")


def allow(service: str, table: str, policy: str) -> None:
    name = f"{service}.{table}"
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO concord_{service}")
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY of_the_caller ON {name} {policy}")
