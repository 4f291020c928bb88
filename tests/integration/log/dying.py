"""`python -m tests.integration.log.dying URL`: rebuilds directory's read models, and dies where it is told to.

It reads a number a line: the step, a statement or a commit, before which a rebuild is killed with SIGKILL; 0: at none.
Each is a process of its own, forked from this one, which has nothing but what it imported. It answers with a line:
`killed`, or how many steps there were.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from services.rooms import ROOMS
from shared.database.engine import make_engine
from shared.log import staging
from shared.log.rebuild import rebuild

OWN = next(service.own for service in ROOMS if service.name == "directory")
ROWS_AT_ONCE = 2


def rebuild_until(url: str, step: int) -> int:
    """How many steps it took, if it was not killed."""
    staging.ROWS_AT_ONCE = ROWS_AT_ONCE
    engine = make_engine(url, pool_size=1)
    steps = 0

    def take(*_: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", take)
    event.listen(engine, "commit", take)
    rebuild(engine, OWN)
    return steps


def main(url: str) -> None:
    for line in sys.stdin:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(write, str(rebuild_until(url, int(line))).encode())
            os._exit(0)
        os.close(write)
        _, status = os.waitpid(child, 0)
        with os.fdopen(read) as said:
            answer = said.read()
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sys.stdout.write(f"{'killed' if killed else answer or f'failed with {status}'}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
