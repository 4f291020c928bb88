"""Sixteen writers at once for a while: how many times a second they did it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

WRITERS = 16
Write = Callable[[], None]


def writes_per_second(write_of: Callable[[int], Write], seconds: float) -> float:
    """`write_of(n)` makes what the nth writer repeats. All begin together and stop together; a failure is raised."""
    begin = threading.Barrier(WRITERS + 1)
    stop = threading.Event()
    done = [0] * WRITERS
    failures: list[BaseException] = []

    def repeat(n: int, write: Write) -> None:
        begin.wait()
        try:
            while not stop.is_set():
                write()
                done[n] += 1
        except BaseException as failure:  # noqa: BLE001 - raised in the thread that waits
            failures.append(failure)

    threads = [threading.Thread(target=repeat, args=(n, write_of(n))) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    begin.wait()
    started = time.perf_counter()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(done) / (time.perf_counter() - started)
