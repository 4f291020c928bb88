"""`python killing_forgetter.py URL PART STEP…`: forget what is over, in a child killed at each step.

A step is `3:before` or `3:after`, the third part and its deletion, or `25ms`, whatever it does at that moment. After
each it says how the child ended, and what is left: deliveries, such without their attempts, attempts without theirs.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from itertools import count
from typing import Any

import psycopg

from services.webhooks import forgetting
from services.webhooks.app import WEBHOOKS
from services.webhooks.domain.replay import DELIVERIES_KEPT
from shared.testing.api import runtime_on

LATER = DELIVERIES_KEPT + timedelta(minutes=5)
LEFT = """
SELECT count(*), count(*) FILTER (WHERE d.attempts > 0 AND a.event_id IS NULL),
       (SELECT count(*) FROM webhooks.attempts a WHERE NOT EXISTS (SELECT 1 FROM webhooks.deliveries d
         WHERE (d.ledger_id, d.endpoint_id, d.event_id) = (a.ledger_id, a.endpoint_id, a.event_id)))
  FROM webhooks.deliveries d LEFT JOIN webhooks.attempts a ON a.number = 1
   AND (a.ledger_id, a.endpoint_id, a.event_id) = (d.ledger_id, d.endpoint_id, d.event_id)
"""


def child(url: str, part: int, step: str) -> None:
    """As if it were LATER."""
    place: Any = forgetting
    real_time, forget, calls = place.real_time, place.forget, count(1)

    def dying(*arguments: Any) -> int:
        number = next(calls)
        if step == f"{number}:before":
            os.kill(os.getpid(), signal.SIGKILL)
        forgotten: int = forget(*arguments)
        if step == f"{number}:after":
            os.kill(os.getpid(), signal.SIGKILL)
        return forgotten

    place.real_time = lambda connection: real_time(connection) + LATER
    place.forget, place.PART_DELIVERIES = dying, part
    runtime = runtime_on(url, (WEBHOOKS,))
    if step.endswith("ms"):
        signal.setitimer(signal.ITIMER_REAL, int(step[:-2]) / 1_000)  # nobody takes the signal, so it ends the process
    forgetting.turn(runtime)


def main(url: str, part: str, *steps: str) -> None:
    for step in steps:
        number = os.fork()
        if number == 0:
            child(url, int(part), step)
            os._exit(0)
        _, status = os.waitpid(number, 0)
        with psycopg.connect(url) as connection:
            left = connection.execute(LEFT).fetchone() or ()
        sys.stdout.write(" ".join(map(str, (step, os.waitstatus_to_exitcode(status), *left))) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
