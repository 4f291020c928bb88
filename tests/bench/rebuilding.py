"""Writing while read models are rebuilt.

`python -m tests.bench.rebuilding URL` rebuilds governance's own once; it says so when it begins, having loaded all.
"""

from __future__ import annotations

import subprocess
import sys
from uuid import UUID

import psycopg

from services.rooms import ROOMS
from shared.database.engine import make_engine
from shared.log.rebuild import rebuild, verify
from tests.bench.alliance import Alliance, alliance
from tests.bench.commands import DECISION, WARM_UP_REQUESTS
from tests.bench.figures import Measured, p99_of
from tests.bench.history import lengthen
from tests.bench.processes import Line, concord, encoded, line
from tests.bench.stage import Stage

OWN = next(service.own for service in ROOMS if service.name == "governance")
EVENTS = 10_000
BEGUN = "begun"
ROWS = "SELECT count(*) FROM governance.decisions WHERE ledger_id = %s"


def writes(stage: Stage) -> Measured:
    """In the ledger whose rows are put right; after it every row must be what the events say."""
    with stage.database() as url, concord(url) as api:
        made = alliance(api)
        right = made.decide()
        events = lengthen(url, UUID(made.id), "decision", EVENTS)
        with line(str(api.client.base_url), made.member.token) as writer:
            for _ in range(WARM_UP_REQUESTS):
                write(writer, made)
            before = rows_of(url, made)
            times = during_rebuild(url, writer, made)
            mended = rows_of(url, made) - before - len(times)
        if made.member.get(f"/governance/v1/decisions/{right['id']}") != right:
            raise RuntimeError("A decision is another after the rebuild.")
        engine = make_engine(url, pool_size=1)
        different = list(verify(engine, OWN))
        engine.dispose()
        if different:
            raise RuntimeError(f"{len(different)} rows differ after the rebuild, such as {different[0]}.")
        return p99_of(
            f"raise a decision over HTTP, {len(times)} times one after the other, while a rebuild replays the"
            f" {events:,} events of the same ledger and writes the {mended:,} decisions that were missing; every row"
            " verified after",
            times,
        )


def during_rebuild(url: str, writer: Line, made: Alliance) -> list[float]:
    """How long each write took that began while the rebuild was under way, in milliseconds."""
    with subprocess.Popen([sys.executable, "-m", __name__, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != BEGUN:
            raise RuntimeError("The rebuild did not begin.")
        writer.renew()  # the server has closed it: loading all took longer than it keeps an idle one
        times = []
        while process.poll() is None:
            times.append(write(writer, made))
    if process.returncode != 0:
        raise RuntimeError("The rebuild failed.")
    return times


def write(writer: Line, made: Alliance) -> float:
    return writer.milliseconds("POST", f"/governance/v1{made.path}/decisions", encoded(DECISION), expect=201)


def rows_of(url: str, made: Alliance) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(ROWS, (made.id,)).fetchone()
        assert row is not None
        return int(row[0])


def main(url: str) -> None:
    engine = make_engine(url, pool_size=1)
    sys.stdout.write(f"{BEGUN}\n")
    sys.stdout.flush()
    rebuild(engine, OWN)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
