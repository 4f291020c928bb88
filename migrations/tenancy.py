"""The third wall: row-level security on every tenant table, by the ledgers its caller may read.

A party that has left sees no row: the tables are as of now, and it may read as of its exit, which is a replay.
"""

from alembic import op


def protect(service: str, *tables: str) -> None:
    """Give `service`'s role its tables, each row visible only to those who may read the row's ledger."""
    for table in tables:
        name = f"{service}.{table}"
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO concord_{service}")
        op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY of_the_caller ON {name} USING ((SELECT log.is_system()) OR ledger_id IN"
            " (SELECT r.ledger_id FROM log.readers r"
            " WHERE r.org_id = (SELECT log.current_org()) AND r.until_seq IS NULL))"
        )
