"""Putting the garbage collector off while very many values are made that all stay, or that go by themselves.

It would look at all of them again and again and find nothing: more than half the time of decoding a long ledger.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_putting_off = 0
"""How many pieces of work there are at this moment for which it waits; it is of the whole process."""


def put_off() -> None:
    """Until `let_go` is called as often."""
    global _putting_off  # noqa: PLW0603 - the collector is one for the process, too
    with _lock:
        _putting_off += 1
        gc.disable()


def let_go() -> bool:
    """Whether the collector is on again."""
    global _putting_off  # noqa: PLW0603
    with _lock:
        _putting_off -= 1
        if not _putting_off:
            gc.enable()
        return not _putting_off


@contextmanager
def collector_put_off() -> Iterator[None]:
    put_off()
    try:
        yield
    finally:
        let_go()
